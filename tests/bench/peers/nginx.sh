# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # names of tests/bench/peers.sh
# nginx: map on a header + proxy_pass with keep-alive upstreams. It never parses
# the body, so it is the upper limit, not an equal.
PEER_NEEDS="Debian nginx-light or nginx"
peer_check() { command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; }
peer_setup() {
	local i
	{ for ((i = 0; i < $1; i++)); do printf 'r%05d u%d;\n' "$i" "$(up_idx "$i")"; done; } > "$WORK/map.conf"
	cat > "$WORK/nginx.conf" <<E
worker_processes 2; worker_rlimit_nofile 20000; daemon off; pid $WORK/nginx.pid; error_log $WORK/error.log crit;
events { worker_connections 9000; }
http {
 access_log off; keepalive_requests 10000000; client_body_buffer_size 16k; map_hash_max_size 65536; map_hash_bucket_size 128;
 client_body_temp_path $WORK/b; proxy_temp_path $WORK/p; fastcgi_temp_path $WORK/f; uwsgi_temp_path $WORK/u; scgi_temp_path $WORK/s;
 map \$http_x_route \$up { default u0; include $WORK/map.conf; }
 upstream u0 { server 127.0.0.1:${UP_PORTS[0]}; keepalive 1024; keepalive_requests 10000000; }
 upstream u1 { server 127.0.0.1:${UP_PORTS[1]}; keepalive 1024; keepalive_requests 10000000; }
 upstream u2 { server 127.0.0.1:${UP_PORTS[2]}; keepalive 1024; keepalive_requests 10000000; }
 server { listen 127.0.0.1:$IN_PORT backlog=4096; location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://\$up; } }
}
E
}
peer_start() { /usr/sbin/nginx -c "$WORK/nginx.conf" -p "$WORK" > "$WORK/nginx.log" 2>&1 & PEER_PIDS=$!; }
peer_reload() { kill -HUP "$PEER_PIDS"; }
