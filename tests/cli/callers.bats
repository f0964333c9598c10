#!/usr/bin/env bats
# Callers of the service over TCP: keys, roles, and what each role gets to see.

bats_require_minimum_version 1.5.0
load callers

roles="agent admin-agent operator auditor integrator"

setup() {
	make_desk
	add_contract c1 partner-support 50
	mail='{"title": "TITLE-MARK backup fails", "description": "BODY-MARK", "product": "SQL Server",
		"release": "2022", "severity": "B"}'
	for role in $roles; do make_caller "$role" "$role"; done
	make_caller other integrator
	make_caller expired agent 'until = 2020-01-01'
}

teardown() {
	stop_service
}

start_tcp() {
	start_service --listen 127.0.0.1:0 "$@"
	port=$(port)
}

with() { # REFERENCE: $mail with one
	printf '%s, "reference": "%s"}' "${mail%\}}" "$1"
}

# What each role gets: the status, or + for any but 401, 403, 404 (which the request's state
# decides). ID is a request that an agent submitted, OWN one of the integrator's.
endpoints='
GET  /livez                        200 200 200 200 200
GET  /readyz                       403 403 200 403 403
GET  /metrics                      403 403 200 403 403
GET  /openapi.json                 200 200 200 200 200
GET  /v1/portals                   200 200 200 403 403
GET  /v1/routes                    200 200 200 403 403
POST /v1/reload                    403 403 200 403 403
POST /v1/plans                     +   +   403 403 403
GET  /v1/requests                  200 200 200 200 200
POST /v1/requests                  +   +   403 403 +
GET  /v1/requests/ID               200 200 200 200 404
GET  /v1/requests/OWN              200 200 200 200 200
GET  /v1/requests/ID/explain       200 200 403 200 403
GET  /v1/requests/OWN/explain      200 200 403 200 403
POST /v1/requests/ID/answers       +   +   403 403 403
POST /v1/requests/ID/replay        403 403 +   403 403
POST /v1/requests/ID/cancel        +   +   403 403 403
POST /v1/requests/OWN/cancel       +   +   403 403 403
GET  /v1/contracts                 200 200 403 403 403
GET  /v1/events                    200 200 200 200 200
GET  /v1/webhooks                  403 403 200 403 403
POST /v1/webhooks/ID/test          403 403 404 403 403
POST /v1/webhooks/ID/resend        403 403 404 403 403
POST /v1/webhooks/ID/enable        403 403 404 403 403
'

@test "every endpoint for every role" {
	start_tcp
	while read -r method path wanted; do
		[ -n "$method" ] || continue
		post_as agent /v1/requests "$mail"
		id=$(member id)
		post_as integrator /v1/requests "$mail"
		own=$(member id)
		at=${path/OWN/$own}
		at=${at/ID/$id}
		# shellcheck disable=SC2086 # a list
		set -- $wanted
		for role in $roles; do
			if [ "$path" = /v1/events ]; then # it has no end
				as "$role" GET "$at" -m 1 || true
			elif [ "$method" = GET ]; then as "$role" GET "$at"; else post_as "$role" "$at" '{}'; fi
			echo "$role $method $path: $code, wanted $1"
			case $1 in
			+) [[ $code != 40[134] && $code != 5* ]] ;;
			*) [ "$code" = "$1" ] ;;
			esac
			shift
		done
		if [ "$path" = /livez ]; then continue; fi
		code=$(curl -sS -o "$work/body" -D "$work/head" -w '%{http_code}' -X "$method" "http://127.0.0.1:$port$at")
		[ "$code" = 401 ]
		[[ "$(head_field WWW-Authenticate)" = Bearer* ]]
	done <<<"$endpoints"
}

