#!/bin/bash
# What the service takes and gives: requests a second, commits, memory. One run; ratios matter,
# since the machine is shared.
#   bash tests/bench/serve.sh [BUILD-FOLDER]
# PERF=1 also tells where the time goes (perf).

# shellcheck disable=SC2154,SC2034 # names of the helpers
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
export CASEROUTE_BUILD=${1:-$root/build}
BATS_TEST_DIRNAME=$root/tests/cli
BATS_FILE_TMPDIR=$(mktemp -d)
BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
load() {
	# shellcheck disable=SC1090
	. "$BATS_TEST_DIRNAME/$1.bash"
}
load sandbox
load service
end() {
	kill_service
	stop_sandbox
	rm -rf "$BATS_FILE_TMPDIR"
}
trap end EXIT

start_sandbox
classification=$(find_classification "Virtual Machine running Windows" Other)

# fresh [CONCURRENCY]: a new desk and ledger with incidents enough, the service not started.
fresh() {
	kill_service
	azure_ini="concurrency = ${1:-8}" sandbox_desk
	add_contract cloud signature-cloud 100000
	"$caseroute" contracts observe cloud --linked anna@contoso.example >/dev/null
	socket=$work/desk/caseroute.sock
}

measure() { # CLIENTS COUNT KIND
	node "$root/tests/bench/serve.mjs" "$socket" "$service_pid" "$@"
}

commits() { # CLIENTS COUNT KIND
	fresh 64
	CASEROUTE_KILL_LOG=$work/points start_service --quiet
	measure "$@" >/dev/null
	printf '%s of %s over %s connections: %s commits for 1000 requests\n' "$2" "$3" "$1" \
		"$(($(grep -c '^committed$' "$work/points") * 1000 / $2))"
}

fresh
start_service --quiet
sleep 0.5
echo "idle: $(sed -n 's/VmRSS:[[:space:]]*//p' "/proc/$service_pid/status")"
echo "POST, 202 after its commit:"
for clients in 1 8 64; do
	fresh
	start_service --quiet
	measure "$clients" $((clients == 1 ? 500 : 4000)) asking
done
echo "full work at the doubles (Node, same machine):"
fresh 64
start_service --quiet
measure 16 500 azure
echo "1000 under way at a portal that answers a PUT after 1 s:"
fresh 64
fault azure PUT "*" '{"delay_ms": 1000}' always
start_service --quiet
measure 64 1000 azure
if [ "${PERF:-}" = 1 ]; then
	for kind in asking azure; do
		fresh 64
		[ "$kind" = asking ] || fault azure PUT "*" '{"delay_ms": 1000}' always
		start_service --quiet
		perf record -q -g -o "$work/perf.$kind" -p "$service_pid" 2>/dev/null &
		perf_pid=$!
		measure 64 "$([ "$kind" = asking ] && echo 8000 || echo 1000)" "$kind"
		kill -INT "$perf_pid"
		wait "$perf_pid" || true
		perf report -i "$work/perf.$kind" --no-children -g none --stdio 2>/dev/null |
			grep -v '^#' | grep -v '^$' | head -n 25
	done
fi
commits 1 500 asking
commits 64 4000 asking
commits 16 500 azure
