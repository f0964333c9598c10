#!/usr/bin/env bats
# What happens around the service: a full disk, a read-only one, a clock that jumps, a name that
# does not resolve, a portal that does not answer. Nothing is lost or done twice, what it says
# meanwhile is clear, and it goes on by itself when the trouble ends.

load adversity

setup_file() {
	unset CASEROUTE_ISOLATION # the plugins are where they are by default
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

# An ext4 of its own, which the kernel makes read-only as it does after a fault of the disk.
mount_disk() {
	[ "$(id -u)" = 0 ] || skip "needs root, to mount a disk"
	truncate -s 16M "$work/disk"
	mkfs.ext4 -q "$work/disk"
	mkdir "$work/mounted"
	mount -o loop "$work/disk" "$work/mounted" 2>/dev/null || skip "cannot mount a disk here"
	mounted=$work/mounted
}

@test "a disk that becomes read-only: refused with 503, and after a new mount and start all goes on" {
	make_desk
	mount_disk
	adverse_desk
	mv "$work/desk/ledger.db"* "$mounted/"
	sync -f "$mounted"
	sed -i "s|^path = .*|path = $mounted/ledger.db|" "$work/desk/caseroute.ini"
	start_service --socket "$socket"
	fault azure GET "*" '{"delay_ms": 300}' always
	post_all before 1 10
	mount -o remount,abort "$mounted"
	eventually not_ready
	says_that_it_cannot_write "ead-only"
	post_all meanwhile 1 5
	[ "$(refused)" -ge 6 ]
	stop_service
	umount "$mounted"
	# Nor does it start on one, and it says why.
	mount -o loop "$work/disk" "$mounted"
	mount -o remount,ro "$mounted"
	run timeout 20 "$caseroute" serve --socket "$socket"
	[ "$status" -eq 77 ]
	[[ "$output" == *"ead-only"* ]]
	mount -o remount,rw "$mounted"
	start_service --socket "$socket"
	post_all after 1 5
	nothing_lost_or_twice
}

# The clock that the service sees is the file's; the monotonic one is the kernel's.
with_clock() { # COMMAND...
	local library=/usr/lib/$(uname -m)-linux-gnu/faketime/libfaketimeMT.so.1
	[ -f "$library" ] || skip "libfaketime is not here"
	[ -f "$work/clock" ] || set_clock "+0"
	LD_PRELOAD=$library FAKETIME_TIMESTAMP_FILE=$work/clock FAKETIME_NO_CACHE=1 \
		DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_FAKE_MONOTONIC=1 "$@"
}
set_clock() { # OFFSET
	printf '%s\n' "$1" >"$work/clock.new"
	mv "$work/clock.new" "$work/clock"
}

# ids_in_order: those of the record, as they were given.
ids_in_order() {
	awk '$2 == 202 { print $3 }' "$work/posted" >"$work/ids"
	[ "$(wc -l <"$work/ids")" -gt 1 ]
	LC_ALL=C sort -c "$work/ids"
}

@test "a clock that jumps by hours and days, both ways: no id goes back, nobody waits for days" {
	adverse_desk
	with_clock start_service
	fault azure GET "*" '{"status": 503, "retry_after": "7"}' 4 2
	fault azure PUT "*" '{"delay_ms": 900}' always
	post_all now 1 4
	set_clock "+3h"
	post_all later 1 4
	set_clock "-2d"
	post_all back 1 4
	set_clock "+9d"
	post_all forth 1 4
	kill_service
	set_clock "-5h"
	with_clock start_service
	post_all again 1 4
	patience=40 nothing_lost_or_twice
	ids_in_order
}

# A name under .invalid never resolves (RFC 6761).
@test "a portal whose name does not resolve: its requests wait, and a reload mends it" {
	adverse_desk
	sed -i "s|^arm = .*|arm = https://arm.portal.invalid|" "$work/desk/portals.ini"
	start_service -v
	post_all unresolved 1 12
	eventually logged "resolve.*arm.portal.invalid"
	eventually logged "portal azure failed 10 times in a row: it is left alone"
	[ "$(metric 'caseroute_portal_breaker_opened_total{portal="azure"}')" -ge 1 ]
	is_ready # the service itself is well
	sed -i "s|^arm = .*|arm = $(origin azure)|" "$work/desk/portals.ini"
	kill -HUP "$service_pid"
	post_all after 1 4
	patience=90 nothing_lost_or_twice
	logged "portal azure answers again"
	[ "$(metric 'caseroute_portal_breaker_state{portal="azure"}')" = 0 ]
}

# hangs FAULT: a portal that does not come to an end holds nobody else up, and is left alone.
hangs() {
	bridge_ini
	adverse_desk
	bridge_contract 7
	fault azure GET "*" "$1" always
	start_service -v
	post_all stuck 1 20
	# More than the portal's places are waiting; another portal's request goes through.
	ask POST /v1/requests '{"title": "Backup fails after the update", "description": "Since the update.",
		"product": "SQL Server", "release": "2022", "severity": "B", "reference": "mail"}'
	printf 'mail %s %s\n' "$code" "$(answer id)" >>"$work/posted"
	await "$(answer id)" open
	[ "$(control GET tickets | field azure)" = "[]" ]
	eventually logged "portal azure failed 10 times in a row: it is left alone"
	[ "$(metric 'caseroute_portal_breaker_opened_total{portal="azure"}')" -ge 1 ]
	[ "$(metric 'caseroute_portal_exchanges_total{portal="azure",class="none"}')" -ge 10 ]
	[ "$(metric 'caseroute_portal_breaker_opened_total{portal="support-for-business"}')" = 0 ]
	is_ready
	control DELETE faults >/dev/null
	patience=90 nothing_lost_or_twice
	logged "portal azure answers again"
	[ "$(metric 'caseroute_portal_breaker_state{portal="azure"}')" = 0 ]
	[ "$(metric 'caseroute_portal_waiting{portal="azure"}')" = 0 ]
}