@test "the table above names every endpoint" {
	sed -n 's#.*{ "\([A-Z]*\)", "\([^"]*\)", \(HERE\|ON_LOOP\),.*#\1 \2#p' "$source_root/core/service/api.c" |
		sort -u >"$work/endpoints"
	[ -s "$work/endpoints" ]
	printf '%s\n' "$endpoints" | sed -n 's|^\([A-Z]*\)  *\([^ ]*\) .*|\1 \2|p' |
		sed 's/OWN\|ID/*/' | sort -u | diff "$work/endpoints" -
}

@test "wrong, cut, lengthened, expired and misplaced keys are told apart from nothing" {
	start_tcp
	key=$(cat "$work/agent.key")
	as expired GET /v1/requests
	[ "$code" = 401 ]
	first=$body
	for wrong in "${key%?}" "${key}A" "caseroute_" "${key#caseroute_}" "${key^^}" \
		"sha256:$(sed -n 's/key = sha256://p' "$work/agent.ini")" "x $key" "$key $key"; do
		printf '%s\n' "$wrong" >"$work/wrong.key"
		as wrong GET /v1/requests
		[ "$code" = 401 ]
		[ "$body" = "$first" ]
		[[ "$(head_field WWW-Authenticate)" = Bearer* ]]
	done
	for field in "Basic $key" "Bearer" "$key" "Bearer$key" "Digest $key"; do
		api GET /v1/requests -H "Authorization: $field"
		[ "$code" = 401 ]
	done
	code=$(curl -sS -o /dev/null -w '%{http_code}' -H "X-Api-Key: $key" "http://127.0.0.1:$port/v1/requests?access_token=$key")
	[ "$code" = 401 ]
	as agent GET /v1/requests -H 'X-Nothing: 1'
	[ "$code" = 200 ]
}

@test "a second key beside the first is good, and one that is taken away is not" {
	cp "$work/agent.key" "$work/old.key"
	hash=$("$caseroute" keys new agent --role agent -q 2>&1 >"$work/new.key" | sed -n 's/^key = //p')
	sed -i "s/^\(\[caller agent\]\)$/\1\nkey.2 = $hash/" "$work/desk/callers.ini"
	start_tcp
	for name in old new; do
		as "$name" GET /v1/requests
		[ "$code" = 200 ]
	done
	stop_service
	sed -i "/^\[caller agent\]$/,/^roles/{/^key = /d}" "$work/desk/callers.ini"
	start_tcp
	as old GET /v1/requests
	[ "$code" = 401 ]
	as new GET /v1/requests
	[ "$code" = 200 ]
}

@test "a key that is taken out of the configuration is gone with the reload, a new one is there" {
	start_tcp
	"$caseroute" keys new late --role auditor -q >"$work/late.key" 2>"$work/late.ini"
	as late GET /v1/requests
	[ "$code" = 401 ]
	sed -i '/^\[caller agent\]$/,/^roles/d' "$work/desk/callers.ini"
	cat "$work/late.ini" >>"$work/desk/callers.ini"
	"$caseroute" reload --socket "$socket"
	as agent GET /v1/requests
	[ "$code" = 401 ]
	as late GET /v1/requests
	[ "$code" = 200 ]
}

@test "the own user keeps all rights over the Unix socket, and a key there counts as what it is" {
	start_tcp
	api GET /v1/contracts
	[ "$code" = 200 ]
	printf 'header = "Authorization: Bearer %s"\n' "$(cat "$work/auditor.key")" >"$work/k.curl"
	api GET /v1/contracts -K "$work/k.curl"
	[ "$code" = 403 ]
}

@test "who did what is on record by the caller's name" {
	start_tcp
	post_as integrator /v1/requests "$mail"
	as auditor GET "/v1/requests/$(member id)/explain"
	[ "$(member events 0 who)" = caller:integrator ]
	[ "$(member events 0 what)" = submitted ]
}

