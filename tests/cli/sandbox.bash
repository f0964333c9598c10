# shellcheck shell=bash disable=SC2154,SC2034 # names of helper.bash and for the tests
# The portal doubles for a bats file: one sandbox for the file, a fresh world for each test.
# Loopback and free ports only; the process ends with the file, by its pid.

load helper

start_sandbox() { # in setup_file
	local at
	node "$source_root/tests/sandbox/sandbox.mjs" --stay --port-file "$BATS_FILE_TMPDIR/ports" \
		</dev/null >"$BATS_FILE_TMPDIR/sandbox.out" 2>&1 3>&- 4>&- &
	sandbox_pid=$!
	export sandbox_pid
	for at in $(seq 100); do
		[ -s "$BATS_FILE_TMPDIR/ports" ] && read_origins && return 0
		kill -0 "$sandbox_pid" || break
		sleep 0.1
	done
	cat "$BATS_FILE_TMPDIR/sandbox.out" >&2
	return 1
}

stop_sandbox() { # in teardown_file
	[ -n "$sandbox_pid" ] && kill "$sandbox_pid" 2>/dev/null
	wait "$sandbox_pid" 2>/dev/null || true
}

# Into the environment, since every test asks for them many times.
read_origins() {
	eval "$(python3 -c 'import json,sys
for name, url in json.load(sys.stdin).items():
    print(f"export origin_{name}={url}")' <"$BATS_FILE_TMPDIR/ports")"
}

origin() { # azure login partner_center graph bridge control
	local name=origin_$1
	printf '%s' "${!name}"
}

# control METHOD PATH [JSON]: the sandbox's own door.
control() {
	curl -sS --fail-with-body -X "$1" ${3:+-H "Content-Type: application/json" -d "$3"} \
		"$(origin control)/$2"
}

# fault DOUBLE METHOD PATH-GLOB FAULT-JSON [TIMES [SKIP]]
fault() {
	local times=${5:-1}
	[ "$times" = always ] && times='"always"'
	control POST faults "{\"match\": {\"double\": \"$1\", \"method\": \"$2\", \"path\": \"$3\"},
		\"times\": $times, \"skip\": ${6:-0}, \"fault\": $4}" >/dev/null
}

settings() { control PATCH settings "$1" >/dev/null; }
world() { control PATCH world "$1" >/dev/null; }

# sum COUNTER [PATTERN]: what the sandbox has counted, over all names that match.
sum() {
	control GET counts | python3 -c 'import json,re,sys
counts = json.load(sys.stdin)[sys.argv[1]]
print(sum(n for name, n in counts.items() if re.search(sys.argv[2], name)))' "$1" "${2:-}"
}

# No request may have been against the facts.
no_violations() {
	control GET violations | python3 -c 'import json,sys
broken = [one for one in json.load(sys.stdin) if one["grade"] == "broken"]
for one in broken:
    print(one, file=sys.stderr)
sys.exit(1 if broken else 0)'
}

secret_file() { # NAME TEXT
	printf '%s\n' "$2" >"$work/desk/$1"
	chmod 600 "$work/desk/$1"
}

