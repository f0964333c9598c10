#!/usr/bin/env bats
# The service: what its HTTP API answers, how it starts, stops and shares the ledger.

load sandbox
load service

setup_file() {
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

setup() {
	socket=""
	service_pid=""
	sandbox_desk
	cloud_contract
}

teardown() {
	kill_service
	! grep -E "ERROR: AddressSanitizer|LeakSanitizer|WARNING: ThreadSanitizer|runtime error:" "$work"/service.err >&2
}

azure_body() { # REFERENCE [MORE MEMBERS]
	azure_request body "\"reference\": \"$1\"${2:+, $2}"
	cat "$work/body.json"
}

slow_portal() { # MS: every create takes so long
	fault azure PUT "*" "{\"delay_ms\": $1}" always
}

# same_json COMMAND...: it prints what the last answer says.
same_json() {
	"$@" --json | python3 -c 'import json,sys
printed, answered = json.load(sys.stdin), json.load(open(sys.argv[1]))
if printed != answered:
    print(printed, answered, sep="\n", file=sys.stderr)
sys.exit(printed != answered or list(printed) != list(answered))' "$work/body"
}

# ---- the service itself -----------------------------------------------------------------

@test "alive, ready, and what it can reach" {
	start_service
	ask GET /livez
	good 200
	[ "$(answer status)" = alive ]
	[ "$(header Cache-Control)" = no-store ]
	ask GET /readyz
	good 200
	[ "$(answer status)" = ready ]
	[ -n "$(answer generation)" ]
	ask GET /v1/portals
	good 200
	same_json "$caseroute" portals list
	ask GET /v1/contracts
	good 200
	[ "$(answer 0 id)" = cloud ]
	same_json "$caseroute" contracts list
	! grep -q "MARK" "$work/body"
}

@test "unknown paths and methods are refused as problems" {
	start_service
	ask GET /v1/nothing
	problem 404 no-endpoint
	ask GET /v1/requests/
	problem 404 no-endpoint
	ask GET /v1/requests/a/b/c
	problem 404 no-endpoint
	ask DELETE /v1/requests
	problem 405 method
	[ "$(header Allow)" = "GET, POST" ]
	ask POST /livez '{}'
	problem 405 method
	[ "$(header Allow)" = GET ]
	ask GET /v1/requests/0123456789abcdef/cancel
	problem 405 method
	[ "$(header Allow)" = POST ]
	ask PUT /v1/plans '{}'
	problem 405 method
	[ "$(header Allow)" = POST ]
}

@test "a body must be JSON, and what is wrong with it is told with its place" {
	start_service
	ask POST /v1/requests "" -H "Content-Type: text/plain" --data '{}'
	problem 415 content-type
	ask POST /v1/requests "" -H "Content-Type:" --data '{}'
	problem 415 content-type
	ask POST /v1/requests "" -H "Content-Type: application/jsonp" --data '{}'
	problem 415 content-type
	ask POST /v1/requests "" -H "Content-Type: application/JSON; charset=utf-8" --data '{'
	problem 400 json
	ask POST /v1/requests $'{"title": "x",\n  "severity": }'
	problem 400 json
	[[ "$(answer detail)" == *"2:"* ]]
	ask POST /v1/requests '["a list"]'
	problem 400 json
	ask POST /v1/requests "" -H "Content-Type: application/json" --data ""
	problem 400 json
	ask POST /v1/requests '{"title": "a", "title": "b"}'
	problem 400 json
	head -c 1100000 /dev/zero | tr '\0' ' ' >"$work/large"
	ask POST /v1/requests "" -H "Content-Type: application/json" -H "Expect:" --data-binary "@$work/large"
	[ "$code" = 413 ]
	[ "$type" = application/problem+json ]
	[ "$("$caseroute" requests list --json)" = "[]" ]
}

@test "another user is refused" {
	[ "$(id -u)" = 0 ] || skip "needs root to be somebody else"
	start_service
	# The socket's own mode keeps others out; reachable for once, it is the kernel's word that does.
	run setpriv --reuid nobody --regid nogroup --clear-groups \
		curl -sS --unix-socket "$socket" http://localhost/v1/requests
	[ "$status" -ne 0 ]
	mkdir "$BATS_FILE_TMPDIR/open" 2>/dev/null || true
	stop_service
	for at in "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR/open"; do chmod a+x "$at"; done
	socket=$BATS_FILE_TMPDIR/open/s
	start_service --socket "$socket"
	chmod 666 "$socket"
	chmod a+x "$(dirname "$BATS_FILE_TMPDIR")"
	run setpriv --reuid nobody --regid nogroup --clear-groups \
		curl -sS -w ' %{http_code}' --unix-socket "$socket" http://localhost/v1/requests
	echo "$output"
	[[ "$output" == *'"code":"unauthorized"'*" 401" ]]
	run setpriv --reuid nobody --regid nogroup --clear-groups \
		curl -sS --unix-socket "$socket" http://localhost/livez
	[[ "$output" == *alive* ]]
}

# ---- requests ------------------------------------------------------------------------------

@test "a request is accepted, opened, and read by both doors alike" {
	start_service
	ask POST /v1/requests "$(azure_body PSA-1)"
	good 202
	id=$(answer id)
	[ "$(header Location)" = "/v1/requests/$id" ]
	[ "$(answer reference)" = PSA-1 ]
	await "$id" open
	good 200
	[ "$(answer ticket)" = "$(control GET tickets | field azure 0 number)" ]
	same_json "$caseroute" requests show "$id"
	ask GET "/v1/requests/$id/explain"
	good 200
	same_json "$caseroute" requests explain "$id"
	[ "$(sum puts)" = 1 ]
	[ "$(contract_field cloud spent)" = 1 ]
	no_violations
}

@test "the same reference: again with the same body, refused with another" {
	start_service
	body=$(azure_body PSA-1)
	ask POST /v1/requests "$body"
	good 202
	id=$(answer id)
	ask POST /v1/requests "$body"
	good 202
	[ "$(answer id)" = "$id" ]
	[ "$(header Location)" = "/v1/requests/$id" ]
	ask POST /v1/requests "${body/does not start/is gone}"
	problem 422 data
	[[ "$(answer detail)" == *PSA-1* ]]
	await "$id" open
	ask POST /v1/requests "$body"
	good 202
	[ "$(answer state)" = open ]
	ask POST /v1/requests "${body/does not start/is gone}"
	problem 422 data
	[ "$(sum puts)" = 1 ]
}

@test "members that are not known, or of a wrong type, are refused with their place" {
	start_service
	ask POST /v1/requests '{"titel": "x"}'
	problem 422 data
	[[ "$(answer detail)" == *titel* ]]
	ask POST /v1/requests '{"title": 7}'
	problem 422 data
	[[ "$(answer detail)" == *title* ]]
	ask POST /v1/plans '{"facts": {}}'
	problem 422 data
	ask POST /v1/plans '{"request": {"severity": "Z"}}'
	problem 422 data
	[ "$("$caseroute" requests list --json)" = "[]" ]
}

@test "a plan is told and nothing is recorded" {
	start_service
	ask POST /v1/plans "{\"request\": $(azure_body PSA-1)}"
	good 200
	[ "$(answer portal)" = azure ]
	"$caseroute" plan "$work/body.json" --json >"$work/plan.json"
	[ "$(field portal <"$work/plan.json")" = azure ]
	[ "$("$caseroute" requests list --json)" = "[]" ]
}

@test "requests that are not there are 404, parts of an id that fit several 422" {
	start_service
	for at in "" /explain; do
		ask GET "/v1/requests/0123456789abcdef$at"
		problem 404 not-found
		ask GET "/v1/requests/no-such-thing%20at%20all$at"
		problem 404 not-found
		ask GET "/v1/requests/ab$at"
		problem 422 data
	done
	for at in answers cancel replay; do
		ask POST "/v1/requests/0123456789abcdef/$at" '{}'
		problem 404 not-found
		ask POST "/v1/requests/0123456789abcdef/$at" '{'
		problem 400 json
	done
}

@test "asked, answered, handed off, and the answer taken" {
	start_service
	ask POST /v1/requests '{"title": "Backup fails", "description": "Since the update.",
		"severity": "B", "reference": "A-1"}'
	good 202
	id=$(answer id)
	[ "$(answer state)" = asking ]
	[ "$(answer ask)" = '["product"]' ]
	ask POST "/v1/requests/$id/answers" '{"values": {"nonsense": "x"}}'
	problem 422 data
	ask POST "/v1/requests/$id/answers" '{"values": 7}'
	problem 422 data
	ask POST "/v1/requests/$id/answers" '{"nonsense": {}}'
	problem 422 data
	ask POST "/v1/requests/$id/answers" '{"values": {"product": "Exchange Online"}}' -H "Prefer: wait=5"
	good 200
	[ "$(header Location)" = "/v1/requests/$id" ]
	[ "$(answer state)" = handed-off ]
	[ "$(answer guide number)" = 1 ]
	ask POST "/v1/requests/$id/answers" '{"code": "no-such-code"}'
	problem 422 data
	ask POST "/v1/requests/$id/answers" '{"guide": 7, "code": "ticket", "values": {"number": "1"}}'
	problem 422 data
	ask POST "/v1/requests/$id/answers" '{"code": "ticket", "values": {"number": "2611240050001234"}}' \
		-H "Prefer: wait=5"
	good 200
	[ "$(answer state)" = open ]
	[ "$(answer ticket)" = 2611240050001234 ]
}

