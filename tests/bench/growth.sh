#!/bin/bash
# Does a request cost more when the ledger has grown? CPU for one request of full work with 1,000
# and with 1,000,000 requests and contracts stored, and with 10 and 10,000 routes.
#   bash tests/bench/growth.sh [STORED]...      default: 1000 1000000
# Needs `cmake --build build`, python3 and, for a million, 2 GB of disk. Rounds alternate, since
# the machine is shared; what counts is the ratio of the medians.

# shellcheck disable=SC2034,SC2154 # names for and of the peers' scripts
ROUNDS=${ROUNDS:-5}
PEER_MODE=sync
# shellcheck source=tests/bench/peers/alone.sh
. "$(dirname "$0")/peers/alone.sh"

# fill COUNT: so many requests with a ticket, and so many contracts, linked to the account.
fill() {
	python3 - "$WORK/ledger.db" "$1" <<'PYTHON'
import sqlite3, sys
db, n = sqlite3.connect(sys.argv[1]), int(sys.argv[2])
numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})"
db.execute("PRAGMA synchronous = OFF")
for sql in (
    "INSERT INTO request (id, state, created, changed, decisions, reference, title, account, portal, ticket, holds_reference)"
    " SELECT printf('01900000-0000-7000-8000-%012x', i), 10, 1700000000000 + i, 1700000000000 + i, 1,"
    " printf('old-%d', i), 'Mail stops', 'anna@contoso.example', 'up0', printf('%d', i), 1 FROM n",
    "INSERT INTO decision (key, at, body, facts, decision)"
    " SELECT key << 20 | 1, created, '{}', '{}', '{}' FROM request WHERE reference LIKE 'old-%'",
    "INSERT INTO contract (id, plan, is_personal, has_access_id, has_contract_id, until, has_both)"
    " SELECT printf('c%07d', i), CASE i % 2 WHEN 0 THEN 'partner-support' ELSE 'signature-cloud' END, 0, 1, 1,"
    " 1900000000000 + i * 1000, 1 FROM n",
    "INSERT INTO link (contract, account, mark, at, plan, until, is_live)"
    " SELECT printf('c%07d', i), 'anna@contoso.example', 1, 1700000000000,"
    " CASE i % 2 WHEN 0 THEN 'partner-support' ELSE 'signature-cloud' END, 1900000000000 + i * 1000, 1 FROM n",
):
    db.execute(sql.replace(" SELECT", f" {numbers} SELECT", 1))
db.commit()
PYTHON
}

start() {
	peer_start
	"$TOOLS/loadgen" -E '"portal"' -R 1 -t 60 -u "$PEER_PATH" "${PEER_HEADERS[@]}" -i "s$RANDOM" "$IN_PORT" >/dev/null
}

# case NAME ROUTES STORED: prepares a desk, and keeps its folder and headers.
declare -A folders headers costs
prepare() {
	alone_work
	GEN=0
	peer_setup "$2"
	start
	# shellcheck disable=SC2086
	end_pids $PEER_PIDS
	[ "$3" = 0 ] || fill "$3"
	folders[$1]=$WORK
	headers[$1]=$(printf '%s\n' "${PEER_HEADERS[@]}")
}

measure() { # NAME ROUTES
	local before answer
	WORK=${folders[$1]}
	mapfile -t PEER_HEADERS <<<"${headers[$1]}"
	start
	before=$(ticks $PEER_PIDS)
	answer=$("$TOOLS/loadgen" -c 32 -t 3 -R "$2" -u "$PEER_PATH" -x -i "$RANDOM$RANDOM" "${PEER_HEADERS[@]}" "$IN_PORT")
	costs[$1]+="$(awk -v t=$(($(ticks $PEER_PIDS) - before)) -v hz="$HZ" -v n="$(echo "$answer" | stat_of completed)" \
		-v gen="$(echo "$answer" | stat_of gen_cpu_us)" 'BEGIN { printf "%.1f %.2f", t / hz * 1e6 / n, t / hz * 1e6 / n / gen }')"$'\n'
	# shellcheck disable=SC2086
	end_pids $PEER_PIDS
	PEER_PIDS=""
}

median_of() { # NAME COLUMN
	printf '%s' "${costs[$1]}" | awk -v c="$2" '{ print $c }' | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

[ $# -gt 0 ] || set -- 1000 1000000
stub_start
prepare routes-10 10 0
prepare routes-10000 10000 0
for stored in "$@"; do prepare "stored-$stored" 10 "$stored"; done
for _ in $(seq "$ROUNDS"); do
	measure routes-10 10
	measure routes-10000 10000
	for stored in "$@"; do measure "stored-$stored" 10; done
done
for name in routes-10 routes-10000 "${@/#/stored-}"; do
	echo "$name: $(median_of "$name" 1) us of CPU a request, $(median_of "$name" 2) times the load generator's"
done
