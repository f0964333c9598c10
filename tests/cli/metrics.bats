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

# From its package, as tests/setup.sh unpacked it, or this machine's.
with_promtool() {
	local tool=$source_root/build/tools/promtool
	[ -x "$tool" ] || tool=$(command -v promtool) || skip "promtool is not here"
	"$tool" "$@"
}

@test "metrics are text that Prometheus reads: HELP and TYPE for each" {
	start_service
	post /v1/requests "$mail"
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
        assert name in helped and name not in typed and kind in ("counter", "gauge", "histogram"), line
        typed[name] = kind
    else:
        found = re.fullmatch(r"((?:caseroute|process)_[a-z0-9_]+)((?:\{[a-z]+=\"[^\"\\]*\"(,[a-z]+=\"[^\"\\]*\")*\})?) ([0-9]+(\.[0-9]+)?)", line)
        assert found, line
        name = found[1] if found[1] in typed else re.sub("_(bucket|sum|count)$", "", found[1])
        assert name in typed, line
        assert (found[1], found[2]) not in seen, line
        seen.add((found[1], found[2]))
        assert (typed[name] == "counter") == name.endswith("_total"), line
assert helped == set(typed)'
}

@test "promtool finds nothing to complain of in the metrics" {
	start_service
	post /v1/requests "$mail"
	api GET /metrics
	with_promtool check metrics <"$work/body"
}

@test "promtool finds nothing to complain of in the alert rules" {
	with_promtool check rules "$source_root/conf/prometheus/alerts.yml"
}

@test "alert rules and dashboard use only metrics that there are" {
	start_service
	api GET /metrics
	python3 - "$source_root/conf/prometheus/alerts.yml" "$source_root/conf/grafana/caseroute.json" "$work/body" <<-'PY'
		import json, re, sys
		rules, board, metrics = (open(name).read() for name in sys.argv[1:])
		there = set(re.findall(r"^# TYPE (\S+)", metrics, re.M))
		used = set(re.findall(r"\b(?:caseroute|process)_[a-z_]+", "\n".join(
		    line for line in rules.splitlines() if "summary:" not in line)))
		panels = json.loads(board)["panels"]
		exprs = [t["expr"] for p in panels for t in p["targets"]]
		assert len(panels) > 10 and len(exprs) >= len(panels)
		assert len({p["id"] for p in panels}) == len(panels)
		for expr in exprs:
		    names = re.findall(r"\b(?:caseroute|process)_[a-z_]+", expr)
		    assert names, expr
		    used.update(names)
		used = {re.sub("_(bucket|sum|count)$", "", name) for name in used}
		assert len(used) > 20, used
		assert used <= there, used - there
	PY
}

# counted NAME VALUE: until the service has counted again and says so
counted() {
	local at
	for at in $(seq 100); do
		api GET /metrics
		[ "$(metric "$1")" = "$2" ] && return 0
		sleep 0.1
	done
	metric "$1"
	return 1
}

@test "requests by state, hand-offs and what is left of contracts are told by classes" {
	start_service
	counted 'caseroute_incidents_remaining{plan="partner-support"}' 5
	post /v1/requests "$mail"
	counted 'caseroute_requests{state="handed-off"}' 1
	[ "$(metric caseroute_handoffs_open)" = 1 ]
	[ "$(metric caseroute_handoffs_overdue)" = 0 ]
	[ "$(metric caseroute_queue_depth)" = 0 ]
	[ "$(metric caseroute_ledger_events_total)" -ge 3 ]
	[ "$(metric 'caseroute_ledger_bytes{file="ledger"}')" -gt 0 ]
	[ "$(metric process_open_fds)" -gt 5 ]
	[ "$(metric process_resident_memory_bytes)" -gt 1000000 ]
	[[ "$body" != *MARK* && "$body" != *contoso* && "$body" != *\"c1\"* ]]
	"$caseroute" requests cancel "$("$caseroute" requests list --json | field 0 id)"
	counted 'caseroute_requests{state="handed-off"}' 0
	[ "$(metric 'caseroute_requests{state="cancelled"}')" = 1 ]
	[ "$(metric caseroute_handoffs_open)" = 0 ]
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
	[ "$(metric 'caseroute_config_reloads_total{result="refused"}')" = 1 ]
	loaded=$(metric caseroute_config_last_reload_success_timestamp_seconds)
	[ "$loaded" = "$(metric process_start_time_seconds)" ]
	sed -i '$d' "$work/desk/partner.ini"
	"$caseroute" reload --socket "$socket"
	api GET /metrics
	[ "$(metric caseroute_config_reload_refused)" = 0 ]
	[ "$(metric 'caseroute_config_reloads_total{result="taken"}')" = 1 ]
	[ "$(metric caseroute_config_last_reload_success_timestamp_seconds)" != "$loaded" ]
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
