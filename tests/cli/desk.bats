#!/usr/bin/env bats
# What the desk's tools do over HTTP beside requests: contracts, IDs, benefits, tickets; and what
# every call carries: traces, versions, pages, places of faults.

bats_require_minimum_version 1.5.0
load callers

setup() {
	make_desk
	add_contract c1 partner-support 50
	mail='{"title": "Backup fails", "description": "Since the update.", "product": "SQL Server",
		"release": "2022", "severity": "B"}'
	for role in agent operator auditor; do make_caller "$role" "$role"; done
	start_service --listen 127.0.0.1:0 -v
	port=$(port)
}

teardown() {
	stop_service
}

gets() { # STATUS PATH, as agent
	as agent GET "$2"
	described "$1" GET "$2"
}

posts() { # STATUS PATH JSON [CURL OPTION]..., as agent
	local status=$1
	shift
	post_as agent "$@"
	described "$status" POST "$1"
}

pointer() { # of the last problem's first fault
	member errors 0 pointer
}

open_ticket() { # leaves $id
	posts 202 /v1/requests "$mail"
	id=$(member id)
	posts 200 "/v1/requests/$id/answers" '{"code": "ticket", "values": {"number": "2611240050001234"}}' -H 'Prefer: wait=5'
	[ "$(member state)" = open ]
}

# ---- contracts -------------------------------------------------------------------------------

@test "a contract is recorded with its IDs, which only a reveal shows" {
	posts 201 /v1/contracts '{"id": "c2", "plan": "signature-cloud", "kind": "personal", "end": "2099-12-31",
		"remaining": 7, "access_id": " ACC-MARK-4711 ", "contract_id": "CON-MARK-0815"}'
	[[ "$body" != *MARK* ]]
	[ "$(member id)" = c2 ]
	[ "$(member remaining)" = 7 ]
	[ "$(contract_field c2 end)" = '"2099-12-31"' ]
	gets 200 /v1/contracts
	[[ "$body" = *'"c2"'* && "$body" != *MARK* ]]
	gets 200 /v1/benefits
	[[ "$body" = *'********4711'* && "$body" != *MARK* ]]
	posts 200 /v1/contracts/c2/reveal ''
	[ "$body" = '{"contract":"c2","access_id":"ACC-MARK-4711","contract_id":"CON-MARK-0815"}' ]
	[ "$(head_field Cache-Control)" = no-store ]
}

@test "each reveal is on record with who looked, and one that fails shows nothing" {
	posts 200 /v1/contracts/c1/reveal ''
	posts 200 /v1/contracts/c1/reveal ''
	posts 404 /v1/contracts/none/reveal ''
	post_as operator /v1/contracts/c1/reveal ''
	described 403 POST /v1/contracts/c1/reveal
	post_as auditor /v1/contracts/c1/reveal ''
	[ "$code" = 403 ]
	as auditor GET '/v1/events?after=0' -m 1 || true
	[ "$(grep -c '"what":"revealed"' "$work/body")" = 2 ]
	[ "$(grep -c '"who":"caller:agent","what":"revealed","why":"the IDs of contract c1"' "$work/body")" = 2 ]
	run cat "$work/serve.err"
	[[ "$output" != *MARK* ]]
	run grep -rl MARK "$work/desk"
	[ "$status" = 1 ]
}

@test "what is wrong with a contract is told, with its place, and nothing is recorded" {
	while read -r wanted json; do
		posts 422 /v1/contracts "$json"
		[ "$(pointer)" = "$wanted" ]
		[[ "$body" != *MARK* ]]
	done <<-TABLE
		/id {"plan": "signature-cloud"}
		/plan {"id": "x"}
		/plan {"id": "x", "plan": "gold"}
		/plan {"id": "x", "plan": 7}
		/kind {"id": "x", "plan": "signature-cloud", "kind": "both"}
		/end {"id": "x", "plan": "signature-cloud", "end": "tomorrow"}
		/remaining {"id": "x", "plan": "signature-cloud", "remaining": -1}
		/remaining {"id": "x", "plan": "signature-cloud", "remaining": "7"}
		/acces_id {"id": "x", "plan": "signature-cloud", "acces_id": "ACC-MARK-1"}
	TABLE
	posts 422 /v1/contracts '{"id": "x", "plan": "signature-cloud", "access_id": "ACC-MARK-1"}'
	posts 422 /v1/contracts '{"id": "x", "plan": "signature-cloud", "access_id": "ACC-MARK-c1", "contract_id": "CON-MARK-c1"}'
	[[ "$body" = *"on record as contract c1"* && "$body" != *MARK* ]]
	gets 200 /v1/contracts
	[[ "$body" != *'"x"'* ]]
}

@test "what was seen of a contract is on record, by whom" {
	posts 200 /v1/contracts/c1/observations '{"remaining": 3, "portal": "azure", "account": "anna@contoso.example"}'
	[ "$(member remaining)" = 3 ]
	posts 200 /v1/contracts/c1/observations '{"linked": "anna@contoso.example"}'
	[ "$(member links 0 state)" = linked ]
	posts 422 /v1/contracts/c1/observations '{}'
	posts 422 /v1/contracts/c1/observations '{"remaining": 1.5}'
	[ "$(pointer)" = /remaining ]
	posts 404 /v1/contracts/none/observations '{"remaining": 1}'
	[ "$(contract_field c1 remaining)" = 3 ]
}