@test "what is cancelled stays so" {
	start_service
	ask POST /v1/requests '{"title": "Backup fails", "reference": "A-1"}'
	id=$(answer id)
	ask POST "/v1/requests/$id/cancel" '{"because": "x"}'
	problem 422 data
	ask POST "/v1/requests/$id/cancel" '{"reason": "solved by itself"}'
	good 200
	[ "$(header Location)" = "/v1/requests/$id" ]
	[ "$(answer state)" = cancelled ]
	for at in answers cancel replay; do
		ask POST "/v1/requests/$id/$at" '{}'
		problem 422 data
	done
	ask GET "/v1/requests/$id"
	[ "$(answer state)" = cancelled ]
}

@test "what was parked is replayed" {
	retries=0 sandbox_desk
	cloud_contract
	fault azure PUT "*" '{"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "no"}}}'
	start_service
	ask POST /v1/requests "$(azure_body P-1)" -H "Prefer: wait=10"
	good 200
	id=$(answer id)
	[ "$(answer state)" = parked ]
	ask POST "/v1/requests/$id/replay" '{"again": true}'
	problem 422 data
	ask POST "/v1/requests/$id/replay" '{}' -H "Prefer: wait=10"
	good 200
	[ "$(answer state)" = open ]
	ask POST "/v1/requests/$id/replay" '{}'
	[ "$code" -ge 400 ]
	[ "$type" = application/problem+json ]
	[ "$(sum creates)" = 1 ]
}

