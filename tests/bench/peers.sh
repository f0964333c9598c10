#!/bin/bash
# caseroute and its peers side by side: JSON over HTTP, routed by a member to one of three portals,
# delivered, answered. One run; what counts are the ratios, since the machine is shared.
#   bash tests/bench/peers.sh [-c "32 256"] [-t SECONDS] [-n REPEATS] [-m "3 10000"] [-d "50 1000"]
#        [-k HOLD] [PEER]...
# Peers: nginx haproxy caseroute caseroute-202 fastify node-pg node-red postfix (default: all).
# -c connections, -m numbers of routes, -d delays of the portal in ms, -k requests held open at a
# portal that takes 1 s. Needs `cmake --build build`; what else is missing is installed (Debian,
# npm) with SETUP=1, or the peer is left out and told. node-pg and postfix need root.
# Results: a table, and build/bench/peers.jsonl. Loopback only; what is started is ended by its pid.

root=$(cd "$(dirname "$0")/../.." && pwd)
BENCH=$root/tests/bench/peers
BUILD=${CASEROUTE_BUILD:-$root/build}
TOOLS=$BUILD/tests/bench
CASEROUTE=$BUILD/caseroute
OUT=$BUILD/bench
NODE_MODULES=$OUT/node_modules
export BENCH TOOLS CASEROUTE NODE_MODULES
# shellcheck source=tests/bench/peers/lib.sh
. "$BENCH/lib.sh"

CONNS="32 256" SECS=3 REPS=3 RULES="3 10000" DELAYS="50 1000" HOLD=2000
while getopts c:t:n:m:d:k: o; do
	case $o in
	c) CONNS=$OPTARG ;;
	t) SECS=$OPTARG ;;
	n) REPS=$OPTARG ;;
	m) RULES=$OPTARG ;;
	d) DELAYS=$OPTARG ;;
	k) HOLD=$OPTARG ;;
	*) exit 64 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- nginx haproxy caseroute caseroute-202 fastify node-pg node-red postfix

mkdir -p "$OUT"
RESULTS=$OUT/peers.jsonl
: >"$RESULTS"
[ -x "$TOOLS/loadgen" ] || die "build first: cmake -S . -B build && cmake --build build"
[ "${SETUP:-}" != 1 ] || set_up
ulimit -n "$(ulimit -Hn)" 2>/dev/null
clean_up() {
	# shellcheck disable=SC2086 # several pids
	[ -z "$PEER_PIDS" ] || end_pids $PEER_PIDS
	stub_stop
	[ -z "$WORK" ] || rm -rf "$WORK"
	PEER_PIDS="" WORK=""
}
trap clean_up EXIT
trap 'exit 130' INT TERM

row() { echo "$1" | tee -a "$RESULTS"; }

load() { # ARGUMENT...: of the load generator
	"$TOOLS/loadgen" -u "${PEER_PATH:-/requests}" "${PEER_HEADERS[@]}" "$@" "$IN_PORT"
}

# Peers that answer before they deliver are waited for.
await_delivery() { # COUNT
	for _ in $(seq 1200); do
		[ "$(stub_get | stat_of ids)" -ge "$1" ] && return
		[ -n "$PEER_ASYNC" ] || return
		sleep 0.05
	done
}

load_row() { # CONNECTIONS RULES DELAY SECONDS
	local before after answer ok
	stub_reset
	before=$(ticks $PEER_PIDS)
	answer=$(load -c "$1" -t "$4" -R "$2" -x -i "$RANDOM$RANDOM")
	ok=$(echo "$answer" | stat_of completed)
	await_delivery "$ok"
	after=$(ticks $PEER_PIDS)
	printf '{"peer":"%s","rules":%d,"delay_ms":%d,%s,"cpu_us_per_req":%s,"delivered":%s,"twice":%s,"pss_kib":%s}\n' \
		"$NAME" "$2" "$3" "$(echo "$answer" | sed 's/^{//; s/}$//')" \
		"$(awk -v t=$((after - before)) -v hz="$HZ" -v n="$ok" 'BEGIN { printf "%.1f", n ? t / hz * 1e6 / n : 0 }')" \
		"$(stub_get | stat_of ids)" "$(stub_get | stat_of dups)" "$(pss $PEER_PIDS)"
}

