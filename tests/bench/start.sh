#!/bin/bash
# How long until the service answers again after a SIGKILL with many requests unfinished, and are
# they carried on? Each first answer (livez, the list, a new request's 202) shall come within 1 s.
#   bash tests/bench/start.sh [COUNT]      default 100000; REPEATS=3 starts
# Needs `cmake --build build` and python3. Loopback only; what is started is ended by its pid.

# shellcheck disable=SC2034,SC2154 # names for and of the peers' scripts
COUNT=${1:-100000}
PEER_MODE=async
# shellcheck source=tests/bench/peers/alone.sh
. "$(dirname "$0")/peers/alone.sh"
UP_PORTS=(19011 19012 19013)
IN_PORT=19090
alone_work

# unfinished and open requests, straight from the ledger
count() {
	python3 - "$WORK/ledger.db" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
states = dict(db.execute("SELECT state, count(*) FROM request GROUP BY state"))
print(sum(n for s, n in states.items() if s in (3, 4, 5, 7)), states.get(10, 0), sum(states.values()))
PYTHON
}

# first_answers: starts the service; milliseconds from then to each first answer.
first_answers() {
	peer_start
	python3 - "$IN_PORT" "${PEER_HEADERS[1]}" "$(date +%s%N)" <<'PYTHON'
import http.client, json, os, sys, threading, time
port, begun = int(sys.argv[1]), int(sys.argv[3])
headers = dict([sys.argv[2].split(": ", 1)])
body = json.dumps({"title": "First", "description": "After the start.", "product": "Azure Virtual Machines",
                   "severity": "C", "subscription": "11111111-1111-1111-1111-111111111111",
                   "customer": "r00000", "reference": "first-%d" % begun})
took = {}
def probe(name, method, path, body, wanted):
    for _ in range(20000):
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            c.request(method, path, body, {**headers, **({"Content-Type": "application/json"} if body else {})})
            answer = c.getresponse()
            answer.read()
            if answer.status == wanted:
                took[name] = (time.time_ns() - begun) / 1e6
                return
            took[name + " refused"] = answer.status
        except OSError:
            time.sleep(0.002)
        finally:
            c.close()
probes = [("livez", "GET", "/livez", None, 200), ("list", "GET", "/v1/requests?limit=100", None, 200),
          ("post", "POST", "/v1/requests", body, 202)]
threads = [threading.Thread(target=probe, args=p) for p in probes]
[t.start() for t in threads]
[t.join() for t in threads]
print("first answer after the start, ms:", ", ".join(f"{n} {took.get(n, float('nan')):.0f}" for n, *_ in probes),
      {k: v for k, v in took.items() if "refused" in k} or "")
sys.exit(not all(took.get(n, 1e9) < 1000 for n, *_ in probes))
PYTHON
}

# slowest ANSWERS: of many GETs while the rest is carried on
slowest() {
	python3 - "$IN_PORT" "${PEER_HEADERS[1]}" "$1" <<'PYTHON'
import http.client, sys, time
headers, took = dict([sys.argv[2].split(": ", 1)]), []
for _ in range(int(sys.argv[3])):
    begun = time.monotonic()
    c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
    c.request("GET", "/v1/requests?limit=1", headers=headers)
    c.getresponse().read()
    c.close()
    took.append((time.monotonic() - begun) * 1000)
    time.sleep(0.02)
took.sort()
print(f"an answer meanwhile, ms: median {took[len(took) // 2]:.1f}, slowest {took[-1]:.1f}")
PYTHON
}

status=0
stub_start -d 600000
peer_setup 3
peer_start
"$TOOLS/loadgen" -E '' -R 3 -t 30 -u "$PEER_PATH" "${PEER_HEADERS[@]}" -i "s$RANDOM" "$IN_PORT" >/dev/null || {
	tail -n 5 "$WORK/caseroute.log" >&2
	die "the service did not answer"
}
"$TOOLS/loadgen" -c 64 -n "$COUNT" -t 120 -w 0 -R 3 -u "$PEER_PATH" "${PEER_HEADERS[@]}" -i "u$RANDOM" "$IN_PORT"
repeats=${REPEATS:-3}
for n in $(seq "$repeats"); do
	[ "$n" -lt "$repeats" ] || stub_delay 0 # after the last start the portals answer
	kill -9 "$PEER_PIDS"
	wait "$PEER_PIDS" 2>/dev/null
	read -r unfinished opened all <<<"$(count)"
	echo "$unfinished of $all requests unfinished"
	first_answers || status=1
	slowest 200
done
begun=$(date +%s)
for _ in $(seq 600); do
	read -r unfinished opened all <<<"$(count)"
	[ "$unfinished" = 0 ] && break
	sleep 1
done
echo "carried on: $opened of $all open, $unfinished unfinished, after $(($(date +%s) - begun)) s; $(sed -n 's/VmHWM:[[:space:]]*/highest memory /p' "/proc/$PEER_PIDS/status")"
[ "$unfinished" = 0 ] || status=1
exit $status
