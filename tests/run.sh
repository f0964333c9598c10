#!/bin/sh
# All tests, from a bare Debian 12: installs what is missing, builds, runs.
#   sh tests/run.sh          the whole suite, fuzzers for 3 s each
#   sh tests/run.sh --quick  one build, unit and command-line tests only
#   sh tests/run.sh --long   fuzzers for an hour in all
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
. tests/setup.sh
unset CASEROUTE_CONFIG CASEROUTE_PLUGINS CASEROUTE_DATA CASEROUTE_NOW CASEROUTE_KILL_AT CASEROUTE_KILL_LOG

mode=${1:-}
failed=""
started=$(date +%s)

part() { # part NAME COMMAND...
	name=$1
	shift
	since=$(date +%s)
	if "$@" >"build/$name.out" 2>&1; then
		printf 'ok      %-28s %4d s  %s\n' "$name" $(($(date +%s) - since)) "$(tail -n 1 "build/$name.out" | cut -c1-70)"
	else
		printf 'FAILED  %-28s %4d s\n' "$name" $(($(date +%s) - since))
		grep -v '^\[ *OK\|^\[ RUN\|^ok ' "build/$name.out" | tail -n 60 | sed 's/^/        /'
		failed="$failed $name"
	fi
}

build_gcc() { setup_build build -DCASEROUTE_TESTS=ON; }
# With -O1, because it is started some thousand times.
build_asan() { CC=clang setup_build build-asan -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DCASEROUTE_SANITIZE=address,undefined; }
build_tsan() { CC=clang setup_build build-tsan -DCMAKE_BUILD_TYPE=Debug -DCASEROUTE_SANITIZE=thread; }
build_fuzz() { CC=clang target=fuzzers setup_build build-fuzz -DCMAKE_BUILD_TYPE=Debug -DCASEROUTE_FUZZ=ON -DCASEROUTE_SANITIZE=address,undefined; }
# Twice as many tests at once as there are cores, since one waits for half of its time.
at_once=$((2 * $(nproc)))
unit() { ctest --test-dir "$1" --output-on-failure -j "$at_once"; }
cli() { # FOLDER FILE...
	folder=$1
	shift
	CASEROUTE_BUILD="$root/$folder" bats --jobs "$at_once" --no-parallelize-within-files "$@"
}
# What mostly kills, which tells the sanitizers nothing, or waits, runs once; all else twice: in
# gcc's build with each plugin in a confined child, and under the sanitizers in the same process.
# Those begin that take longest, so that all end together.
once="tests/cli/adversity.bats tests/cli/chaos.bats tests/cli/kill.bats tests/cli/kill-sandbox.bats"
twice() {
	find tests/cli -name '*.bats' ! -name 'kill*' ! -name chaos.bats ! -name adversity.bats -printf '%s %p\n' |
		sort -rn | cut -d ' ' -f 2
}
# shellcheck disable=SC2046,SC2086 # one argument a file
cli_gcc() { CASEROUTE_ISOLATION=process cli build $once $(twice); }
# shellcheck disable=SC2046 # one argument a file
cli_asan() { cli build-asan $(twice); }
sandbox() { node --test tests/sandbox/*.test.mjs; }
scripts() { shellcheck -x tests/*.sh tests/abi/*.sh tests/cli/*.bash .ci/run conf/debian/*; }

setup_packages build test || { echo "cannot install what the tests need"; exit 1; }
setup_promtool
setup_abidiff
mkdir -p build

part build-gcc build_gcc
[ -z "$failed" ] || exit 1
part unit-gcc unit build
part sandbox sandbox
part cli cli_gcc
part classification sh tests/score-classification.sh
part decisions sh tests/score-decisions.sh
if [ "$mode" != --quick ]; then
	part scripts scripts
	part lint-api sh tests/lint-api.sh
	part install sh tests/install.sh
	part package sh tests/package.sh
	part build-clang-asan build_asan
	part unit-asan unit build-asan
	part cli-asan cli_asan
	part build-tsan build_tsan
	part unit-tsan unit build-tsan
	part build-fuzz build_fuzz
	seconds=3
	[ "$mode" = --long ] && seconds=$((3600 / $(find tests/fuzz -name '*_fuzz.c' | wc -l)))
	part fuzz sh tests/fuzz.sh build-fuzz "$seconds"
fi
echo "$(($(date +%s) - started)) s in all"
if [ -n "$failed" ]; then
	echo "failed:$failed"
	exit 1
fi
echo "all tests passed"
