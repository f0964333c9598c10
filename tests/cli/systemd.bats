#!/usr/bin/env bats
# What ships for systemd: the units, and a socket that it holds for the service.

load helper

units() { printf '%s\n' "$source_root/conf/systemd/caseroute.service" "$source_root/conf/systemd/caseroute.socket"; }
needs_analyze() { command -v systemd-analyze >/dev/null || skip "systemd-analyze is not here"; }

teardown() {
	[ -z "${systemd:-}" ] || kill "$systemd" 2>/dev/null || true
	[ -z "$service" ] || { kill "$service" 2>/dev/null && wait "$service"; }
	return 0
}

@test "the unit's exposure is 2.0 at most" {
	needs_analyze
	run systemd-analyze security --no-pager --offline=true --threshold=20 "$(units | head -n 1)"
	echo "$output" | tail -n 1
	[ "$status" -eq 0 ]
	[[ $output == *"Overall exposure level for caseroute.service"* ]]
}

@test "systemd-analyze finds nothing wrong with the units" {
	needs_analyze
	mkdir "$BATS_TEST_TMPDIR/units"
	units | while read -r unit; do
		sed "s|=/usr/bin/caseroute|=$caseroute|" "$unit" >"$BATS_TEST_TMPDIR/units/$(basename "$unit")"
	done
	run systemd-analyze verify --man=no "$BATS_TEST_TMPDIR"/units/*
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

# passed ARGUMENTS...: serve with a socket at $socket that somebody else has opened
passed() {
	exec "$(command -pv python3)" -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(8)
os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])' "$socket" "$caseroute" serve "$@" 2>"$work/serve.log" &
	service=$!
	for _ in $(seq 100); do
		curl -sf -o /dev/null --unix-socket "$socket" http://localhost/livez && return
		sleep 0.05
	done
	cat "$work/serve.log"
	return 1
}

@test "a socket that systemd passed is used by itself, and left where it is" {
	make_desk
	socket=$work/passed.sock
	passed
	[ ! -e "$work/desk/caseroute.sock" ]
	grep -q "listens at the socket that systemd passed" "$work/serve.log"
	"$caseroute" reload --socket "$socket"
	kill "$service" && wait "$service"
	[ -S "$socket" ]
}

@test "--socket systemd takes it, and says so where none was passed" {
	make_desk
	socket=$work/passed.sock
	passed --socket systemd
	kill "$service" && wait "$service"
	run "$caseroute" serve --socket systemd
	[ "$status" -eq 78 ]
	[[ $output == *"systemd passed no socket"* ]]
}

@test "a socket passed to another process is none for this one" {
	make_desk
	LISTEN_PID=1 LISTEN_FDS=1 "$caseroute" serve 2>/dev/null &
	service=$!
	for _ in $(seq 100); do
		curl -sf -o /dev/null --unix-socket "$work/desk/caseroute.sock" http://localhost/livez && return
		sleep 0.05
	done
	return 1
}

# passed_tcp ADDRESS ARGUMENTS...: serve with a TCP socket there; its end is the result
passed_tcp() {
	timeout 20 "$(command -pv python3)" -c '
import os, socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.bind((sys.argv[1], 0)); s.listen(8)
os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
open(sys.argv[2], "w").write(str(s.getsockname()[1]))
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[3], sys.argv[3:])' "$1" "$work/port" "$caseroute" serve "${@:2}"
}

@test "a passed socket that other machines reach needs TLS or a word that there is some before it" {
	make_desk
	"$caseroute" keys new psa -q >"$work/key" 2>>"$work/desk/partner.ini"
	for address in 0.0.0.0 ::; do
		run passed_tcp "$address"
		[ "$status" -eq 78 ]
		[[ $output == *"systemd passed "*"open to other machines"*"--without-tls"* ]]
	done
	passed_tcp 0.0.0.0 --without-tls 2>"$work/serve.log" 3>&- &
	service=$!
	for _ in $(seq 100); do
		grep -q "listens at" "$work/serve.log" && break
		sleep 0.05
	done
	[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$(cat "$work/port")/v1/requests")" = 401 ]
}

@test "a passed TCP socket is for callers: without any the service does not start" {
	make_desk
	run passed_tcp 127.0.0.1
	[ "$status" -eq 78 ]
	[[ $output == *"[caller NAME]"* ]]
}

# heard: what the service sends to systemd, a datagram a line, until it is killed
listen_as_systemd() {
	(exec "$(command -pv python3)" -uc '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])
open(sys.argv[2], "w").close()
while True:
    with open(sys.argv[2], "a") as f: f.write(s.recv(4096).decode().replace("\n", " ") + "\n")' "$work/notify" "$work/heard") 3>&- 4>&- &
	systemd=$!
	for _ in $(seq 100); do [ ! -e "$work/heard" ] || return 0; sleep 0.05; done
	return 1
}

signs() { grep -c '^WATCHDOG=1' "$work/heard" || true; }

# more_signs N: until there are N more than now
more_signs() {
	local before
	before=$(signs)
	for _ in $(seq 200); do
		[ "$(signs)" -lt $((before + $1)) ] || return 0
		sleep 0.1
	done
	return 1
}

@test "signs of life come as long as the work really goes round, and not while it stands still" {
	make_desk
	add_contract c1 partner-support 5
	listen_as_systemd
	export NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=2000000
	socket=$work/desk/caseroute.sock
	"$caseroute" serve 2>"$work/serve.log" 3>&- 4>&- &
	service=$!
	more_signs 3
	grep -q '^READY=1' "$work/heard"
	grep -q 'STATUS=takes requests; 0 under way, 0 hand-offs open' "$work/heard"

	# Somebody holds the ledger: the next commit, and all work with it, waits.
	exec 9<"$work/desk/ledger.db.lock"
	flock 9
	curl -s -m 30 --unix-socket "$socket" -H 'Content-Type: application/json' -o "$work/body" 9>&- 3>&- 4>&- \
		--data '{"title": "Backup fails", "product": "SQL Server", "release": "2022", "severity": "B"}' http://localhost/v1/requests &
	asker=$!
	sleep 1.5 # what was under way has come to its end
	before=$(signs)
	sleep 2
	[ "$(signs)" -eq "$before" ]
	flock -u 9
	more_signs 2
	wait "$asker"
}
