#!/bin/sh
# What CI runs, and you after each change: builds, checks, plays the transcripts.
#   sh ci.sh [SECONDS]   also bends replies at random for so long
set -eu
cd "$(dirname "$0")"
cmake -S . -B build -DCMAKE_BUILD_TYPE=Release
cmake --build build
ctest --test-dir build --output-on-failure
if [ -n "${1:-}" ]; then
	caseroute portals check build/plugins/newportal.so --transcripts tests --fuzz "$1"
fi
