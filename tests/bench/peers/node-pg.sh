# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # names of tests/bench/peers.sh
# What a team would write by hand: Fastify, INSERT into PostgreSQL (committed, synchronous_commit=on),
# POST to the upstream, UPDATE with the result, answer. Durable, so it does all that our daemon does.
. "$BENCH/fastify.sh"
PEER_NEEDS="node; npm fastify, undici, pg; Debian postgresql"
PGB=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
PEER_MAX_RULES=3
peer_check() { command -v node >/dev/null && node_has fastify && node_has undici && node_has pg && [ -n "$PGB" ]; }
peer_setup() { node_rules "$1"; }
peer_start() {
	local pg
	mkdir "$WORK/pg" "$WORK/sock"; chown postgres "$WORK/pg" "$WORK/sock"
	su postgres -c "$PGB/initdb -D $WORK/pg -A trust >/dev/null && $PGB/pg_ctl -D $WORK/pg -w -o \"-c listen_addresses='' -k $WORK/sock -c shared_buffers=256MB\" -l $WORK/sock/log start" >/dev/null
	pg=$(head -1 "$WORK/pg/postmaster.pid")
	psql -qX -h "$WORK/sock" -U postgres -c "create table req(id bigserial primary key, uid text not null unique, route int, state int not null, created timestamptz default now(), body text, result text); create index on req(created) where state<2" >/dev/null
	PGSOCK=$WORK/sock node_start node-pg.js
	PEER_PIDS="$PEER_PIDS $pg"
}
peer_reload() { kill -HUP "${PEER_PIDS%% *}"; }
