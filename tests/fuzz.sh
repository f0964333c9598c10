#!/bin/sh
# Replays the kept corpora and fuzzes each target for a while, as many at once as there are cores.
#   sh tests/fuzz.sh BUILD_FOLDER SECONDS [TARGET]
set -u
cd "$(dirname "$0")/.." || exit 1
folder=$1
seconds=$2
if [ $# -lt 3 ]; then
	for source in tests/fuzz/*_fuzz.c; do
		basename "$source" .c
	done | xargs -n 1 -P "$(nproc)" sh tests/fuzz.sh "$folder" "$seconds"
	exit
fi

name=$3
corpus=tests/fuzz/corpus/${name%_fuzz}
work=$folder/corpus/$name
mkdir -p "$work" "$corpus"
"$folder/tests/$name" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$folder/$name-" "$work" "$corpus" >"$folder/$name.out" 2>&1
status=$?
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.out")
echo "$name: ${runs:-0} runs, exit $status"
[ "$status" = 0 ] || tail -n 40 "$folder/$name.out"
exit "$status"
