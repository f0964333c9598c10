#!/usr/bin/env bats
# The API answers as its description says.

load callers

setup() {
	make_desk
	add_contract c1 partner-support 50
	mail='{"title": "Backup fails", "description": "Since the update.", "product": "SQL Server",
		"release": "2022", "severity": "B"}'
	make_caller operator operator
	make_caller integrator integrator
	start_service --listen 127.0.0.1:0
	port=$(port)
}

teardown() {
	stop_service
}

gets() { # STATUS PATH
	api GET "$2"
	described "$1" GET "$2"
}

posts() { # STATUS PATH JSON [CURL OPTION]...
	local status=$1
	shift
	post "$@"
	described "$status" POST "$1"
}

@test "it is served as it stands in the source" {
	api GET /openapi.json
	[ "$code" = 200 ]
	[ "$(head_field Content-Type)" = application/json ]
	cmp "$work/body" "$source_root/core/service/openapi.json"
	described 200 GET /openapi.json
}

@test "what is asked is answered as described" {
	for path in /livez /readyz /metrics /v1/portals /v1/routes /v1/contracts /v1/requests; do
		gets 200 "$path"
	done
	posts 200 /v1/plans "{\"request\": $mail}"
	posts 200 /v1/plans '{"request": {"title": "It is slow"}, "facts": null}'
	posts 422 /v1/plans '{}'
	posts 200 /v1/reload ''
	gets 400 '/v1/requests?state=nonsense'
	gets 400 '/v1/requests?limit=1001'
	gets 404 /v1/requests/00000000-0000-7000-8000-000000000000
	gets 422 /v1/requests/abc
	gets 404 /v1/requests/00000000-0000-7000-8000-000000000000/explain
}

@test "a request's whole life is answered as described" {
	posts 202 /v1/requests '{"title": "It is slow", "severity": "B"}'
	asking=$(member id)
	gets 200 "/v1/requests/$asking"
	posts 202 "/v1/requests/$asking/answers" '{"values": {"product": "SQL Server", "release": "2022"}}'
	posts 202 /v1/requests "$mail" -H 'Idempotency-Key: k' -H 'Prefer: wait=5'  || [ "$code" = 200 ]
	described "$code" POST /v1/requests
	id=$(member id)
	gets 200 "/v1/requests/$id"
	gets 200 "/v1/requests/$id/explain"
	gets 200 "/v1/requests?state=handed-off&limit=1"
	posts 422 /v1/requests '{"title": "Other"}' -H 'Idempotency-Key: k'
	posts 400 /v1/requests "$mail" -H 'Idempotency-Key: two words'
	posts 400 /v1/requests '[]'
	posts 422 /v1/requests '{"titel": "wrong"}'
	api POST /v1/requests -H 'Content-Type: text/plain' -d x
	described 415 POST /v1/requests
	posts 422 "/v1/requests/$id/answers" '{"code": "no such answer"}'
	posts 202 "/v1/requests/$id/answers" '{"code": "ticket", "values": {"number": "2611240050001234"}}'
	posts 422 "/v1/requests/$id/replay" '{}'
	post /v1/requests "$mail"
	id=$(member id)
	posts 200 "/v1/requests/$id/cancel" '{"reason": "no longer needed"}'
	gets 200 "/v1/requests/$id/explain"
}

@test "callers are answered as described" {
	post /v1/requests "$mail"
	id=$(member id)
	for path in /v1/requests "/v1/requests/$id" /metrics /readyz; do
		as operator GET "$path"
		described 200 GET "$path"
	done
	as operator GET "/v1/requests/$id/explain"
	described 403 GET "/v1/requests/$id/explain"
	as integrator GET "/v1/requests/$id"
	described 404 GET "/v1/requests/$id"
	echo wrong >"$work/wrong.key"
	as wrong GET /v1/requests
	described 401 GET /v1/requests
}
