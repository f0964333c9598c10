#!/bin/bash
# Half the highest rate for ten minutes: do memory, descriptors, threads, log and latency stay as
# they are? Full work: each request is decided, recorded, delivered to the stub and answered.
#   bash tests/bench/soak.sh           SOAK_SECONDS=600, SOAK_RATE= (measured first)
# One line a sample; then the medians of the first and the last third. Latency counts as a multiple
# of the load generator's own CPU cost, since the machine is shared. Needs `cmake --build build`,
# python3 and 2 KB of disk a request. Loopback only; what is started is ended by its pid.

# shellcheck disable=SC2034,SC2154 # names for and of the peers' scripts
SECONDS_IN_ALL=${SOAK_SECONDS:-600}
SAMPLES=30
PEER_MODE=sync
# shellcheck source=tests/bench/peers/alone.sh
. "$(dirname "$0")/peers/alone.sh"
UP_PORTS=(19021 19022 19023)
IN_PORT=19091
alone_work

load() { # ARGUMENT...
	"$TOOLS/loadgen" -c 64 -R 3 -u "$PEER_PATH" "${PEER_HEADERS[@]}" -i "$RANDOM$RANDOM" "$@" "$IN_PORT"
}
of_process() { sed -n "s/^$1:[[:space:]]*\([0-9]*\).*/\1/p" "/proc/$PEER_PIDS/status"; }

sample() { # ANSWER OF THE LOAD GENERATOR
	printf '%s %s %s %s %s %s %s %s %s\n' "$(of_process VmRSS)" "$(find "/proc/$PEER_PIDS/fd" -type l | wc -l)" \
		"$(of_process Threads)" "$(($(stat -c %s "$WORK/ledger.db-wal") / 1024))" "$(stat_of p50_us <<<"$1")" \
		"$(stat_of p99_us <<<"$1")" "$(stat_of gen_cpu_us <<<"$1")" "$(stat_of rps <<<"$1")" \
		"$(($(stat_of non2xx <<<"$1") + $(stat_of errors <<<"$1")))"
}

verdict() {
	python3 - "$WORK/samples" <<'PYTHON'
import statistics, sys
rows = [[float(x) for x in line.split()] for line in open(sys.argv[1])]
third = max(1, len(rows) // 3)
median = lambda rows, of: statistics.median(of(r) for r in rows)
figures = [  # name, value of a row, how much the last third may be above the first
    ("memory (RSS), KiB", lambda r: r[0], 1.15), ("descriptors", lambda r: r[1], 1.05),
    ("threads", lambda r: r[2], 1.0), ("log (WAL), KiB", lambda r: r[3], 1.5),
    ("p50, us", lambda r: r[4], None), ("p99, us", lambda r: r[5], None),
    ("p50 / generator's CPU", lambda r: r[4] / r[6], 1.5), ("p99 / generator's CPU", lambda r: r[5] / r[6], 2.0),
    ("errors", lambda r: r[8], 0)]
is_flat = True
for name, of, most in figures:
    first, last = median(rows[:third], of), median(rows[-third:], of)
    grows = most is not None and last > first * most
    is_flat &= not grows
    print(f"{name:24} first third {first:10.1f}  last third {last:10.1f}{'  GROWS' if grows else ''}")
print("flat" if is_flat else "NOT FLAT")
sys.exit(not is_flat)
PYTHON
}

stub_start
peer_setup 3
peer_start
"$TOOLS/loadgen" -E '"portal"' -R 3 -t 30 -u "$PEER_PATH" "${PEER_HEADERS[@]}" -i "s$RANDOM" "$IN_PORT" >/dev/null ||
	die "the service did not answer"
rate=${SOAK_RATE:-$(load -t 10 | stat_of rps | awk '{ print int($1 / 2) }')}
echo "$rate requests a second for $SECONDS_IN_ALL s"
echo "RSS-KiB fds threads WAL-KiB p50-us p99-us generator-us rps errors"
for _ in $(seq $SAMPLES); do
	sample "$(load -w 0 -t "$((SECONDS_IN_ALL / SAMPLES))" -r "$rate")" | tee -a "$WORK/samples"
done
echo "delivered $(stub_get | stat_of ids), twice $(stub_get | stat_of dups)"
verdict