# ---- waiting -----------------------------------------------------------------------------------

@test "Prefer: wait ends when the request has come to rest" {
	settings '{"azure": {"polls": 4}}'
	start_service
	since=$(date +%s%N)
	ask POST /v1/requests "$(azure_body W-1)" -H "Prefer: respond-async, wait=20"
	good 200
	[ "$(answer state)" = open ]
	[ $((($(date +%s%N) - since) / 1000000)) -lt 5000 ]
	ask POST /v1/requests "$(azure_body W-1)" -H "Prefer: wait=20"
	good 200
	[ "$(answer state)" = open ]
}

@test "Prefer: wait ends at its time where the portal takes longer" {
	slow_portal 4000
	start_service
	since=$(date +%s%N)
	ask POST /v1/requests "$(azure_body W-1)" -H "Prefer: wait=1"
	good 202
	took=$((($(date +%s%N) - since) / 1000000))
	echo "$took ms" >&2
	[ "$took" -ge 950 ]
	[ "$took" -lt 2500 ]
	[ "$(answer state)" = creating ]
	await "$(answer id)" open
}

@test "Prefer: wait waits on while the service's own patience is over, and for a twin" {
	settings '{"azure": {"polls": 75}}'
	start_service
	body=$(azure_body W-1)
	ask POST /v1/requests "$body"
	good 202
	since=$(date +%s%N)
	ask POST /v1/requests "$body" -H "Prefer: wait=25"
	echo "$(($(date +%s%N) - since)) ns, $(answer state)" >&2
	good 200
	[ "$(answer state)" = open ]
	[ "$(sum puts)" = 1 ]
}

# ---- lists -------------------------------------------------------------------------------------------

