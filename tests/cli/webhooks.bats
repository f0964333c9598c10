#!/usr/bin/env bats
# Events go out to webhooks: signed, at least once, whatever the receiver or the service does.

load webhooks
bats_require_minimum_version 1.5.0

setup() {
	make_desk
	new_secret "$work/desk/hook.secret"
	new_secret "$work/desk/hook.old"
	add_contract c1 partner-support 50
	mail='{"title": "TITLE-MARK", "description": "BODY-MARK", "product": "SQL Server",
		"release": "2022", "severity": "B"}'
	start_receiver
}

teardown() {
	stop_service
	stop_receiver
}

submit() { # leaves $id
	post /v1/requests "$mail"
	id=$(member id)
}

handed_off='"io.caseroute.request.handed_off" in types'

@test "each event of a request arrives once, in order, signed, and as CloudEvents has it" {
	add_webhook psa
	start_service
	eventually webhook_is enabled state
	submit
	eventually has_received "$handed_off"
	eventually webhook_is 0 behind
	[ "$(received '[one["problem"] for one in seen if one["problem"]]')" = "[]" ]
	[ "$(received 'max(Counter(one["id"] for one in seen).values())')" = 1 ]
	[ "$(received '[one["signers"] for one in seen] == [[0]] * len(seen)')" = True ]
	[ "$(received 'types[0]')" = io.caseroute.request.submitted ]
	[ "$(received 'types[-1]')" = io.caseroute.request.handed_off ]
	numbers='[one["event"]["data"]["sequence"] for one in seen]'
	[ "$(received "$numbers == sorted($numbers)")" = True ]
	[ "$(received '{one["event"]["subject"] for one in seen}')" = "{'$id'}" ]
	[ "$(received 'len({one["event"]["source"] for one in seen})')" = 1 ]
}

@test "what is told has no text of the request, no IDs, and names nobody unless it is asked for" {
	add_webhook psa
	add_webhook all "details = yes"
	start_service
	eventually webhook_is enabled state
	submit
	eventually has_received "[one for one in seen if one['path'] == '/all' and one['event']['type'].endswith('handed_off')] != []"
	eventually has_received "[one for one in seen if one['path'] == '/psa' and one['event']['type'].endswith('handed_off')] != []"
	run ! grep -E 'TITLE-MARK|BODY-MARK|ACC-MARK|CON-MARK|whsec_' <(curl -sS "$receiver/control")
	[ "$(received "{'who' in one['event']['data'] for one in seen if one['path'] == '/psa'}")" = "{False}" ]
	[ "$(received "{'why' in one['event']['data'] for one in seen if one['path'] == '/psa'}")" = "{False}" ]
	[ "$(received "{'who' in one['event']['data'] for one in seen if one['path'] == '/all'}")" = "{True}" ]
}

@test "a webhook that is new begins with what happens from now on" {
	start_service
	submit
	first=$id
	add_webhook psa
	"$caseroute" reload --socket "$socket"
	eventually webhook_is enabled state
	submit
	eventually has_received "$handed_off"
	[ "$(received "'$first' in {one['event'].get('subject') for one in seen}")" = False ]
}

@test "only what is asked for arrives" {
	add_webhook psa "events = request.handed_*, contract.*"
	start_service
	eventually webhook_is enabled state
	submit
	add_contract c2 partner-support 9
	eventually has_received '"io.caseroute.contract.recorded" in types and len(types) >= 2'
	eventually has_received "$handed_off"
	[ "$(received 'sorted(set(types))')" = "['io.caseroute.contract.recorded', 'io.caseroute.request.handed_off']" ]
}

@test "an event that was committed before a kill arrives after it, under the same id" {
	add_webhook psa "retries = 50ms, 50ms"
	answers '{"always": {"hang": true}}'
	start_service
	eventually webhook_is enabled state
	submit
	eventually has_received 'len(seen) > 0'
	kill -KILL "$service_pid"
	wait "$service_pid" || true
	before=$(received 'seen[0]["id"]')
	answers '{}'
	start_service
	eventually has_received "$handed_off and len(taken) >= 2"
	[ "$(received "'$before' in [one['id'] for one in taken]")" = True ]
	eventually webhook_is 0 behind
	[ "$(received 'sorted(Counter(one["id"] for one in taken).values())[-1]')" = 1 ]
}

