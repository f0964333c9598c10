#!/usr/bin/env bats
# A hand-off worked on from terminal output alone: only what a command has printed is used.

load helper

setup() {
	make_desk
	add_contract c1 partner-support 3
	request mail '"title": "Mail flow stops after the update", "description": "Since the update.",
		"product": "SQL Server", "release": "2022", "severity": "B", "reference": "PSA-4711"'
}

answer() { # CODE [NAME=VALUE]...: by the command that the last output printed
	local words
	words=$(printed_answer "$1")
	[ -n "$words" ]
	shift
	# shellcheck disable=SC2086
	set -- ${words#caseroute } "$@"
	run "$caseroute" "$@"
}

@test "a silent failure, a second round, a colleague and a ticket number end in an open request" {
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"signed in as anna@contoso.example"* ]]
	[[ "$output" == *"Add Contract ID"* ]]

	answer add_silent
	[ "$status" -eq 0 ]
	[[ "$output" == *"Link the contract once more"* ]]
	[[ "$output" == *"Go one page back and forward again"* ]]

	answer taken_over account=bela@contoso.example
	[ "$status" -eq 0 ]
	[[ "$output" == *"signed in as bela@contoso.example"* ]]

	answer ticket number=2611240050001234
	[ "$status" -eq 0 ]
	[[ "$output" == *"open"* ]]

	[ "$("$caseroute" requests list --json | field 0 state)" = open ]
	[ "$("$caseroute" requests list --json | field 0 ticket)" = 2611240050001234 ]
	[ "$("$caseroute" requests list --json | field 0 account)" = bela@contoso.example ]
	[ "$(contract_field c1 spent)" = 1 ]
	[ "$(contract_field c1 reserved)" = 0 ]
	[ "$(contract_field c1 remaining)" = 2 ]
	[ "$(contract_field c1 links | field 0 account)" = bela@contoso.example ]
	[ "$(contract_field c1 links | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 1 ]
}

@test "an answer to a guide that is over is refused and changes nothing" {
	run "$caseroute" submit "$work/mail.json"
	first=$(printed_answer ticket)
	answer add_silent
	# shellcheck disable=SC2086
	run "$caseroute" ${first#caseroute } number=1
	[ "$status" -eq 65 ]
	[[ "$output" == *"answered already"* ]]
	[ "$("$caseroute" requests list --json | field 0 state)" = handed-off ]
}

@test "an answer that the guide does not offer is refused with those that it does" {
	run "$caseroute" submit "$work/mail.json"
	id=$("$caseroute" requests list --json | field 0 short)
	run "$caseroute" requests answer "$id.1" linkd
	[ "$status" -eq 65 ]
	[[ "$output" == *"answers are: ticket"* ]]
	run "$caseroute" requests answer "$id.1" ticket
	[ "$status" -eq 65 ]
	[[ "$output" == *"needs number="* ]]
	run "$caseroute" requests answer "$id.1" ticket "number=12 34"
	[ "$status" -eq 65 ]
	run "$caseroute" requests answer "$id.1" ticket number=1 colour=red
	[ "$status" -eq 65 ]
	[ "$(state_of "$id")" = handed-off ]
}

@test "an Access ID said to be associated already is taken as linked, and no new one is asked for" {
	run "$caseroute" submit "$work/mail.json"
	answer already_associated
	[ "$status" -eq 0 ]
	[[ "$output" == *"Open the request"* ]]
	[[ "$output" != *"Add Contract ID"* ]]
	[[ "$output" != *"Technical Account Manager"* ]]
	[ "$(contract_field c1 links | field 0 state)" = linked ]
	answer ticket number=2611240050001235
	[ "$(contract_field c1 spent)" = 1 ]
}

@test "the same account is not asked to link again" {
	run "$caseroute" submit "$work/mail.json"
	answer ticket number=2611240050001234
	request second '"title": "Backup fails", "product": "SQL Server", "release": "2022", "severity": "C"'
	run "$caseroute" submit "$work/second.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Open the request"* ]]
	[[ "$output" != *"Contract ID"* ]]
}

@test "a plan listed as used up ends in a refusal with advice and gives the incident back" {
	run "$caseroute" submit "$work/mail.json"
	id=$("$caseroute" requests list --json | field 0 short)
	answer unavailable_depleted
	[ "$status" -eq 1 ]
	[ "$(state_of "$id")" = refused ]
	[[ "$output" == *"no incidents remain"* ]]
	[[ "$output" == *"Premier"* || "$output" == *"Unified"* ]]
	[[ "$output" != *"Advanced Support"* ]]
	[ "$(contract_field c1 remaining)" = 0 ]
	[ "$(contract_field c1 reserved)" = 0 ]
}

