#!/bin/sh
# Scores `plan` against the desk's decision vectors, where they are at hand; our own
# table of them is tests/unit/decide_vectors_test.c.
set -u
cd "$(dirname "$0")/.." || exit 1
shared=${CASEROUTE_SHARED:-../shared}
if [ ! -x "$shared/tools/score-decisions" ]; then
	echo "skipped: no vectors at $shared"
	exit 0
fi
exec "$shared/tools/score-decisions" --properties "build/caseroute --config conf plan --json --facts {facts} {request}" \
	"$shared/decision-vectors.jsonl"