@test "what was not answered arrives after a kill though later events were taken before it" {
	add_webhook psa "events = request.submitted
		timeout = 60s"
	answers '{"answers": [{"hang": true}]}'
	start_service
	eventually webhook_is enabled state
	submit
	eventually has_received 'len(seen) == 1'
	for at in 1 2 3; do
		submit
		sleep 0.3 # so that what was taken is written down, too
	done
	eventually has_received 'len(taken) == 3'
	kill -KILL "$service_pid"
	wait "$service_pid" || true
	start_service
	eventually has_received 'seen[0]["id"] in [one["id"] for one in taken]'
	[ "$(received 'len({one["id"] for one in taken})')" = 4 ]
}

@test "the next event of a request waits for the answer to the one before" {
	add_webhook psa
	answers '{"always": {"slow": 300}}'
	start_service
	eventually webhook_is enabled state
	submit
	eventually has_received "$handed_off"
	[ "$(received 'len(seen)')" -ge 2 ]
	[ "$(received 'min(b["at"] - a["at"] for a, b in zip(seen, seen[1:])) >= 295')" = True ]
}

@test "a receiver that is away gets everything when it is back, under the same ids" {
	add_webhook psa "retries = $(printf '100ms, %.0s' $(seq 29))100ms"
	stop_receiver
	start_service
	eventually webhook_is enabled state
	submit
	eventually is_logged_due
	[ "$(webhook due)" -gt 0 ]
	start_receiver
	eventually has_received "$handed_off and 'io.caseroute.request.submitted' in types"
	eventually webhook_is 0 due
	[ "$(webhook deliveries)" = "[]" ]
	[ "$(received 'max(Counter(one["id"] for one in seen).values())')" = 1 ]
}

is_logged_due() { [ "$(webhook due)" -gt 0 ] && [ "$(webhook behind)" = 0 ]; }

@test "a receiver that fails is asked again under the same id, and is not asked before Retry-After" {
	add_webhook psa "events = request.submitted
		retries = 10ms, 10ms, 10ms, 10ms"
	answers '{"answers": [{"status": 500}, {"status": 503, "headers": {"Retry-After": "2"}}, {"status": 404}]}'
	start_service
	eventually webhook_is enabled state
	submit
	eventually has_received 'len(taken) == 1'
	[ "$(received 'len(seen), len({one["id"] for one in seen})')" = "(4, 1)" ]
	[ "$(received 'seen[2]["at"] - seen[1]["at"] >= 1900')" = True ]
	eventually webhook_is 0 due
}

@test "after the last try it is a dead letter, which is told and can be sent once more" {
	add_webhook psa "events = request.submitted
		retries = 10ms, 10ms"
	answers '{"always": {"status": 500}}'
	start_service
	eventually webhook_is enabled state
	submit
	eventually webhook_is 1 dead
	[ "$(received 'len(seen)')" = 3 ]
	[ "$(webhook deliveries 0 tries)" = 3 ]
	[ "$(webhook deliveries 0 reason)" = "HTTP status 500" ]
	is_logged "webhook psa: event .* is a dead letter: HTTP status 500"
	event=$(webhook deliveries 0 event)
	api GET /metrics
	eventually dead_letters_are 1
	answers '{}'
	run "$caseroute" webhooks resend psa --dead
	[ "$status" = 0 ]
	[ "$output" = "1 due again; the service sends it" ]
	eventually has_received 'len(taken) == 1'
	eventually webhook_is 0 dead
	[ "$(received 'len({one["id"] for one in seen})')" = 1 ]
	# What was taken long ago, too, and over the API.
	post /v1/webhooks/psa/resend "{\"event\": $event}"
	[ "$code" = 200 ]
	[ "$(member resent)" = 1 ]
	eventually has_received 'len(taken) == 2'
	run "$caseroute" webhooks resend psa 99999
	[ "$status" = 66 ]
	run "$caseroute" webhooks resend psa
	[ "$status" = 64 ]
	run "$caseroute" webhooks resend pas --dead
	[ "$status" = 66 ]
	[[ "$output" == *"did you mean psa?"* ]]
}

dead_letters_are() {
	api GET /metrics
	grep -q "^caseroute_webhook_dead_letters{webhook=\"psa\"} $1\$" "$work/body"
}

@test "one event that is never taken holds up no other" {
	add_webhook psa "events = request.submitted
		retries = 1h"
	answers '{"answers": [{"status": 500}]}'
	start_service
	eventually webhook_is enabled state
	submit
	submit
	submit
	eventually has_received 'len(taken) == 2'
	[ "$(webhook due)" = 1 ]
	[ -n "$(webhook deliveries 0 next)" ]
}

