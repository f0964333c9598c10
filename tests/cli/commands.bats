#!/usr/bin/env bats
# The command line itself: help, usage, suggestions, JSON, colours, standard input, closed pipes.

bats_require_minimum_version 1.5.0

load helper

setup() {
	make_desk
	add_contract c1 partner-support 3
	request mail '"title": "Backup fails", "description": "Since the update.", "product": "SQL Server",
		"release": "2022", "severity": "B", "reference": "PSA-1"'
}

commands() { "$caseroute" --help | sed -n '/^  /s/^  \([a-z]*\( [a-z]*\)\{0,1\}\)  .*/\1/p'; }

@test "every command of the list explains itself on stdout" {
	[ "$(commands | wc -l)" -ge 25 ]
	while read -r name; do
		# shellcheck disable=SC2086
		run --separate-stderr "$caseroute" $name --help
		[ "$status" -eq 0 ] || { echo "$name: $status"; false; }
		[[ "$output" == "usage: caseroute $name"* ]] || { echo "$name: $output"; false; }
		[ -z "$stderr" ]
	done < <(commands)
}

@test "an unknown option is a usage error of one line with its hint, on stderr" {
	while read -r name; do
		# shellcheck disable=SC2086
		run --separate-stderr "$caseroute" $name --no-such-option
		[ "$status" -eq 64 ] || { echo "$name: $status"; false; }
		[ -z "$output" ]
		[[ "$stderr" == *"no-such-option"*"--help"* ]] || { echo "$name: $stderr"; false; }
	done < <(commands)
}

@test "too many words are a usage error" {
	for words in "init x" "doctor x" "requests list x" "requests show" "requests show a b" \
		"requests cancel" "contracts add" "portals describe" "portals list x"; do
		# shellcheck disable=SC2086
		run "$caseroute" $words
		[ "$status" -eq 64 ] || { echo "$words: $status $output"; false; }
	done
}

@test "a misspelt command is told with the nearest one and never run" {
	for pair in "sumbit:submit" "pln:plan" "reqests list:requests" "requests lst:list" \
		"requests anser:answer" "contracts obsrve:observe" "docter:doctor"; do
		# shellcheck disable=SC2086
		run --separate-stderr "$caseroute" ${pair%%:*}
		[ "$status" -eq 64 ]
		[[ "$stderr" == *"did you mean ${pair##*:}?"* ]] || { echo "$pair: $stderr"; false; }
		[ -z "$output" ]
	done
}

@test "a noun without a verb lists its verbs" {
	run "$caseroute" requests
	[ "$status" -eq 64 ]
	[[ "$output" == *"needs a verb"*list*show*answer* ]]
	run "$caseroute"
	[ "$status" -eq 64 ]
	[[ "$output" == *"usage: caseroute"* ]]
}

@test "the version names the ABI" {
	run "$caseroute" --version
	[ "$status" -eq 0 ]
	[[ "$output" =~ ^caseroute\ [0-9]+\.[0-9]+\.[0-9]+,\ plugin\ ABI\ [0-9]+\.[0-9]+ ]]
}

@test "wrong values of options are usage errors" {
	for words in "requests list --state nowhere" "requests list --limit 0" "requests list --limit x" \
		"requests change x" "requests change x --severity D" "requests replay x" \
		"requests replay x --same-route --reroute" "requests resume --wait soon" "plan --colour blue $work/mail.json"; do
		# shellcheck disable=SC2086
		run "$caseroute" $words
		[ "$status" -eq 64 ] || { echo "$words: $status $output"; false; }
	done
}

@test "--json is JSON on stdout for every command that shows something" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	id=$("$caseroute" requests list --json | field 0 short)
	for words in "plan $work/mail.json" "submit $work/mail.json" "requests list" "requests show $id" \
		"requests explain $id" "contracts list" "contracts remaining c1" "benefits list" "portals list" \
		"doctor" "config check" "config dump"; do
		# shellcheck disable=SC2086
		run --separate-stderr "$caseroute" $words --json
		[ "$status" -le 1 ] || { echo "$words: $status $stderr"; false; }
		printf '%s' "$output" | python3 -m json.tool >/dev/null || { echo "$words: $output"; false; }
	done
	[ "$("$caseroute" plan --json "$work/mail.json" | field schema)" = caseroute.decision/1 ]
}

