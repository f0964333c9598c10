# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # names of tests/bench/peers.sh
# caseroute itself. PEER_MODE=sync (the answer when the portal's is recorded) or async (202 when
# the request is committed). CASEROUTE names the binary, CASEROUTE_TOOLS the folder of relay.so.
PEER_NEEDS="caseroute itself: cmake --build build"
PEER_PATH=/v1/requests
if [ "${PEER_MODE:-sync}" = async ]; then
	PEER_ASYNC=1
	PEER_EXPECT='%.0s'
else
	PEER_EXPECT='"portal":"up%d"'
fi
peer_check() { [ -x "$CASEROUTE" ] && [ -f "$TOOLS/relay.so" ]; }
peer_routes() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf '[route r%05d]\nmatch.customer = r%05d\nportal = up%d\n' "$i" "$i" "$(up_idx "$i")"
	done
	printf '[route rest]\nportal = up0\n'
}
peer_setup() {
	local i key
	peer_routes "$1" >"$WORK/routes.ini.new"
	mv "$WORK/routes.ini.new" "$WORK/routes.ini"
	[ -f "$WORK/caseroute.ini" ] && return
	for i in 0 1 2; do
		printf '[portal up%d]\nplugin = relay\norigin = http://127.0.0.1:%d\nworkloads = azure\nconcurrency = %d\n' \
			"$i" "${UP_PORTS[$i]}" "${PEER_CONCURRENCY:-1000}"
	done >"$WORK/portals.ini"
	key=$("$CASEROUTE" keys new bench --role agent --output "$WORK/caller.ini")
	PEER_HEADERS=(-H "Authorization: Bearer $key")
	[ -n "$PEER_ASYNC" ] || PEER_HEADERS+=(-H "Prefer: wait=60")
	cat >"$WORK/caseroute.ini" <<E
include = $root/conf/profiles.ini, $root/conf/products.ini, $root/conf/lifecycle.ini, $root/conf/cues.ini, portals.ini, routes.ini, caller.ini
[caseroute]
plugins = $TOOLS
[ledger]
path = $WORK/ledger.db
key = file:$WORK/ledger.key
[partner]
name = Contoso
profile = maicpp-2026
csp_kind = direct-bill
[account anna@contoso.example]
type = aad
programs = mpn, csp
roles = admin-agent
[offer solutions-partner]
offer = solutions-partner
activated = yes
E
	od -An -N32 -tx1 /dev/urandom | tr -d " \n" >"$WORK/ledger.key" # hexadecimal: a newline at the end would be cut off
	chmod 600 "$WORK/ledger.key"
}
# The plugin here is as one that came with caseroute; what a confined one costs: confined.sh.
peer_start() {
	CASEROUTE_ISOLATION=${CASEROUTE_ISOLATION:-in-process} "$CASEROUTE" --config "$WORK/caseroute.ini" serve --quiet --socket "$WORK/caseroute.sock" --listen "127.0.0.1:$IN_PORT" \
		>"$WORK/caseroute.log" 2>&1 &
	PEER_PIDS=$!
}
peer_reload() { kill -HUP "$PEER_PIDS"; }
