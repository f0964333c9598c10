#!/bin/bash
# Memory while exchanges are open: COUNT requests at once at a portal that takes a second, 2,000 of
# them under way at a time and the rest waiting in the ledger. KiB of each open exchange above what
# the idle service takes (PSS), every half second; the figure is the median of those at which at least
# nine tenths of the most were open. None may fail.
#   bash tests/bench/hold.sh [COUNT]      default 10000
# Needs `cmake --build build`. Loopback only; what is started is ended by its pid.

# shellcheck disable=SC2034,SC2154 # names for and of the peers' scripts
COUNT=${1:-10000}
PEER_MODE=async
PEER_CONCURRENCY=1000
# shellcheck source=tests/bench/peers/alone.sh
. "$(dirname "$0")/peers/alone.sh"
UP_PORTS=(19031 19032 19033)
IN_PORT=19092
alone_work

load() { "$TOOLS/loadgen" -R 3 -u "$PEER_PATH" "${PEER_HEADERS[@]}" -i "$RANDOM$RANDOM" "$@" "$IN_PORT"; }

stub_start
peer_setup 3
peer_start
load -E '' -t 30 -i first >/dev/null || die "the service did not answer"
sleep 1
idle=$(pss $PEER_PIDS)
stub_reset
stub_delay 1000
load -c 64 -n "$COUNT" -t 60 >"$WORK/load" &
LOAD_PID=$!
while [ "$(stub_get | stat_of ids)" -lt "$COUNT" ]; do
	echo "$(stub_get | stat_of inflight) $(pss $PEER_PIDS)" >>"$WORK/samples"
	sleep 0.5
	[ $((SECONDS)) -lt 300 ] || die "after 300 s only $(stub_get | stat_of ids) of $COUNT have arrived"
done
wait "$LOAD_PID"
echo "accepted $(stat_of ok <"$WORK/load") of $COUNT, delivered $(stub_get | stat_of ids), twice $(stub_get | stat_of dups)"
awk -v idle="$idle" '
	{ open[NR] = $1; used[NR] = $2; if ($1 > most) most = $1 }
	END {
		for (i = 1; i <= NR; i++)
			if (open[i] >= most * 0.9) printf "%.1f %d %.1f\n", (used[i] - idle) / open[i], open[i], idle / 1024
	}' "$WORK/samples" | sort -g |
	awk '{ line[NR] = $0 } END { split(line[int((NR + 1) / 2)], f); printf "idle %.1f MiB; with %d open %.1f KiB each\n", f[3], f[2], f[1] }'
[ "$(stat_of ok <"$WORK/load")" = "$COUNT" ] && [ "$(stub_get | stat_of dups)" = 0 ]
