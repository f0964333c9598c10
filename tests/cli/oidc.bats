#!/usr/bin/env bats
# Callers with a token of an OpenID Connect issuer.

bats_require_minimum_version 1.5.0
load callers

setup() {
	make_desk
	add_contract c1 partner-support 50
	mail='{"title": "Backup fails", "description": "Since the update.", "product": "SQL Server",
		"release": "2022", "severity": "B"}'
	start_issuer
	make_caller plain agent
	write_issuer
}

teardown() {
	stop_service
	[ -z "${issuer_pid:-}" ] || { kill "$issuer_pid"; wait "$issuer_pid" || true; }
}

start_issuer() {
	local at
	node "$source_root/tests/sandbox/issuer.mjs" --port-file "$work/issuer" </dev/null >"$work/issuer.out" 2>&1 3>&- 4>&- &
	issuer_pid=$!
	for at in $(seq 200); do
		[ -s "$work/issuer" ] && break
		kill -0 "$issuer_pid" || break
		sleep 0.05
	done
	issuer=$(cat "$work/issuer")
}

write_issuer() { # [MORE INI]
	cat >>"$work/desk/callers.ini" <<-INI

		[issuer entra]
		issuer = $issuer
		audience = api://caseroute, other
		algorithms = RS256, PS256, ES256
		roles.agent = Desk.Agent, Desk.Lead
		roles.admin-agent = Desk.Admin
		roles.operator = Desk.Operator
		roles.auditor = Desk.Auditor
		roles.integrator = Desk.Tool
		${1:-}
	INI
}

start_tcp() {
	start_service --listen 127.0.0.1:0 "$@"
	port=$(port)
}

tell_issuer() { # JSON
	curl -sS --fail-with-body -d "$1" "$issuer/set" >/dev/null
}

fetches() { # of the keys
	curl -sS "$issuer/counts" | field keys
}

# mint NAME [KIND [CLAIMS [HEADER]]]: a token for `as NAME`
mint() {
	curl -sS --fail-with-body -o "$work/$1.key" "$issuer/mint" \
		-d "{\"kind\": \"${2:-RS256}\", \"claims\": ${3:-null}, \"header\": ${4:-null}}"
}

# tries STATUS [KIND [CLAIMS [HEADER]]]: what a token gets
tries() {
	mint t "${2:-}" "${3:-}" "${4:-}"
	as t GET /v1/requests
	echo "${2:-} ${3:-} ${4:-}: $code $body"
	[ "$code" = "$1" ]
}

# A good token between: ten wrong ones in a row from one address are answered 429.
restart() {
	stop_service
	start_tcp
}

@test "a token gives the roles that its claim is mapped to" {
	start_tcp
	while read -r claim plans events replay; do
		mint t RS256 "{\"roles\": [\"$claim\"]}"
		post_as t /v1/plans "{\"request\": $mail}"
		[ "$code" = "$plans" ]
		as t GET /v1/requests
		[ "$code" = "$events" ]
		post_as t /v1/reload ''
		[ "$code" = "$replay" ]
	done <<-TABLE
		Desk.Agent 200 200 403
		Desk.Lead 200 200 403
		Desk.Admin 200 200 403
		Desk.Operator 403 200 200
		Desk.Auditor 403 200 403
		Desk.Tool 403 200 403
		Desk.Nobody 403 403 403
		desk.agent 403 403 403
	TABLE
	tries 200 RS256 '{"roles": ["x", "Desk.Tool", "Desk.Auditor"]}'
	tries 200 RS256 '{"roles": "x Desk.Agent"}'
	tries 403 RS256 '{"roles": null}'
	tries 403 RS256 '{"roles": {"Desk.Agent": true}}'
	tries 403 RS256 '{"roles": [["Desk.Agent"]]}'
}

@test "each algorithm of the list, the second audience, a list of them, and a clock that is a little off" {
	start_tcp
	for kind in RS256 PS256 ES256; do tries 200 "$kind"; done
	tries 200 RS256 '{"aud": "other"}'
	tries 200 RS256 '{"aud": ["x", "api://caseroute"]}'
	tries 200 RS256 '{"exp": "-10"}'
	tries 200 RS256 '{"iat": "+10", "nbf": "+10"}'
	tries 200 RS256 '{"nbf": null}'
	tries 200 RS256 null '{"typ": "at+jwt"}'
	tries 200 RS256 null '{"typ": null}'
	[ "$(fetches)" = 1 ]
}

