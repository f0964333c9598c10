#!/usr/bin/env bats
# Somebody's first day: an empty folder, an empty home, and nothing but the program.

load helper

setup() {
	work=$BATS_TEST_TMPDIR
	mkdir "$work/home" "$work/here"
	cd "$work/here"
	export HOME=$work/home NO_COLOR=1 CASEROUTE_ACTOR=anna
	unset CASEROUTE_CONFIG CASEROUTE_PLUGINS XDG_STATE_HOME XDG_CONFIG_HOME CASEROUTE_NOW
	cat >"$work/answers" <<-ANSWERS
		Contoso Consulting
		1234567
		maicpp-2026
		partner-center
		none
		yes
		anna@contoso.example
		aad
		mpn, csp
		mpn-partner-admin, admin-agent
		direct-bill
		Anna
		Kovacs
		anna@contoso.example
		+36 1 555 0100
		en-us
		HU
		Central Europe Standard Time
		no
		solutions-partner
		Infrastructure
		yes
		no
		yes
		c1
		partner-support
		2099-12-31
		7
		PLANTED-MARK-ACC
		PLANTED-MARK-CON
		yes
		fabrikam
		Fabrikam
		aaaaaaaa-0000-4000-8000-00000000000a
		fabrikam.onmicrosoft.example
		22222222-2222-4222-8222-222222222222
		no
		SQL Server 2022 backup fails after the update
	ANSWERS
}

files_of_home() { find "$work/home" "$work/here" -type f | sort; }

@test "without a configuration every command says how to get one" {
	for words in "submit -" "requests list" doctor "config check"; do
		# shellcheck disable=SC2086
		run "$caseroute" $words </dev/null
		[ "$status" -ne 0 ]
		[[ "$output" == *"caseroute init"* ]] || { echo "$words: $output"; false; }
	done
	[ -z "$(files_of_home)" ]
}

@test "init asks everything, and a plan and a submit of one's own words follow" {
	run "$caseroute" init <"$work/answers"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Support for Business"* || "$output" == *"support-for-business"* ]]
	[[ "$output" == *"SQL Server"* ]]
	[[ "$output" != *PLANTED-MARK* ]]
	[[ "$(stat -c %a "$(find "$work/home" -name '*.key')")" == 600 ]]

	run "$caseroute" config check
	[ "$status" -eq 0 ]
	run "$caseroute" doctor
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *" bad "* ]]

	run "$caseroute" plan - <<<'{"title": "SQL Server 2022 backup fails", "description": "Since the update.", "severity": "B"}'
	[ "$status" -eq 0 ]
	[[ "$output" == *"uses 1 of 7"* ]]
	run "$caseroute" submit - <<<'{"title": "SQL Server 2022 backup fails", "description": "Since the update.", "severity": "B"}'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"handed off to you"* ]]
	[[ "$output" == *"Anna"* ]]
	id=$("$caseroute" requests list --json | field 0 short)
	run "$caseroute" requests answer "$id.1" ticket number=2611240010000001
	[ "$status" -eq 0 ]
	[[ "$output" == *"open"* ]]
	[ "$(contract_field c1 remaining)" = 6 ]
}

@test "no file holds the IDs in the open" {
	"$caseroute" init <"$work/answers" >/dev/null
	run grep -r -a -l PLANTED-MARK "$work/home" "$work/here"
	[ "$status" -eq 1 ]
}

@test "empty answers take what stands in brackets, and that is a working configuration" {
	yes "" | head -n 40 >"$work/empty"
	run "$caseroute" init --output "$work/here/desk" <"$work/empty"
	echo "$output"
	[ "$status" -eq 0 ]
	export CASEROUTE_CONFIG=$work/here/desk
	run "$caseroute" config check
	[ "$status" -eq 0 ]
	run "$caseroute" plan - <<<'{"title": "SQL Server 2022 backup fails"}'
	[ "$status" -eq 1 ] || [ "$status" -eq 0 ]
}

@test "an answer that is none of the choices is asked again" {
	sed -i 's/^maicpp-2026$/gold\nmaicpp-2026/; s/^aad$/work\naad/' "$work/answers"
	run "$caseroute" init <"$work/answers"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"gold" is none of'* ]]
	[[ "$output" == *'"work" is none of'* ]]
	run "$caseroute" config check
	[ "$status" -eq 0 ]
}

@test "a second init changes nothing" {
	"$caseroute" init <"$work/answers" >/dev/null
	before=$(find "$work/home" -type f -exec cksum {} + | sort)
	run "$caseroute" init <"$work/answers"
	[ "$status" -eq 73 ]
	[[ "$output" == *"nothing was changed"* ]]
	[ "$(find "$work/home" -type f -exec cksum {} + | sort)" = "$before" ]
}

@test "answers that end anywhere write nothing at all" {
	n=$(($(wc -l <"$work/answers") - 1)) # the last one is only a sentence to plan
	for lines in 0 1 5 12 20 27 28 $((n - 1)); do
		head -n "$lines" "$work/answers" >"$work/some"
		run "$caseroute" init <"$work/some"
		[ "$status" -eq 66 ] || { echo "after $lines: $status $output"; false; }
		[[ "$output" == *"nothing was written"* ]]
		[ -z "$(files_of_home)" ] || { echo "after $lines: $(files_of_home)"; false; }
	done
}

@test "a folder that cannot be made is told" {
	echo x >"$work/here/file"
	run "$caseroute" init --output "$work/here/file/desk" <"$work/answers"
	[ "$status" -eq 73 ] || [ "$status" -eq 74 ]
	[[ "$output" == *"$work/here/file"* ]]
}

@test "names with quotes, semicolons and brackets come through whole or are asked again" {
	sed -i "s/^Contoso Consulting$/O'Hara; Sons \[and\] #1/" "$work/answers"
	run "$caseroute" init <"$work/answers"
	[ "$status" -eq 0 ]
	run "$caseroute" config check
	[ "$status" -eq 0 ]
	run "$caseroute" config dump
	[[ "$output" == *"O'Hara; Sons [and] #1"* ]]
}

@test "a sign-in named twice is asked for again, and the same offer twice gets a name of its own" {
	python3 - "$work/answers" <<-'PYTHON'
		import sys
		lines = open(sys.argv[1]).read().split("\n")
		# after the first account: another one, first under the same name
		at = lines.index("Central Europe Standard Time") + 1
		lines[at:at + 1] = ["yes", "anna@contoso.example", "bela@contoso.example", "aad", "mpn", "none",
		                    "Bela", "Nagy", "", "", "", "", "", "no"]
		at = lines.index("solutions-partner")
		lines[at:at] = ["solutions-partner", "Infrastructure", "yes", "yes"]
		open(sys.argv[1], "w").write("\n".join(lines))
	PYTHON
	run "$caseroute" init <"$work/answers"
	echo "$output"
	[ "$status" -eq 0 ]
	run "$caseroute" config check
	[ "$status" -eq 0 ]
	run "$caseroute" config dump
	[[ "$output" == *anna@contoso.example*bela@contoso.example* ]]
}
