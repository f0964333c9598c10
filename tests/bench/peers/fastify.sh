# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # names of tests/bench/peers.sh
# Fastify + undici in one Node.js process; BENCH_WORKERS=2 makes it a cluster of 2.
PEER_NEEDS="node; npm packages fastify and undici (SETUP=1)"
peer_check() { command -v node >/dev/null && node_has fastify && node_has undici; }
node_has() { [ -d "$NODE_MODULES/$1" ]; }
peer_setup() { node_rules "$1"; }
node_rules() {
	local i
	{ echo '{'; for ((i = 0; i < $1; i++)); do printf '%s"r%05d":%d\n' "$([ "$i" -gt 0 ] && echo ,)" "$i" "$(up_idx "$i")"; done; echo '}'; } > "$WORK/rules.json.new"
	mv "$WORK/rules.json.new" "$WORK/rules.json"
}
node_start() {
	NODE_ENV=production NODE_PATH="$NODE_MODULES" UPS="${UP_PORTS[*]}" PORT=$IN_PORT RULES="$WORK/rules.json" \
		PGHOST="${PGSOCK:-}" node "$BENCH/$1" > "$WORK/node.log" 2>&1 &
	PEER_PIDS=$!
}
peer_start() { node_start fastify.js; }
peer_reload() { kill -HUP "$PEER_PIDS"; }
