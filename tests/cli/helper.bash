# shellcheck shell=bash disable=SC2154 # bats sets $output and $status
# What the command-line tests share. Each test has a folder of its own ($work) with a
# configuration in it and a ledger beside it; nothing else of the machine is touched.

source_root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
caseroute="${CASEROUTE_BUILD:-$source_root/build}/caseroute"

# The system's own: a version manager's stand-in in PATH costs more than the program does.
python3() { command -p python3 "$@"; }

# make_desk [EXTRA INI TEXT]: a partner with two accounts, Gold-like offers and a customer.
make_desk() {
	work=$BATS_TEST_TMPDIR
	export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
	export CASEROUTE_CONFIG=$work/desk CASEROUTE_ACTOR=anna NO_COLOR=1
	unset CASEROUTE_PLUGINS CASEROUTE_NOW CASEROUTE_KILL_AT CASEROUTE_KILL_LOG CASEROUTE_CA_FILE
	mkdir -p "$work/desk"
	cat >"$work/desk/caseroute.ini" <<-INI
		include = $source_root/conf/profiles.ini, $source_root/conf/products.ini, $source_root/conf/lifecycle.ini, $source_root/conf/cues.ini, portals.ini, $source_root/conf/routes.ini, partner.ini

		[ledger]
		path = ledger.db
	INI
	cp "$source_root/conf/portals.ini" "$work/desk/portals.ini"
	cat >"$work/desk/partner.ini" <<-INI
		[partner]
		name = Contoso Consulting
		profile = maicpp-2026

		[account anna@contoso.example]
		type = aad
		programs = mpn, csp
		roles = mpn-partner-admin, admin-agent
		csp_kind = direct-bill
		first_name = Anna
		last_name = Kovacs
		email = anna@contoso.example
		phone = +36 1 555 0100
		language = en-us
		country = HU
		time_zone = Central Europe Standard Time

		[account bela@contoso.example]
		type = aad
		programs = mpn
		roles = none

		[offer solutions-partner]
		offer = solutions-partner
		competency = Infrastructure
		activated = yes

		[customer fabrikam]
		name = Fabrikam
		tenant = aaaaaaaa-0000-4000-8000-00000000000a
		domain = fabrikam.onmicrosoft.example
		subscription = 22222222-2222-4222-8222-222222222222
		$1
	INI
	"$caseroute" init --key
}

# add_contract ID PLAN REMAINING [END]
add_contract() {
	printf 'ACC-MARK-%s\nCON-MARK-%s\n' "$1" "$1" >"$work/ids-$1"
	"$caseroute" contracts add "$1" --plan "$2" --remaining "$3" --end "${4:-2099-12-31}" --ids-file "$work/ids-$1" >/dev/null
}

# request NAME JSON-MEMBERS: writes $work/NAME.json
request() {
	printf '{%s}\n' "$2" >"$work/$1.json"
}

# field FILE-OR-"-" MEMBER...: a member of a JSON text
field() {
	python3 -c 'import json,sys
value = json.load(sys.stdin)
for name in sys.argv[1:]:
    value = value[int(name)] if isinstance(value, list) else value[name]
print(json.dumps(value) if isinstance(value, (dict, list, bool)) or value is None else value)' "$@"
}

state_of() {
	"$caseroute" requests show "$1" --json | field state
}

contract_field() { # CONTRACT MEMBER
	"$caseroute" contracts list --json | python3 -c 'import json,sys
for c in json.load(sys.stdin):
    if c["id"] == sys.argv[1]:
        print(json.dumps(c[sys.argv[2]]))' "$1" "$2"
}

# The line of the output that begins with the answer's command, with "..." for its values.
printed_answer() { # CODE, from $output
	printf '%s\n' "$output" | grep -o "caseroute requests answer [^ ]* $1" | head -n 1
}
