# shellcheck shell=bash disable=SC2034,SC2086 # names for the scripts that source this; lists of pids
# What the peers' scripts share. Sourced by tests/bench/peers.sh.
HZ=$(getconf CLK_TCK)
UP_PORTS=(19001 19002 19003)
IN_PORT=19080
STUB_PID=""

die() { echo "bench: $*" >&2; exit 1; }

# All descendants of the given pids, themselves included.
tree() {
	local p k
	for p in "$@"; do
		[ -d "/proc/$p" ] || continue
		echo "$p"
		k=$(cat /proc/"$p"/task/*/children 2>/dev/null)
		[ -n "$k" ] && tree $k
	done
}

# CPU ticks used so far by the pids and all their descendants (and reaped children).
ticks() {
	local p s=0 a
	for p in $(tree "$@"); do
		a=$(sed 's/.*) //' /proc/"$p"/stat 2>/dev/null) || continue
		set -- $a
		s=$((s + ${12} + ${13} + ${14} + ${15}))
	done
	echo "$s"
}

# Proportional set size in KiB of the pids and their descendants.
pss() {
	local p
	for p in $(tree "$@"); do cat /proc/"$p"/smaps_rollup 2>/dev/null; done | awk '/^Pss:/{s+=$2} END{print s+0}'
}

# Sum of peak resident sizes in KiB (shared pages counted once a process).
peak_rss() {
	local p
	for p in $(tree "$@"); do cat /proc/"$p"/status 2>/dev/null; done | awk '/^VmHWM:/{s+=$2} END{print s+0}'
}

nproc_of() { tree "$@" | wc -l; }

# Ends processes by pid: TERM, then KILL after 5 s. Only what we started.
end_pids() {
	local p i all
	all=$(tree "$@" | sort -u)
	for p in "$@"; do kill "$p" 2>/dev/null; done
	for i in $(seq 50); do
		local left=
		for p in $all; do [ -d "/proc/$p" ] && ! grep -q '^State:.*Z' /proc/"$p"/status 2>/dev/null && left=1; done
		[ -z "$left" ] && return 0
		sleep 0.1
	done
	for p in $all; do kill -9 "$p" 2>/dev/null; done
}

stub_start() { # [args...]
	"$TOOLS/stub" -p "$(IFS=,; echo "${UP_PORTS[*]}")" -t 3000 "$@" &
	STUB_PID=$!
	local i
	for i in $(seq 50); do stub_get >/dev/null 2>&1 && return 0; sleep 0.05; done
	die "the stub did not start"
}
stub_get() { curl -sf "http://127.0.0.1:${UP_PORTS[0]}/__stats"; }
stub_reset() { curl -sf -X POST "http://127.0.0.1:${UP_PORTS[0]}/__reset" >/dev/null; }
stub_delay() { curl -sf -X POST "http://127.0.0.1:${UP_PORTS[0]}/__delay?$1" >/dev/null; }
stub_stop() { [ -n "$STUB_PID" ] && end_pids "$STUB_PID"; STUB_PID=; }
stat_of() { sed -n 's/.*"'"$1"'":\(-\?[0-9.]*\).*/\1/p'; }   # stat_of KEY < json
up_of() { echo "${UP_PORTS[$((($1 + ${GEN:-0}) % 3))]}"; }    # upstream port of route number
up_idx() { echo $((($1 + ${GEN:-0}) % 3)); }

# What the peers are, from Debian and npm by name.
set_up() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q >/dev/null
	apt-get install -y -q --no-install-recommends nginx haproxy postfix postgresql curl npm >/dev/null
	npm install --silent --no-audit --no-fund --prefix "$OUT" fastify@5 undici@6 pg@8 node-red@4
}