@test "wrong claims get nobody in" {
	start_tcp
	tries 200
	tries 401 RS256 '{"exp": "-60"}'
	tries 401 RS256 '{"exp": null}'
	tries 401 RS256 '{"exp": "tomorrow"}'
	tries 401 RS256 '{"exp": 99999999999999999}'
	tries 401 RS256 '{"nbf": "+90"}'
	tries 401 RS256 '{"nbf": "never"}'
	tries 401 RS256 '{"iat": "+90"}'
	tries 401 RS256 '{"iat": null}'
	restart
	tries 401 RS256 '{"aud": "api://another"}'
	tries 401 RS256 '{"aud": null}'
	tries 401 RS256 '{"aud": ["api://another", "api://caserout"]}'
	tries 401 RS256 '{"aud": "api://caseroute, other"}'
	tries 401 RS256 '{"iss": "http://127.0.0.1:1"}'
	tries 401 RS256 "{\"iss\": \"$issuer/\"}"
	tries 401 RS256 '{"iss": null}'
	restart
	tries 401 RS256 '{"sub": null}'
	tries 401 RS256 '{"sub": ""}'
	tries 401 RS256 '{"sub": "a b"}'
	tries 401 RS256 '{"sub": "a\nb"}'
	tries 401 RS256 '{"sub": 7}'
	tries 401 RS256 "{\"sub\": \"$(printf 'x%.0s' $(seq 129))\"}"
	[[ "$(head_field WWW-Authenticate)" = Bearer* ]]
	[ "$(member detail)" = "The key or token is not known, or not good any more." ]
}

@test "forged, confused, unsigned and encrypted tokens get nobody in" {
	start_tcp
	n=0
	for kind in none none-with-signature confused confused-labelled shared-secret stranger stranger-own-jwk \
		stranger-encryption small rsa-with-ec-kid ec-with-rsa-kid ec-der ec-zero other-claims cut-signature \
		no-signature padded four-parts jwe twice-alg twice-roles no-json list; do
		tries 401 "$kind"
		[[ "$body" != *Desk* ]]
		n=$((n + 1))
		[ $((n % 8)) != 0 ] || restart
	done
	restart
	tries 401 RS256 null '{"crit": ["exp"]}'
	tries 401 RS256 null '{"crit": ["b64"], "b64": false}'
	tries 401 RS256 null '{"typ": "JOSE"}'
	tries 401 RS256 null '{"typ": 7}'
	tries 401 RS256 null '{"kid": null}'
	tries 401 RS256 null '{"kid": 7}'
	tries 401 RS256 "{\"pad\": \"$(printf 'x%.0s' $(seq 9000))\"}"
	tries 200
	run cat "$work/serve.err"
	[[ "$output" != *eyJ* ]]
}

@test "an algorithm that the issuer's section does not name is not taken" {
	sed -i 's/^algorithms = .*/algorithms = ES256/' "$work/desk/callers.ini"
	start_tcp
	tries 200 ES256
	tries 401 RS256
	tries 401 PS256
}

@test "who did what is on record by issuer and subject, and no key's name can be taken" {
	start_tcp
	mint t RS256 '{"roles": ["Desk.Tool"], "sub": "plain"}'
	post_as t /v1/requests "$mail"
	[ "$code" = 202 ]
	id=$(member id)
	as plain GET "/v1/requests/$id/explain"
	[ "$(member events 0 who)" = caller:entra/plain ]
	mint u RS256 '{"roles": ["Desk.Tool"], "sub": "other"}'
	as u GET "/v1/requests/$id"
	[ "$code" = 404 ]
	as t GET "/v1/requests/$id"
	[ "$code" = 200 ]
}

@test "new keys are fetched for the first token that names one, but not for each" {
	start_tcp
	tries 200
	mint old
	tell_issuer '{"rotate": true}'
	tries 200
	[ "$(fetches)" = 2 ]
	as old GET /v1/requests
	[ "$code" = 401 ]
	tell_issuer '{"rotate": true}' # the second within a minute
	tries 401
	[ "$(fetches)" = 2 ]
}

@test "a flood of unknown keys is no flood of fetches, and good tokens go on meanwhile" {
	start_tcp
	tries 200
	cp "$work/t.key" "$work/good.key"
	for i in $(seq 8); do mint "f$i" RS256 null "{\"kid\": \"unknown-$i\"}"; done
	for round in 1 2 3 4 5; do
		pids=
		for i in $(seq 8); do
			curl -sS -o "$work/f$i.$round" -w '%{http_code}\n' -H "Authorization: Bearer $(cat "$work/f$i.key")" \
				"http://127.0.0.1:$port/v1/requests" >>"$work/codes" 3>&- 4>&- &
			pids="$pids $!"
		done
		as good GET /v1/requests
		[ "$code" = 200 ]
		# shellcheck disable=SC2086 # a list
		wait $pids
	done
	[ "$(wc -l <"$work/codes")" = 40 ]
	[ "$(grep -cv '^401$\|^429$' "$work/codes")" = 0 ]
	grep -q 429 "$work/codes"
	[ "$(fetches)" = 2 ]
}

@test "while the issuer is slow others are served, and who waits gets in" {
	start_tcp
	tell_issuer '{"slow_ms": 1500}'
	mint t
	printf 'header = "Authorization: Bearer %s"\n' "$(cat "$work/t.key")" >"$work/slow.curl"
	curl -sS -K "$work/slow.curl" -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/v1/requests" >"$work/slow" 3>&- 4>&- &
	pid=$!
	for _ in 1 2 3; do
		as plain GET /v1/requests
		[ "$code" = 200 ]
		api GET /v1/requests
		[ "$code" = 200 ]
	done
	[ ! -s "$work/slow" ]
	wait $pid
	[ "$(cat "$work/slow")" = 200 ]
}