# How fast the disk syncs: durable results compare only within one state of it.
disk() { # WHEN
	local folder begun
	folder=$(mktemp -d -p "$OUT")
	begun=$(date +%s%N)
	dd if=/dev/zero of="$folder/file" bs=400 count=500 oflag=dsync status=none
	row "{\"disk\":\"$1\",\"us_per_sync\":$((($(date +%s%N) - begun) / 500000))}"
	rm -rf "$folder"
}

# Until the first routed answer; then, where the peer can, until it obeys changed routes.
start_row() { # RULES
	local begun started reloaded=null idle
	peer_setup "$1" || return 1
	begun=$(date +%s%N)
	peer_start || return 1
	# shellcheck disable=SC2059 # a format by design
	load -E "$(printf -- "$PEER_EXPECT" 0)" -R 1 -t 60 -i "s$RANDOM" >/dev/null || return 1
	started=$((($(date +%s%N) - begun) / 1000))
	idle=$(pss $PEER_PIDS)
	if declare -F peer_reload >/dev/null; then
		GEN=1
		peer_setup "$1"
		begun=$(date +%s%N)
		peer_reload
		# shellcheck disable=SC2059
		load -E "$(printf -- "$PEER_EXPECT" 1)" -R 1 -t 30 -i "t$RANDOM" >/dev/null &&
			reloaded=$((($(date +%s%N) - begun) / 1000))
		sleep 0.5
	fi
	IDLE=$idle
	row "{\"peer\":\"$NAME\",\"rules\":$1,\"startup_us\":$started,\"reload_us\":$reloaded,\"idle_pss_kib\":$idle,\"processes\":$(nproc_of $PEER_PIDS)}"
}

# Memory while many are under way at a slow portal.
hold_row() { # RULES
	local pid open used
	stub_delay 1000
	stub_reset
	load -c "$HOLD" -t 4 -w 0 -R "$1" -i "h$RANDOM" >/dev/null &
	pid=$!
	sleep 2.8
	used=$(pss $PEER_PIDS)
	open=$(stub_get | stat_of inflight)
	wait "$pid"
	stub_delay 0
	row "{\"peer\":\"$NAME\",\"hold\":$HOLD,\"open_at_portal\":${open:-0},\"idle_pss_kib\":$IDLE,\"pss_kib\":$used,\"kib_per_open\":$(
		awk -v m=$((used - IDLE)) -v n="${open:-0}" 'BEGIN { printf "%.1f", n ? m / n : 0 }')}"
}

measure() { # RULES IS_FIRST
	local c d
	for c in $CONNS; do
		for _ in $(seq "$REPS"); do row "$(load_row "$c" "$1" 0 "$SECS")"; done
	done
	[ "$2" = yes ] || return 0
	for d in $DELAYS; do
		stub_delay "$d"
		row "$(load_row $((d >= 500 ? HOLD : 256)) "$1" "$d" $((d >= 500 ? 5 : SECS)))"
	done
	stub_delay 0
	[ "$HOLD" = 0 ] || hold_row "$1"
}

run_peer() {
	local rules first=yes
	unset -f peer_check peer_setup peer_start peer_reload peer_stop peer_run
	PEER_ASYNC="" PEER_PATH="" PEER_MAX_RULES="" PEER_EXPECT='"upstream":%d' PEER_HEADERS=()
	# shellcheck disable=SC1090
	. "$BENCH/$NAME.sh"
	peer_check || { row "{\"peer\":\"$NAME\",\"left_out\":\"needs ${PEER_NEEDS:-?}\"}"; return; }
	if declare -F peer_run >/dev/null; then peer_run; return; fi
	for rules in $RULES; do
		[ -z "$PEER_MAX_RULES" ] || [ "$rules" -le "$PEER_MAX_RULES" ] || continue
		WORK=$(mktemp -d -p "$OUT")
		chmod 755 "$WORK"
		GEN=0
		stub_start
		if start_row "$rules"; then
			measure "$rules" "$first"
		else
			row "{\"peer\":\"$NAME\",\"rules\":$rules,\"error\":\"did not answer\"}"
			tail -n 5 "$WORK"/*.log
		fi
		first=no
		! declare -F peer_stop >/dev/null || peer_stop
		clean_up
	done
}

disk before
for NAME in "$@"; do
	[ -f "$BENCH/$NAME.sh" ] || die "there is no peer $NAME"
	run_peer
done
disk after
node "$BENCH/summary.js" "$RESULTS"