@test "a list comes in pages, and can be filtered" {
	for at in 1 2 3 4 5 6 7; do
		request "r$at" "\"title\": \"Request $at\", \"reference\": \"R-$at\""
		"$caseroute" submit "$work/r$at.json" >/dev/null || true
	done
	start_service
	ask GET /v1/requests
	good 200
	[ "$(answer after)" = null ]
	answer requests >"$work/all"
	[ "$(python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))))' "$work/all")" = 7 ]
	[ "$(field <"$work/all" | python3 -c 'import json,sys; print([r["id"] for r in json.load(sys.stdin)])')" = \
		"$("$caseroute" requests list --json | python3 -c 'import json,sys; print([r["id"] for r in json.load(sys.stdin)])')" ]
	after=""
	ids=""
	for at in 3 3 1; do
		ask GET "/v1/requests?limit=3${after:+&after=$after}"
		good 200
		[ "$(answer requests | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = "$at" ]
		ids="$ids $(answer requests | python3 -c 'import json,sys; print(*[r["reference"] for r in json.load(sys.stdin)])')"
		after=$(answer after)
	done
	[ "$after" = null ]
	[ "$ids" = " R-7 R-6 R-5 R-4 R-3 R-2 R-1" ]
	ask GET "/v1/requests?state=asking&limit=1"
	good 200
	ask GET "/v1/requests?state=open"
	good 200
	[ "$(answer requests)" = "[]" ]
	ask GET "/v1/requests?state=unfinished"
	good 200
	ask GET "/v1/requests?account=nobody@contoso.example"
	[ "$(answer requests)" = "[]" ]
	for at in state=nonsense limit=0 limit=1001 limit=-1 limit=x; do
		ask GET "/v1/requests?$at"
		problem 400 usage
	done
}

# ---- the ledger is shared ------------------------------------------------------------------------------

@test "the command line works on the same ledger while the service runs" {
	start_service
	azure_request vm '"reference": "C-1"'
	"$caseroute" submit "$work/vm.json" >/dev/null
	id=$("$caseroute" requests list --json | field 0 id)
	ask GET "/v1/requests/$id"
	good 200
	[ "$(answer state)" = open ]
	ask POST /v1/requests '{"title": "Backup fails", "description": "Since the update.", "reference": "A-1"}'
	good 202
	"$caseroute" requests cancel "$(answer id)" >/dev/null
	ask GET "/v1/requests/$(answer id)"
	[ "$(answer state)" = cancelled ]
	"$caseroute" requests resume >/dev/null
	[ "$(sum puts)" = 1 ]
	[ "$(contract_field cloud spent)" = 1 ]
}

@test "what the command line left is carried on by the service" {
	azure_request vm '"reference": "C-1"'
	CASEROUTE_KILL_AT=2 "$caseroute" submit "$work/vm.json" >/dev/null 2>&1 || [ $? = 137 ]
	[ "$("$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 1 ]
	start_service
	await "$("$caseroute" requests list --json | field 0 id)" open
	[ "$(sum creates)" = 1 ]
}

# ---- start and stop -----------------------------------------------------------------------------------

@test "a stop lets end what is under way, and exits with 0" {
	slow_portal 1000
	start_service
	ask POST /v1/requests "$(azure_body S-1)"
	good 202
	sleep 0.3
	stop_service
	[[ "$(only state)" == @(open|waiting) ]]
	[ "$(sum puts)" = 1 ]
	[ ! -e "$socket" ]
	start_service
	await "$(only id)" open
	[ "$(sum creates)" = 1 ]
	[ "$(sum duplicate_puts)" = 0 ]
}

@test "a stop with little time leaves the rest in the ledger, and the next start ends it" {
	slow_portal 3000
	start_service --drain 200ms
	ask POST /v1/requests "$(azure_body S-1)"
	good 202
	sleep 0.3
	stop_service
	[[ "$(cat "$work/service.err")" == *"1 requests were left in the middle"* ]]
	[ "$(only state)" = creating ]
	control DELETE faults >/dev/null
	start_service
	await "$(only id)" open 15
	[ "$(sum creates)" = 1 ]
	[ "$(contract_field cloud spent)" = 1 ]
}

@test "a stop answers those that wait, and does not wait as long as they would" {
	slow_portal 2000
	start_service
	curl -sS -m 30 --unix-socket "$socket" -H "Prefer: wait=25" -H "Content-Type: application/json" \
		-d "$(azure_body S-1)" -w '%{http_code}' -o "$work/waited" http://localhost/v1/requests >"$work/waited.code" 3>&- &
	waiting=$!
	sleep 0.5
	since=$(date +%s)
	stop_service
	[ $(($(date +%s) - since)) -lt 6 ]
	wait "$waiting"
	[[ "$(cat "$work/waited.code")" == 20[02] ]]
	[ "$(field reference <"$work/waited")" = S-1 ]
	[ "$(field state <"$work/waited")" = creating ]
}

@test "a second start carries on what a killed service left" {
	slow_portal 1500
	start_service
	for at in 1 2 3 4 5; do
		ask POST /v1/requests "$(azure_body "K-$at")"
		good 202
	done
	sleep 0.3
	kill_service
	[ -S "$socket" ]
	control DELETE faults >/dev/null
	sleep 1.5 # what was sent arrives, and nobody is there for the answer
	start_service
	for id in $("$caseroute" requests list --json | python3 -c 'import json,sys
for r in json.load(sys.stdin): print(r["id"])'); do
		await "$id" open 15
	done
	[ "$(sum creates)" = 5 ]
	[ "$(sum duplicate_puts)" = 0 ]
	[ "$(contract_field cloud spent)" = 5 ]
}

@test "what a killed service would have looked at later is carried on in time" {
	sed -i 's/^poll = .*/poll = 4s/' "$work/desk/portals.ini"
	settings '{"azure": {"polls": 1}}'
	start_service
	ask POST /v1/requests "$(azure_body K-1)" -H "Prefer: wait=1"
	good 202
	kill_service
	start_service
	[ "$(only state)" = creating ]
	[ "$(only due)" != null ]
	await "$(only id)" open 12
	[ "$(sum puts)" = 1 ]
}

@test "a ledger that was locked for too long is no reason to leave a request alone" {
	slow_portal 500
	start_service
	ask POST /v1/requests "$(azure_body L-1)"
	good 202
	id=$(answer id)
	flock "$work/desk/ledger.db.lock" sleep 11 3>&-
	await "$id" open 10
	[ "$(sum creates)" = 1 ]
	[ "$(contract_field cloud spent)" = 1 ]
}

@test "two services on one socket: the second is told so and ends" {
	start_service
	run timeout 10 "$caseroute" serve
	echo "$output"
	[ "$status" -eq 69 ]
	[[ "$output" == *"$socket"* ]]
	[[ "$output" == *"another process does"* ]]
	ask GET /livez
	good 200
	stop_service
}

@test "two services on two sockets of one ledger do nothing twice" {
	slow_portal 300
	start_service
	first=$service_pid
	socket=$work/second.sock
	start_service --socket "$socket"
	for at in 1 2 3 4 5; do
		[ $((at % 2)) = 0 ] && socket=$work/second.sock || socket=$work/desk/caseroute.sock
		ask POST /v1/requests "$(azure_body "T-$at")" -H "Prefer: wait=10"
		good 200
		[ "$(answer state)" = open ]
	done
	stop_service
	service_pid=$first
	stop_service
	[ "$(sum puts)" = 5 ]
	[ "$(contract_field cloud spent)" = 5 ]
}

@test "wrong options and paths are told before anything starts" {
	run timeout 10 "$caseroute" serve --drain sometime
	[ "$status" -eq 64 ]
	run timeout 10 "$caseroute" serve --socket relative
	[ "$status" -eq 78 ]
	run timeout 10 "$caseroute" serve --socket "$work/no/such/folder/s"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"$work/no/such/folder/s"* ]]
	run timeout 10 "$caseroute" serve --socket "$work/desk/portals.ini"
	[ "$status" -eq 78 ]
	[[ "$output" == *"no socket"* ]]
	[ -s "$work/desk/portals.ini" ]
}

