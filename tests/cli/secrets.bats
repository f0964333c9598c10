#!/usr/bin/env bats
# Marked secrets go in everywhere they may; no output, no ledger, no address has a mark.

load sandbox

setup_file() {
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

# All that must never be seen: the planted ones, and what the sandbox issues.
marks='SANDBOX-(SECRET|TOKEN|ACCESS|CONTRACT)-|PLANTED-MARK'

setup() {
	csp_api
	bridge_ini
	sandbox_desk
	bridge_contract 7
	printf 'PLANTED-MARK-ACC\nPLANTED-MARK-CON\n' >"$work/ids-cloud"
	"$caseroute" contracts add cloud --plan signature-cloud --remaining 5 --end 2099-12-31 \
		--ids-file "$work/ids-cloud" >"$work/outputs" 2>&1
	key_hex=$(od -An -tx1 "$work/desk/ledger.db.key" | tr -d ' \n')
}

# said COMMAND...: runs it and keeps all that it says.
said() {
	printf '\n$ %s\n' "$*" >>"$work/outputs"
	"$@" >>"$work/outputs" 2>&1 </dev/null || true
}

no_marks_in() { # FILE...
	if grep -a -E -n "$marks" "$@" | head -5 | cut -c1-200 | grep .; then
		return 1
	fi
}

# The ledger's key in any spelling that a program could print it in.
no_key_in() {
	python3 - "$work/desk/ledger.db.key" "$@" <<-'PYTHON'
		import base64, sys
		key = open(sys.argv[1], "rb").read().strip()
		spellings = [key, key.hex().encode(), base64.b64encode(key).rstrip(b"=")]
		for name in sys.argv[2:]:
		    data = open(name, "rb").read()
		    for one in spellings:
		        if len(one) >= 16 and one in data:
		            sys.exit(f"{name} holds the ledger's key")
	PYTHON
}

ledger_files() { find "$work/desk" -name 'ledger.db*' ! -name '*.key'; }

everything_is_clean() {
	no_marks_in "$work/outputs"
	# shellcheck disable=SC2046
	no_marks_in $(ledger_files)
	# shellcheck disable=SC2046
	no_key_in "$work/outputs" $(ledger_files)
	control GET log | python3 -c 'import json,sys
for one in json.load(sys.stdin):
    print(one["url"])' >"$work/urls"
	no_marks_in "$work/urls"
	no_violations
}

@test "the marks are there to be found: a plain search sees each of them" {
	for file in client-secret refresh-token bridge-token; do
		run no_marks_in "$work/desk/$file"
		[ "$status" -ne 0 ]
	done
	run no_marks_in "$work/ids-cloud"
	[ "$status" -ne 0 ]
	cp "$work/desk/ledger.db.key" "$work/copy"
	run no_key_in "$work/copy"
	[ "$status" -ne 0 ]
}

@test "requests opened at every portal, said as loudly as can be, show no secret" {
	"$caseroute" contracts observe cloud --linked anna@contoso.example >/dev/null
	azure_request vm
	mail_request
	request erp '"title": "Posting fails", "description": "x", "severity": "B", "customer": "fabrikam",
		"product": "Dynamics 365 Business Central (online)"'
	said "$caseroute" -vv submit -vv "$work/vm.json"
	said "$caseroute" submit -vv "$work/mail.json"
	said "$caseroute" submit -vv "$work/erp.json"
	said "$caseroute" submit -vv --json "$work/mail.json"
	for id in $("$caseroute" requests list --json | python3 -c 'import json,sys
for one in json.load(sys.stdin):
    print(one["short"])'); do
		said "$caseroute" requests show -vv "$id"
		said "$caseroute" requests show --json "$id"
		said "$caseroute" requests explain "$id"
		said "$caseroute" requests explain --json "$id"
		said "$caseroute" requests refresh -vv "$id"
	done
	said "$caseroute" plan -vv "$work/mail.json"
	said "$caseroute" plan --json "$work/vm.json"
	said "$caseroute" requests list --json
	said "$caseroute" contracts list
	said "$caseroute" contracts list --json
	said "$caseroute" contracts remaining -vv c1
	said "$caseroute" benefits list
	said "$caseroute" benefits list --json
	said "$caseroute" config dump
	said "$caseroute" config dump --json
	said "$caseroute" config check -vv
	said "$caseroute" doctor -vv
	said "$caseroute" doctor --json
	said "$caseroute" portals list --json
	said "$caseroute" portals describe support-for-business
	[ "$(sum creates)" = 2 ]
	[ "$(sum token_requests)" -ge 3 ]
	everything_is_clean
}

@test "every way to fail shows no secret" {
	"$caseroute" contracts observe cloud --linked anna@contoso.example >/dev/null
	azure_request vm
	mail_request
	# portals that send back what they were sent
	fault login POST '*' '{"status": 400, "body": {"error": "invalid_client",
		"error_description": "AADSTS7000215: SANDBOX-SECRET-client is wrong"}}'
	said "$caseroute" submit -vv "$work/vm.json"
	fault bridge POST '*/links' '{"status": 200, "body": {"result": "refused", "code": "add_error",
		"reason": "SANDBOX-ACCESS-4711 and SANDBOX-CONTRACT-0815 are wrong"}}'
	said "$caseroute" submit -vv "$work/mail.json"
	mail_request second
	fault bridge POST '*/links' '{"status": 403, "body": {"detail": "token SANDBOX-SECRET-bridge is wrong"}}'
	said "$caseroute" submit -vv "$work/second.json"
	mail_request third
	fault bridge POST '*/links' '{"status": 200, "body": "SANDBOX-SECRET-bridge <html>SANDBOX-CONTRACT-0815"}'
	said "$caseroute" submit -vv "$work/third.json"
	said "$caseroute" requests list
	for id in $("$caseroute" requests list --json | python3 -c 'import json,sys
for one in json.load(sys.stdin):
    print(one["short"])'); do
		said "$caseroute" requests explain --json "$id"
	done
	grep -q AADSTS7000215 "$work/outputs"
	grep -q 'check both IDs' "$work/outputs"
	everything_is_clean
}

