#!/usr/bin/env bats
# Azure requests through the API, against the double of Azure Resource Manager.

load sandbox

setup_file() {
	start_sandbox
	classification=$(find_classification "Virtual Machine running Windows" Other)
	export classification
}

teardown_file() { stop_sandbox; }

setup() {
	sandbox_desk
	cloud_contract
}

@test "a request is opened by the API: one PUT, one ticket, its number on record" {
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"open"* ]]
	[ "$(only state)" = open ]
	[ "$(only ticket)" = "$(control GET tickets | field azure 0 number)" ]
	[ "$(sum creates)" = 1 ]
	[ "$(sum puts)" = 1 ]
	[ "$(sum token_requests)" = 1 ]
	no_violations
}

@test "the operation is looked at until it ends, and one token serves all calls" {
	settings '{"azure": {"polls": 4, "running": "Accepted"}}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(sum requests operationsStatus)" = 5 ]
	[ "$(sum token_requests)" = 1 ]
	[ "$(contract_field cloud spent)" = 1 ]
	no_violations
}

@test "the same reference again opens nothing" {
	azure_request vm '"reference": "PSA-1"'
	"$caseroute" submit "$work/vm.json" >/dev/null
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"on record already"* ]]
	[ "$(sum puts)" = 1 ]
}

# ---- classification --------------------------------------------------------------

@test "without a configured classification service and problem type are asked, then it opens" {
	classification="" sandbox_desk
	cloud_contract
	azure_request vm "\"resource\": \"/subscriptions/$own_subscription/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1\""
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Choose the service"* ]]
	[[ "$output" == *"Virtual Machine running Linux"* ]]
	id=$(only short)
	service=$("$caseroute" requests show "$id" --json | python3 -c 'import json,sys
choices = json.load(sys.stdin)["guide"]["guide"]["choices"]
print(next(c["value"] for c in choices if c["text"] == "Virtual Machine running Linux"))')
	run "$caseroute" requests answer "$id.1" service "id=$service"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Choose the problem type"* ]]
	[[ "$output" == *"SSH"* ]]
	problem=$(find_classification "Virtual Machine running Linux" "Cannot connect to my VM / SSH")
	run "$caseroute" requests answer "$id.2" classification "id=$problem"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(control GET tickets | field azure 0 properties serviceId)" = "$service" ]
	[ "$(sum creates)" = 1 ]
	no_violations
}

@test "a resource whose type names one service is asked for the problem type only" {
	classification="" sandbox_desk
	cloud_contract
	azure_request lb "\"resource\": \"/subscriptions/$own_subscription/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/lb1\""
	run "$caseroute" submit "$work/lb.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Choose the problem type"* ]]
	[[ "$output" == *"Performance / Slow or degraded"* ]]
	[ "$(sum puts)" = 0 ]
}

@test "a problem type that wants a further consent gets the configured one" {
	classification=$(find_classification "Azure Databricks" Notebooks) \
		azure_ini="secondary_consent = Yes" sandbox_desk
	cloud_contract
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(control GET tickets | field azure 0 properties secondaryConsent 0 userConsent)" = Yes ]
	no_violations
}

@test "a choice that is no classification parks the request with a sentence" {
	classification="no such thing" sandbox_desk
	cloud_contract
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 75 ]
	[[ "$output" == *"is no id of a problem classification"* ]]
	[ "$(sum puts)" = 0 ]
}

# ---- files -----------------------------------------------------------------------------

@test "files go first, a big one in two chunks, and the ticket names their workspace" {
	head -c 100 /dev/urandom >"$work/small.log"
	head -c 3000000 /dev/urandom >"$work/big.log"
	azure_request vm "\"files\": [{\"path\": \"$work/small.log\"}, {\"path\": \"$work/big.log\"}]"
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum requests 'small.log/upload')" = 1 ]
	[ "$(sum requests 'big.log/upload')" = 2 ]
	no_violations
}

