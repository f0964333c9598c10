#!/usr/bin/env bats
# What the service does by the clock: reminders of hand-offs, pruning, signs of life.

load callers
bats_require_minimum_version 1.5.0

setup() {
	make_desk
	add_contract c1 partner-support 5
	mail='{"title": "TITLE-MARK", "product": "SQL Server", "release": "2022", "severity": "B", "reference": "PSA-1"}'
}

teardown() {
	[ -z "${reader:-}" ] || kill "$reader" 2>/dev/null || true
	stop_service
}

# eventually COMMAND...: within 20 s
eventually() {
	local at
	for at in $(seq 200); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	return 1
}

has() { grep -q -- "$2" "$1"; }
times() { [ "$(grep -c -- "$2" "$1")" -ge "$3" ]; }

follow() {
	curl -sSN --max-time 60 --unix-socket "$socket" http://desk/v1/events >"$work/events" 2>/dev/null 3>&- 4>&- &
	reader=$!
	eventually has "$work/events" '^retry: '
}

# due_after DURATION REMIND: of the portal's hand-offs
due_after() {
	sed -i "/^\[portal support-for-business\]/a due = $1" "$work/desk/portals.ini"
	printf '\n[service]\nhandoff_remind = %s\n' "$2" >>"$work/desk/caseroute.ini"
}
retention_says() { printf '\n[retention]\n%s\n' "$1" >>"$work/desk/caseroute.ini"; }

@test "a hand-off that nobody answers is told of once when due, then again and again, everywhere" {
	due_after 1s 1s
	start_service --log-format json
	follow
	post /v1/requests "$mail"
	id=$(member id)
	eventually has "$work/events" '^event: reminded'
	[ "$(grep -c '^event: overdue' "$work/events")" = 1 ]
	times "$work/serve.err" 'nobody has answered the hand-off' 2
	has "$work/serve.err" "\"request\":\"$id\""
	api GET "/v1/requests/$id"
	[ "$(member overdue)" = true ]
	run "$caseroute" requests list --overdue
	[[ $output == *"overdue: TITLE-MARK"* ]]
	run "$caseroute" requests show "$id"
	[[ $output == *"(overdue since "* ]]
	api GET /metrics
	[[ $body == *$'\ncaseroute_handoffs_overdue 1\n'* ]]

	# Answered, it is no longer told of.
	"$caseroute" requests answer "$id" ticket number=2611240050001234 >/dev/null
	run "$caseroute" requests list --overdue
	[ -z "$output" ]
	"$caseroute" ledger verify >/dev/null
}

@test "reminders go on after a restart, and none is told twice" {
	due_after 1s 365d
	start_service
	post /v1/requests "$mail"
	id=$(member id)
	eventually has "$work/serve.err" 'nobody has answered'
	stop_service
	start_service
	post /v1/requests "${mail/PSA-1/PSA-2}"
	eventually has "$work/serve.err" 'nobody has answered'
	[ "$(grep -c 'nobody has answered' "$work/serve.err")" = 1 ]
	[ "$("$caseroute" requests explain "$id" --json | grep -c '"overdue"$\|"what": "overdue"')" = 1 ]
}

@test "the service prunes by itself what [retention] names, and nothing without it" {
	start_service
	post /v1/requests "$mail"
	id=$(member id)
	"$caseroute" requests cancel "$id" >/dev/null
	gone() { [ "$("$caseroute" requests show "$id" --json | field title)" = null ]; }
	sleep 1.1 # it is old now
	run ! gone
	retention_says 'texts = 1s'
	"$caseroute" reload --socket "$socket"
	eventually gone
	[ "$(state_of "$id")" = cancelled ]
	run "$caseroute" requests explain "$id"
	[[ $output == *cancelled* && $output != *MARK* ]]
	"$caseroute" ledger verify >/dev/null
	# The desk's other work goes on.
	post /v1/requests "$mail"
	[ "$code" = 202 ]
}

@test "wrong ages are told with their place" {
	retention_says 'texts = soon
requests = 1d
bodies = 3d'
	run "$caseroute" config check
	[ "$status" -eq 78 ]
	[[ $output == *'"soon", not a duration'* ]]
	[[ $output == *"requests"*"it must be"* ]]
	[[ $output == *'unknown key "bodies"'* ]]
}
