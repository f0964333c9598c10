#!/usr/bin/env bats
# Never twice, never lost: the short form. The long one is tests/bench/chaos.sh.

load sandbox

setup_file() {
	unset CASEROUTE_ISOLATION # the plugins are where they are by default
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

@test "a service killed again and again loses nothing and does nothing twice" {
	retries=6 azure_ini="timeout = 1s
		concurrency = 64
		retry_percent = 100" sandbox_desk
	add_contract cloud signature-cloud "$((${CHAOS_COUNT:-300} + 10))"
	"$caseroute" contracts observe cloud --linked anna@contoso.example >/dev/null
	run node "$BATS_TEST_DIRNAME/chaos.mjs" "$caseroute" "$work/s" "$(origin control)" "$work/service.log"
	echo "$output"
	tail -n 20 "$work/service.log"
	[ "$status" -eq 0 ]
}