@test "a secret written in the open is told without being shown" {
	sed -i 's/^secret = file:client-secret/secret = PLANTED-MARK-IN-THE-OPEN/' "$work/desk/portals.ini"
	said "$caseroute" config check
	said "$caseroute" config check --json
	said "$caseroute" config dump
	said "$caseroute" doctor
	azure_request vm
	said "$caseroute" submit -vv "$work/vm.json"
	grep -q "secret" "$work/outputs"
	no_marks_in "$work/outputs"
}

@test "secret files that others may read are warned about, and not shown" {
	chmod 644 "$work/desk/client-secret"
	said "$caseroute" config check
	grep -q "chmod 600" "$work/outputs"
	no_marks_in "$work/outputs"
}

@test "IDs given as told facts, by a wrong file or on a wrong line are not shown" {
	printf 'PLANTED-MARK-ACC\nPLANTED-MARK-CON\nPLANTED-MARK-MORE\n' >"$work/three"
	printf 'PLANTED-MARK-ACC\n' >"$work/one"
	printf 'PLANTED-MARK-\001\nPLANTED-MARK-CON\n' >"$work/control"
	for file in three one control nothing-there; do
		said "$caseroute" contracts add "x$file" --plan partner-support --ids-file "$work/$file"
	done
	printf '{"title": "x", "contract_id": "PLANTED-MARK-CON"}' >"$work/wrong.json"
	said "$caseroute" submit "$work/wrong.json"
	no_marks_in "$work/outputs"
}

@test "a guide masks the IDs; on a terminal, and only there, --show-ids shows them and is recorded" {
	azure_request vm
	said "$caseroute" submit "$work/vm.json"
	grep -q "Contract ID" "$work/outputs"
	no_marks_in "$work/outputs"
	id=$(only short)

	run "$caseroute" requests show "$id" --show-ids
	[ "$status" -eq 77 ]
	[[ "$output" != *PLANTED-MARK* ]]
	run "$caseroute" requests explain "$id"
	[[ "$output" != *revealed* ]]

	run script -qec "'$caseroute' requests show '$id' --show-ids" /dev/null
	[[ "$output" == *PLANTED-MARK-ACC* ]]
	[[ "$output" == *PLANTED-MARK-CON* ]]
	run "$caseroute" requests explain "$id"
	[[ "$output" == *anna*revealed* ]]
	# shellcheck disable=SC2046
	no_marks_in $(ledger_files)
}