@test "a file that Azure does not take is told before anything is sent" {
	echo x >"$work/run.exe"
	azure_request vm "\"files\": [{\"path\": \"$work/run.exe\"}]"
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 75 ]
	[[ "$output" == *"takes no .exe files"* ]]
	[ "$(sum requests azure)" = 0 ]
}

# ---- what is missing ------------------------------------------------------------------------

@test "a missing subscription is asked for and the answer opens the request" {
	request vm '"title": "The virtual machine does not start", "description": "Since 09:00.",
		"product": "Azure Virtual Machines", "severity": "C"'
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 1 ]
	[[ "$output" == *"needs an answer: please give subscription"* ]]
	[ "$(only state)" = asking ]
	[ "$(sum requests azure)" = 0 ]
	run "$caseroute" requests answer "$(only short)" "subscription=$own_subscription"
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum creates)" = 1 ]
}

@test "all that is missing is asked for at once" {
	request vm '"title": "The virtual machine does not start", "product": "Azure Virtual Machines"'
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 1 ]
	[[ "$output" == *"please give subscription, description, severity"* ]]
}

# ---- a plan that does not admit the API ---------------------------------------------------------

@test "a plan refused inside the operation becomes a hand-off, and the ticket number ends it" {
	world "{\"subscriptions\": {\"$own_subscription\": {\"plan\": \"Basic\"}}}"
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Open the request by hand: this support plan does not admit the API"* ]]
	[ "$(only state)" = handed-off ]
	run "$caseroute" requests answer "$(only short).1" ticket number=2611240010009999
	[ "$status" -eq 0 ]
	[ "$(only ticket)" = 2611240010009999 ]
	[ "$(contract_field cloud spent)" = 1 ]
	[ "$(sum puts)" = 1 ]
	[ "$(sum creates)" = 0 ]
}

# ---- on a ticket ------------------------------------------------------------------------------------

open_ticket() {
	azure_request vm
	"$caseroute" submit "$work/vm.json" >/dev/null
	id=$(only short)
	ticket=$(only ticket)
}

