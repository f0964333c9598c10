# shellcheck shell=bash disable=SC2034,SC2154 # names for and of the scripts that source this
# caseroute without its peers: what growth.sh, start.sh, soak.sh and hold.sh begin with. Sets the
# names that lib.sh and caseroute.sh want, makes $OUT, and ends what was started, however it ends.
# Beforehand PEER_MODE (sync, async); WORKS collects the folders that are removed at the end.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
BENCH=$root/tests/bench/peers
BUILD=${CASEROUTE_BUILD:-$root/build}
TOOLS=$BUILD/tests/bench
CASEROUTE=$BUILD/caseroute
OUT=$BUILD/bench
WORKS=""
# shellcheck source=tests/bench/peers/lib.sh
. "$BENCH/lib.sh"
# shellcheck source=tests/bench/peers/caseroute.sh
. "$BENCH/caseroute.sh"
[ -x "$TOOLS/loadgen" ] || die "build first: cmake -S . -B build && cmake --build build"
mkdir -p "$OUT"
ulimit -n "$(ulimit -Hn)" 2>/dev/null

alone_work() {
	WORK=$(mktemp -d -p "$OUT")
	WORKS="$WORKS $WORK"
}

alone_end() {
	# shellcheck disable=SC2086 # several pids, several folders
	[ -z "$PEER_PIDS" ] || end_pids $PEER_PIDS
	PEER_PIDS=""
	stub_stop
	# shellcheck disable=SC2086
	rm -rf $WORKS
}
trap alone_end EXIT
trap 'exit 130' INT TERM
