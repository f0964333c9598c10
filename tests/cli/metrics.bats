#!/usr/bin/env bats
# What the service tells of itself: metrics, routes.

load callers

setup() {
	make_desk
	add_contract c1 partner-support 5
	mail='{"title": "TITLE-MARK", "description": "Since the update.", "product": "SQL Server",
		"release": "2022", "severity": "B", "reference": "REFERENCE-MARK"}'
}

teardown() {
	stop_service
}

metric() { # NAME[{LABELS}] of the last answer
	printf '%s\n' "$body" | python3 -c 'import sys
for line in sys.stdin:
    name, _, value = line.rstrip("\n").rpartition(" ")
    if name == sys.argv[1]:
        print(value)' "$1"
}

@test "metrics are text that Prometheus reads: HELP and TYPE for each, names of one prefix" {
	start_service
	api GET /metrics
	[ "$code" = 200 ]
	[ "$(head_field Content-Type)" = "text/plain; version=0.0.4; charset=utf-8" ]
	printf '%s\n' "$body" | python3 -c '
import re, sys
helped, typed, seen = set(), {}, set()
text = sys.stdin.read()
assert text.endswith("\n")
for line in text.splitlines():
    if line.startswith("# HELP "):
        name, words = line[7:].split(" ", 1)
        assert name not in helped and words, line
        helped.add(name)
    elif line.startswith("# TYPE "):
        name, kind = line[7:].split(" ")
        assert name in helped and name not in typed and kind in ("counter", "gauge"), line
        typed[name] = kind
    else:
        found = re.fullmatch(r"(caseroute_[a-z0-9_]+)(\{[a-z]+=\"[^\"\\]*\"\})? ([0-9]+)", line)
        assert found, line
        assert found[1] in typed, line
        assert (found[1], found[2]) not in seen, line
        seen.add((found[1], found[2]))
        assert (typed[found[1]] == "counter") == found[1].endswith("_total"), line
assert helped == set(typed) == {name for name, _ in seen}'
}

@test "metrics count what happens" {
	start_service
	post /v1/requests "$mail"
	post /v1/requests "$mail"
	post /v1/requests '{"titel": 1}'
	api GET /v1/requests -H 'Authorization: Bearer wrong'
	api GET /metrics
	[ "$(metric caseroute_requests_accepted_total)" = 1 ]
	[ "$(metric caseroute_requests_repeated_total)" = 1 ]
	[ "$(metric 'caseroute_api_answers_total{class="2xx"}')" = 2 ]
	[ "$(metric 'caseroute_api_answers_total{class="4xx"}')" = 2 ]
	[ "$(metric caseroute_api_unauthorized_total)" = 1 ]
	[ "$(metric caseroute_http_requests_total)" -ge 5 ]
	[ "$(metric caseroute_ledger_commits_total)" -ge 1 ]
	[ "$(metric caseroute_ledger_changes_total)" -ge "$(metric caseroute_ledger_commits_total)" ]
	[ "$(metric caseroute_http_connections)" = 1 ]
	[[ "$body" != *MARK* && "$body" != *contoso* ]]
}

@test "metrics name the version and the configuration in force" {
	start_service
	version=$("$caseroute" --version | sed 's/caseroute \([^,]*\),.*/\1/')
	api GET /readyz
	generation=$(member generation)
	api GET /metrics
	[ "$(metric "caseroute_build_info{version=\"$version\"}")" = 1 ]
	[ "$(metric "caseroute_config_info{generation=\"$generation\"}")" = 1 ]
	[ "$(metric caseroute_config_reload_refused)" = 0 ]
	echo '[nonsense]' >>"$work/desk/partner.ini"
	run "$caseroute" reload --socket "$socket"
	[ "$status" != 0 ]
	api GET /metrics
	[ "$(metric caseroute_config_reload_refused)" = 1 ]
}

@test "routes are told as the configuration has them, in order, with their place" {
	cp "$source_root/conf/routes.ini" "$work/desk/routes.ini"
	cat - "$work/desk/routes.ini" >"$work/desk/new.ini" <<-INI
		[route urgent]
		match.severity = A
		match.environment.not = cloud
		portal = ask
		note = Ring the duty manager
	INI
	mv "$work/desk/new.ini" "$work/desk/routes.ini"
	sed -i "s|$source_root/conf/routes.ini|routes.ini|" "$work/desk/caseroute.ini"
	start_service
	api GET /v1/routes
	[ "$code" = 200 ]
	[ "$(member 0 name)" = urgent ]
	[ "$(member 0 line)" = 1 ]
	[[ "$(member 0 file)" = */routes.ini ]]
	[ "$(member 0 matches)" = '{"severity": "A", "environment.not": "cloud"}' ]
	[ "$(member 0 portal)" = ask ]
	[ "$(member 0 note)" = "Ring the duty manager" ]
	[ "$(member 1 name)" = customer ]
	[ "$(member 1 portal)" = auto ]
	[ "$(member 1 plan)" = "csp, contract, included" ]
	[ "$(member 3 matches)" = "{}" ]
	[ "$(member 3 name)" = everything-else ]
}
