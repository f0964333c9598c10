#!/bin/sh
# Routes real requests against doubles of the portals on this machine, and prints what
# an agent would see. From a bare Debian 12: installs what is missing, builds, runs.
#   sh tests/demo.sh            ten requests, from a desk that begins with nothing
#   sh tests/demo.sh FILE.json  a request of your own
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
own=""
[ $# -gt 0 ] && own=$(realpath "$1")
cd "$root" || exit 1
. tests/setup.sh
setup_packages build || exit 1
setup_build build -DCASEROUTE_TESTS=OFF || exit 1

work=$(mktemp -d)
caseroute=$root/build/caseroute
export CASEROUTE_CONFIG="$work/desk" CASEROUTE_ACTOR=anna HOME="$work"
unset CASEROUTE_NOW CASEROUTE_PLUGINS XDG_CONFIG_HOME XDG_STATE_HOME
sandbox_pid=""
end() {
	[ -n "$sandbox_pid" ] && kill "$sandbox_pid" 2>/dev/null
	rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

node tests/sandbox/sandbox.mjs --stay --port-file "$work/ports" >"$work/sandbox.log" 2>&1 &
sandbox_pid=$!
tries=0
while [ ! -s "$work/ports" ] && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
[ -s "$work/ports" ] || { cat "$work/sandbox.log"; exit 1; }
port() { sed 's/.*"'"$1"'":"\([^"]*\)".*/\1/' "$work/ports"; }

# ---- the desk: who signs in, what the company has, where the doubles are --------------

desk() { # desk FOLDER PROFILE OFFER
	mkdir -p "$1/secrets"
	cp conf/portals.ini "$1/portals.ini"
	sed -i "s|^plugin = azure\$|plugin = azure\nmode = api\narm = $(port azure)\ncredential = azure\npoll = 200ms|
		s|^plugin = csp\$|plugin = csp\nmode = api\napi = $(port partner_center)\ngraph = $(port graph)\ncredential = partner|" "$1/portals.ini"
	printf 'SANDBOX-SECRET-client' >"$1/secrets/client"
	printf 'SANDBOX-SECRET-refresh-0' >"$1/secrets/refresh"
	chmod 600 "$1"/secrets/*
	cat >"$1/caseroute.ini" <<-INI
		include = $root/conf/profiles.ini, $root/conf/products.ini, $root/conf/lifecycle.ini, $root/conf/cues.ini, portals.ini, $root/conf/routes.ini
		[ledger]
		path = ledger.db
		[partner]
		name = Contoso Consulting
		profile = $2
		[account agent@contoso.example]
		type = aad
		programs = mpn, csp
		roles = mpn-partner-admin, admin-agent
		csp_kind = direct-bill
		first_name = Ada
		last_name = Agent
		email = agent@contoso.example
		phone = +36 1 555 0100
		language = en-us
		country = HU
		time_zone = Central Europe Standard Time
		[offer $3]
		offer = $3
		activated = yes
		[customer fabrikam]
		name = Fabrikam
		tenant = aaaaaaaa-0000-4000-8000-00000000000a
		domain = fabrikam.onmicrosoft.example
		subscription = 22222222-2222-4222-8222-222222222222
		[credential azure]
		type = client-secret
		tenant = 55555555-5555-5555-5555-555555555555
		client_id = 66666666-6666-6666-6666-666666666666
		secret = file:secrets/client
		authority = $(port login)
		scope = https://management.azure.com/.default
		[credential partner]
		type = refresh-token
		tenant = 55555555-5555-5555-5555-555555555555
		client_id = 66666666-6666-6666-6666-666666666666
		secret = file:secrets/client
		token = file:secrets/refresh
		authority = $(port login)
	INI
	CASEROUTE_CONFIG=$1 "$caseroute" init --key
}

contract() { # contract ID PLAN REMAINING [--end DATE]: the IDs come from a file
	printf 'ACCESS-%s\nCONTRACT-%s\n' "$1" "$1" >"$work/ids"
	id=$1 plan=$2 left=$3
	shift 3
	"$caseroute" contracts add "$id" --plan "$plan" --ids-file "$work/ids" ${left:+--remaining "$left"} "$@" >/dev/null
}

# ---- showing ---------------------------------------------------------------------------

failed=0
heading() { printf '\n\n======== %s\n' "$1"; }
show() { # show EXPECTED-STATUS ARGUMENT...: prints the command and what it says
	expected=$1
	shift
	printf '\n$ caseroute %s\n' "$*" | sed "s|$work/||g"
	"$caseroute" "$@" >"$work/out" 2>&1
	status=$?
	sed "s|$work/||g" "$work/out"
	if [ "$expected" != any ] && [ $status != "$expected" ]; then
		echo "!!! exit status $status, expected $expected"
		failed=$((failed + 1))
	fi
}
request() { cat >"$work/$1.json"; }
last() { sed -n '1s/^\([0-9a-f]\{8\}\) .*/\1/p' "$work/out"; }
answer() { # answer CODE [NAME=VALUE]...: to the guide that was just printed
	guide=$(sed -n "s/.*caseroute requests answer \([^ ]*\) $1.*/\1/p" "$work/out" | head -n 1)
	show "${expected_answer:-0}" requests answer "${guide:-?}" "$@"
}

desk "$work/desk" maicpp-2026 solutions-partner
contract c1 partner-support 3 --end 2099-12-31
contract c2 signature-cloud 50 --end 2099-12-31

if [ -n "$own" ]; then
	show any plan "$own"
	show any submit "$own"
	exit 0
fi

heading "1. On-premises, the first time with this account: link, then open"
request sql-agent <<'R'
{ "reference": "PSA-4701", "severity": "B",
  "title": "SQL Server Agent won't start since the server was upgraded in place to SQL Server 2022",
  "description": "The upgrade from 2017 went through. Since then the Agent service stops right after it starts.\nThe engine itself runs, the event log says that the Agent XPs are disabled." }
R
show 0 plan "$work/sql-agent.json"
show 0 submit "$work/sql-agent.json"
answer ticket number=2611240050001234

heading "2. The same account again: nothing to link"
request hyperv <<'R'
{ "reference": "PSA-4702", "severity": "C",
  "title": "Hyper-V host (Windows Server 2025) shows a blue screen when a VM with more than 64 GB starts",
  "description": "Two hosts, replication to Azure reports healthy. Only host 1, only large VMs." }
R
show 0 submit "$work/hyperv.json"
answer ticket number=2611240050001299

heading "3. Azure, own subscription: M3 at linking is ignored, the ticket is made by API"
request azure-vm <<'R'
{ "reference": "PSA-4703", "severity": "B",
  "title": "one Azure VM (West Europe) is stuck in updating after we changed its size",
  "description": "Start and stop are greyed out in the portal. Other VMs in the resource group react.",
  "subscription": "11111111-1111-1111-1111-111111111111",
  "resource": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworkGateways/gw1" }
R
show 0 submit "$work/azure-vm.json"
answer already_associated
answer classification id=1

heading "4. Azure by API, the contract is linked already"
request aks <<'R'
{ "reference": "PSA-4704", "severity": "C",
  "title": "nodes go NotReady after scaling an AKS cluster",
  "description": "Since the pool was scaled from 3 to 9 nodes four of them stay NotReady.",
  "subscription": "11111111-1111-1111-1111-111111111111",
  "resource": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks1" }
R
show 0 submit "$work/aks.json"
answer classification id=1

heading "5. A customer's Azure subscription: Partner Center hands it on to Azure, no incident is used"
request customer-azure <<'R'
{ "reference": "PSA-4705", "severity": "B", "customer": "fabrikam",
  "title": "Azure Backup cannot be started on the SLE 15 machines",
  "description": "The extension reports success, jobs stay in progress for hours.",
  "resource": "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v1" }
R
show 0 plan "$work/customer-azure.json"
show 0 submit "$work/customer-azure.json"
answer classification id=1

heading "6. Dynamics for a customer: a hand-off with a deep link, answered with a ticket number"
request dynamics <<'R'
{ "reference": "PSA-4706", "severity": "B", "customer": "fabrikam",
  "title": "Dynamics 365 Sales: opportunity form does not save since yesterday",
  "description": "All users, all browsers. The form shows a spinner, nothing is written." }
R
show 0 submit "$work/dynamics.json"
answer ticket number=2611240050001301

heading "7. M3 the other way: the contract is dead, so a new plan is needed"
contract c9 signature-cloud "" --end 2099-12-31 --kind personal
"$caseroute" contracts observe c2 --remaining 0 >/dev/null
request storage <<'R'
{ "reference": "PSA-4707", "severity": "C",
  "title": "AzureDB turned my login down",
  "description": "Azure SQL Database refuses the login of the service account since the password was rotated.",
  "subscription": "11111111-1111-1111-1111-111111111111" }
R
show 0 submit "$work/storage.json"
expected_answer=1 answer already_associated
number=$(last)
show 1 requests answer "$number" remaining=0

heading "8. An unclear product: asked, not guessed"
request unclear <<'R'
{ "reference": "PSA-4708", "severity": "C",
  "title": "sharepoint sites could not be configured", "description": "We see no error, the page just stays empty." }
R
show 1 submit "$work/unclear.json"
number=$(last)
show any requests answer "$number" product="SharePoint Server" release=2019

heading "9. Two products are named: the one in trouble decides"
request reports <<'R'
{ "title": "Invoices come out of Dynamics NAV and are printed with SSRS from our own SQL Server 2022",
  "description": "After the password of the service account was changed the report page only says rsReportServerDisabled, NAV itself books normally." }
R
show any plan "$work/reports.json"

heading "10. Action Pack in the cloud: refused, with advice"
desk "$work/small" maicpp-2023-10 action-pack
sed -i 's/^programs = mpn, csp/programs = mpn/' "$work/small/caseroute.ini"
CASEROUTE_CONFIG=$work/small
show 1 plan "$work/aks.json"
CASEROUTE_CONFIG=$work/desk

heading "What the ledger says"
show 0 requests list
show 0 contracts list

printf '\nThe doubles counted: '
node -e '
const http = require("http");
http.get(process.argv[1] + "/counts", (reply) => {
	let text = "";
	reply.on("data", (piece) => (text += piece));
	reply.on("end", () => console.log(text.slice(0, 400)));
});' "$(port control)"
if [ $failed != 0 ]; then
	echo "$failed steps ended otherwise than expected"
	exit 1
fi
