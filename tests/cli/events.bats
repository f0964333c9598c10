#!/usr/bin/env bats
# The record's events as they are committed, and again behind the last one that was seen.

load callers
bats_require_minimum_version 1.5.0

setup() {
	make_desk
	add_contract c1 partner-support 50
	mail='{"title": "Backup fails", "product": "SQL Server", "release": "2022", "severity": "B"}'
	readers=""
}

teardown() {
	for reader in $readers; do kill "$reader" 2>/dev/null || true; done
	stop_service
}

# follow FILE QUERY [CURL OPTION]...: a reader of its own; returns when it listens.
follow() {
	local file=$1 query=$2 at
	shift 2
	: >"$file"
	curl -sSN --max-time 60 --unix-socket "$socket" "$@" "http://desk/v1/events$query" >"$file" 2>/dev/null 3>&- 4>&- &
	readers="$readers $!"
	reader=$!
	for at in $(seq 100); do
		grep -q '^retry: ' "$file" && return 0
		sleep 0.05
	done
	return 1
}

# eventually COMMAND...: within 10 s
eventually() {
	local at
	for at in $(seq 200); do
		if "$@"; then return 0; fi
		sleep 0.05
	done
	return 1
}

has() { grep -q -- "$2" "$1"; }
ids() { sed -n 's/^id: //p' "$1"; }
words() { sed -n 's/^event: //p' "$1" | tr '\n' ' '; }

# read_now QUERY [CURL OPTION]...: what is there already, in $work/now
read_now() {
	local query=$1
	shift
	curl -sSN --max-time 1 --unix-socket "$socket" "$@" "http://desk/v1/events$query" >"$work/now" || [ $? = 28 ]
}

@test "what happens comes as it happens, also what a command does" {
	start_service
	follow "$work/all" ""
	post /v1/requests "$mail"
	id=$(member id)
	eventually has "$work/all" '^event: handed off'
	"$caseroute" requests cancel "$id" >/dev/null
	eventually has "$work/all" '^event: cancelled'
	sed -n 's/^data: //p' "$work/all" | while read -r data; do
		[ "$(field request <<<"$data")" = "$id" ]
		[ -n "$(field at <<<"$data")" ]
	done
	# Each is three lines and an empty one; the id is the number in the data.
	[ "$(ids "$work/all")" = "$(sed -n 's/^data: //p' "$work/all" | while read -r data; do field sequence <<<"$data"; done)" ]
	[ "$(ids "$work/all")" = "$(ids "$work/all" | sort -nu)" ]
}

@test "the head says what it is, and that it is not kept" {
	start_service
	read_now "" -D "$work/head"
	grep -qi '^content-type: text/event-stream' "$work/head"
	grep -qi '^cache-control: no-store' "$work/head"
}

@test "a reader goes on behind the last event it has seen" {
	start_service
	post /v1/requests "$mail"
	follow "$work/first" "?after=0"
	eventually has "$work/first" '^event: handed off'
	kill "$reader"
	last=$(ids "$work/first" | tail -n 1)
	post /v1/requests "$mail"
	sleep 0.5
	read_now "?after=0"
	cp "$work/now" "$work/everything"
	read_now "" -H "Last-Event-ID: $last"
	[ -s "$work/now" ]
	[ "$(ids "$work/now" | head -n 1)" = $((last + 1)) ]
	[ "$(ids "$work/everything")" = "$(ids "$work/first"; ids "$work/now")" ]
	# The field counts more than the address, which stays the same when a reader comes again.
	cp "$work/now" "$work/then"
	read_now "?after=0" -H "Last-Event-ID: $last"
	cmp "$work/now" "$work/then"
	read_now "?after=$last"
	cmp "$work/now" "$work/then"
	# A number beyond the end (a restored ledger) hears what comes.
	follow "$work/beyond" "?after=999999"
	post /v1/requests "$mail"
	eventually has "$work/beyond" '^event: submitted'
}

@test "one request's events only" {
	start_service
	post /v1/requests "$mail"
	one=$(member id)
	post /v1/requests "$mail"
	other=$(member id)
	sleep 0.5
	read_now "?after=0&request=$one"
	grep -q "$one" "$work/now"
	run ! grep -q "$other" "$work/now"
	api GET "/v1/events?request=00000000-0000-7000-8000-000000000000"
	[ "$code" = 404 ]
	for wrong in x -1 1.5; do
		api GET "/v1/events?after=$wrong"
		[ "$code" = 400 ]
	done
}

@test "many events come in order and whole" {
	start_service
	for i in $(seq 60); do
		post /v1/requests "$mail"
	done
	sleep 1
	read_now "?after=0"
	[ "$(ids "$work/now" | wc -l)" -gt 100 ] # more than a page
	[ "$(ids "$work/now")" = "$(ids "$work/now" | sort -nu)" ]
	[ "$(ids "$work/now" | tail -n 1)" = "$(ids "$work/now" | wc -l)" ]
}

@test "streams end when the service stops, and it does not wait for them" {
	start_service
	follow "$work/one" ""
	follow "$work/two" "?after=0"
	before=$(date +%s%N)
	kill "$service_pid"
	wait "$service_pid"
	service_pid=""
	[ $((($(date +%s%N) - before) / 1000000)) -lt 1500 ]
	wait "$reader"
	readers=""
}

@test "sixty-four listen, the next one is told to come later, and a place that was left is free" {
	start_service
	exec "$(command -pv python3)" -c '
import socket, sys, time
streams = []
for i in range(64):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.sendall(b"GET /v1/events HTTP/1.1\r\nHost: desk\r\n\r\n")
    text = b""
    while b"retry: " not in text:
        text += s.recv(4096)
    streams.append(s)
print("listening", flush=True)
time.sleep(60)' "$socket" >"$work/streams" 3>&- 4>&- &
	readers=$!
	eventually has "$work/streams" listening
	api GET /v1/events
	[ "$code" = 503 ]
	[ "$(member code)" = busy ]
	[ "$(head_field Retry-After)" = 1 ]
	api GET /v1/requests
	[ "$code" = 200 ]
	kill "$readers"
	wait "$readers" || true
	readers=""
	again() { follow "$work/again" "" --max-time 2; }
	eventually again
}

@test "callers see what their roles let them; a reload ends their streams" {
	for role in agent operator integrator; do make_caller "$role" "$role"; done
	start_service --listen 127.0.0.1:0
	port=$(port)
	post /v1/requests "$mail"
	desk=$(member id)
	post_as integrator /v1/requests "$mail"
	own=$(member id)
	sleep 0.5
	as agent GET "/v1/events?after=0" -m 1 || true
	grep -q '"why":' "$work/body"
	grep -q "$desk" "$work/body"
	grep -q '^event: contract recorded' "$work/body"
	as operator GET "/v1/events?after=0" -m 1 || true
	grep -q "$desk" "$work/body"
	run ! grep -Eq '"why":|"who":|contract recorded' "$work/body"
	as integrator GET "/v1/events?after=0" -m 1 || true
	grep -q "$own" "$work/body"
	run ! grep -Eq "\"why\":|\"who\":|contract recorded|$desk" "$work/body"
	as integrator GET "/v1/events?request=$desk"
	[ "$code" = 404 ]

	follow "$work/agent" "" -K "$work/agent.curl"
	sed -i '/^\[caller agent\]/,/^$/d' "$work/desk/callers.ini"
	"$caseroute" reload --socket "$socket"
	wait "$reader"
	readers=""
	as agent GET /v1/events
	[ "$code" = 401 ]
}