@test "an operator sees where requests stand and nothing of what they say" {
	start_tcp
	post_as agent /v1/requests "$(with REFERENCE-MARK)"
	id=$(member id)
	for path in "/v1/requests/$id" /v1/requests; do
		as operator GET "$path"
		[ "$code" = 200 ]
		[[ "$body" = *'"state"'* && "$body" = *"$id"* ]]
		[[ "$body" != *MARK* && "$body" != *title* && "$body" != *guide* && "$body" != *contoso* ]]
	done
	post_as operator "/v1/requests/$id/replay" '{}'
	[[ "$body" != *MARK* ]]
	as operator GET "/v1/requests/${id:0:8}"
	[ "$code" = 404 ]
}

@test "an integrator reads what it submitted and nothing else" {
	start_tcp
	post_as agent /v1/requests "$(with OTHERS-1)"
	others=$(member id)
	post_as other /v1/requests "$(with OTHERS-2)"
	post_as integrator /v1/requests "$(with MINE-1)"
	[ "$code" = 202 ]
	mine=$(member id)
	as integrator GET /v1/requests
	[ "$(member requests | python3 -c 'import json,sys; print([r["reference"] for r in json.load(sys.stdin)])')" = "['MINE-1']" ]
	as integrator GET "/v1/requests/$mine"
	[ "$code" = 200 ]
	[ "$(member title)" = "TITLE-MARK backup fails" ]
	for part in "$others" "${others:0:8}" "${mine:0:8}" "${mine:28}" 00000000; do
		as integrator GET "/v1/requests/$part"
		[ "$code" = 404 ]
		[[ "$body" != *MARK* && "$body" != *OTHERS* ]]
	done
}

@test "an integrator's request stays its own when an agent answers it" {
	start_tcp
	post_as integrator /v1/requests '{"title": "Backup fails", "severity": "B", "product": "SQL Server"}'
	[ "$code" = 202 ]
	id=$(member id)
	[ "$(member state)" = asking ]
	post_as agent "/v1/requests/$id/answers" '{"values": {"release": "2022", "description": "Since noon."}}'
	[[ $code = 20* ]]
	as integrator GET "/v1/requests/$id"
	[ "$code" = 200 ]
	as integrator GET /v1/requests
	[ "$(member requests 0 id)" = "$id" ]
}

@test "a reference or a key of somebody else's request gives nothing away and changes nothing" {
	start_tcp
	post_as agent /v1/requests "$(with REF-1)" -H 'Idempotency-Key: k'
	id=$(member id)
	for json in "$(with REF-1)" '{"title": "Another", "reference": "REF-1"}'; do
		post_as integrator /v1/requests "$json"
		[ "$code" = 422 ]
		[[ "$body" != *"$id"* && "$body" != *"${id:28}"* && "$body" != *MARK* ]]
	done
	post_as agent /v1/requests '{"title": "Something", "reference": "REF-2"}'
	asking=$(member id)
	post_as integrator /v1/requests "$(with REF-2)"
	[ "$code" = 422 ]
	[ "$(state_of "$asking")" = asking ]
	post_as integrator /v1/requests "$mail" -H 'Idempotency-Key: k'
	[ "$code" = 202 ]
	[ "$(member id)" != "$id" ]
}

@test "a caller cannot have the service read files" {
	start_tcp
	file="${mail%\}}, \"files\": [{\"path\": \"$work/desk/ledger.db\"}]}"
	for role in agent integrator; do
		post_as "$role" /v1/requests "$file"
		[ "$code" = 422 ]
		[[ "$body" = *"/files"* ]]
	done
	[ "$("$caseroute" requests list --json | tr -d ' \n')" = "[]" ]
}

