#!/usr/bin/env bats
# A person asks to be forgotten: what they said leaves the ledger and its files, the books stay.

load callers
bats_require_minimum_version 1.5.0

setup() {
	make_desk
	add_contract c1 partner-support 5
	request mail '"title": "Mail of Maria Mark stops", "description": "Call Maria Mark, +36-MARK-0199.",
		"product": "SQL Server", "release": "2022", "severity": "B", "reference": "PSA-MARK-1",
		"contact": {"first_name": "Maria", "last_name": "Mark", "email": "maria.mark@customer.example"}'
	request other '"title": "Backup fails", "product": "SQL Server", "release": "2022", "severity": "B", "reference": "PSA-2"'
	export CASEROUTE_ACTOR=otto
}

teardown() {
	stop_service
}

id_of() { # REFERENCE
	"$caseroute" requests list --json | python3 -c 'import json,sys
for r in json.load(sys.stdin):
    if r["reference"] == sys.argv[1]: print(r["id"])' "$1"
}

# Where the marks still stand, among the ledger's files.
holding() {
	local file
	for file in "$work"/desk/ledger.db "$work"/desk/ledger.db-wal "$work"/desk/ledger.db-shm; do
		[ ! -e "$file" ] || ! grep -aqiE 'mark@|Maria|MARK-0199|PSA-MARK|rang about it' "$file" || echo "$file"
	done
}

# A request that ran its whole life: handed off, answered with a ticket, closed.
whole_life() {
	"$caseroute" submit "$work/mail.json" >/dev/null
	id=$(id_of PSA-MARK-1)
	"$caseroute" requests answer "$id" ticket number=2611240050001234 >/dev/null
	echo "Maria rang about it" | "$caseroute" requests message "$id" - >/dev/null
	"$caseroute" requests answer "$id" done >/dev/null
	"$caseroute" requests change "$id" --close >/dev/null
	"$caseroute" requests answer "$id" done >/dev/null
	[ "$(state_of "$id")" = closed ]
}

@test "nothing of what a person said is left in rows or bytes, and the books agree" {
	whole_life
	"$caseroute" submit "$work/other.json" >/dev/null
	[ -n "$(holding)" ]
	run "$caseroute" requests forget --mentions MARIA.MARK@customer.example --dry-run
	[ "$status" -eq 0 ]
	[[ $output == *"would erase what people said of 1 request"* ]]
	[ -n "$("$caseroute" requests show "$id" --json | field title)" ]

	run "$caseroute" requests forget --mentions maria.mark@customer.example --yes --reason CASE-7
	[ "$status" -eq 0 ]
	[ -z "$(holding)" ]
	run "$caseroute" ledger verify
	[ "$status" -eq 0 ]

	run "$caseroute" requests show "$id" --json
	[ "$(echo "$output" | field state)" = closed ]
	[ "$(echo "$output" | field ticket)" = 2611240050001234 ]
	[ "$(echo "$output" | field title)" = null ]
	[ "$(echo "$output" | field reference)" = null ]
	[ "$(contract_field c1 spent)" = 1 ]
	[ "$(contract_field c1 remaining)" = 3 ]
	run "$caseroute" requests explain "$id"
	[ "$status" -eq 0 ]
	[[ $output == *"otto         forgotten"*"CASE-7"* ]]
	[[ $output != *Maria* ]]
	[ "$("$caseroute" requests show "$(id_of PSA-2)" --json | field title)" = "Backup fails" ]
}

@test "it is done beside a running service, which goes on" {
	start_service
	whole_life
	api GET "/v1/requests/$id"
	run "$caseroute" requests forget "$id" --yes
	[ "$status" -eq 0 ]
	[ -z "$(holding)" ]
	api GET "/v1/requests/$id"
	[ "$code" = 200 ]
	[[ $body != *Maria* ]]
	post /v1/requests "$(cat "$work/other.json")"
	[ "$code" = 202 ]
	"$caseroute" ledger verify >/dev/null
	[ -z "$(holding)" ]
}

@test "unfinished work is not forgotten, and neither is what was named with it" {
	whole_life
	"$caseroute" submit "$work/other.json" >/dev/null
	open=$(id_of PSA-2)
	run "$caseroute" requests forget "$id" "$open" --yes
	[ "$status" -eq 65 ]
	[[ $output == *"nothing was erased, because work is not finished: ${open: -8} (handed-off)"* ]]
	[ -n "$(holding)" ]
	"$caseroute" requests cancel "$open" >/dev/null
	"$caseroute" requests forget "$id" "$open" --yes
	[ -z "$(holding)" ]
}

@test "a script must say that it is sure, and what is named must be there" {
	whole_life
	run "$caseroute" requests forget --reference PSA-MARK-1 </dev/null
	[ "$status" -eq 64 ]
	[[ $output == *"--yes"* ]]
	[ -n "$(holding)" ]
	run "$caseroute" requests forget --reference PSA-9 --yes
	[ "$status" -eq 66 ]
	run "$caseroute" requests forget --mentions nobody@customer.example --yes
	[ "$status" -eq 66 ]
	run "$caseroute" requests forget
	[ "$status" -eq 64 ]
	[ "$("$caseroute" requests forget --reference PSA-MARK-1 --yes --json | field requests 0)" = "$id" ]
}

@test "by customer: all of theirs, and nobody else's" {
	whole_life
	sed 's/PSA-2"/PSA-3", "customer": "fabrikam"/' "$work/other.json" >"$work/fabrikam.json"
	"$caseroute" submit "$work/fabrikam.json" >/dev/null || true
	theirs=$(id_of PSA-3)
	"$caseroute" requests cancel "$theirs" >/dev/null || [ "$(state_of "$theirs")" = refused ]
	"$caseroute" requests forget --customer fabrikam --yes
	[ "$("$caseroute" requests show "$theirs" --json | field customer)" = null ]
	[ "$("$caseroute" requests show "$id" --json | field reference)" = PSA-MARK-1 ]
}

@test "left in the file's free room, it goes with the next compaction" {
	whole_life
	run "$caseroute" requests forget "$id" --yes --no-compact
	[[ $output == *"run \`caseroute ledger compact\`"* ]]
	[ -n "$(holding)" ]
	"$caseroute" ledger compact
	[ -z "$(holding)" ]
	"$caseroute" ledger verify >/dev/null
}

@test "what is old goes by its class, and only if somebody says for how long it is kept" {
	whole_life
	run "$caseroute" requests prune
	[ "$status" -eq 78 ]
	[[ $output == *"[retention]"* ]]
	run "$caseroute" requests prune --older-than 1ms
	[ "$status" -eq 64 ]
	[ "$("$caseroute" requests prune --class texts --older-than 1ms --dry-run --json | field texts)" = 1 ]
	head=$("$caseroute" ledger verify --json | field head)
	"$caseroute" requests prune --class texts --older-than 1ms
	"$caseroute" ledger compact
	[ -z "$(holding)" ]
	[ "$(state_of "$id")" = closed ]
	"$caseroute" requests prune --class events --older-than 1ms
	"$caseroute" ledger verify >/dev/null
	run "$caseroute" ledger verify --head "$head"
	[ "$status" -eq 65 ]
	[[ $output == *"are pruned"*"note a newer one"* ]]
	[ "$("$caseroute" requests explain "$id" --json | field events)" = "[]" ]
	[ "$(contract_field c1 spent)" = 1 ]
}
