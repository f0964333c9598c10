#!/usr/bin/env bats
# Wrong input of every kind: the exit status that fits, a sentence that says where, nothing half-written.

load helper

setup() {
	make_desk
	add_contract c1 partner-support 3
}

requests() { "$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))'; }

# refused STATUS SENTENCE COMMAND...: and no request is on record.
refused() {
	local wanted=$1 sentence=$2
	shift 2
	run "$@"
	[ "$status" -eq "$wanted" ] || { echo "$*: exit $status, not $wanted: $output"; return 1; }
	[[ "$output" == *"$sentence"* ]] || { echo "$*: no \"$sentence\" in: $output"; return 1; }
}

refused_request() { # STATUS SENTENCE, of $work/x.json; by plan and by submit
	refused "$1" "$2" "$caseroute" plan "$work/x.json"
	refused "$1" "$2" "$caseroute" submit "$work/x.json"
	[ "$(requests)" = 0 ]
	[ "$(contract_field c1 reserved)" = 0 ]
}

# ---- requests ------------------------------------------------------------------------

@test "a request that is no JSON is refused with line and column" {
	printf '{"title": "x",\n "product": ' >"$work/x.json"
	refused_request 65 "x.json:2:"
	: >"$work/x.json"
	refused_request 65 "not JSON"
	printf '{"title": "x"} more' >"$work/x.json"
	refused_request 65 "not JSON"
}

@test "a request over a mebibyte, or nested too deeply, is refused" {
	python3 -c 'print("{\"title\": \"" + "x" * 1100000 + "\"}")' >"$work/x.json"
	refused_request 65 "limit"
	python3 -c 'print("{\"contact\": " + "[" * 5000 + "]" * 5000 + "}")' >"$work/x.json"
	refused_request 65 "x.json"
	python3 -c 'print("{\"contact\": " + "[" * 100 + "]" * 100 + "}")' >"$work/x.json"
	refused_request 65 "x.json"
}

@test "text that is not UTF-8, and a NUL, are refused" {
	printf '{"title": "a\xff\xfeb", "product": "SQL Server"}' >"$work/x.json"
	refused_request 65 "x.json"
	printf '{"title": "a\0b"}' >"$work/x.json"
	refused_request 65 "x.json"
	printf '{"title": "a\\u0000b"}' >"$work/x.json"
	refused_request 65 ""
}

@test "a member that stands twice is refused" {
	printf '{"title": "x", "title": "y"}' >"$work/x.json"
	refused_request 65 "uplicate"
}

@test "a request that is no object, and members of the wrong type, are refused" {
	for text in '[]' '"x"' '1' 'null' '{"title": 1}' '{"severity": 2, "title": "x"}' '{"contact": "Anna"}' \
		'{"files": {}}' '{"files": ["a.log"]}' '{"title": ["x"]}' '{"customer": 5, "title": "x"}'; do
		printf '%s' "$text" >"$work/x.json"
		refused_request 65 ""
	done
}

@test "an unknown member is refused with the nearest name" {
	printf '{"titel": "x"}' >"$work/x.json"
	refused_request 65 '"title"'
	printf '{"title": "x", "contact": {"fist_name": "A"}}' >"$work/x.json"
	refused_request 65 'first_name'
}

@test "wrong words and dates are refused" {
	printf '{"title": "x", "severity": "D"}' >"$work/x.json"
	refused_request 65 severity
	printf '{"title": "x", "kind": "incidant"}' >"$work/x.json"
	refused_request 65 kind
	printf '{"title": "x", "environment": "clowd"}' >"$work/x.json"
	refused_request 65 environment
	for when in yesterday 2026-13-01 2026-02-30 2026-11-24T25:00:00Z; do
		printf '{"title": "x", "problem_started": "%s"}' "$when" >"$work/x.json"
		refused_request 65 problem_started
	done
}

@test "a file that is not there, a folder, and one that may not be read are told apart from bad data" {
	refused 66 "x.json" "$caseroute" submit "$work/x.json"
	mkdir "$work/x.json"
	refused 66 "x.json" "$caseroute" submit "$work/x.json"
	rmdir "$work/x.json"
	echo '{"title": "x"}' >"$work/x.json"
	chmod 000 "$work/x.json"
	if [ "$(id -u)" -ne 0 ]; then
		refused 66 "x.json" "$caseroute" submit "$work/x.json"
	fi
	[ "$(requests)" = 0 ]
}

@test "an attached file that is not there is told before anything is recorded" {
	printf '{"title": "x", "product": "SQL Server", "release": "2022", "files": [{"path": "%s/none.log"}]}' "$work" >"$work/x.json"
	run "$caseroute" submit "$work/x.json"
	[ "$status" -ne 0 ]
	[[ "$output" == *"none.log"* ]]
}

# ---- facts -----------------------------------------------------------------------------

@test "facts are held to the same rules" {
	request x '"title": "Backup fails", "product": "SQL Server", "release": "2022"'
	printf '{"now": "2026-11-24T06:00:00Z", "profile": "maicpp-2026"' >"$work/f.json"
	refused 65 "f.json" "$caseroute" plan --facts "$work/f.json" "$work/x.json"
	printf '{"now": "2026-11-24T06:00:00Z", "profil": "maicpp-2026"}' >"$work/f.json"
	refused 65 "profile" "$caseroute" plan --facts "$work/f.json" "$work/x.json"
	printf '{"now": "2026-11-24T06:00:00Z", "profile": "maicpp-2126"}' >"$work/f.json"
	refused 65 "maicpp-2126" "$caseroute" plan --facts "$work/f.json" "$work/x.json"
	printf '{"now": "soon", "profile": "maicpp-2026"}' >"$work/f.json"
	refused 65 "now" "$caseroute" plan --facts "$work/f.json" "$work/x.json"
	refused 66 "none.json" "$caseroute" plan --facts "$work/none.json" "$work/x.json"
}

# ---- configuration -------------------------------------------------------------------------

# broken SENTENCE INI-LINE...: the lines are added to partner.ini
broken() {
	local sentence=$1
	shift
	cp "$work/desk/partner.ini" "$work/partner.saved"
	printf '%s\n' "$@" >>"$work/desk/partner.ini"
	refused 78 "$sentence" "$caseroute" config check
	[[ "$output" == *"partner.ini:"* ]]
	cp "$work/partner.saved" "$work/desk/partner.ini"
}

@test "each kind of broken INI is an error with file and line" {
	broken "" "[account x" "type = aad"
	broken "" "[account x]" "no equals sign here"
	broken "typ" "[account x]" "typ = aad"
	broken "type" "[account x]" "type = aadd"
	broken "accout" "[accout x]" "type = aad"
	broken "anna@contoso.example" "[account anna@contoso.example]" "type = aad"
	broken "type" "[account x]" "type = aad" "type = msa"
	broken "csp_kind" "[account x]" "csp_kind = direct"
	broken "" "$(printf '[account x]\nfirst_name = a\xffb')"
	broken "end" "[contract x]" "plan = partner-support" "end = 2026-02-30"
	broken "plan" "[contract x]" "plan = partner"
}

@test "a missing include, a cycle, an unknown plugin and a wrong option are errors" {
	sed -i "s/portals.ini,/portals.ini, nothing.ini,/" "$work/desk/caseroute.ini"
	refused 78 "nothing.ini" "$caseroute" config check
	sed -i "s/ nothing.ini,//" "$work/desk/caseroute.ini"
	printf 'include = caseroute.ini\n%s\n' "$(cat "$work/desk/partner.ini")" >"$work/desk/partner.ini"
	refused 78 "caseroute.ini" "$caseroute" config check
	sed -i 1d "$work/desk/partner.ini"
	printf '\n[portal x]\nplugin = gided\n' >>"$work/desk/portals.ini"
	refused 78 "guided" "$caseroute" config check
	sed -i 's/plugin = gided/plugin = guided\nlink = x\nstap.1 = y/' "$work/desk/portals.ini"
	refused 78 "no https address" "$caseroute" config check
	[[ "$output" == *'unknown key "stap.1"'* ]]
}

@test "all problems are told in one run" {
	printf '[account x]\ntyp = aad\n\n[contract y]\nplan = partner\n' >>"$work/desk/partner.ini"
	run "$caseroute" config check
	[ "$status" -eq 78 ]
	[[ "$output" == *"typ"* && "$output" == *"partner"* ]]
	request x '"title": "x"'
	refused 78 "typ" "$caseroute" submit "$work/x.json"
}

@test "a configuration that is not there is told with where it was looked for" {
	rm "$work/desk/caseroute.ini"
	run "$caseroute" config check
	[ "$status" -eq 78 ] || [ "$status" -eq 66 ]
	[[ "$output" == *"$work/desk"* ]]
}

# ---- ledger --------------------------------------------------------------------------------------

saved_request() {
	request x '"title": "Backup fails", "product": "SQL Server", "release": "2022"'
}

@test "a ledger that is damaged is told, and not written over" {
	saved_request
	rm -f "$work"/desk/ledger.db-*
	head -c 20000 /dev/urandom >"$work/desk/ledger.db"
	before=$(cksum <"$work/desk/ledger.db")
	run "$caseroute" submit "$work/x.json"
	[ "$status" -eq 74 ] || { echo "$status $output"; false; }
	[[ "$output" == *"ledger.db"* ]]
	[ "$(cksum <"$work/desk/ledger.db")" = "$before" ]
}

@test "a ledger of a newer version is left alone" {
	saved_request
	python3 - "$work/desk/ledger.db" <<-'PYTHON'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		version = db.execute("pragma user_version").fetchone()[0]
		db.execute(f"pragma user_version = {version + 1}")
		db.commit()
	PYTHON
	run "$caseroute" submit "$work/x.json"
	[ "$status" -eq 78 ] || [ "$status" -eq 74 ] || { echo "$status $output"; false; }
	[[ "$output" == *"made by version"* ]]
}

@test "a missing key stops what must be sealed, a wrong one stops all, and none is ever made" {
	saved_request
	printf 'ACC-2\nCON-2\n' >"$work/two"
	mv "$work/desk/ledger.db.key" "$work/key"
	run "$caseroute" contracts add c2 --plan signature-cloud --ids-file "$work/two"
	[ "$status" -ne 0 ]
	[[ "$output" == *"key"* ]]
	[ ! -e "$work/desk/ledger.db.key" ]
	run "$caseroute" doctor
	[ "$status" -eq 1 ]
	[[ "$output" == *"ledger key"*"missing"* ]]

	printf '%064d\n' 7 >"$work/desk/ledger.db.key"
	chmod 600 "$work/desk/ledger.db.key"
	run "$caseroute" submit "$work/x.json"
	[ "$status" -ne 0 ]
	[[ "$output" == *"key"* ]]
	mv "$work/key" "$work/desk/ledger.db.key"
	[ "$(requests)" = 0 ]
	run "$caseroute" submit "$work/x.json"
	[ "$status" -eq 0 ]
}

@test "a ledger in a folder that cannot be written is told" {
	saved_request
	sed -i 's|^path = .*|path = /proc/nothing/ledger.db|' "$work/desk/caseroute.ini"
	run "$caseroute" submit "$work/x.json"
	[ "$status" -ne 0 ]
	[[ "$output" == *"/proc/nothing"* ]]
	if [ "$(id -u)" -ne 0 ]; then
		mkdir "$work/closed"
		chmod 500 "$work/closed"
		sed -i "s|^path = .*|path = $work/closed/ledger.db|" "$work/desk/caseroute.ini"
		run "$caseroute" submit "$work/x.json"
		[ "$status" -eq 73 ] || [ "$status" -eq 77 ]
	fi
}

# ---- answers ----------------------------------------------------------------------------------------

@test "requests, guides and contracts that are not there are told" {
	refused 66 "no request" "$caseroute" requests show 00000000
	refused 66 "no request" "$caseroute" requests answer 00000000 ticket number=1
	refused 66 "no request" "$caseroute" requests cancel 00000000
	saved_request
	"$caseroute" submit "$work/x.json" >/dev/null
	id=$("$caseroute" requests list --json | field 0 short)
	refused 65 "guide" "$caseroute" requests answer "$id.7" ticket number=1
	refused 64 "no number of a guide" "$caseroute" requests answer "$id.x" ticket number=1
	refused 65 "needs number=" "$caseroute" requests answer "$id.1" ticket
	refused 64 "NAME=VALUE" "$caseroute" requests answer "$id.1" ticket 5
	refused 65 "64 characters" "$caseroute" requests answer "$id.1" ticket "number=$(printf '%065d' 1)"
	run "$caseroute" contracts observe nothing --remaining 1
	[ "$status" -ne 0 ]
	[ "$("$caseroute" requests list --json | field 0 state)" = handed-off ]
}