@test "a benefit is activated by who may (R11), and everybody sees it" {
	sed -i 's/^activated = yes/activated = no/' "$work/desk/partner.ini"
	"$caseroute" reload --socket "$socket"
	gets 200 /v1/benefits
	[ "$(member offers 0 activation)" = "not activated" ]
	[ "$(member may_activate)" = '["anna@contoso.example"]' ]
	posts 422 /v1/benefits/solutions-partner/activate '{}'
	[ "$(pointer)" = /account ]
	posts 422 /v1/benefits/solutions-partner/activate '{"account": "bela@contoso.example"}'
	[[ "$body" = *R11* ]]
	posts 422 /v1/benefits/solutions-partner/activate '{"account": "nobody@contoso.example"}'
	posts 404 /v1/benefits/none/activate '{"account": "anna@contoso.example"}'
	gets 200 /v1/benefits
	[ "$(member offers 0 activation)" = "not activated" ]
	posts 200 /v1/benefits/solutions-partner/activate '{"account": "anna@contoso.example"}'
	[[ "$(member offers 0 activation)" = "activated 20"* ]]
	run "$caseroute" benefits activate solutions-partner --done --account bela@contoso.example
	[ "$status" = 65 ]
	diff <("$caseroute" benefits list --json | python3 -m json.tool) <(api GET /v1/benefits && printf '%s' "$body" | python3 -m json.tool)
}

# ---- tickets -----------------------------------------------------------------------------------

@test "a message, a change and a look are asked of a ticket, and of nothing else" {
	posts 202 /v1/requests "$mail"
	posts 422 "/v1/requests/$(member id)/messages" '{"body": "Any news?"}'
	[[ "$body" = *"no open ticket"* ]]
	[[ "$body" != *'"errors"'* ]]
	open_ticket
	posts 422 "/v1/requests/$id/messages" '{"body": "  "}'
	[ "$(pointer)" = /body ]
	posts 422 "/v1/requests/$id/changes" '{"severity": "D"}'
	[ "$(pointer)" = /severity ]
	posts 422 "/v1/requests/$id/changes" '{}'
	posts 422 "/v1/requests/$id/refresh" '{"x": 1}'
	posts 200 "/v1/requests/$id/messages" '{"subject": "News", "body": "Any news?"}' -H 'Prefer: wait=5'
	[ "$(member guide operation)" = message ]
	[[ "$body" = *"Any news?"* ]]
	posts 409 "/v1/requests/$id/refresh" '{}' # one thing at a time
	posts 200 "/v1/requests/$id/answers" '{"code": "done"}' -H 'Prefer: wait=5'
	posts 200 "/v1/requests/$id/changes" '{"severity": "A"}' -H 'Prefer: wait=5'
	[ "$(member guide operation)" = change ]
	posts 200 "/v1/requests/$id/answers" '{"code": "done"}' -H 'Prefer: wait=5'
	posts 200 "/v1/requests/$id/refresh" '{}' -H 'Prefer: wait=5'
	posts 200 "/v1/requests/$id/answers" '{"code": "closed"}' -H 'Prefer: wait=5'
	[ "$(state_of "$id")" = closed ]
	as auditor GET "/v1/requests/$id/explain"
	[[ "$body" = *'"caller:agent"'* ]]
}

@test "files are attached by the own user alone, over the Unix socket, by whole paths" {
	open_ticket
	echo log >"$work/file.log"
	posts 403 "/v1/requests/$id/attachments" "{\"files\": [{\"path\": \"$work/file.log\"}]}"
	for wrong in '{}' '{"files": []}' '{"files": [{"path": "file.log"}]}' '{"files": [7]}'; do
		post "/v1/requests/$id/attachments" "$wrong"
		described 422 POST "/v1/requests/$id/attachments"
	done
	post "/v1/requests/$id/attachments" "{\"files\": [{\"path\": \"$work/none\"}]}"
	described 404 POST "/v1/requests/$id/attachments"
	post "/v1/requests/$id/attachments" "{\"files\": [{\"path\": \"$work/file.log\"}]}" -H 'Prefer: wait=5'
	described 200 POST "/v1/requests/$id/attachments"
	[ "$(member guide operation)" = attach ]
}

# ---- what every call carries ------------------------------------------------------------------------

@test "faults of a body have the place where they are" {
	while read -r wanted json; do
		post /v1/requests "$json" # as the own user, who may name files
		described 422 POST /v1/requests
		echo "wanted $wanted"
		[ "$(pointer)" = "$wanted" ]
		[ -n "$(member errors 0 message)" ]
	done <<-TABLE
		/severity {"severity": "D"}
		/severity {"severity": 1}
		/sevrity {"sevrity": "B"}
		/contact/country {"contact": {"country": "Hungary"}}
		/contact/x~1y {"contact": {"x/y": 1}}
		/files/1/pth {"files": [{"path": "/a"}, {"pth": "/b"}]}
		/files {"files": 7}
	TABLE
	posts 422 /v1/plans '{"request": {"severity": "D"}}'
	[ "$(pointer)" = /request/severity ]
	posts 422 /v1/plans '{"request": {}, "facts": {"accont": {}}}'
	[ "$(pointer)" = /facts/accont ]
	posts 422 /v1/plans '{}'
	[ "$(pointer)" = /request ]
}

