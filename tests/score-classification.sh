#!/bin/sh
# Scores what the catalogue tells of texts: our own rows, and those of ../shared
# if they are there. Fails under the targets. usage: score-classification.sh [BUILD]
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-$here/../build}
classify=${CLASSIFY:-$build/tests/classify}
shared=${SHARED:-$here/../../shared}
failed=0

# A table's own score, for machines without the shared tools.
own_score() {
	python3 - "$1" "$classify" <<'PY'
import csv, json, subprocess, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))
lines = "".join(json.dumps({"id": r["id"], "text": r["text"]}) + "\n" for r in rows)
out = subprocess.run(sys.argv[2].split(), input=lines, capture_output=True, text=True, check=True).stdout
answers = {a["id"]: a for a in map(json.loads, out.splitlines())}
def right(field, chosen):
    return sum(answers.get(r["id"], {}).get(field) == r[field] for r in chosen)
print("%-12s %5s %12s %9s" % ("difficulty", "rows", "environment", "workload"))
for name in ("plain", "trap", "noproduct", ""):
    chosen = [r for r in rows if name in ("", r["difficulty"])]
    if chosen:
        print("%-12s %5d %10.1f %% %7.1f %%" % (name or "all", len(chosen),
            100 * right("environment", chosen) / len(chosen), 100 * right("workload", chosen) / len(chosen)))
for r in rows:
    a = answers.get(r["id"], {})
    if (a.get("environment"), a.get("workload")) != (r["environment"], r["workload"]):
        print("%s: %s/%s, not %s/%s: %s" % (r["id"], r["environment"], r["workload"],
            a.get("environment"), a.get("workload"), r["text"][:90]))
known = [r for r in rows if r["environment"] != "unknown"]
decided = [r for r in rows if answers.get(r["id"], {}).get("environment") != "unknown"]
asked = sum(answers.get(r["id"], {}).get("environment") == "unknown" for r in known)
guessed = [r["id"] for r in rows if r["difficulty"] == "noproduct" and r in decided]
sure = 100 * right("environment", decided) / len(decided)
print("right where decided %.1f %%, asked although told %.1f %%, guessed without a product: %s"
    % (sure, 100 * asked / len(known), " ".join(guessed) or "none"))
sys.exit(not (sure >= 97 and 100 * asked / len(known) <= 8 and not guessed))
PY
}

if [ ! -x "${classify%% *}" ]; then
	echo "SKIPPED: $classify is not built" >&2
	exit 77
fi
if ! command -v python3 >/dev/null; then
	echo "SKIPPED: no python3" >&2
	exit 77
fi
for table in "$here/data/classify.tsv" "$shared/products/labelled-sample.tsv"; do
	if [ ! -r "$table" ]; then
		echo "SKIPPED: no $table"
		continue
	fi
	echo "== $table"
	own_score "$table" || failed=1
done
exit $failed
