#!/usr/bin/env bats
# Requests for a CSP's customer, against the doubles of Partner Center, Graph and Azure.

load sandbox

setup_file() {
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

fabrikam=aaaaaaaa-0000-4000-8000-00000000000a
agent=agent@contoso.example

setup() {
	csp_api
	sandbox_desk
	cloud_contract
}

teardown() {
	# whatever a test did: the retired create was never called, no secret stood in an address
	[ "$(sum retired)" = 0 ]
}

customer_vm() { # [SUBSCRIPTION]
	request vm "\"title\": \"The virtual machine does not start\", \"description\": \"Since 09:00.\",
		\"product\": \"Azure Virtual Machines\", \"severity\": \"C\", \"customer\": \"fabrikam\",
		\"subscription\": \"${1:-$customer_subscription}\""
}

customer_erp() {
	request erp '"title": "Posting an invoice fails", "description": "Since the update.",
		"product": "Dynamics 365 Business Central (online)", "severity": "B", "customer": "fabrikam"'
}

@test "a customer's Azure request goes on from csp to azure and is opened with both tokens" {
	customer_vm
	run "$caseroute" submit "$work/vm.json"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(only portal)" = azure ]
	[ "$(only ticket)" = "$(control GET tickets | field azure 0 number)" ]
	[ "$(sum creates)" = 1 ]
	[ "$(sum token_requests "^$fabrikam client_credentials arm")" = 1 ]
	[ "$(sum token_requests '^55555555-5555-5555-5555-555555555555 client_credentials arm')" = 1 ]
	run "$caseroute" requests explain "$(only short)"
	[[ "$output" == *"azure"* ]]
	no_violations
}

@test "status, message and closing of that ticket go to azure, in the customer's tenant" {
	customer_vm
	"$caseroute" submit "$work/vm.json" >/dev/null
	id=$(only short)
	run "$caseroute" requests refresh "$id"
	[ "$status" -eq 0 ]
	echo "More." >"$work/note"
	run "$caseroute" requests message "$id" "$work/note"
	[ "$status" -eq 0 ]
	[ "$(sum messages)" = 1 ]
	run "$caseroute" requests change "$id" --close
	[ "$(only state)" = closed ]
	no_violations
}

@test "a subscription under the CSP plan alone becomes a hand-off in the customer's directory" {
	customer_vm "$csp_plan_subscription"
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"this support plan does not admit the API"* ]]
	[[ "$output" == *"https://portal.azure.com/fabrikam.onmicrosoft.example"* ]]
	[[ "$output" == *"Cloud Solution Provider"* ]]
	run "$caseroute" requests answer "$(only short).1" ticket number=2611240010000077
	[ "$(only state)" = open ]
	[ "$(only ticket)" = 2611240010000077 ]
	[ "$(sum creates)" = 0 ]
}

@test "a customer's Dynamics request is handed off with the discovered page and answered with a ticket" {
	customer_erp
	run "$caseroute" submit "$work/erp.json"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(only state)" = handed-off ]
	[[ "$output" == *"https://businesscentral.dynamics.com/$fabrikam/admin"* ]]
	[[ "$output" == *"Customer"*"Fabrikam"* ]]
	run "$caseroute" requests answer "$(printed_answer ticket | awk '{print $4}')" ticket number=2611240010000078
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum puts)" = 0 ]
	no_violations
}

@test "managed services name the ticket page of Microsoft 365" {
	request mail '"title": "Mail does not arrive", "description": "Since 09:00.",
		"product": "Exchange Online", "severity": "B", "customer": "fabrikam"'
	run "$caseroute" submit "$work/mail.json"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"BeginClientSession.aspx?CTID=$fabrikam&CSDEST=Support"* ]]
}

@test "an agent who is in no group finds out before anything is handed off" {
	world "{\"users\": {\"$agent\": {\"groups\": []}},
		\"customers\": {\"$fabrikam\": {\"delegated_access\": false}}}"
	customer_erp
	run "$caseroute" submit "$work/erp.json"
	[ "$status" -eq 75 ]
	[ "$(only state)" = parked ]
	[[ "$output" == *"AdminAgents"* ]]
}