@test "a plan listed as expired ends in a refusal and is never offered for linking again" {
	run "$caseroute" submit "$work/mail.json"
	answer unavailable_expired
	[ "$status" -eq 1 ]
	[ "$("$caseroute" requests list --json | field 0 state)" = refused ]
	run "$caseroute" plan --json "$work/mail.json"
	[ "$(printf '%s' "$output" | field link)" = none ]
	[ "$(printf '%s' "$output" | field cause)" = expired ]
}

@test "three silent failures park the request with what to do" {
	run "$caseroute" submit "$work/mail.json"
	answer add_silent
	answer add_silent
	answer add_silent
	[ "$status" -eq 75 ]
	[[ "$output" == *"parked"* ]]
	[[ "$output" == *"Partner Center support"* ]]
	id=$("$caseroute" requests list --json | field 0 short)
	run "$caseroute" requests replay "$id" --reroute
	[ "$status" -eq 0 ]
	[[ "$output" == *"handed off"* ]]
}

@test "a missing plan is linked once more and then is the wrong account" {
	run "$caseroute" submit "$work/mail.json"
	answer plan_absent
	[[ "$output" == *"Check the account at the top right"* ]]
	answer plan_absent
	[ "$status" -eq 75 ]
	[[ "$output" == *"wrong account"* ]]
}

@test "cancelling gives the reserved incident back and frees the reference" {
	run "$caseroute" submit "$work/mail.json"
	id=$("$caseroute" requests list --json | field 0 short)
	[ "$(contract_field c1 reserved)" = 1 ]
	run "$caseroute" requests cancel "$id" --reason "solved by itself"
	[ "$status" -eq 0 ]
	[ "$(state_of "$id")" = cancelled ]
	[ "$(contract_field c1 reserved)" = 0 ]
	[ "$(contract_field c1 remaining)" = 3 ]
	run "$caseroute" requests answer "$id.1" ticket number=1
	[ "$status" -eq 65 ]
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	[ "$("$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 2 ]
}

@test "a request with a ticket cannot be cancelled" {
	run "$caseroute" submit "$work/mail.json"
	id=$("$caseroute" requests list --json | field 0 short)
	answer ticket number=2611240050001234
	run "$caseroute" requests cancel "$id"
	[ "$status" -eq 65 ]
	[[ "$output" == *"has ticket"* ]]
}

@test "the same reference and body gives the first request again" {
	run "$caseroute" submit "$work/mail.json"
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"on record already"* ]]
	[ "$("$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 1 ]
	[ "$(contract_field c1 reserved)" = 1 ]
}

@test "the same reference with another body is refused" {
	run "$caseroute" submit "$work/mail.json"
	request mail '"title": "Something else", "product": "SQL Server", "release": "2022", "reference": "PSA-4711"'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 65 ]
	[[ "$output" == *"use another reference"* ]]
}

@test "the last incident is reserved by one request only" {
	run "$caseroute" contracts observe c1 --remaining 1
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	request second '"title": "Backup fails", "product": "SQL Server", "release": "2022"'
	run "$caseroute" submit "$work/second.json"
	[ "$status" -eq 1 ]
	[[ "$output" == *"no incidents remain"* ]]
}

@test "eight agents at once reserve three incidents three times" {
	for n in 1 2 3 4 5 6 7 8; do
		request "n$n" "\"title\": \"Backup fails $n\", \"product\": \"SQL Server\", \"release\": \"2022\", \"reference\": \"R-$n\""
		"$caseroute" submit "$work/n$n.json" >"$work/out$n" 2>&1 &
	done
	wait
	[ "$(contract_field c1 reserved)" = 3 ]
	[ "$("$caseroute" requests list --json --state handed-off | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 3 ]
	[ "$("$caseroute" requests list --json --state refused | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 5 ]
}

@test "severity A without somebody at the phone is asked about, then opened" {
	request urgent '"title": "Down", "product": "SQL Server", "release": "2022", "severity": "A"'
	"$caseroute" contracts observe c1 --linked anna@contoso.example
	run "$caseroute" submit "$work/urgent.json"
	[ "$status" -eq 1 ]
	[[ "$output" == *"around_the_clock"* ]]
	id=$("$caseroute" requests list --json | field 0 short)
	run "$caseroute" requests answer "$id" contact.around_the_clock=yes
	[ "$status" -eq 0 ]
	[[ "$output" == *"A - critical"* ]]
}

@test "an unclear product asks, the answer decides again, and the request goes on" {
	request unclear '"title": "Exchange does not deliver mail", "severity": "B"'
	run "$caseroute" submit "$work/unclear.json"
	[ "$status" -eq 1 ]
	[[ "$output" == *"needs an answer"* ]]
	id=$("$caseroute" requests list --json | field 0 short)
	run "$caseroute" requests answer "$id" product="Exchange Server" release=2019
	[ "$(state_of "$id")" != asking ] || [[ "$output" == *"release"* ]]
}

@test "while a request is asking a new body under its reference replaces the old" {
	request unclear '"title": "Exchange does not deliver mail", "reference": "PSA-1"'
	run "$caseroute" submit "$work/unclear.json"
	[ "$status" -eq 1 ]
	request unclear '"title": "Log shipping stops", "product": "SQL Server", "release": "2022", "reference": "PSA-1"'
	run "$caseroute" submit "$work/unclear.json"
	[ "$status" -eq 0 ]
	[ "$("$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 1 ]
	[ "$("$caseroute" requests list --json | field 0 state)" = handed-off ]
}

@test "status, message and closing of a ticket at a portal without an API are hand-offs too" {
	run "$caseroute" submit "$work/mail.json"
	id=$("$caseroute" requests list --json | field 0 short)
	answer ticket number=2611240050001234
	run "$caseroute" requests refresh "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Look how the ticket is doing"* ]]
	answer waiting_for_us "text=send the logs"
	[[ "$output" == *"waits for us"* ]]
	echo "Here are the logs." >"$work/note"
	run "$caseroute" requests message "$id" "$work/note"
	[[ "$output" == *"Here are the logs."* ]]
	answer done
	run "$caseroute" requests change "$id" --close
	answer done
	[ "$(state_of "$id")" = closed ]
}

