#!/usr/bin/env bats
# What happens around the service: a full disk, a read-only one, a clock that jumps, a name that
# does not resolve, a portal that does not answer. Nothing is lost or done twice, what it says
# meanwhile is clear, and it goes on by itself when the trouble ends.

load adversity

setup_file() {
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

teardown() {
	[ -z "$mounted" ] || kill_service
	stop_service
	[ -z "$mounted" ] || umount "$mounted"
}

# No file of the service may grow beyond what it is now (a full disk for one process alone).
fill_disk() { prlimit --pid "$service_pid" --fsize="$(stat -c %s "$work/desk/ledger.db-wal"):unlimited"; }
make_room() { prlimit --pid "$service_pid" --fsize=unlimited:unlimited; }

# The ledger cannot be written to: callers are told so, and nothing hides it.
says_that_it_cannot_write() { # WORDS
	post refused-1
	problem 503 unavailable
	[[ "$(answer detail)" == *"$1"* ]]
	[ -n "$(header Retry-After)" ]
	ask GET /readyz
	problem 503 unavailable
	[[ "$(answer detail)" == *"$1"* ]]
	[ -n "$(header Retry-After)" ]
	[ "$(metric caseroute_ledger_errors_total)" -gt 0 ]
	logged "the ledger cannot be written to: .*$1"
	ask GET /livez
	good 200
	ask GET /v1/requests?limit=5
	good 200
}

@test "a full disk: refused with 503, said by readyz, log and metrics; then all goes on" {
	adverse_desk
	trap '' XFSZ # the limit makes a write fail, as a full disk does, and not the process
	start_service
	trap - XFSZ
	fault azure GET "*" '{"delay_ms": 300}' always
	post_all before 1 10
	fill_disk
	eventually not_ready
	says_that_it_cannot_write "disk is full"
	post_all meanwhile 1 5
	[ "$(refused)" -ge 6 ]
	# It does not write on and on about it.
	[ "$(wc -l <"$work/service.err")" -lt 100 ]
	make_room
	eventually is_ready
	logged "the ledger can be written to again"
	post_all after 1 5
	[ "$(grep -c ' 202 ' "$work/posted")" -ge 15 ]
	nothing_lost_or_twice
}
