#!/usr/bin/env bats
# SIGKILL at every durable step: the next run carries on, and nothing happens twice.

load helper

setup() {
	make_desk
	unset CASEROUTE_ISOLATION # the plugins are where they are by default
	add_contract c1 partner-support 3
	request mail '"title": "Mail flow stops after the update", "description": "Since the update.",
		"product": "SQL Server", "release": "2022", "severity": "B", "reference": "PSA-4711"'
}

count() {
	"$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))'
}

# points COMMAND...: how many places there are to be killed in
points() {
	rm -f "$work/points"
	CASEROUTE_KILL_LOG=$work/points "$@" >/dev/null
	wc -l <"$work/points"
}

fresh() {
	rm -rf "$work/desk" "$work/state"
	make_desk
	add_contract c1 partner-support 3
}

@test "submit killed at any point and run again leaves one request, one guide, one reservation" {
	n=$(points "$caseroute" submit "$work/mail.json")
	[ "$n" -ge 4 ]
	for at in $(seq 1 "$n"); do
		fresh
		CASEROUTE_KILL_AT=$at "$caseroute" submit "$work/mail.json" >/dev/null 2>&1 && status=0 || status=$?
		[ "$status" -eq 137 ] || { echo "not killed at $at: $status"; false; }
		"$caseroute" submit "$work/mail.json" >/dev/null 2>&1 || true
		"$caseroute" requests resume >/dev/null
		[ "$(count)" = 1 ] || { echo "killed at $at: $(count) requests"; false; }
		[ "$("$caseroute" requests list --json | field 0 state)" = handed-off ] || {
			echo "killed at $at: $("$caseroute" requests list --json | field 0 state)"
			false
		}
		[ "$(contract_field c1 reserved)" = 1 ]
		id=$("$caseroute" requests list --json | field 0 short)
		[ "$("$caseroute" requests show "$id" --json | field guide number)" = 1 ]
	done
}

@test "an answer with the ticket killed at any point is given again and spends one incident" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	id=$("$caseroute" requests list --json | field 0 short)
	cp -r "$work/desk" "$work/saved"
	n=$(points "$caseroute" requests answer "$id.1" ticket number=2611240050001234)
	[ "$n" -ge 3 ]
	for at in $(seq 1 "$n"); do
		rm -rf "$work/desk"
		cp -r "$work/saved" "$work/desk"
		CASEROUTE_KILL_AT=$at "$caseroute" requests answer "$id.1" ticket number=2611240050001234 >/dev/null 2>&1 && status=0 || status=$?
		[ "$status" -eq 137 ]
		"$caseroute" requests answer "$id.1" ticket number=2611240050001234 >/dev/null 2>&1 || true
		"$caseroute" requests resume >/dev/null
		[ "$("$caseroute" requests list --json | field 0 state)" = open ] || {
			echo "killed at $at: $("$caseroute" requests list --json | field 0 state)"
			false
		}
		[ "$(contract_field c1 spent)" = 1 ]
		[ "$(contract_field c1 reserved)" = 0 ]
		[ "$(contract_field c1 links | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 1 ]
	done
}

@test "an answer that decides again killed at any point ends the same" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	id=$("$caseroute" requests list --json | field 0 short)
	cp -r "$work/desk" "$work/saved"
	n=$(points "$caseroute" requests answer "$id.1" already_associated)
	for at in $(seq 1 "$n"); do
		rm -rf "$work/desk"
		cp -r "$work/saved" "$work/desk"
		CASEROUTE_KILL_AT=$at "$caseroute" requests answer "$id.1" already_associated >/dev/null 2>&1 || true
		"$caseroute" requests answer "$id.1" already_associated >/dev/null 2>&1 || true
		"$caseroute" requests resume >/dev/null
		[ "$("$caseroute" requests list --json | field 0 state)" = handed-off ] || {
			echo "killed at $at: $("$caseroute" requests list --json | field 0 state)"
			false
		}
		[ "$("$caseroute" requests show "$id" --json | field guide operation)" = create ]
		[ "$(contract_field c1 reserved)" = 1 ]
		[ "$(contract_field c1 links | field 0 state)" = linked ]
	done
}

@test "contracts add killed at any point and run again records the contract once" {
	printf 'ACC-2\nCON-2\n' >"$work/two"
	n=$(points "$caseroute" contracts add c2 --plan signature-cloud --remaining 5 --ids-file "$work/two")
	for at in $(seq 1 "$n"); do
		fresh
		CASEROUTE_KILL_AT=$at "$caseroute" contracts add c2 --plan signature-cloud --remaining 5 --ids-file "$work/two" >/dev/null 2>&1 || true
		"$caseroute" contracts add c2 --plan signature-cloud --remaining 5 --ids-file "$work/two" >/dev/null
		[ "$("$caseroute" contracts list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 2 ]
	done
}
