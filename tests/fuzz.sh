#!/bin/sh
# Replays the kept corpora and fuzzes each target for a while.
#   sh tests/fuzz.sh BUILD_FOLDER SECONDS
set -u
cd "$(dirname "$0")/.." || exit 1
folder=$1
seconds=$2
failed=0
for source in tests/fuzz/*_fuzz.c; do
	name=$(basename "$source" .c)
	corpus=tests/fuzz/corpus/${name%_fuzz}
	work=$folder/corpus/$name
	mkdir -p "$work" "$corpus"
	"$folder/tests/$name" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$folder/$name-" "$work" "$corpus" >"$folder/$name.out" 2>&1
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.out")
	echo "$name: ${runs:-0} runs, exit $status"
	if [ "$status" != 0 ]; then
		tail -n 40 "$folder/$name.out"
		failed=1
	fi
done
exit $failed
