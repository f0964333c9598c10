#!/bin/bash
# The long form of tests/cli/chaos.bats: 10,000 requests, 50 kills. CHAOS_COUNT, CHAOS_KILLS,
# CHAOS_RELOADS (20), CHAOS_SEED.
#   bash tests/bench/chaos.sh [BUILD-FOLDER]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
export CHAOS_COUNT=${CHAOS_COUNT:-10000} CHAOS_KILLS=${CHAOS_KILLS:-50} CHAOS_RELOADS=${CHAOS_RELOADS:-20}
export CHAOS_REST=${CHAOS_REST:-600}
export CASEROUTE_BUILD=${1:-$root/build}
exec bats --show-output-of-passing-tests "$root/tests/cli/chaos.bats"