@test "410 disables the webhook, visibly, until it is enabled; nothing is lost" {
	add_webhook psa "events = request.submitted"
	answers '{"answers": [{"status": 410}]}'
	start_service
	eventually webhook_is enabled state
	submit
	eventually webhook_is disabled state
	is_logged "410 Gone; nothing is sent until"
	[ "$(webhook reason)" = "the receiver answered 410 Gone" ]
	run "$caseroute" webhooks list
	[[ "$output" == *"caseroute webhooks enable psa"* ]]
	submit
	sleep 1
	[ "$(received 'len(seen)')" = 1 ]
	run "$caseroute" webhooks enable psa
	[ "$status" = 0 ]
	eventually has_received 'len(taken) == 2'
	[ "$(received 'len({one["id"] for one in taken})')" = 2 ]
	eventually webhook_is 0 due
	[ "$(webhook state)" = enabled ]
}

@test "a test event arrives at once, from the command and over the API, and is not on record" {
	add_webhook psa
	run "$caseroute" webhooks test psa
	[ "$status" = 0 ]
	[ "$(received 'types')" = "['io.caseroute.webhook.tested']" ]
	[ "$(received 'seen[0]["problem"]')" = "" ]
	start_service
	eventually webhook_is enabled state
	api POST /v1/webhooks/psa/test
	[ "$(member delivered)" = true ]
	answers '{"answers": [{"status": 418}]}'
	api POST /v1/webhooks/psa/test
	[ "$(member reason)" = "HTTP status 418" ]
	answers '{"answers": [{"status": 418}]}'
	run "$caseroute" webhooks test psa
	[ "$status" = 69 ]
	[[ "$output" == *"HTTP status 418"* ]]
	[ "$(received 'len({one["id"] for one in seen})')" = 4 ]
	api POST /v1/webhooks/nobody/test
	[ "$code" = 404 ]
}

@test "a private target is refused unless it is allowed, in the address and in a name" {
	add_webhook psa
	sed -i 's/^allow = private//' "$work/desk/webhooks.ini"
	run "$caseroute" config check
	[ "$status" = 78 ]
	[[ "$output" == *"allow = private"* ]]
	for host in 127.0.0.1 localhost '[::1]' 10.0.0.1 169.254.169.254 '[::ffff:127.0.0.1]' 0x7f000001; do
		sed -i "s|^url = .*|url = https://$host:$(cat "$work/receiver.port")/psa|" "$work/desk/webhooks.ini"
		run "$caseroute" webhooks test psa
		[ "$status" = 69 ]
		[[ "$output" == *"the address is one that must not be reached"* ]]
	done
	printf 'allow = private\ntimeout = 2s\n' >>"$work/desk/webhooks.ini"
	for host in 169.254.169.254 '[fe80::1]' 0.0.0.0; do
		sed -i "s|^url = .*|url = https://$host/psa|" "$work/desk/webhooks.ini"
		run "$caseroute" webhooks test psa
		[[ "$output" == *"the address is one that must not be reached"* ]]
	done
	[ "$(received 'len(seen)')" = 0 ]
}

@test "a proxy of the environment is not used" {
	add_webhook psa
	http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9 \
		run "$caseroute" webhooks test psa
	[ "$status" = 0 ]
	sed -i "s|^url = .*|url = https://10.255.255.1/psa|; s/^allow = private//" "$work/desk/webhooks.ini"
	https_proxy=$receiver all_proxy=$receiver run "$caseroute" webhooks test psa
	[[ "$output" == *"the address is one that must not be reached"* ]]
	[ "$(received 'len(seen)')" = 1 ]
}

@test "a redirect is not followed, an endless answer is cut off, a silent one is left" {
	add_webhook psa "timeout = 300ms"
	answers "{\"answers\": [{\"status\": 302, \"headers\": {\"Location\": \"$receiver/elsewhere\"}}]}"
	run "$caseroute" webhooks test psa
	[ "$status" = 69 ]
	[[ "$output" == *"HTTP status 302; redirects are not followed"* ]]
	[ "$(received '{one["path"] for one in seen}')" = "{'/psa'}" ]
	answers '{"answers": [{"status": 200, "huge": true}]}'
	run "$caseroute" webhooks test psa
	[ "$status" = 0 ]
	answers '{"answers": [{"hang": true}]}'
	run "$caseroute" webhooks test psa
	[ "$status" = 69 ]
	[[ "$output" == *"no answer"* ]]
}

