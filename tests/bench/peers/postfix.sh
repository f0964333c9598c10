# shellcheck shell=bash disable=SC2034,SC2046,SC2086,SC2154 # names of tests/bench/peers.sh; lists of pids
# Postfix: a message of 1 KiB taken, queued durably, routed to one of three relays, handed on.
# Another protocol, the same work; needs root.
PEER_NEEDS="Debian postfix (SETUP=1), and root"
peer_check() { [ -x /usr/sbin/postfix ] && [ -x /usr/sbin/smtp-source ] && [ "$(id -u)" = 0 ]; }
postfix_files() {
	mkdir -p "$WORK/conf" "$WORK/queue" "$WORK/data"
	chown postfix "$WORK/data"
	sed "s/^smtp *inet .*/127.0.0.1:19025 inet n - n - 100 smtpd/
		s/^postlog.*/postlog unix-dgram n - n - 1 postlogd/
		s/^\([a-z].*\) y \( *- *[0-9-]* *[a-z]*\)/\1 n \2/" /usr/share/postfix/master.cf.dist >"$WORK/conf/master.cf"
	cat >"$WORK/conf/main.cf" <<E
compatibility_level = 3.6
queue_directory = $WORK/queue
data_directory = $WORK/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = bench.test
mydestination =
mynetworks = 127.0.0.0/8
relay_domains = r0.test, r1.test, r2.test
local_recipient_maps =
local_transport = error:none
alias_maps =
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
in_flow_delay = 0
default_destination_concurrency_limit = 50
initial_destination_concurrency = 20
transport_maps = texthash:$WORK/conf/transport
maillog_file = $WORK/maillog
maillog_file_prefixes = $WORK
E
	for i in 0 1 2; do echo "r$i.test smtp:[127.0.0.1]:$((19031 + i))"; done >"$WORK/conf/transport"
}
postfix_is_done() {
	[ -z "$(find "$WORK/queue/incoming" "$WORK/queue/active" "$WORK/queue/deferred" "$WORK/queue/maildrop" \
		-type f -print -quit)" ]
}
postfix_load() { # COUNT
	local begun before sources="" i
	before=$(ticks "$MASTER")
	begun=$(date +%s%N)
	for i in 0 1 2; do
		smtp-source -c -s 11 -l 1024 -m $(($1 / 3)) -f a@bench.test -t "u@r$i.test" 127.0.0.1:19025 >/dev/null &
		sources="$sources $!"
	done
	wait $sources
	for _ in $(seq 1200); do
		postfix_is_done && break
		sleep 0.05
	done
	row "{\"peer\":\"postfix\",\"messages\":$1,\"per_second\":$(($1 * 1000000000 / ($(date +%s%N) - begun))),\"cpu_us_each\":$((($(ticks "$MASTER") - before) * 1000000 / HZ / $1))}"
}
peer_run() {
	local i
	WORK=$(mktemp -d)
	chmod 755 "$WORK"
	postfix_files
	PEER_PIDS=""
	for i in 0 1 2; do
		smtp-sink -u nobody "127.0.0.1:$((19031 + i))" 1000 &
		PEER_PIDS="$PEER_PIDS $!"
	done
	if postfix -c "$WORK/conf" start >"$WORK/start.log" 2>&1; then
		for _ in $(seq 100); do
			(exec 3<>/dev/tcp/127.0.0.1/19025) 2>/dev/null && break
			sleep 0.05
		done
		MASTER=$(head -1 "$WORK/queue/pid/master.pid" | tr -d ' ')
		for _ in $(seq "$REPS"); do postfix_load 3000; done
		postfix -c "$WORK/conf" stop >/dev/null 2>&1
	else
		cat "$WORK/start.log"
	fi
	clean_up
}
