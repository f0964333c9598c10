#!/bin/bash
# What confinement costs end to end: requests per second through the service with every plugin in
# a confined child, against all in its own process, at a portal that takes 50 ms. The two take
# turns, since the machine is shared; what counts is the best of each. Ends with 1 below 0.9.
#   bash tests/bench/confined.sh [-n TURNS] [-t SECONDS]
# Needs `cmake --build build`. Loopback only; peers.sh ends what it starts.

root=$(cd "$(dirname "$0")/../.." && pwd)
TURNS=3 SECS=3
while getopts n:t: o; do
	case $o in
	n) TURNS=$OPTARG ;;
	t) SECS=$OPTARG ;;
	*) exit 64 ;;
	esac
done

turn() { # ISOLATION
	CASEROUTE_ISOLATION=$1 bash "$root/tests/bench/peers.sh" -c 1 -t "$SECS" -n 1 -m 3 -d 50 -k 0 caseroute 2>&1 |
		sed -n '/"delay_ms":50,/s/.*"rps":\([0-9]*\).*/\1/p'
}

here=0 confined=0
for _ in $(seq "$TURNS"); do
	a=$(turn in-process) b=$(turn process)
	echo "in process ${a:-none}, confined ${b:-none} requests/s"
	[ "${a:-0}" -le "$here" ] || here=$a
	[ "${b:-0}" -le "$confined" ] || confined=$b
done
awk -v a="$here" -v b="$confined" 'BEGIN {
	if (!a || !b) exit 2
	printf "ratio %.2f\n", b / a
	exit b / a < 0.9
}'
