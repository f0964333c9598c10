#!/usr/bin/env bats
# Idempotency-Key: a client that saw no answer may repeat its request.

load callers

setup() {
	make_desk
	add_contract c1 partner-support 5
	mail='{"title": "Backup fails", "description": "Since the update.", "product": "SQL Server",
		"release": "2022", "severity": "B"}'
	other='{"title": "Mail fails", "description": "Since noon.", "product": "Exchange Server",
		"release": "2019", "severity": "B"}'
}

teardown() {
	stop_service
}

submit() { # KEY JSON
	post /v1/requests "$2" -H "Idempotency-Key: $1"
}

count() {
	"$caseroute" requests list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))'
}

@test "the same key and body give the first request again, and nothing is spent twice" {
	start_service
	submit k-1 "$mail"
	[ "$code" = 202 ]
	first=$(head_field Location)
	for _ in 1 2 3; do
		submit k-1 "$mail"
		[ "$code" = 202 ]
		[ "$(head_field Location)" = "$first" ]
		[ "/v1/requests/$(member id)" = "$first" ]
	done
	[ "$(count)" = 1 ]
	[ "$(contract_field c1 reserved)" = 1 ]
}

@test "the same key with another body is refused by name" {
	start_service
	submit k-1 "$mail"
	submit k-1 "$other"
	[ "$code" = 422 ]
	[ "$(member code)" = idempotency-key-reused ]
	[ "$(head_field Content-Type)" = application/problem+json ]
	[ "$(count)" = 1 ]
	submit k-2 "$other"
	[ "$code" = 202 ]
	[ "$(count)" = 2 ]
}

@test "a key outlives the service" {
	start_service
	submit k-1 "$mail"
	first=$(head_field Location)
	stop_service
	start_service
	submit k-1 "$mail"
	[ "$(head_field Location)" = "$first" ]
	[ "$(count)" = 1 ]
}

@test "a key gives the request again whatever became of it, even where it would be refused now" {
	start_service
	submit k-1 "$mail"
	id=$(member id)
	post "/v1/requests/$id/cancel" '{}'
	[ "$code" = 200 ]
	submit k-1 "$mail"
	[ "$code" = 202 ]
	[ "$(member id)" = "$id" ]
	[ "$(member state)" = cancelled ]
}

@test "without a key every request is a new one" {
	start_service
	post /v1/requests "$mail"
	post /v1/requests "$mail"
	[ "$(count)" = 2 ]
}

@test "what is no key is refused, and the request is not taken" {
	start_service
	long=$(printf 'x%.0s' $(seq 256))
	for key in "$long" "two words" "kulcs-é" "tab	tab"; do
		submit "$key" "$mail"
		[ "$code" = 400 ]
		[ "$(member code)" = idempotency-key ]
	done
	post /v1/requests "$mail" -H 'Idempotency-Key;'
	[ "$code" = 400 ]
	[ "$(count)" = 0 ]
	submit "${long:1}" "$mail"
	[ "$code" = 202 ]
	submit '"8e03978e-40d5-43dd-bc93-6894a57f9324"' "$mail"
	[ "$code" = 202 ]
	[ "$(count)" = 2 ]
}

@test "a request that was not recorded leaves its key free" {
	start_service
	submit k-1 '{"titel": "wrong member"}'
	[ "$code" = 422 ]
	submit k-1 "$mail"
	[ "$code" = 202 ]
}

@test "a key beside a reference that is taken means that request from then on" {
	start_service
	with="${mail%\}}, \"reference\": \"PSA-1\"}"
	submit k-1 "$with"
	first=$(head_field Location)
	submit k-2 "$with"
	[ "$code" = 202 ]
	[ "$(head_field Location)" = "$first" ]
	submit k-2 "$other"
	[ "$code" = 422 ]
	[ "$(member code)" = idempotency-key-reused ]
	[ "$(count)" = 1 ]
}

@test "many at once with one key make one request" {
	start_service
	for i in $(seq 12); do
		curl -sS --max-time 20 --unix-socket "$socket" -o "$work/body.$i" \
			-w '%{http_code} %header{location}\n' -H 'Content-Type: application/json' \
			-H 'Idempotency-Key: k-1' -d "$mail" http://desk/v1/requests >"$work/out.$i" 3>&- 4>&- &
		pids="$pids $!"
	done
	for pid in $pids; do wait "$pid"; done
	[ "$(count)" = 1 ]
	[ "$(cut -c1-3 "$work"/out.* | sort -u)" = 202 ]
	[ "$(python3 -c 'import json,sys
print(len({json.load(open(name))["id"] for name in sys.argv[1:]}))' "$work"/body.*)" = 1 ]
}

@test "a key is free again after two days" {
	export CASEROUTE_NOW=2026-01-01T00:00:00Z
	start_service
	submit k-1 "$mail"
	stop_service
	export CASEROUTE_NOW=2026-01-02T23:59:59Z
	start_service
	submit k-1 "$other"
	[ "$code" = 422 ]
	stop_service
	export CASEROUTE_NOW=2026-01-03T00:00:01Z
	start_service
	submit k-1 "$other"
	[ "$code" = 202 ]
	[ "$(count)" = 2 ]
}
