#!/usr/bin/env bats
# The command line beside a running service: the service does it, and the answers are the same.

bats_require_minimum_version 1.5.0
load helper
load service

setup() {
	make_desk
	add_contract c1 partner-support 50
	request mail '"title": "Backup fails", "description": "Since the update.", "product": "SQL Server",
		"release": "2022", "severity": "B", "reference": "R-1"'
	request vague '"title": "It is slow", "severity": "B"'
	request wrong '"titel": "wrong"'
	socket=$work/desk/caseroute.sock
}

teardown() {
	stop_service || true
}

say() { # COMMAND...: what it prints and ends with, into $work/said
	local status=0
	printf '$ %s\n' "$*" >>"$work/said"
	(cd "$work" && "$caseroute" "$@") >"$work/out" 2>"$work/err" </dev/null || status=$?
	{ cat "$work/out"; sed 's/^/! /' "$work/err"; echo "= $status"; } >>"$work/said"
}

last_id() { "$caseroute" requests list --json | field 0 id; }

# Everything that changes a request, right and wrong.
script() {
	: >"$work/said"
	say submit wrong.json
	say submit none.json
	say submit mail.json
	id=$(last_id)
	say submit mail.json
	request mail '"title": "Another thing", "reference": "R-1"'
	say submit mail.json
	say requests answer "$id" no_such_answer
	say requests answer "$id.7" ticket number=2611240050001234
	say requests message "$id" none.txt
	say requests replay "$id" --reroute
	say requests answer "$id.1" plan_absent
	say requests show "$id" --json
	say requests answer "$id" ticket number=2611240050001234
	say requests change "$id" --severity A
	say requests refresh "$id"
	say requests answer "$id" done
	echo "Any news?" >"$work/message.txt"
	say requests message "$id" message.txt
	say requests answer "$id" done
	echo log >"$work/file.log"
	say requests attach "$id" none.log
	say requests attach "$id" file.log
	say requests answer "$id" done
	say requests refresh "$id"
	say requests answer "$id" closed
	say requests cancel "$id"
	say submit vague.json
	id=$(last_id)
	say requests answer "$id" product="SQL Server" release=2022 nonsense=1
	say requests answer "$id" product="SQL Server" release=2022
	say requests cancel "$id" --reason "no longer needed"
	say requests cancel 00000000-0000-7000-8000-000000000000
	say requests explain "$id"
	say requests list
	# ids and instants are not the same twice
	sed -E 's/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/ID/g; s/\b[0-9a-f]{8}\b/SHORT/g
		s/20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:]{5,8}(\.[0-9]+)?Z?/TIME/g; s/"sequence": [0-9]+/"sequence": N/' "$work/said"
}

@test "the same answers with a service as without" {
	script >"$work/alone"
	rm -rf "$work/desk" "$work/state"
	make_desk
	add_contract c1 partner-support 50
	request mail '"title": "Backup fails", "description": "Since the update.", "product": "SQL Server",
		"release": "2022", "severity": "B", "reference": "R-1"'
	start_service -v
	script >"$work/served"
	[ "$(grep -c "^= " "$work/alone")" -gt 25 ]
	diff "$work/alone" "$work/served"
}

@test "the service does it, for who asked" {
	start_service -v
	"$caseroute" submit "$work/mail.json"
	id=$(last_id)
	grep -q "submitted.*who=anna" "$work/service.err"
	"$caseroute" requests cancel "$id" --reason done
	grep -q "cancelled.*who=anna" "$work/service.err"
	[ "$("$caseroute" requests explain "$id" --json | field events 0 who)" = anna ]
	unset CASEROUTE_ACTOR
	export USER=carla
	"$caseroute" submit "$work/vague.json" || [ $? = 1 ]
	[ "$("$caseroute" requests explain "$(last_id)" --json | field events 0 who)" = carla ]
}

@test "the commands find the service at the socket of the configuration" {
	mkdir "$work/run"
	printf '[service]\nsocket = %s\n' "$work/run/desk.sock" >>"$work/desk/partner.ini"
	socket=$work/run/desk.sock
	start_service -v
	[ -S "$work/run/desk.sock" ] && [ ! -e "$work/desk/caseroute.sock" ]
	"$caseroute" submit "$work/mail.json"
	grep -q "submitted.*who=anna" "$work/service.err"
	"$caseroute" reload
}

@test "a socket that nobody serves any more is no hindrance" {
	start_service
	kill_service
	[ -S "$socket" ]
	"$caseroute" submit "$work/mail.json"
	[ "$("$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 1 ]
}

@test "a service that takes a request and says nothing: the answer is to look, not to do it twice" {
	python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1)
open(sys.argv[2], "w").close()
c, _ = s.accept(); c.recv(1 << 16); c.close()' "$socket" "$work/listens" 3>&- &
	pid=$!
	for _ in $(seq 100); do [ -e "$work/listens" ] && break; sleep 0.05; done
	run "$caseroute" submit "$work/mail.json"
	wait $pid
	[ "$status" = 75 ]
	[[ "$output" = *"look whether it was done"* ]]
	[ "$("$caseroute" requests list --json | tr -d ' \n')" = "[]" ]
}

@test "only the own user may say for whom it acts, and only a name" {
	"$caseroute" keys new psa --role agent -q >"$work/key" 2>>"$work/desk/partner.ini"
	start_service
	ask POST /v1/requests '{"title": "x"}' -H 'Caseroute-Actor: bela' -H "Authorization: Bearer $(cat "$work/key")"
	ask GET "/v1/requests/$(answer id)/explain"
	[ "$(answer events 0 who)" = caller:psa ]
	ask POST /v1/requests '{"title": "x"}' -H 'Caseroute-Actor: caller:psa'
	ask GET "/v1/requests/$(answer id)/explain"
	[ "$(answer events 0 who)" = "$(id -un)" ]
}
