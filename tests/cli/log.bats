#!/usr/bin/env bats
# What the service says of its doings, for machines: one object or one row of pairs a line.

load helper
load service

setup() {
	make_desk
	add_contract c1 partner-support 3
	body='{"title": "Mail flow stops", "product": "SQL Server", "release": "2022", "severity": "B"}'
}

teardown() { stop_service; }

# lines PYTHON EXPRESSION over the list "lines" of all objects in the log
lines() {
	python3 -c 'import json,sys
lines = [json.loads(line) for line in open(sys.argv[1])
    if not line.startswith("==")] # what a sanitizer says is none of ours
for line in lines:
    assert {"time", "level", "message"} <= set(line), line
print(eval(sys.argv[2]))' "$work/service.err" "$1"
}

@test "every line is JSON, from the start to the end, and each change of a request is told" {
	start_service -v --log-format json
	ask POST /v1/requests "$body"
	good 202
	id=$(answer id)
	await "$id" handed-off
	ask POST "/v1/requests/$id/cancel" '{"reason": "solved"}'
	good 200
	stop_service
	lines '[line["message"] for line in lines][0]' | grep -q '^listens at unix:'
	[ "$(lines '[line["message"] for line in lines if line.get("request") == "'"$id"'"]')" = \
		"['submitted', 'carried on', 'cancelled']" ]
	[ "$(lines '[line["state"] for line in lines if "state" in line]')" = "['ready', 'handed-off', 'cancelled']" ]
	[ "$(lines 'all(line["portal"] and line["who"] and int(line["ms"]) >= 0 for line in lines if "request" in line)')" = True ]
	[[ $(lines 'lines[-1]["message"]') == stops* ]]
}

@test "what is refused at a reload is told line by line" {
	start_service --log-format json
	printf '[custmer tailspin]\nname = Tailspin\n' >>"$work/desk/partner.ini"
	run "$caseroute" reload --socket "$socket"
	[ "$status" -eq 78 ]
	[ "$(lines 'any("unknown section [custmer]" in line["message"] for line in lines)')" = True ]
}

@test "a start that fails is told in the same form" {
	mkdir "$work/taken"
	run "$caseroute" serve --log-format json --socket "$work/taken"
	[ "$status" -ne 0 ]
	printf '%s\n' "$output" >"$work/service.err"
	[ "$(lines 'lines[-1]["level"]')" = error ]
}

@test "logfmt" {
	start_service -v --log-format logfmt
	ask POST /v1/requests "$body"
	grep -Eq "^time=[0-9T:-]+\.[0-9]{3}Z level=notice request=$(answer id) message=submitted state=ready portal=[a-z-]+ who=[^ ]+ trace=[0-9a-f]{32} ms=[0-9]+\$" "$work/service.err"
}

@test "as text, and without -v only what matters" {
	start_service
	ask POST /v1/requests "$body"
	await "$(answer id)" handed-off
	stop_service
	[ "$(grep -vc '^==' "$work/service.err")" -eq 2 ]
	grep -v '^==' "$work/service.err" | head -n 1 | grep -q '^caseroute: listens at unix:'
}

@test "another form is refused" {
	run "$caseroute" serve --log-format xml
	[ "$status" -eq 64 ]
	[[ $output == *"--log-format is text, logfmt or json"* ]]
}

@test "what keeps the service from starting is told in the log's format" {
	echo '[nonsense]' >>"$work/desk/partner.ini"
	run "$caseroute" serve --log-format json
	[ "$status" -eq 78 ]
	printf '%s\n' "$output" | python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert len(lines) == 2, lines
assert all(line["level"] == "error" for line in lines)
assert "[E011]" in lines[0]["message"] and "partner.ini" in lines[0]["message"]
assert "1 error in the configuration" in lines[1]["message"]'
	run "$caseroute" --config "$work/nowhere" serve --log-format json
	[ "$status" -ne 0 ]
	printf '%s\n' "$output" | python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]'
}
