#!/usr/bin/env bats
# SIGKILL at every durable step of a submit that goes over the network: `requests resume` brings it
# to its end, and the sandbox has counted one ticket, one incident, one link.

load sandbox

setup_file() {
	unset CASEROUTE_ISOLATION # the plugins are where they are by default
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

# points REQUEST: the places to be killed in. Between a commit and the next commit or exchange
# nothing durable happens, so being killed at its end stands for all of them.
points() {
	rm -f "$work/points"
	CASEROUTE_KILL_LOG=$work/points "$caseroute" submit "$work/$1.json" >/dev/null
	grep -n -e '^committed$' -e '^after-exchange$' "$work/points" | cut -d: -f1
}

# What was put off comes due within a second or two.
resume_until_open() {
	local at
	for at in 1 2 3 4 5 6 7 8; do
		"$caseroute" requests resume >/dev/null 2>&1
		[ "$(only state)" = open ] && return 0
		sleep 0.3
	done
	"$caseroute" requests list
	return 1
}

# killed_everywhere DESK-FUNCTION REQUEST CONTRACT COUNTER...: afterwards each counter is 1, the
# ticket on record is the sandbox's, and one incident of the contract ("-": none) is spent.
killed_everywhere() {
	local at all status desk=$1 name=$2 contract=$3
	shift 3
	"$desk"
	cp -r "$work/desk" "$work/saved"
	all="1 $(points "$name")"
	[ "$(wc -w <<<"$all")" -ge 7 ] || { echo "only these points: $all"; return 1; }
	for at in $all; do
		rm -rf "$work/desk"
		cp -r "$work/saved" "$work/desk"
		control POST reset >/dev/null
		CASEROUTE_KILL_AT=$at "$caseroute" submit "$work/$name.json" >/dev/null 2>&1 && status=0 || status=$?
		[ "$status" -eq 137 ] || { echo "not killed at $at: $status"; return 1; }
		# Killed before it was on record: the agent sends it again, under its reference.
		[ -n "$("$caseroute" requests list 2>/dev/null)" ] ||
			"$caseroute" submit "$work/$name.json" >/dev/null 2>&1
		resume_until_open && happened_once "$contract" "$@" || {
			echo "killed at $at ($(sed -n "${at}p" "$work/points"))"
			return 1
		}
	done
}

happened_once() { # CONTRACT COUNTER...
	control GET counts >"$work/counts.json"
	control GET tickets >"$work/tickets.json"
	"$caseroute" requests list --json >"$work/requests.json"
	"$caseroute" contracts list --json >"$work/contracts.json"
	python3 - "$work" "$@" <<-'PYTHON'
		import json, sys
		def read(name):
		    return json.load(open(f"{sys.argv[1]}/{name}.json"))
		wrong = []
		def check(what, seen, wanted):
		    if seen != wanted:
		        wrong.append(f"{what} is {seen}, not {wanted}")
		for name in sys.argv[3:]:
		    check(name, sum(read("counts")[name].values()), 1)
		check("retired", sum(read("counts")["retired"].values()), 0)
		# the bridge's key makes a repeat the same request; Azure's name was looked for first
		check("duplicate_puts", sum(n for name, n in read("counts")["duplicate_puts"].items()
		                            if not name.startswith("bridge ")), 0)
		tickets = read("tickets")
		made = tickets["azure"] + tickets["bridge"]
		check("tickets", [r["ticket"] for r in read("requests")], [t["number"] for t in made])
		for c in read("contracts"):
		    if c["id"] == sys.argv[2]:
		        check("spent and reserved", (c["spent"], c["reserved"]), (1, 0))
		        check("links", len(c["links"]), 1)
		print("\n".join(wrong))
		sys.exit(1 if wrong else 0)
	PYTHON
}

azure_desk() {
	sandbox_desk
	cloud_contract
	azure_request vm '"reference": "PSA-1"'
}

@test "an Azure request killed anywhere is one ticket and one incident" {
	killed_everywhere azure_desk vm cloud creates puts
	no_violations
}

csp_desk() {
	csp_api
	sandbox_desk
	request vm "\"title\": \"The virtual machine does not start\", \"description\": \"Since 09:00.\",
		\"product\": \"Azure Virtual Machines\", \"severity\": \"C\", \"customer\": \"fabrikam\",
		\"subscription\": \"$customer_subscription\", \"reference\": \"PSA-1\""
}

@test "a customer's request killed anywhere between csp and azure is one ticket" {
	killed_everywhere csp_desk vm - creates puts
	no_violations
}

bridge_desk() {
	bridge_ini
	sandbox_desk
	bridge_contract 7
	mail_request
}

@test "link and create at the bridge killed anywhere are one link and one incident" {
	killed_everywhere bridge_desk mail c1 incidents creates links_made
	no_violations
}