@test "status, message, severity, file and closing reach the ticket" {
	open_ticket
	run "$caseroute" requests refresh "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"the portal works on it"* ]]

	echo "Here are the logs." >"$work/note"
	run "$caseroute" requests message "$id" "$work/note" --subject Logs
	[ "$status" -eq 0 ]
	[ "$(control GET tickets | field azure 0 messages 0 properties body)" = "Here are the logs.
" ] || [ "$(control GET tickets | field azure 0 messages 0 properties body)" = "Here are the logs." ]
	[ "$(sum messages)" = 1 ]

	run "$caseroute" requests change "$id" --severity B
	[ "$status" -eq 0 ]
	[ "$(control GET tickets | field azure 0 properties severity)" = Moderate ]

	head -c 3000000 /dev/zero >"$work/dump.txt"
	run "$caseroute" requests attach "$id" "$work/dump.txt"
	[ "$status" -eq 0 ]
	[ "$(sum requests 'dump.txt/upload')" = 2 ]

	run "$caseroute" requests change "$id" --close
	[ "$status" -eq 0 ]
	[ "$(only state)" = closed ]
	[ "$(control GET tickets | field azure 0 properties status)" = Closed ]
	no_violations
}

@test "a ticket that Azure closed is closed after a refresh" {
	open_ticket
	control POST "tickets/$ticket/state" '{"state": "closed"}' >/dev/null
	run "$caseroute" requests refresh "$id"
	[ "$status" -eq 0 ]
	[ "$(only state)" = closed ]
}

@test "a change that Azure refuses leaves the ticket open and says why" {
	open_ticket
	settings '{"azure": {"engineer_at_work": true}}'
	run "$caseroute" requests change "$id" --severity A
	[ "$status" -ne 0 ]
	[[ "$output" == *"Severity cannot be changed while an engineer works on the ticket"* ]]
	[ "$(only state)" = open ]
}

# Nothing listens where Azure is said to be: as good as a portal that is down.
azure_is_down() {
	sed -i "s|^\([[:space:]]*\)arm = .*|\1arm = http://127.0.0.1:9|" "$work/desk/portals.ini"
}

@test "a portal that is down is said to be: while it is tried, on the status line, in event and trace" {
	open_ticket
	azure_is_down
	run "$caseroute" requests refresh "$id" --wait 1ms --trace "$work/down.http"
	echo "$output"
	[ "$status" -eq 75 ]
	[[ "$output" == *"warning: request $id: portal azure: "*"; trying again"* ]]
	[[ "$output" == *"$id  open: portal azure: "*onnect* ]]
	[ "$(only state)" = open ]
	grep -q "^# portal azure: .*onnect" "$work/down.http"
	mkdir "$work/played" && cp "$work/down.http" "$work/played/"
	"$caseroute" portals check "${caseroute%/*}/plugins/azure.so" --transcripts "$work/played" --json |
		grep -A 2 '"name": "transcripts"' | grep '"result": "pass"'
	"$caseroute" requests explain "$id" | grep "waiting  *portal azure: .*onnect"
	# Asked for once more, it is the same look that goes on, not another one.
	run "$caseroute" requests refresh "$id" --wait 1ms
	[ "$status" -eq 75 ]
	[[ "$output" == *"open: portal azure: "* ]]
	run "$caseroute" requests message "$id" "$work/vm.json"
	[ "$status" -eq 75 ]
	[[ "$output" == *"status is under way"* ]]
	# A new request waits for the same reason.
	azure_request other '"reference": "other"'
	run "$caseroute" submit "$work/other.json" --wait 1ms
	[ "$status" -eq 75 ]
	[[ "$output" == *"waiting for the portal: portal azure: "*onnect* ]]
}

@test "a message that was sent is said to be, and has the title of the request for a subject" {
	open_ticket
	echo "Here are the logs." >"$work/note"
	run "$caseroute" requests message "$id" "$work/note" --trace "$work/message.http"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"open: message sent"* ]]
	grep -q "^@ operation message" "$work/message.http"
	grep -q '"subject":"The virtual machine does not start"' "$work/message.http"
}

# ---- throttling, faults, cuts ----------------------------------------------------------------------------

@test "429 with Retry-After in seconds is waited for, then one ticket is made" {
	fault azure PUT '*supportTickets*' '{"status": 429, "retry_after": 2}'
	azure_request vm
	before=$SECONDS
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ $((SECONDS - before)) -ge 2 ]
	[ "$(sum creates)" = 1 ]
	[ "$(sum duplicate_puts)" = 0 ]
}

@test "429 with Retry-After as a date is waited for, then one ticket is made" {
	fault azure GET '*supportTickets*' '{"status": 429, "retry_after": "date:3"}'
	azure_request vm
	before=$SECONDS
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ $((SECONDS - before)) -ge 2 ]
	[ "$(sum creates)" = 1 ]
}

@test "500 and 503 while looking are tried again" {
	fault azure GET '*supportTickets*' '{"status": 500}'
	fault azure GET '*supportTickets*' '{"status": 503, "retry_after": 1}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(sum creates)" = 1 ]
}

@test "a gateway that times out after the work was done costs no second ticket" {
	fault azure PUT '*supportTickets*' '{"status": 504, "process": true}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(only ticket)" = "$(control GET tickets | field azure 0 number)" ]
	[ "$(sum creates)" = 1 ]
	[ "$(sum puts)" = 1 ]
}

@test "an answer cut off after the work was done costs no second ticket" {
	fault azure PUT '*supportTickets*' '{"cut": "after-processing"}'
	settings '{"azure": {"hidden_gets": 2}}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(only ticket)" = "$(control GET tickets | field azure 0 number)" ]
	[ "$(sum creates)" = 1 ]
	[ "$(sum puts)" = 1 ]
}

