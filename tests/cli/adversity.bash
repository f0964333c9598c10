# shellcheck shell=bash disable=SC2154,SC2034 # names of the other helpers and for the tests
# Requests under way while something around the service goes wrong, and what must hold at the end.

load sandbox
load service

# adverse_desk [INI OF PORTAL AZURE]: a portal that is tried again soon, incidents enough.
adverse_desk() {
	azure_ini="timeout = ${timeout:-2s}
		retry_percent = 100
		pause = 200ms
		${1:-}" sandbox_desk
	add_contract cloud signature-cloud 1000
	"$caseroute" contracts observe cloud --linked anna@contoso.example >/dev/null
	socket=$work/desk/caseroute.sock
	: >"$work/posted"
}

# post REFERENCE: once; what was answered is kept.
post() {
	ask POST /v1/requests "{\"title\": \"Adversity $1\", \"description\": \"Since 09:00 UTC.\",
		\"product\": \"Azure Virtual Machines\", \"severity\": \"C\",
		\"subscription\": \"$own_subscription\", \"reference\": \"$1\"}" || code=000
	printf '%s %s %s\n' "$1" "$code" "$(sed -n 's/.*"id": *"\([^"]*\)".*/\1/p' "$work/body" | head -n 1)" \
		>>"$work/posted"
}

post_all() { # PREFIX FROM TO
	local n
	for n in $(seq "$2" "$3"); do post "$1-$n"; done
}

# eventually COMMAND...: within 30 s (or $patience).
eventually() {
	local at
	for at in $(seq $((${patience:-30} * 10))); do
		"$@" && return 0
		sleep 0.1
	done
	echo "it never came to: $*" >&2
	return 1
}

is_ready() {
	ask GET /readyz
	[ "$code" = 200 ]
}

not_ready() { ! is_ready; }

# metric NAME[{LABELS}]
metric() {
	ask GET /metrics
	awk -v name="$1" '$1 == name { print $2 }' "$work/body"
}

logged() { grep -q -- "$1" "$work/service.err"; }

refused() { grep -c ' 503 ' "$work/posted" || true; }

at_rest() {
	ask GET "/v1/requests?limit=1000"
	[ "$code" = 200 ] && ! grep -q '"state":"\(ready\|linking\|creating\|waiting\)"' "$work/body"
}

# Nothing lost, nothing twice: each request that was acknowledged is on record under its id and
# open, with the one ticket that the portal has for it; so many incidents are spent. A request
# that was not acknowledged is there whole or not at all.
nothing_lost_or_twice() {
	eventually at_rest || { cat "$work/body" "$work/service.err" >&2; return 1; }
	ask GET "/v1/requests?limit=1000"
	cp "$work/body" "$work/record"
	control GET tickets >"$work/tickets"
	"$caseroute" contracts list --json >"$work/contracts"
	python3 - "$work" <<'PYTHON'
import collections, json, sys
read = lambda name: open(f"{sys.argv[1]}/{name}").read()
record = json.loads(read("record"))["requests"]
azure, bridge = (json.loads(read("tickets"))[double] for double in ("azure", "bridge"))
tickets = azure + bridge
posted = [line.split() for line in read("posted").splitlines()]
acknowledged = {p[0]: p[2] for p in posted if p[1] in ("200", "202")}
by_reference = {r["reference"]: r for r in record}
wrong = [f"{reference}: acknowledged as {id}, on record {by_reference.get(reference)}"
         for reference, id in acknowledged.items() if by_reference.get(reference, {}).get("id") != id]
wrong += [f"{r['reference']} is {r['state']}: {r['reason']}" for r in record if r["state"] != "open"]
for what, values in (("tickets", [t["properties"]["title"] for t in azure]),
                     ("requests", [r["reference"] for r in record])):
    wrong += [f"{n} {what} of {value}" for value, n in collections.Counter(values).items() if n > 1]
if sorted(t["number"] for t in tickets) != sorted(r["ticket"] or "" for r in record):
    wrong.append("the tickets on record are not those of the portal")
spent = sum(c["spent"] for c in json.loads(read("contracts")))
if spent != len(tickets):
    wrong.append(f"{spent} incidents are spent for {len(tickets)} tickets")
if not acknowledged:
    wrong.append("nothing was acknowledged")
print("\n".join(wrong))
sys.exit(bool(wrong))
PYTHON
}
