# shellcheck shell=bash disable=SC2034,SC2154 # names of tests/bench/peers.sh
# caseroute, answering 202 as soon as the request is committed; the work follows.
PEER_MODE=async
. "$BENCH/caseroute.sh"
PEER_MODE=""