@test "a connection cut before anything was done is looked after and the PUT is sent again" {
	fault azure PUT '*supportTickets*' '{"cut": "before-answer"}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(sum creates)" = 1 ]
	[ "$(sum puts)" = 1 ]
	[ "$(sum requests 'PUT .*supportTickets')" = 2 ]
}

while_asked() { # PID PATTERN: the portal was asked for that, and PID waits for the answer
	while [ "$(sum requests "$2")" = 0 ] && kill -0 "$1"; do sleep 0.02; done
	kill -0 "$1"
}

@test "a file that goes while the portal is asked costs the ticket nothing" {
	echo text >"$work/trace.log"
	fault azure PUT '*supportTickets*' '{"delay_ms": 1000}'
	azure_request vm "\"files\": [{\"path\": \"$work/trace.log\"}]"
	"$caseroute" submit "$work/vm.json" >"$work/out" 2>&1 &
	while_asked "$!" supportTickets
	rm "$work/trace.log"
	wait "$!" || true
	cat "$work/out"
	[ "$(only ticket)" = "$(control GET tickets | field azure 0 number)" ]
	[ "$(sum creates)" = 1 ]
	[ "$(sum puts)" = 1 ]
}

@test "a file that goes while it is sent is missed, and no ticket is made without the rest of it" {
	head -c 3000000 /dev/zero >"$work/trace.log"
	fault azure POST '*upload*' '{"delay_ms": 1000}'
	azure_request vm "\"files\": [{\"path\": \"$work/trace.log\"}]"
	"$caseroute" submit "$work/vm.json" >"$work/out" 2>&1 &
	while_asked "$!" upload
	mv "$work/trace.log" "$work/kept.log"
	wait "$!" || true
	cat "$work/out"
	[ "$(only state)" = parked ]
	[[ "$(only reason)" == *"cannot open the file to attach"* ]]
	[ "$(sum creates)" = 0 ]
	mv "$work/kept.log" "$work/trace.log"
	run "$caseroute" requests replay "$(only short)" --same-route
	echo "$output"
	[ "$(only state)" = open ]
	[ "$(sum creates)" = 1 ]
}

@test "an answer that stops in its middle counts as lost" {
	fault azure PUT '*supportTickets*' '{"cut": "mid-body"}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(sum creates)" = 1 ]
	[ "$(sum puts)" = 1 ]
}

@test "a ticket that cannot be read is unsure, is never made again, and a person ends it" {
	local wrong
	for wrong in '{"status": 200, "body": ""}' '{"bad_json": true}' '{"deep": 100000}' '{"status": 200, "body": "<html>sign in</html>"}'; do
		sandbox_desk
		cloud_contract
		fault azure GET '*supportTickets*' "$wrong" always 1
		azure_request vm
		run "$caseroute" submit "$work/vm.json"
		[ "$status" -eq 75 ] || { echo "$wrong: $status $output"; false; }
		[ "$(only state)" = unsure ] || { echo "$wrong: $(only state) $output"; false; }
		[[ "$output" == *"without a number"* ]]
		[ "$(sum creates)" = 1 ]
	done
	run "$caseroute" requests answer "$(only short).1" ticket number=2611240010000001
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum creates)" = 1 ]
	[ "$(contract_field cloud spent)" = 1 ]
}

@test "an answer that never ends is cut at the limit and told" {
	retries=0 sandbox_desk
	cloud_contract
	fault azure GET '*supportTickets*' '{"huge": 20000000}' always
	azure_request vm
	run "$caseroute" submit "$work/vm.json" --wait 1s
	[ "$status" -eq 75 ]
	[[ "$(only state)" == waiting || "$(only state)" == parked ]]
	[ "$(sum puts)" = 0 ]
}

# ---- credentials and rights ---------------------------------------------------------------------------------