@test "a trace goes on through the answer, the problem and the log; a bad one begins anew" {
	trace=4bf92f3577b34da6a3ce929d0e0e4736
	posts 202 /v1/requests "$mail" -H "traceparent: 00-$trace-00f067aa0ba902b7-01" -H 'tracestate: a=1,b=2'
	[[ "$(head_field traceparent)" =~ ^00-$trace-[0-9a-f]{16}-01$ ]]
	[[ "$(head_field traceparent)" != *00f067aa0ba902b7* ]]
	[ "$(head_field tracestate)" = a=1,b=2 ]
	grep -q "submitted.*trace=$trace" "$work/serve.err"
	id=$(member id)
	posts 202 "/v1/requests/$id/answers" '{"code": "ticket", "values": {"number": "2611240050001234"}}' \
		-H 'traceparent: 00-11111111111111111111111111111111-00f067aa0ba902b7-01'
	gets 200 "/v1/requests/$id/explain"
	[ "$(member events 0 trace)" = "$trace" ]
	[[ "$body" = *'"what":"opened"'*'"trace":"11111111111111111111111111111111"'* ]]
	as agent GET /v1/nothing -H "traceparent: 00-$trace-00f067aa0ba902b7-01"
	[ "$(member trace_id)" = "$trace" ]
	[ "$(member instance)" = /v1/nothing ]
	for bad in "00-$trace-0000000000000000-01" "00-${trace^^}-00f067aa0ba902b7-01" "$trace"; do
		as agent GET /v1/nothing -H "traceparent: $bad" -H 'tracestate: a=1'
		[[ "$(member trace_id)" =~ ^[0-9a-f]{32}$ ]]
		[ "$(member trace_id)" != "$trace" ]
		[ -z "$(head_field tracestate)" ]
		[[ "$(head_field traceparent)" = "00-$(member trace_id)-"* ]]
	done
	as agent GET '/v1/events' -m 1 -H "traceparent: 00-$trace-00f067aa0ba902b7-00" || true
	[[ "$(head_field traceparent)" = 00-$trace-*-00 ]]
}

@test "X-Request-Id is echoed where it is short and visible" {
	as agent GET /v1/requests -H 'X-Request-Id: psa-4711'
	[ "$(head_field X-Request-Id)" = psa-4711 ]
	as agent GET /v1/nothing -H 'X-Request-Id: psa-4712'
	[ "$(head_field X-Request-Id)" = psa-4712 ]
	for bad in 'two words' "$(printf 'x%.0s' $(seq 129))"; do
		as agent GET /v1/requests -H "X-Request-Id: $bad"
		[ -z "$(head_field X-Request-Id)" ]
	done
}

@test "pages lead on by Link until there is no more" {
	for _ in 1 2 3 4 5; do posts 202 /v1/requests "$mail"; done
	path='/v1/requests?limit=2&account=anna%40contoso.example'
	seen=
	for _ in 1 2 3; do
		gets 200 "$path"
		seen="$seen $(printf '%s' "$body" | python3 -c 'import json,sys; print(*[r["id"] for r in json.load(sys.stdin)["requests"]])')"
		link=$(head_field Link)
		path=$(printf '%s' "$link" | sed -n 's|^<\(/v1/requests?.*\)>; rel="next"$|\1|p')
	done
	[ -z "$link" ]
	[ "$(printf '%s\n' $seen | sort -u | wc -l)" = 5 ]
	[[ "$(as agent GET '/v1/requests?limit=1&account=anna%40contoso.example' && head_field Link)" = *account=anna%40contoso.example* ]]
}

@test "If-Match: nobody changes what somebody else has changed meanwhile" {
	posts 202 /v1/requests '{"title": "It is slow", "severity": "B"}'
	id=$(member id)
	gets 200 "/v1/requests/$id"
	version=$(head_field ETag)
	[ -n "$version" ]
	gets 200 "/v1/requests/$id"
	[ "$(head_field ETag)" = "$version" ]
	posts 412 "/v1/requests/$id/cancel" '{}' -H 'If-Match: "other"'
	[ "$(member code)" = changed ]
	[ "$(head_field ETag)" = "$version" ]
	posts 202 "/v1/requests/$id/answers" '{"values": {"product": "SQL Server", "release": "2022"}}' -H "If-Match: \"x\", $version"
	posts 412 "/v1/requests/$id/cancel" '{}' -H "If-Match: $version"
	gets 200 "/v1/requests/$id"
	[ "$(member state)" != cancelled ]
	[ "$(head_field ETag)" != "$version" ]
	posts 200 "/v1/requests/$id/cancel" '{}' -H 'If-Match: *'
}
