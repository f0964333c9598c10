# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # names of tests/bench/peers.sh
# HAProxy: waits for the body, json_query on it, map file to a backend.
PEER_NEEDS="Debian haproxy"
peer_check() { [ -x /usr/sbin/haproxy ]; }
peer_setup() {
	local i
	for ((i = 0; i < $1; i++)); do printf 'r%05d u%d\n' "$i" "$(up_idx "$i")"; done > "$WORK/map"
	cat > "$WORK/haproxy.cfg" <<E
global
  nbthread 2
  maxconn 8000
  tune.bufsize 16384
  stats socket $WORK/admin.sock mode 600 level admin expose-fd listeners
  master-worker
defaults
  mode http
  option http-buffer-request
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend f
  bind 127.0.0.1:$IN_PORT backlog 4096
  use_backend %[req.body,json_query('\$.customer'),map_str($WORK/map,u0)]
backend u0
  server s 127.0.0.1:${UP_PORTS[0]} pool-max-conn 4096
backend u1
  server s 127.0.0.1:${UP_PORTS[1]} pool-max-conn 4096
backend u2
  server s 127.0.0.1:${UP_PORTS[2]} pool-max-conn 4096
E
}
peer_start() { /usr/sbin/haproxy -W -f "$WORK/haproxy.cfg" > "$WORK/haproxy.log" 2>&1 & PEER_PIDS=$!; }
peer_reload() { kill -USR2 "$PEER_PIDS"; }
