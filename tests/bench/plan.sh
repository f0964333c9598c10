#!/bin/sh
# What `caseroute plan` costs as a whole process with the delivered configuration:
# the median of 21 runs, memory, and instructions where valgrind is there.
#   sh tests/bench/plan.sh [BUILD_FOLDER]
# Ends with 1 if a target is missed: 25 ms, 20 MiB.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/request.json" <<'JSON'
{"product": "Windows Server", "release": "2019", "severity": "B", "title": "Cluster node drops out"}
JSON
cat >"$folder/facts.json" <<'JSON'
{"now": "2021-06-01T09:00:00Z", "profile": "mpn-2021-03",
 "account": {"name": "anna@contoso.example", "type": "aad", "programs": ["mpn"], "roles": []},
 "offers": [{"offer": "gold", "competency": "Datacenter"}], "benefit": {"activated": true},
 "contracts": [{"id": "c1", "plan": "partner-support", "access_id": true, "contract_id": true,
  "end": "2022-02-14", "remaining": 7, "linked": false}]}
JSON
set -- "$build/caseroute" --config conf plan --json --facts "$folder/facts.json" "$folder/request.json"
"$@" >"$folder/out" || { echo "plan does not allow:"; cat "$folder/out"; exit 1; }

# One line a run: user and system time in ms, peak memory in KiB.
python3 - "$@" <<'PYTHON'
import os, statistics, sys
runs = []
for _ in range(21):
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(sys.argv[1], sys.argv[1:])
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit("a run failed")
    runs.append(((used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss))
time = statistics.median(r[0] for r in runs)
memory = max(r[1] for r in runs) / 1024
print("task clock, median of 21  %6.1f ms   (%.1f to %.1f)  target 25" % (time, min(runs)[0], max(runs)[0]))
print("peak memory               %6.1f MiB  target 20" % memory)
sys.exit(time > 25 or memory > 20)
PYTHON
status=$?
if command -v valgrind >/dev/null 2>&1; then
	valgrind --tool=callgrind --callgrind-out-file="$folder/callgrind" "$@" 2>&1 >/dev/null |
		sed -n 's/.*Collected : \([0-9]*\).*/instructions              \1/p'
fi
exit $status
