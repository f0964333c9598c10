#!/usr/bin/env bats
# A running service takes a changed configuration, or says what is wrong with it and goes on.

load helper

setup() {
	make_desk
	socket=$work/desk/caseroute.sock
	"$caseroute" serve 2>"$work/serve.log" &
	service=$!
	for _ in $(seq 100); do
		[ -S "$socket" ] && ask livez >/dev/null && return
		sleep 0.05
	done
	cat "$work/serve.log"
	return 1
}

teardown() {
	kill "$service" 2>/dev/null && wait "$service"
	return 0
}

ask() { curl -s --unix-socket "$socket" "http://localhost/$1" "${@:2}"; }
generation() { ask readyz | sed 's/.*"generation":"\([^"]*\)".*/\1/'; }

@test "a changed configuration is in force when reload comes back" {
	before=$(generation)
	printf '[customer tailspin]\nname = Tailspin\n' >>"$work/desk/partner.ini"
	run "$caseroute" reload
	[ "$status" -eq 0 ]
	[ "$output" = "generation $(generation) is in force" ]
	[ "$(generation)" != "$before" ]
}

@test "SIGHUP reloads" {
	before=$(generation)
	printf '[customer tailspin]\nname = Tailspin\n' >>"$work/desk/partner.ini"
	kill -HUP "$service"
	for _ in $(seq 100); do
		[ "$(generation)" != "$before" ] && return
		sleep 0.05
	done
	return 1
}

@test "a bad configuration leaves the old one in force and says so everywhere" {
	before=$(generation)
	printf '[custmer tailspin]\nname = Tailspin\n' >>"$work/desk/partner.ini"
	run "$caseroute" reload --socket "$socket"
	[ "$status" -eq 78 ]
	[[ $output == *"partner.ini:"*":1: error: unknown section [custmer]; did you mean [customer]? [E011]"* ]]
	[[ $output == *"1 error in the configuration; the old configuration stays in force"* ]]
	[ "$(generation)" = "$before" ]
	[[ $(ask readyz) == *'"refused_reload":"1 error in the configuration"'* ]]
	grep -q 'unknown section \[custmer\]' "$work/serve.log"
	grep -q 'the old one stays in force' "$work/serve.log"
	[ "$(ask v1/reload -X POST -o /dev/null -w '%{http_code} %{content_type}')" = "422 application/problem+json" ]

	sed -i 's/custmer/customer/' "$work/desk/partner.ini"
	"$caseroute" reload
	[[ $(ask readyz) != *refused_reload* ]]
}

@test "the ledger cannot move under a running service" {
	sed -i 's/^path = ledger.db/path = other.db/' "$work/desk/caseroute.ini"
	run "$caseroute" reload --socket "$socket"
	[ "$status" -eq 78 ]
	[[ $output == *"the ledger cannot move while the service runs"* ]]
	[ ! -e "$work/desk/other.db" ]
}

@test "many reloads at once all come back" {
	for _ in 1 2 3 4 5 6 7 8; do
		"$caseroute" reload >>"$work/reloads" &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086 # a list of numbers
	wait $pids
	[ "$(wc -l <"$work/reloads")" -eq 8 ]
}

@test "systemd is told of start, reload and stop" {
	kill "$service" && wait "$service"
	python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1]); s.settimeout(20)
while True:
    text = s.recv(400).decode()
    if text.startswith("STATUS"): continue
    print(text.split("\n")[0], flush=True)
    if text.startswith("STOPPING"): break
' "$work/notify" >"$work/told" &
	listener=$!
	for _ in $(seq 100); do [ -S "$work/notify" ] && break; sleep 0.05; done
	NOTIFY_SOCKET=$work/notify "$caseroute" serve 2>/dev/null &
	service=$!
	for _ in $(seq 100); do grep -q READY "$work/told" && break; sleep 0.05; done
	"$caseroute" reload
	kill "$service" && wait "$service"
	wait "$listener"
	[ "$(tr '\n' ' ' <"$work/told")" = "READY=1 RELOADING=1 READY=1 STOPPING=1 " ]
}

certificate() { # NAME: in $work/c.pem and $work/k.pem
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
		-keyout "$work/k.pem" -out "$work/c.pem" 2>/dev/null
}

served() { # the name in the certificate that is served
	openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | sed -n 's/^subject=.*CN *= *//p'
}

@test "a new certificate is served after a reload, and a bad one leaves the old in force" {
	kill "$service" && wait "$service"
	certificate first
	"$caseroute" keys new psa --role agent -q 2>"$work/caller.ini" >/dev/null
	cat "$work/caller.ini" >>"$work/desk/partner.ini"
	"$caseroute" serve --listen 127.0.0.1:0 --tls-certificate "$work/c.pem" --tls-key "$work/k.pem" 2>"$work/tls.log" &
	service=$!
	for _ in $(seq 100); do grep -q 'listens at unix' "$work/tls.log" && break; sleep 0.05; done
	port=$(sed -n 's|.*https://127.0.0.1:||p' "$work/tls.log")
	[ "$(served)" = first ]
	certificate second
	[ "$(served)" = first ]
	"$caseroute" reload
	[ "$(served)" = second ]
	echo nonsense >"$work/c.pem"
	run "$caseroute" reload
	[ "$status" -eq 78 ]
	[[ $output == *"cannot use $work/c.pem"* ]]
	[ "$(served)" = second ]
	[[ $(ask readyz) == *refused_reload* ]]
}

@test "without a service reload says where it looked" {
	kill "$service" && wait "$service"
	run "$caseroute" reload
	[ "$status" -eq 69 ]
	[[ $output == *"no service answers at $socket"* ]]
}