@test "an issuer that is away: 503 before the first keys, and the last good ones after" {
	tell_issuer '{"down": true}'
	start_tcp
	tries 503
	[ "$(member code)" = issuer-away ]
	[ -n "$(head_field Retry-After)" ]
	tries 503
	[ "$(curl -sS "$issuer/counts" | field discovery)" = 1 ] # not again at once
	as plain GET /v1/requests
	[ "$code" = 200 ]
	grep -q 'issuer entra: its keys cannot be had' "$work/serve.err"
	tell_issuer '{"down": false}'
	for _ in $(seq 100); do
		as t GET /v1/requests
		[ "$code" = 503 ] || break
		sleep 0.2
	done
	[ "$code" = 200 ]
	tell_issuer '{"down": true}'
	tries 200
	tries 401 RS256 null '{"kid": "unknown"}'
	tries 200
}

@test "a stop does not wait for an issuer that does not answer" {
	tell_issuer '{"slow_ms": 60000}'
	start_tcp
	mint t
	printf 'header = "Authorization: Bearer %s"\n' "$(cat "$work/t.key")" >"$work/slow.curl"
	curl -sS -K "$work/slow.curl" -o /dev/null "http://127.0.0.1:$port/v1/requests" 3>&- 4>&- &
	pid=$!
	for _ in $(seq 100); do
		[ "$(curl -sS "$issuer/counts" | field discovery)" = 1 ] && break
		sleep 0.05
	done
	kill "$service_pid"
	status=0
	wait "$service_pid" || status=$?
	service_pid=
	[ "$status" = 0 ]
	wait $pid || true
}

@test "keys from where the configuration says, and a discovery document that is another's" {
	tell_issuer '{"claimed": "http://127.0.0.1:1"}'
	start_tcp
	tries 503
	grep -q "another issuer's" "$work/serve.err"
	stop_service
	tell_issuer '{"claimed": null, "jwks_uri": "http://127.0.0.1:1/keys"}'
	start_tcp
	tries 503
	grep -q "no good jwks_uri" "$work/serve.err"
	stop_service
	sed -i "s|^issuer = .*|&\njwks = $issuer/keys|" "$work/desk/callers.ini"
	start_tcp
	tries 200
}

@test "an issuer alone is enough to listen for callers" {
	sed -i '/^\[caller plain\]/,/^$/d' "$work/desk/callers.ini"
	start_tcp
	tries 200
}

@test "roles from a claim within another, and callers told apart by another claim" {
	printf 'claim = /realm/roles\nsubject = oid\n' >>"$work/desk/callers.ini"
	start_tcp
	tries 200 RS256 '{"oid": "o-1", "realm": {"roles": ["Desk.Agent"]}}'
	tries 401 RS256 '{"realm": {"roles": ["Desk.Agent"]}}'
	tries 403 RS256 '{"oid": "o-1"}'
}

@test "an issuer that is taken out of the configuration is gone with the reload" {
	start_tcp
	tries 200
	sed -i '/^\[issuer entra\]/,$d' "$work/desk/callers.ini"
	"$caseroute" reload --socket "$socket"
	as t GET /v1/requests
	[ "$code" = 401 ]
}

@test "what is wrong with an issuer's section is told at once" {
	cat >>"$work/desk/callers.ini" <<-INI
		[issuer "two words"]
		issuer = $issuer
		audience = x
		algorithms = HS256
		skew = 2m
		roles.agnet = A
		[issuer empty]
		issuer = http://elsewhere.example
		audience = x
	INI
	run "$caseroute" config check
	[ "$status" = 78 ]
	for part in 'letters, digits' 'HS256' 'skew' 'roles.agnet is no role' 'has the URL of [issuer entra]' \
		'plain http' 'needs roles'; do
		echo "wanted: $part"
		[[ "$output" = *"$part"* ]]
	done
}

@test "ten wrong ones from one address, then 429 with a time; a good one still gets in" {
	start_tcp
	echo caseroute_wrong >"$work/wrong.key"
	for _ in $(seq 10); do
		as wrong GET /v1/requests
		[ "$code" = 401 ]
	done
	as wrong GET /v1/requests
	[ "$code" = 429 ]
	[ "$(member code)" = too-many-wrong ]
	[ "$(head_field Retry-After)" -ge 1 ]
	[ "$(head_field Retry-After)" -le 6 ]
	as plain GET /v1/requests
	[ "$code" = 200 ]
	tries 503 # its keys are not fetched for such an address ...
	api GET /v1/requests -H 'Authorization: Bearer caseroute_wrong' # ... but another one is told 401
	[ "$code" = 401 ]
	api GET /metrics
	[[ "$body" = *'caseroute_api_held_off_total 1'* ]]
}