@test "no key is in what the service says, in its ledger, or in what the configuration shows" {
	start_tcp -vv
	for role in $roles expired; do
		as "$role" GET /v1/requests
		post_as "$role" /v1/requests "$mail"
	done
	"$caseroute" config dump >"$work/dump"
	"$caseroute" config check >"$work/check" 2>&1
	stop_service
	for role in $roles expired; do
		secret=$(sed 's/caseroute_//' "$work/$role.key")
		[ "${#secret}" = 43 ]
		run grep -rlF -- "$secret" "$work/serve.err" "$work/serve.out" "$work/dump" "$work/check" "$work/desk"
		[ "$status" = 1 ]
	done
	run grep -c "$(sed -n 's/key = sha256://p' "$work/agent.ini")" "$work/dump"
	[ "$output" = 0 ]
}

@test "TCP needs callers, a loopback address or TLS, and an address" {
	run "$caseroute" serve --listen 0.0.0.0:0
	[ "$status" = 64 ]
	[[ "$output" = *"--tls-certificate"* ]]
	run "$caseroute" serve --listen '[::]:0'
	[ "$status" = 64 ]
	for wrong in localhost:80 80 127.0.0.1 unix:/x systemd ,; do
		run "$caseroute" serve --listen "$wrong"
		[ "$status" = 64 ]
	done
	run "$caseroute" serve --listen 127.0.0.1:0 --tls-key "$work/k.pem"
	[ "$status" = 64 ]
	run "$caseroute" serve --listen 127.0.0.1:0 --tls-certificate "$work/none.pem" --tls-key "$work/none.pem"
	[ "$status" != 0 ]
	: >"$work/desk/callers.ini"
	run timeout 20 "$caseroute" serve --listen 127.0.0.1:0
	[ "$status" = 78 ]
	[[ "$output" = *"[caller NAME]"* ]]
}

@test "several addresses, with TLS" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=desk \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$work/k.pem" -out "$work/c.pem" 2>/dev/null
	start_service --listen 127.0.0.1:0,127.0.0.1:0 --listen '[::1]:0' --tls-certificate "$work/c.pem" --tls-key "$work/k.pem"
	[ "$(grep -c 'listens at https://' "$work/serve.err")" = 3 ]
	printf 'header = "Authorization: Bearer %s"\n' "$(cat "$work/agent.key")" >"$work/k.curl"
	for address in $(sed -n 's|.*listens at \(https://127.*\)|\1|p' "$work/serve.err"); do
		[ "$(curl -sS --cacert "$work/c.pem" -K "$work/k.curl" -o /dev/null -w '%{http_code}' "$address/v1/requests")" = 200 ]
	done
	run curl -sS --max-time 5 -K "$work/k.curl" "http://127.0.0.1:$(port)/v1/requests"
	[ "$status" != 0 ]
}

@test "keys new: to stdout once, the section apart, nothing overwritten" {
	run --separate-stderr "$caseroute" keys new psa --role agent --role operator --until 2099-12-31
	[ "$status" = 0 ]
	[[ "$output" =~ ^caseroute_[A-Za-z0-9_-]{43}$ ]]
	key=$output
	[[ "$stderr" = *"[caller psa]"* && "$stderr" = *"roles = agent,operator"* && "$stderr" != *"$key"* ]]
	hash=$(printf %s "$key" | sha256sum | cut -d' ' -f1)
	[[ "$stderr" = *"key = sha256:$hash"* ]]
	"$caseroute" keys new psa --output "$work/psa.ini" -q >"$work/psa.key"
	[ "$(stat -c %a "$work/psa.ini")" = 600 ]
	grep -q '^roles = integrator$' "$work/psa.ini"
	cp "$work/psa.ini" "$work/before"
	run --separate-stderr "$caseroute" keys new psa --output "$work/psa.ini"
	[ "$status" != 0 ]
	[ -z "$output" ]
	cmp "$work/before" "$work/psa.ini"
	for wrong in "a b" "" "é" "$(printf 'x%.0s' $(seq 65))" "a]b"; do
		run "$caseroute" keys new "$wrong"
		[ "$status" = 64 ]
	done
	run "$caseroute" keys new psa --role agnet
	[ "$status" = 64 ]
	[[ "$output" = *'did you mean "agent"'* ]]
}
