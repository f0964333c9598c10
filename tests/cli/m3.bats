#!/usr/bin/env bats
# "This Access ID is already associated to an account" (M3): the message is wrong, the contract is
# linked. What follows depends on what is known of it. At the bridge and by hand.

load sandbox

setup_file() {
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

# already ANSWER: the bridge answers every link with this.
already() {
	fault bridge POST '*/links' "{\"status\": 200, \"body\": $1}" always
}

unknown_contract_validity() { # ID PLAN: IDs at hand, nothing known of end and incidents
	printf 'SANDBOX-ACCESS-4711\nSANDBOX-CONTRACT-0815\n' >"$work/ids"
	"$caseroute" contracts add "$1" --plan "$2" --ids-file "$work/ids" >/dev/null
}

link_state() { contract_field "$1" links | field 0 state; }

@test "at the bridge: the message about a good contract is ignored and the request opens" {
	bridge_ini
	sandbox_desk
	bridge_contract 3
	mail_request
	world '{"contracts": {"c1": {"linked": ["anna@contoso.example"]}}}'
	already '{"result": "already_associated"}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(link_state c1)" = linked ]
	[ "$(sum incidents)" = 1 ]
	[[ "$output" != *"Technical Account Manager"* ]]
}

@test "at the bridge: the message as a text of its own, whatever its status" {
	bridge_ini
	sandbox_desk
	bridge_contract 3
	mail_request
	world '{"contracts": {"c1": {"linked": ["anna@contoso.example"]}}}'
	fault bridge POST '*/links' '{"status": 409, "body": {"title": "Conflict",
		"detail": "This Access ID is already associated to an account. Please contact your Technical Account Manager."}}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(link_state c1)" = linked ]
}

@test "at the bridge: the message about a dead contract ends in a refusal with advice" {
	bridge_ini
	sandbox_desk
	bridge_contract 3
	mail_request
	already '{"result": "already_associated", "end": "2020-01-31", "remaining": 3}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 1 ]
	[ "$(only state)" = refused ]
	[ "$(link_state c1)" = linked ]
	[ "$(sum puts)" = 0 ]
	[[ "$output" == *"Premier"* || "$output" == *"Unified"* ]]
	[ "$(contract_field c1 reserved)" = 0 ]
}

@test "at the bridge: nothing known asks for end and remaining; told, it goes on" {
	bridge_ini
	sandbox_desk
	unknown_contract_validity c1 partner-support
	mail_request
	world '{"contracts": {"c1": {"linked": ["anna@contoso.example"]}}}'
	already '{"result": "already_associated"}'
	run "$caseroute" submit "$work/mail.json"
	[ "$status" -eq 1 ]
	[ "$(only state)" = asking ]
	[[ "$output" == *"end"* && "$output" == *"remaining"* ]]
	[ "$(sum puts)" = 0 ]
	run "$caseroute" requests answer "$(only short)" end=2099-12-31 remaining=2
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum incidents)" = 1 ]
	[ "$(sum links_made)" = 0 ]
}

@test "at the bridge: told that nothing remains, it ends in a refusal" {
	bridge_ini
	sandbox_desk
	unknown_contract_validity c1 partner-support
	mail_request
	already '{"result": "already_associated"}'
	"$caseroute" submit "$work/mail.json" >/dev/null || true
	run "$caseroute" requests answer "$(only short)" end=2099-12-31 remaining=0
	[ "$status" -eq 1 ]
	[ "$(only state)" = refused ]
	[ "$(sum puts)" = 0 ]
}

@test "in the Azure portal: the message about a good contract is ignored, then the API opens it" {
	sandbox_desk
	add_contract cloud signature-cloud 5
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Link support benefits"* ]]
	run "$caseroute" requests answer "$(only short).1" already_associated
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(link_state cloud)" = linked ]
	[ "$(sum creates)" = 1 ]
	[ "$(contract_field cloud spent)" = 1 ]
}

@test "in the Azure portal: the message about a contract that ended meanwhile is refused" {
	sandbox_desk
	add_contract cloud signature-cloud 5
	azure_request vm
	"$caseroute" submit "$work/vm.json" >/dev/null
	"$caseroute" contracts observe cloud --remaining 0 >/dev/null
	run "$caseroute" requests answer "$(only short).1" already_associated
	[ "$status" -eq 1 ]
	[ "$(only state)" = refused ]
	[ "$(link_state cloud)" = linked ]
	[ "$(sum puts)" = 0 ]
}

@test "in the Azure portal: a plan that does not show asks for end and remaining, then goes on" {
	sandbox_desk
	unknown_contract_validity cloud signature-cloud
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	run "$caseroute" requests answer "$(only short).1" already_associated
	[ "$status" -eq 1 ]
	[ "$(only state)" = asking ]
	run "$caseroute" requests answer "$(only short)" end=2099-12-31 remaining=unlimited
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum creates)" = 1 ]
}
