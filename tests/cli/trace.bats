#!/usr/bin/env bats
# --trace: what a plugin asked for and what it got, as a file that plays again; requests trace.

load sandbox

setup_file() {
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

plugin() { # NAME: its file
	printf '%s/plugins/%s.so' "${CASEROUTE_BUILD:-$source_root/build}" "$1"
}

plays() { # PLUGIN FILE...: each alone, as a transcript
	local one name=$1
	shift
	for one in "$@"; do
		rm -rf "$work/played" && mkdir "$work/played" && cp "$one" "$work/played/"
		run "$caseroute" portals check "$(plugin "$name")" --transcripts "$work/played" --json
		echo "$output" | grep -A 6 '"name": "transcripts"'
		echo "$output" | grep -A 2 '"name": "transcripts"' | grep '"result": "pass"'
	done
}

no_secret_in() { # FILE...
	run grep -E "SANDBOX-SECRET|ACC-MARK|CON-MARK|SANDBOX-ACCESS|SANDBOX-CONTRACT|Bearer e" "$@"
	[ "$status" -eq 1 ]
}

@test "a ticket opened by the API leaves a trace that plays again, without a secret" {
	sandbox_desk
	cloud_contract
	settings '{"azure": {"polls": 2, "running": "Accepted"}}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json" --trace "$work/azure.http"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(stat -c %a "$work/azure.http")" = 600 ]
	cat "$work/azure.http"
	grep -q "^@ operation create" "$work/azure.http"
	grep -q "^> PUT $(origin azure)/subscriptions/$own_subscription" "$work/azure.http"
	grep -q "^< 202" "$work/azure.http"
	run grep "^@ option origins" "$work/azure.http"
	[ "$status" -eq 1 ]
	grep -q '"plan_names":' "$work/azure.http"
	run grep -E '"plan_names":\[[^]]*("[^"]*"),[^]]*\1[],]' "$work/azure.http"
	[ "$status" -eq 1 ]
	grep -q '^= done {.*"ticket":"'"$(only ticket)"'"' "$work/azure.http"
	no_secret_in "$work/azure.http"
	plays azure "$work/azure.http"
	sed -i 's/^< 202/< 400/' "$work/azure.http"
	run plays azure "$work/azure.http"
	[ "$status" -ne 0 ]
}

@test "the bridge's exchanges play again, and its token and the contract's IDs are places" {
	bridge_ini
	sandbox_desk
	bridge_contract 3
	mail_request
	run "$caseroute" submit "$work/mail.json" --trace "$work/bridge.http"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	cat "$work/bridge.http"
	grep -q '{option:bridge_token}' "$work/bridge.http"
	grep -q '"access_id":"{access_id}"' "$work/bridge.http"
	no_secret_in "$work/bridge.http"
	plays support-for-business "$work/bridge.http"
}

@test "a hop goes on in the same file, and each plugin plays its own part" {
	csp_api
	sandbox_desk
	azure_request vm '"customer": "fabrikam"'
	sed -i "s/$own_subscription/$customer_subscription/" "$work/vm.json"
	run "$caseroute" submit "$work/vm.json" --trace "$work/hop.http"
	echo "$output"
	grep -q "^@ plugin csp" "$work/hop.http"
	grep -q "^= go " "$work/hop.http"
	grep -q "^@ plugin azure" "$work/hop.http"
	no_secret_in "$work/hop.http"
	plays csp "$work/hop.http"
	plays azure "$work/hop.http"
}

@test "a hand-off is traced up to the guide, its answer from there on; both play" {
	sandbox_desk
	add_contract c1 partner-support 3
	mail_request
	run "$caseroute" submit "$work/mail.json" --trace "$work/first.http"
	[ "$status" -eq 0 ]
	grep -q "^= waiting" "$work/first.http"
	id=$(only short)
	run "$caseroute" requests trace "$id"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"? guide"* ]]
	[[ "$output" != *"ACC-MARK"* ]]
	run "$caseroute" requests answer "$id" ticket number=2611240050001234 --trace "$work/second.http"
	echo "$output"
	[ "$status" -eq 0 ]
	cat "$work/second.http"
	grep -q "^@ memory " "$work/second.http"
	grep -q '^! {.*"2611240050001234"' "$work/second.http"
	no_secret_in "$work/first.http" "$work/second.http"
	plays support-for-business "$work/first.http" "$work/second.http"
	run "$caseroute" requests trace "$id" --json
	[ "$(printf '%s' "$output" | field schema)" = caseroute.trace/1 ]
	[ "$(printf '%s' "$output" | field guides 0 answer code)" = ticket ]
}

@test "a file that is there already is not written over, and nothing is recorded" {
	sandbox_desk
	mail_request
	echo precious >"$work/there"
	run "$caseroute" submit "$work/mail.json" --trace "$work/there"
	[ "$status" -eq 73 ]
	[ "$(cat "$work/there")" = precious ]
	[ "$("$caseroute" requests list --json)" = "[]" ]
}

@test "portals check tells people and programs the same, and its exit status the result" {
	sandbox_desk
	mkdir "$work/remarks"
	echo "# 2026-11-24T06:00:00Z parked" >"$work/remarks/ended.http"
	run "$caseroute" portals check "$(plugin guided)" --transcripts "$work/remarks" --json
	[ "$status" -eq 0 ]
	[[ "$output" == *"left out, as it holds nothing but remarks: $work/remarks/ended.http"* ]]
	[ "$(printf '%s' "$output" | field schema)" = caseroute.check/1 ]
	[ "$(printf '%s' "$output" | field counts fail)" = 0 ]
	cp "$(plugin guided)" "$work/other.so"
	run "$caseroute" portals check "$work/other.so"
	[ "$status" -eq 1 ]
	[[ "$output" == *"fail   names"*"expected"*"came"*"do  "* ]]
	run "$caseroute" portals check "$work/nowhere.so"
	[ "$status" -eq 66 ]
	run "$caseroute" portals check "$work"
	[ "$status" -eq 66 ]
	[[ "$output" == *"$work is a folder; name the file in it, NAME.so"* ]]
	run "$caseroute" portals check --fuzz a
	[ "$status" -eq 64 ]
	run "$caseroute" portals check --list
	[[ "$output" == *"one-symbol"*"fuzz"* ]]
}