@test "a delegated relationship without the support role parks with the role to ask for" {
	world "{\"customers\": {\"$fabrikam\": {\"delegated_access\": false, \"gdap\": [
		{\"id\": \"g1\", \"name\": \"n\", \"status\": \"active\", \"provider\": null, \"assignments\": [],
		 \"roles\": [\"88d8e3e3-8f55-4a1e-953a-9b9898b8876b\"]}]}}}"
	customer_erp
	run "$caseroute" submit "$work/erp.json"
	[ "$status" -eq 75 ]
	[[ "$output" == *"Service Support Administrator"* ]]
}

@test "an account that is no Admin agent is refused by the decision; nothing is sent" {
	customer_erp
	sed -i 's/"customer"/"account": "bela@contoso.example", "customer"/' "$work/erp.json"
	run "$caseroute" submit "$work/erp.json"
	[ "$status" -eq 1 ]
	[ "$(only state)" = refused ]
	[ "$(sum requests)" = 0 ]
}

@test "no multi-factor authentication parks with what is needed" {
	world "{\"users\": {\"$agent\": {\"mfa\": false}}, \"customers\": {\"$fabrikam\": {\"delegated_access\": false}}}"
	fault partner_center GET '/v1/customers/*' '{"status": 401, "body": ""}' always
	customer_erp
	run "$caseroute" submit "$work/erp.json"
	[ "$status" -eq 75 ]
	[ "$(only state)" = parked ]
	[[ "$output" == *"multi-factor"* ]]
}

@test "a sign-in that must be made again parks, and goes on afterwards" {
	world "{\"users\": {\"$agent\": {\"interaction_required\": true}}}"
	customer_vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 75 ]
	[ "$(only state)" = parked ]
	[[ "$output" == *"interaction_required"* ]]
	world "{\"users\": {\"$agent\": {\"interaction_required\": false}}}"
	run "$caseroute" requests replay "$(only short)" --same-route
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum creates)" = 1 ]
}

@test "Partner Center throttles, and is asked again when it says" {
	fault partner_center GET '/v1/customers/*' '{"status": 429, "retry_after": 1}'
	customer_vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
}

@test "a customer without a commerce relationship parks with the reason" {
	customer_erp
	sed -i 's/"fabrikam"/"tailspin"/' "$work/erp.json"
	printf '\n[customer tailspin]\ntenant = aaaaaaaa-0000-4000-8000-00000000000c\n' >>"$work/desk/partner.ini"
	run "$caseroute" submit "$work/erp.json"
	[ "$status" -eq 75 ]
	[[ "$output" == *"no commerce relationship"* ]]
}

@test "a refresh token is replaced at each use, kept sealed, and the next run uses the new one" {
	customer_vm
	"$caseroute" submit "$work/vm.json" >/dev/null
	[ "$(sum token_requests refresh_token)" -ge 1 ]
	# the first one has been used up: only what is kept can work now
	secret_file refresh-token SANDBOX-SECRET-used-up
	customer_erp
	run "$caseroute" submit "$work/erp.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"handed off"* ]]
	run grep -c -a SANDBOX-SECRET "$work"/desk/ledger.db "$work"/desk/ledger.db-wal
	[[ "$output" != *:[1-9]* ]]
	no_violations
}

@test "tickets of Partner Center are read back, noted and closed by its API" {
	customer_erp
	"$caseroute" submit "$work/erp.json" >/dev/null
	id=$(only short)
	"$caseroute" requests answer "$id.1" ticket number=900000000000001 >/dev/null
	control POST tickets/900000000000001/state '{"state": "waiting"}' >/dev/null
	run "$caseroute" requests refresh "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"waits for us"* ]]
	echo "The queue is empty now." >"$work/note"
	run "$caseroute" requests message "$id" "$work/note"
	[ "$status" -eq 0 ]
	[[ "$(control GET tickets)" == *"The queue is empty now."* ]]
	run "$caseroute" requests change "$id" --severity C
	[ "$status" -eq 0 ]
	run "$caseroute" requests change "$id" --close
	[ "$status" -eq 0 ]
	[ "$(only state)" = closed ]
	no_violations
}

@test "a ticket that Partner Center does not show is looked at by a person" {
	customer_erp
	"$caseroute" submit "$work/erp.json" >/dev/null
	id=$(only short)
	"$caseroute" requests answer "$id.1" ticket number=2611240010000079 >/dev/null
	run "$caseroute" requests refresh "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Look how the ticket is doing"* ]]
	[[ "$output" == *"Partner Center does not show it"* ]]
	run "$caseroute" requests answer "$id.2" waiting_for_us "text=logs please"
	[[ "$output" == *"the portal waits for us (logs please)"* ]]
	run "$caseroute" requests change "$id" --close
	[[ "$output" == *"Change the ticket"* ]]
	run "$caseroute" requests answer "$id.3" done
	[ "$(only state)" = closed ]
	no_violations
}
