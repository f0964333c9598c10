#!/usr/bin/env bats
# SIGKILL at every durable step of a submit that goes over the network: `requests resume` brings it
# to its end, and the sandbox has counted one ticket, one incident, one link.

load sandbox

setup_file() {
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

# points REQUEST: how many places there are to be killed in
points() {
	rm -f "$work/points"
	CASEROUTE_KILL_LOG=$work/points "$caseroute" submit "$work/$1.json" >/dev/null
	wc -l <"$work/points"
}

# What was put off comes due within a second or two.
resume_until_open() {
	local at
	for at in 1 2 3 4 5 6 7 8; do
		"$caseroute" requests resume >/dev/null 2>&1
		[ "$(only state)" = open ] && return 0
		sleep 0.3
	done
	echo "killed at $1 ($(sed -n "$1p" "$work/points")): $("$caseroute" requests list)"
	return 1
}

# killed_everywhere DESK-FUNCTION REQUEST CHECK-FUNCTION
killed_everywhere() {
	local at n status
	"$1"
	n=$(points "$2")
	[ "$n" -ge 8 ] || { echo "only $n points"; return 1; }
	for at in $(seq "$n"); do
		"$1"
		CASEROUTE_KILL_AT=$at "$caseroute" submit "$work/$2.json" >/dev/null 2>&1 && status=0 || status=$?
		[ "$status" -eq 137 ] || { echo "not killed at $at: $status"; return 1; }
		# Killed before it was on record: the agent sends it again, under its reference.
		"$caseroute" submit "$work/$2.json" >/dev/null 2>&1 || true
		resume_until_open "$at" || return 1
		"$3" || { echo "killed at $at ($(sed -n "${at}p" "$work/points"))"; control GET counts; return 1; }
	done
}

azure_desk() {
	sandbox_desk
	cloud_contract
	azure_request vm '"reference": "PSA-1"'
}

one_azure_ticket() {
	[ "$(sum creates)" = 1 ] && [ "$(sum puts)" = 1 ] && [ "$(sum duplicate_puts)" = 0 ] &&
		[ "$(only ticket)" = "$(control GET tickets | field azure 0 number)" ] &&
		[ "$(contract_field cloud spent)" = 1 ] && [ "$(contract_field cloud reserved)" = 0 ]
}

@test "an Azure request killed anywhere is one ticket and one incident" {
	killed_everywhere azure_desk vm one_azure_ticket
	no_violations
}

csp_desk() {
	csp_api
	sandbox_desk
	request vm "\"title\": \"The virtual machine does not start\", \"description\": \"Since 09:00.\",
		\"product\": \"Azure Virtual Machines\", \"severity\": \"C\", \"customer\": \"fabrikam\",
		\"subscription\": \"$customer_subscription\", \"reference\": \"PSA-1\""
}

one_customer_ticket() {
	[ "$(sum creates)" = 1 ] && [ "$(sum puts)" = 1 ] && [ "$(sum retired)" = 0 ] &&
		[ "$(only portal)" = azure ] &&
		[ "$(only ticket)" = "$(control GET tickets | field azure 0 number)" ]
}

@test "a customer's request killed anywhere between csp and azure is one ticket" {
	killed_everywhere csp_desk vm one_customer_ticket
	no_violations
}

bridge_desk() {
	bridge_ini
	sandbox_desk
	bridge_contract 7
	mail_request
}

one_bridge_incident() {
	[ "$(sum incidents)" = 1 ] && [ "$(sum creates)" = 1 ] && [ "$(sum links_made)" = 1 ] &&
		[ "$(only ticket)" = "$(control GET tickets | field bridge 0 number)" ] &&
		[ "$(contract_field c1 spent)" = 1 ] && [ "$(contract_field c1 reserved)" = 0 ] &&
		[ "$(contract_field c1 links | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 1 ]
}

@test "link and create at the bridge killed anywhere are one link and one incident" {
	killed_everywhere bridge_desk mail one_bridge_incident
	no_violations
}