@test "a portal that accepts and never answers holds up no other, is left alone, tried, used again" {
	hangs '{"delay_ms": 600000}'
}

@test "a portal that answers a byte a second is as good as one that never does" {
	hangs '{"drip_ms": 1000}'
}

# post_many COUNT: eight at a time, without a look at what comes of them.
post_many() {
	python3 - "$socket" "$1" "$own_subscription" <<'PYTHON'
import concurrent.futures, http.client, json, socket, sys
path, count, subscription = sys.argv[1], int(sys.argv[2]), sys.argv[3]
class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
def post(worker):
    c, failed = Connection("localhost"), 0
    for n in range(worker, count, 8):
        c.request("POST", "/v1/requests", json.dumps({"title": f"Many {n}", "description": "Since 09:00 UTC.",
            "product": "Azure Virtual Machines", "severity": "C", "subscription": subscription,
            "reference": f"many-{n}"}), {"Content-Type": "application/json"})
        answer = c.getresponse()
        answer.read()
        failed += answer.status != 202
    return failed
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    sys.exit(sum(pool.map(post, range(8))))
PYTHON
}

@test "more requests than are carried on at once wait for a portal that hangs; another's go through" {
	bridge_ini
	pause=10s adverse_desk
	bridge_contract 7
	"$caseroute" contracts observe cloud --remaining 9000 >/dev/null
	fault azure GET "*" '{"delay_ms": 600000}' always
	start_service
	post_many 4000
	eventually logged "portal azure failed 10 times in a row: it is left alone"
	ask POST /v1/requests '{"title": "Backup fails after the update", "description": "Since the update.",
		"product": "SQL Server", "release": "2022", "severity": "B", "reference": "mail"}'
	good 202
	await "$(answer id)" open 30
	ask GET '/v1/requests?limit=1&state=waiting' # the others are where they were
	[ "$(control GET tickets | field azure)" = "[]" ]
}