@test "explain tells the rules, and every change with who and when" {
	run "$caseroute" submit "$work/mail.json"
	id=$("$caseroute" requests list --json | field 0 short)
	answer ticket number=2611240050001234
	run "$caseroute" requests explain "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"R25"* ]]
	[[ "$output" == *"anna"*"submitted"* ]]
	[[ "$output" == *"handed off"* ]]
	[[ "$output" == *"opened"* ]]
	run "$caseroute" requests explain "$id" --json
	[ "$(printf '%s' "$output" | field decisions 0 decision outcome)" = allow ]
}

@test "at a portal of INI alone a ticket is looked at, written to and closed by hand" {
	request teams '"title": "Teams meetings drop for everyone", "severity": "B", "description": "x"'
	run "$caseroute" submit "$work/teams.json"
	[[ "$output" == *"Microsoft 365 admin center"* || "$output" == *"admin.microsoft.com"* ]]
	answer ticket number=2611240050009999
	id=$("$caseroute" requests list --json | field 0 short)
	run "$caseroute" requests refresh "$id"
	[ "$status" -eq 0 ]
	run "$caseroute" requests message "$id" "$work/teams.json"
	[ "$status" -eq 75 ]
	[[ "$output" == *"answer or resume it first"* ]]
	run "$caseroute" requests show "$id"
	[[ "$output" != *"taken_over"* ]]
	answer waiting_for_us "text=logs please"
	[[ "$output" == *"the portal waits for us (logs please)"* ]]
	run "$caseroute" requests change "$id" --close
	answer done
	[ "$(state_of "$id")" = closed ]
}

@test "what has a ticket cannot be taken over by another account" {
	run "$caseroute" submit "$work/mail.json"
	id=$("$caseroute" requests list --json | field 0 short)
	answer ticket number=2611240050001234
	run "$caseroute" requests refresh "$id"
	run "$caseroute" requests answer "$id.2" taken_over account=bela@contoso.example
	[ "$status" -eq 65 ]
	[ "$(state_of "$id")" = open ]
	[ "$(contract_field c1 spent)" = 1 ]
}

@test "what is refused of an open ticket ends there: the request is never decided anew for it" {
	sed -i "s|$source_root/conf/portals.ini|portals.ini|; s|$source_root/conf/routes.ini|routes.ini|; s|^\[ledger\]|[caseroute]\nplugins = ${caseroute%/*}/tests/plugins\n\n[ledger]|" \
		"$work/desk/caseroute.ini"
	printf '[portal stubborn]\nplugin = stubborn\nworkloads = sql-server\n' >"$work/desk/portals.ini"
	printf '[route all]\nportal = stubborn\n' >"$work/desk/routes.ini"
	add_contract c1 partner-support 3
	request refused '"title": "T", "description": "D", "product": "SQL Server", "release": "2022", "severity": "B", "reference": "S-1"'
	"$caseroute" submit "$work/refused.json"
	id=$("$caseroute" requests list --json | field 0 id)
	[ "$("$caseroute" requests list --json | field 0 ticket)" = S-1 ]
	echo "Any news?" >"$work/news.txt"
	"$caseroute" requests refresh "$id" || true
	"$caseroute" requests message "$id" "$work/news.txt" || true
	[ "$("$caseroute" requests list --json | field 0 state)" = open ]
	[ "$("$caseroute" requests explain "$id" --json | python3 -c '
import json, sys
print(sum(e["what"] == "opened" or e.get("to") == "open" and e.get("from") != "open" for e in json.load(sys.stdin)["events"]))')" = 1 ]
	[ "$(contract_field c1 spent)" = 1 ]
	[ "$("$caseroute" requests explain "$id" --json | field decisions 1 number 2>/dev/null)" != 2 ]
}
