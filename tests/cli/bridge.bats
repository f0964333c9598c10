#!/usr/bin/env bats
# On-premises requests through an operator's own endpoint, against its double.

load sandbox

setup_file() { start_sandbox; }
teardown_file() { stop_sandbox; }

setup() {
	bridge_ini
	sandbox_desk
	bridge_contract 7
	mail_request
}

@test "the contract is linked and the request opened: one link, one incident, its number on record" {
	run "$caseroute" submit "$work/mail.json"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(only ticket)" = "$(control GET tickets | field bridge 0 number)" ]
	[ "$(sum links_made)" = 1 ]
	[ "$(sum incidents)" = 1 ]
	[ "$(contract_field c1 spent)" = 1 ]
	[ "$(contract_field c1 remaining)" = 6 ]
	[ "$(contract_field c1 links | field 0 state)" = linked ]
	no_violations
}

@test "the second request does not link again" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	mail_request second
	run "$caseroute" submit "$work/second.json"
	[ "$status" -eq 0 ]
	[ "$(sum links_asked)" = 1 ]
	[ "$(sum incidents)" = 2 ]
	[ "$(contract_field c1 remaining)" = 5 ]
}

@test "a contract that the bridge says is linked already is taken as linked" {
	world '{"contracts": {"c1": {"linked": ["anna@contoso.example"]}}}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum links_made)" = 0 ]
	[ "$(sum incidents)" = 1 ]
	[ "$(contract_field c1 links | field 0 state)" = linked ]
}

@test "a used-up contract ends in a refusal with advice, and nothing is spent" {
	world '{"contracts": {"c1": {"remaining": 0, "linked": ["anna@contoso.example"]}}}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 1 ]
	[ "$(only state)" = refused ]
	[[ "$output" == *"no incidents remain"* ]]
	[ "$(sum incidents)" = 0 ]
	[ "$(contract_field c1 remaining)" = 0 ]
	[ "$(contract_field c1 reserved)" = 0 ]
}

@test "a contract that is seen as ended while it is linked is refused, not asked about again" {
	world '{"contracts": {"c1": {"end": "2020-01-31", "linked": ["anna@contoso.example"]}}}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 1 ]
	[ "$(only state)" = refused ]
	[[ "$output" == *"expired"* || "$output" == *"ended"* ]]
	[ "$(sum incidents)" = 0 ]
}

@test "a contract that ends today is usable today" {
	world "{\"contracts\": {\"c1\": {\"end\": \"$(date -u +%F)\"}}}"
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
}

@test "IDs that are not accepted park with what to check, and are not shown" {
	world '{"contracts": {"c1": {"access_id": "another"}}}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 75 ]
	[ "$(only state)" = parked ]
	[[ "$output" == *"check both IDs"* ]]
	[[ "$output" != *SANDBOX-ACCESS* && "$output" != *SANDBOX-CONTRACT* ]]
	[ "$(contract_field c1 reserved)" = 1 ]
	run "$caseroute" requests cancel "$(only short)"
	[ "$(contract_field c1 reserved)" = 0 ]
}

@test "what a colleague must work off waits, and opens when it is done" {
	settings '{"bridge": {"mode": "queue"}}'
	run "$caseroute" submit "$work/mail.json" --wait 1s
	[ "$status" -eq 75 ]
	[ "$(only state)" = waiting ]
	[ "$(sum incidents)" = 0 ]
	key=$(control GET counts | python3 -c 'import json,sys
print(next(iter(json.load(sys.stdin)["puts"])).split()[1])')
	control POST "bridge/requests/$key" '{"result": "opened"}' >/dev/null
	sleep 0.2
	run "$caseroute" requests resume
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum incidents)" = 1 ]
	[ "$(sum puts)" = 1 ]
	[ "$(contract_field c1 spent)" = 1 ]
}

@test "a refusal parks with the bridge's meaning, and opens after a replay" {
	settings '{"bridge": {"mode": "refuse"}}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 75 ]
	[ "$(only state)" = parked ]
	[[ "$output" == *"not admitted"* ]]
	settings '{"bridge": {"mode": "open"}}'
	run "$caseroute" requests replay "$(only short)" --same-route
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum incidents)" = 1 ]
}

@test "a lost answer is asked for again under the same key: one incident" {
	fault bridge PUT '*' '{"cut": "after-processing"}'
	fault bridge POST '*' '{"status": 504, "process": true}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum incidents)" = 1 ]
	[ "$(sum links_made)" = 1 ]
	[ "$(contract_field c1 spent)" = 1 ]
	no_violations
}

@test "answers that are not documented are never a success" {
	local wrong
	for wrong in '{"status": 200, "body": ""}' '{"status": 200, "body": "<html>ok</html>"}' \
		'{"status": 201, "body": {"result": "created", "ticket": "1"}}' \
		'{"status": 200, "body": {"result": "opened"}}' '{"deep": 5000}' '{"bad_json": true}'; do
		sandbox_desk
		bridge_contract 7
		fault bridge PUT '*' "$wrong"
		run "$caseroute" submit "$work/mail.json"
		[ "$status" -eq 75 ] || { echo "$wrong: $status $output"; false; }
		[ "$(only state)" = parked ] || { echo "$wrong: $(only state)"; false; }
		[[ "$output" == *"without a result that is documented"* ]]
		[ "$(contract_field c1 spent)" = 0 ]
	done
}

@test "a wrong token parks, and is not shown" {
	secret_file bridge-token WRONG-MARK-TOKEN
	run "$caseroute" submit -vv "$work/mail.json"
	[ "$status" -eq 75 ]
	[ "$(only state)" = parked ]
	[[ "$output" == *"bearer token is missing or wrong"* ]]
	[[ "$output" != *WRONG-MARK-TOKEN* ]]
}

@test "the probe reads what remains and creates nothing" {
	world '{"contracts": {"c1": {"linked": ["anna@contoso.example"], "remaining": 3}}}'
	run "$caseroute" contracts remaining c1
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(contract_field c1 remaining)" = 3 ]
	[ "$(sum puts)" = 0 ]
	[ "$(sum incidents)" = 0 ]
}

@test "a probe that created something is told with the ticket to look for" {
	fault bridge GET '*remaining' '{"status": 200, "body": {"plans": [], "created": true, "ticket": "2611240010009999"}}'
	run "$caseroute" contracts remaining c1
	[ "$status" -ne 0 ]
	[[ "$output" == *"created a request during a probe"*"2611240010009999"* ]]
}

@test "how a ticket is doing is asked of the bridge; messages are for a person" {
	"$caseroute" submit "$work/mail.json" >/dev/null
	id=$(only short)
	control POST "tickets/$(only ticket)/state" '{"state": "waiting", "detail": "logs wanted"}' >/dev/null
	run "$caseroute" requests refresh "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"waits for us (logs wanted)"* ]]
	echo "Here." >"$work/note"
	run "$caseroute" requests message "$id" "$work/note"
	[[ "$output" == *"Send the message"* ]]
}

@test "mode = bridge without an address, and a sapId with a digit missing, are errors with their place" {
	sed -i '/^bridge = /d' "$work/desk/portals.ini"
	run "$caseroute" config check
	[ "$status" -eq 78 ]
	[[ "$output" == *"mode = bridge needs the key bridge"* ]]
	sed -i 's/^mode = bridge/sap_id.1 = Windows Server = 82c8f35-1b8e-f274-ec11-c6efdd6dd099/' "$work/desk/portals.ini"
	run "$caseroute" config check
	[ "$status" -eq 78 ]
	[[ "$output" == *"sap_id.1 must be PRODUCT = GUID"* ]]
}