@test "while secrets change both sign; a bad secret is said without being shown" {
	add_webhook psa "secret.2 = file:hook.old"
	run "$caseroute" webhooks test psa
	[ "$status" = 0 ]
	[ "$(received 'seen[0]["signers"]')" = "[0, 1]" ]
	for wrong in SECRET-MARK whsec_SECRET-MARK "whsec_$(head -c 23 /dev/zero | base64)" "whsec_$(head -c 65 /dev/zero | base64 -w 0)"; do
		printf '%s\n' "$wrong" >"$work/desk/hook.secret"
		run "$caseroute" webhooks test psa
		[ "$status" = 78 ]
		[[ "$output" == *"hook.secret"*"24 to 64 bytes"* ]]
		[[ "$output" != *"$wrong"* ]]
	done
	chmod 644 "$work/desk/hook.old"
	run "$caseroute" config check
	[[ "$output" == *"chmod 600"* ]]
}

@test "what is wrong with a webhook is told at once" {
	add_webhook psa "events = requests.*, contract.ends_soon
		retries = 5s, soon
		timeout = 5h
		secert = x"
	run "$caseroute" config check
	[ "$status" = 78 ]
	[[ "$output" == *"no event is called requests.*; did you mean request.*"* ]]
	[[ "$output" == *"retries are durations"* ]]
	[[ "$output" == *"timeout"* ]]
	[[ "$output" == *'did you mean "secret"'* ]]
	printf '[webhook a b]\nurl = http://example.com/x\n' >"$work/desk/webhooks.ini"
	run "$caseroute" config check
	[[ "$output" == *"needs a name of letters"* ]]
	[[ "$output" == *"secret"* ]]
	[[ "$output" == *"url"* ]]
}

@test "secrets and the rest of an address stand in no output, log, answer or ledger" {
	add_webhook psa "retries = 10ms"
	sed -i 's|^url = .*/psa|&?token=URL-MARK|' "$work/desk/webhooks.ini"
	answers '{"always": {"status": 500}}'
	start_service -vv
	eventually webhook_is enabled state
	submit
	eventually is_dead
	{
		api GET /v1/webhooks && cat "$work/body"
		api POST /v1/webhooks/psa/test && cat "$work/body"
		api GET /metrics && cat "$work/body"
		"$caseroute" webhooks list
		"$caseroute" webhooks list --json
		"$caseroute" webhooks test psa || true
		"$caseroute" config dump
		cat "$work/serve.err" "$work/serve.out" "$work/desk"/ledger.db*
	} >"$work/said" 2>&1
	secret=$(sed 's/whsec_//' "$work/desk/hook.secret")
	run ! grep -a -q -F -e "$secret" -e URL-MARK "$work/said"
	[ "$(received '[one["path"] for one in seen][0]')" = "/psa?token=URL-MARK" ]
}

is_dead() { [ "$(webhook dead)" -ge 1 ]; }

@test "a slow receiver holds up no request, and no stop" {
	add_webhook psa "timeout = 60s
		events = request.submitted"
	answers '{"always": {"hang": true}}'
	start_service
	eventually webhook_is enabled state
	for at in $(seq 20); do submit; done
	eventually has_received 'len(seen) == 4' # as many as are sent at once
	before=$(date +%s%N)
	api POST /v1/requests -H 'Content-Type: application/json' -H 'Prefer: wait=10' -d "$mail"
	[ "$(member state)" = handed-off ]
	[ $((($(date +%s%N) - before) / 1000000)) -lt 5000 ]
	kill "$service_pid"
	wait "$service_pid"
	service_pid=
	run ! is_logged "left in the middle"
	[ $((($(date +%s%N) - before) / 1000000)) -lt 8000 ]
}

@test "the metrics tell of deliveries by webhook and outcome, and how old the oldest is" {
	add_webhook psa "events = request.submitted
		retries = 1h"
	start_service
	eventually webhook_is enabled state
	submit
	eventually counted delivered 1
	answers '{"always": {"status": 500}}'
	submit
	eventually counted failed 1
	grep -q '^caseroute_webhook_deliveries_total{webhook="psa",outcome="dead"} 0$' "$work/body"
	eventually has_metric 'caseroute_webhook_deliveries_due{webhook="psa"} 1'
	eventually has_metric 'caseroute_webhook_oldest_seconds{webhook="psa"} [1-9]'
}