parked_with() { # SENTENCE
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 75 ] || { echo "$status: $output"; false; }
	[ "$(only state)" = parked ] || { echo "$output"; false; }
	[[ "$output" == *"$1"* ]] || { echo "$output"; false; }
	[ "$(sum creates)" = 0 ]
}

@test "a wrong client secret parks the request and says so" {
	secret_file client-secret not-the-secret
	parked_with AADSTS7000215
	[[ "$output" == *"credential app"* ]]
	[[ "$output" != *"not-the-secret"* ]]
}

@test "an expired client secret parks, and after its repair the request goes on" {
	world '{"apps": {"66666666-6666-6666-6666-666666666666": {"secret_expired": true}}}'
	parked_with AADSTS7000222
	world '{"apps": {"66666666-6666-6666-6666-666666666666": {"secret_expired": false}}}'
	run "$caseroute" requests replay "$(only short)" --same-route
	[ "$status" -eq 0 ]
	[ "$(only state)" = open ]
	[ "$(sum creates)" = 1 ]
}

@test "a secret file that is not there parks with its path, said once; doctor tells it before" {
	run "$caseroute" doctor
	[[ "$output" == *"credential app, secret"*"can be read"* ]]
	rm "$work/desk/client-secret"
	run "$caseroute" doctor
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"bad   credential app, secret"*"client-secret: cannot open"* ]]
	parked_with client-secret
	[[ "$output" != *"portal azure: portal azure"* ]]
	id=$(only short)
	secret_file client-secret SANDBOX-SECRET-client
	run "$caseroute" requests replay "$id" --same-route --trace "$work/replay.http"
	[ "$status" -eq 0 ]
	grep -q "^= done" "$work/replay.http"
}

@test "a missing role parks with the role to give" {
	world "{\"subscriptions\": {\"$own_subscription\": {\"access\": {\"66666666-6666-6666-6666-666666666666\": \"Reader\"}}}}"
	parked_with "Support Request Contributor"
}

@test "a subscription of another tenant parks with the tenant as the reason" {
	world "{\"subscriptions\": {\"$own_subscription\": {\"owner\": \"aaaaaaaa-0000-4000-8000-00000000000a\"}}}"
	parked_with "wrong tenant"
}

@test "a subscription that is not there is told before files are sent" {
	echo x >"$work/a.log"
	request vm "\"title\": \"The virtual machine does not start\", \"description\": \"x\",
		\"product\": \"Azure Virtual Machines\", \"severity\": \"C\",
		\"subscription\": \"99999999-9999-4999-8999-999999999999\", \"files\": [{\"path\": \"$work/a.log\"}]"
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 75 ]
	[[ "$output" == *"no such subscription"* ]]
	[ "$(sum requests fileWorkspaces)" = 0 ]
}

@test "a token that Azure does not accept is renewed once" {
	fault azure GET '*supportTickets*' '{"status": 401}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(sum token_requests)" = 2 ]
	[ "$(sum creates)" = 1 ]
}

@test "an authority that is away is waited for" {
	fault login POST '*token' '{"status": 503}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json"
	[ "$status" -eq 0 ]
	[ "$(sum creates)" = 1 ]
}

# ---- waiting --------------------------------------------------------------------------------------------------

@test "what takes longer than --wait is left waiting, and resume finishes it" {
	settings '{"azure": {"polls": 1000}}'
	azure_request vm
	run "$caseroute" submit "$work/vm.json" --wait 1s
	[ "$status" -eq 75 ]
	[ "$(only state)" = waiting ]
	[ "$(sum puts)" = 1 ]
	# the operation that runs keeps its number of polls: let them be answered from now on
	control POST faults '{"match": {"double": "azure", "path": "*operationsStatus*"}, "times": "always",
		"fault": {"status": 200, "body": {"status": "Succeeded"}}}' >/dev/null
	sleep 0.2
	run "$caseroute" requests resume
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 request carried on"* ]]
	[ "$(only state)" = open ]
	[ "$(sum puts)" = 1 ]
	[ "$(sum creates)" = 1 ]
}