# sandbox_desk [PORTALS INI TEXT]: the desk of make_desk with its portals at the doubles.
# The text is added to portals.ini; keys of [portal azure], [portal csp] and
# [portal support-for-business] are in $azure_ini, $csp_ini and $sfb_ini.
sandbox_desk() {
	local ini
	rm -rf "$BATS_TEST_TMPDIR/desk" "$BATS_TEST_TMPDIR/state"
	make_desk
	control POST reset >/dev/null
	secret_file client-secret SANDBOX-SECRET-client
	secret_file refresh-token SANDBOX-SECRET-refresh-0
	secret_file bridge-token SANDBOX-SECRET-bridge
	ini=$work/desk/portals.ini
	cat >"$ini" <<-INI
		[portal support-for-business]
		plugin = support-for-business
		environments = on-premises
		workloads = *
		${sfb_ini:-}

		[portal azure]
		plugin = azure
		workloads = azure
		mode = api
		credential = app
		arm = $(origin azure)
		poll = 50ms
		retries = ${retries:-2}
		${classification:+classification.1 = * = $classification}
		${azure_ini:-}

		[portal csp]
		plugin = csp
		for_customers = yes
		workloads = azure, microsoft365, intune, security, power-platform, dynamics365, other
		${csp_ini:-}

		[portal power-platform-admin]
		plugin = guided
		workloads = power-platform, dynamics365
		link = https://admin.powerplatform.microsoft.com
		step.1 = Help + support

		[portal microsoft365-admin]
		plugin = guided
		workloads = microsoft365
		link = https://admin.microsoft.com
		step.1 = Help & support

		[portal partner-center]
		plugin = guided
		workloads = none
		link = https://partner.microsoft.com
		step.1 = Help + support

		[credential app]
		type = client-secret
		authority = $(origin login)
		tenant = 55555555-5555-5555-5555-555555555555
		client_id = 66666666-6666-6666-6666-666666666666
		secret = file:client-secret
		scope = https://management.azure.com/.default

		[credential user]
		type = refresh-token
		authority = $(origin login)
		tenant = 55555555-5555-5555-5555-555555555555
		client_id = 66666666-6666-6666-6666-666666666666
		secret = file:client-secret
		token = file:refresh-token
		scope = https://management.azure.com/.default
		${1:-}
	INI
}

csp_api() { # csp_ini for the doubles
	csp_ini="mode = api
credential = user
api = $(origin partner_center)
graph = $(origin graph)"
	azure_ini="${azure_ini:-}"
}

bridge_ini() {
	sfb_ini="mode = bridge
bridge = $(origin bridge)
bridge_token = file:bridge-token
bridge_poll = 100ms"
}

own_subscription=11111111-1111-1111-1111-111111111111
customer_subscription=22222222-2222-4222-8222-222222222222
csp_plan_subscription=33333333-3333-4333-8333-333333333333

# A classification of the sandbox's catalogue that asks for no consent: found by name, so that
# the helper does not hold made-up GUIDs.
find_classification() { # SERVICE CLASSIFICATION
	node --input-type=module -e "
import { services } from '$source_root/tests/sandbox/azure-catalogue.mjs';
const service = services.find((one) => one.properties.displayName === process.argv[1]);
const found = service.classifications.find((one) => one.properties.displayName === process.argv[2]);
console.log(found.id);" "$1" "$2"
}

# azure_request NAME [MORE MEMBERS]: complete, on the partner's own subscription.
azure_request() {
	request "$1" "\"title\": \"The virtual machine does not start\",
		\"description\": \"Since 09:00 UTC.\", \"product\": \"Azure Virtual Machines\",
		\"severity\": \"C\", \"subscription\": \"$own_subscription\"${2:+, $2}"
}

# A cloud contract that is linked already: the request is all that is left to do.
cloud_contract() {
	add_contract cloud signature-cloud 5
	"$caseroute" contracts observe cloud --linked anna@contoso.example >/dev/null
}

only() { # MEMBER of the only request
	local all
	all=$("$caseroute" requests list --json)
	[ "$(printf '%s' "$all" | python3 -c 'import json,sys; print(len(json.load(sys.stdin)))')" = 1 ] || {
		echo "not one request" >&2
		return 1
	}
	printf '%s' "$all" | field 0 "$1"
}

# bridge_contract REMAINING [END]: the contract that the bridge knows as c1, not linked yet.
bridge_contract() {
	printf 'SANDBOX-ACCESS-4711\nSANDBOX-CONTRACT-0815\n' >"$work/ids-c1"
	"$caseroute" contracts add c1 --plan partner-support --remaining "$1" \
		--end "${2:-2099-12-31}" --ids-file "$work/ids-c1" >/dev/null
}

# mail_request [REFERENCE]: on-premises, complete.
mail_request() {
	request "${1:-mail}" "\"title\": \"Backup fails after the update\", \"description\": \"Since the update.\",
		\"product\": \"SQL Server\", \"release\": \"2022\", \"severity\": \"B\", \"reference\": \"${1:-mail}\""
}