has_metric() {
	api GET /metrics
	grep -q "^$1" "$work/body"
}
counted() { has_metric "caseroute_webhook_deliveries_total{webhook=\"psa\",outcome=\"$1\"} $2\$"; }

@test "only operators may look at webhooks and use them" {
	add_webhook psa
	make_caller agent agent
	make_caller operator operator
	start_service --listen 127.0.0.1:0
	port=$(port)
	eventually webhook_is enabled state
	as operator GET /v1/webhooks
	[ "$code" = 200 ]
	[ "$(member 0 name)" = psa ]
	[ "$(member 0 origin)" = "$receiver" ]
	as operator POST /v1/webhooks/psa/enable
	[ "$code" = 200 ]
	as agent GET /v1/webhooks
	[ "$code" = 403 ]
	for verb in test resend enable; do
		as agent POST "/v1/webhooks/psa/$verb"
		[ "$code" = 403 ]
	done
	post_as operator /v1/webhooks/psa/resend '{}'
	[ "$code" = 422 ]
	post_as operator /v1/webhooks/psa/resend '{"event": 1, "dead": true}'
	[ "$code" = 422 ]
}

described() { # STATUS METHOD PATH: the last answer is as the API's description has it
	[ "$code" = "$1" ]
	python3 "$BATS_TEST_DIRNAME/openapi-check.py" "$source_root/core/service/openapi.json" \
		"$2" "$3" "$code" "$work/body" "$(head_field Content-Type)"
}

@test "the API's answers are as they are described" {
	add_webhook psa "events = request.submitted
		retries = 10ms"
	answers '{"always": {"status": 500}}'
	start_service
	eventually webhook_is enabled state
	submit
	eventually webhook_is 1 dead
	api GET /v1/webhooks
	described 200 GET /v1/webhooks
	[ "$(member 0 deliveries 0 state)" = dead ]
	api POST /v1/webhooks/psa/test
	described 200 POST /v1/webhooks/psa/test
	[ "$(member delivered)" = false ]
	post /v1/webhooks/psa/resend '{"dead": true}'
	described 200 POST /v1/webhooks/psa/resend
	post /v1/webhooks/psa/resend '{"event": 12345}'
	described 404 POST /v1/webhooks/psa/resend
	post /v1/webhooks/psa/resend '{"evnet": 1}'
	described 422 POST /v1/webhooks/psa/resend
	api POST /v1/webhooks/psa/enable
	described 200 POST /v1/webhooks/psa/enable
	api POST /v1/webhooks/nobody/enable
	described 404 POST /v1/webhooks/nobody/enable
}

@test "what needs care before a request does is told once: balance, end, benefit" {
	add_webhook psa "events = budget.*"
	printf '[budget]\nlow = 3\n' >>"$work/desk/partner.ini"
	sed -i 's/^activated = yes/activated = no/' "$work/desk/partner.ini"
	start_service
	eventually webhook_is enabled state
	soon=$(date -u -d '+20 days' +%F)
	add_contract c2 partner-support 3 "$soon"
	eventually has_received 'len([one for one in seen if one["event"].get("subject") == "c2"]) == 2'
	[ "$(received 'sorted(t for t in types if "contract" in t)')" = \
		"['io.caseroute.contract.balance_low', 'io.caseroute.contract.ends_soon']" ]
	[ "$(received '[one["event"]["data"]["detail"]["remaining"] for one in seen if one["event"]["type"].endswith("balance_low")]')" = "[3]" ]
	[ "$(received "[one['event']['data']['detail']['end'] for one in seen if one['event']['type'].endswith('ends_soon')]")" = "['$soon']" ]
	stop_service
	start_service
	submit
	"$caseroute" contracts observe c2 --remaining 0 >/dev/null
	eventually has_received 'len([t for t in types if t.endswith("balance_low")]) == 2'
	[ "$(received 'len({one["id"] for one in seen if one["event"]["type"].endswith("ends_soon")})')" = 1 ]
	[ "$(received 'len([t for t in types if t.startswith("io.caseroute.request")])')" = 0 ]
	[ "$(received 'len([t for t in types if t == "io.caseroute.benefit.not_activated"]) <= 1')" = True ]
	"$caseroute" config check
}