@test "colours are for terminals, and obey NO_COLOR, TERM and --color" {
	esc=$(printf '\033')
	run "$caseroute" plan "$work/mail.json"
	[[ "$output" != *"$esc"* ]]
	unset NO_COLOR
	run "$caseroute" plan "$work/mail.json"
	[[ "$output" != *"$esc"* ]]
	run "$caseroute" plan --color=always "$work/mail.json"
	[[ "$output" == *"$esc"* ]]
	run script -qec "TERM=xterm '$caseroute' plan '$work/mail.json'" /dev/null
	[[ "$output" == *"${esc}["* ]]
	run script -qec "TERM=dumb '$caseroute' plan '$work/mail.json'" /dev/null
	[[ "$output" != *"${esc}["* ]]
	run script -qec "TERM=xterm NO_COLOR=1 '$caseroute' plan '$work/mail.json'" /dev/null
	[[ "$output" != *"${esc}["* ]]
	run script -qec "TERM=xterm '$caseroute' plan --colour never '$work/mail.json'" /dev/null
	[[ "$output" != *"${esc}["* ]]
}

@test "a request comes from standard input by - or by nothing" {
	run "$caseroute" plan - <"$work/mail.json"
	[ "$status" -eq 0 ]
	run "$caseroute" plan <"$work/mail.json"
	[ "$status" -eq 0 ]
	run "$caseroute" submit - <"$work/mail.json"
	[ "$status" -eq 0 ]
	run "$caseroute" plan -- "$work/mail.json"
	[ "$status" -eq 0 ]
}

@test "a reader that goes away ends the program quietly" {
	for words in "config dump" "--help" "portals describe azure"; do
		# shellcheck disable=SC2086
		run bash -c "set -o pipefail; '$caseroute' $words 2>'$work/err' | head -c 1 >/dev/null; exit \${PIPESTATUS[0]}"
		[ "$status" -eq 0 ] || [ "$status" -eq 141 ] || { echo "$words: $status"; false; }
		[ ! -s "$work/err" ]
	done
}

@test "exit statuses say how it went: 0, 1, 64, 65, 66, 75, 78" {
	run "$caseroute" plan "$work/mail.json"
	[ "$status" -eq 0 ]
	request other '"title": "Excel is slow", "kind": "billing"'
	run "$caseroute" plan "$work/other.json"
	[ "$status" -eq 1 ]
	run "$caseroute" plan "$work/none.json"
	[ "$status" -eq 66 ]
	run "$caseroute" plan "$work/desk/partner.ini"
	[ "$status" -eq 65 ]
	run "$caseroute" --config "$work/nowhere" plan "$work/mail.json"
	[ "$status" -eq 78 ] || [ "$status" -eq 66 ]
	"$caseroute" contracts observe c1 --linked anna@contoso.example >/dev/null
	"$caseroute" submit "$work/mail.json" >/dev/null
	id=$("$caseroute" requests list --json | field 0 short)
	run "$caseroute" requests answer "$id.1" no_access
	[ "$status" -eq 75 ]
	run "$caseroute" requests show "$id"
	[ "$status" -eq 0 ]
}

@test "plan and looking leave no trace" {
	before=$("$caseroute" requests list --json)
	"$caseroute" plan "$work/mail.json" >/dev/null
	"$caseroute" plan --json "$work/mail.json" >/dev/null
	"$caseroute" doctor >/dev/null
	"$caseroute" contracts remaining c1 >/dev/null
	[ "$("$caseroute" requests list --json)" = "$before" ]
	[ "$(contract_field c1 reserved)" = 0 ]
}

@test "describe prints a section that loads" {
	for plugin in azure csp guided support-for-business; do
		run "$caseroute" portals describe "$plugin"
		[ "$status" -eq 0 ]
		[[ "$output" == *"plugin = $plugin"* ]]
	done
	[[ "$output" == *"unless it came with caseroute (one of: auto in-process process)"* ]]
	[[ "$output" == *"bridge_token (secret reference: file:PATH, env:NAME or cred:NAME"* ]]
	run "$caseroute" portals describe azur
	[ "$status" -ne 0 ]
	[[ "$output" == *azure* ]]
}