# ---- many at once ------------------------------------------------------------------------------------------

# post_many COUNT PREFIX: eight at a time; each answer's status on a line.
post_many() {
	local body
	body=$(azure_body "$2{}")
	seq "$1" | xargs -P 8 -I{} curl -sS -m 60 --unix-socket "$socket" -o /dev/null -w '%{http_code}\n' \
		-H "Content-Type: application/json" -d "$(tr -d '\n\t' <<<"$body")" http://localhost/v1/requests
}

await_counts() { # STATE COUNT
	local at
	for at in $(seq 100); do
		[ "$("$caseroute" requests list --state "$1" --json --limit 1000 | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = "$2" ] && return 0
		sleep 0.2
	done
	return 1
}

@test "many requests at once ask for one token" {
	add_contract more signature-cloud 200
	"$caseroute" contracts observe more --linked anna@contoso.example >/dev/null
	fault login POST "*" '{"delay_ms": 500}' always
	start_service
	[ "$(post_many 40 M- | sort | uniq -c | tr -s ' ')" = " 40 202" ]
	await_counts open 40
	[ "$(sum token_requests)" = 1 ]
	[ "$(sum creates)" = 40 ]
	[ "$(sum duplicate_puts)" = 0 ]
	no_violations
}

@test "a refresh token that is replaced at each use serves many at once" {
	csp_api
	sandbox_desk
	fault login POST "*" '{"delay_ms": 300}' always
	start_service
	azure_body() {
		printf '%s' "{\"title\": \"The virtual machine does not start\", \"description\": \"Since 09:00.\",
			\"product\": \"Azure Virtual Machines\", \"severity\": \"C\", \"customer\": \"fabrikam\",
			\"subscription\": \"$customer_subscription\", \"reference\": \"$1\"}"
	}
	[ "$(post_many 20 R- | sort | uniq -c | tr -s ' ')" = " 20 202" ]
	await_counts open 20
	control GET counts | field token_requests >&2
	[ "$(sum token_requests)" -le 8 ]
	[ "$(sum creates)" = 20 ]
	no_violations
}
