# shellcheck shell=bash disable=SC2154,SC2034 # names of helper.bash and for the tests
# `caseroute serve` for a bats file: started and ended by its pid, asked over its socket.

# start_service [ARGUMENT...]: listens when this returns. Leaves $service_pid and $socket.
start_service() {
	local at
	socket=${socket:-$work/desk/caseroute.sock}
	"$caseroute" serve "$@" </dev/null >>"$work/service.out" 2>>"$work/service.err" 3>&- 4>&- &
	service_pid=$!
	for at in $(seq 200); do
		curl -s -o "$work/livez" --unix-socket "$socket" http://localhost/livez && return 0
		kill -0 "$service_pid" 2>/dev/null || break
		sleep 0.05
	done
	echo "the service does not answer" >&2
	cat "$work/service.err" >&2
	return 1
}

# Ends it as an administrator does; its status is the result.
stop_service() {
	local status=0
	[ -n "${service_pid:-}" ] || return 0
	kill -TERM "$service_pid" 2>/dev/null || true
	wait "$service_pid" || status=$?
	service_pid=""
	return "$status"
}

kill_service() {
	[ -n "${service_pid:-}" ] || return 0
	kill -KILL "$service_pid" 2>/dev/null || true
	wait "$service_pid" 2>/dev/null || true
	service_pid=""
}

# ask METHOD PATH [JSON [CURL ARGUMENT...]]: the answer is in $code, $type, $work/head, $work/body.
ask() {
	local method=$1 path=$2 json=${3:-}
	shift $(($# < 3 ? $# : 3))
	code=$(curl -sS -m 30 --unix-socket "$socket" -X "$method" -o "$work/body" -D "$work/head" \
		-w '%{http_code}' ${json:+-H "Content-Type: application/json" --data-binary "$json"} \
		"$@" "http://localhost$path")
	type=$(header Content-Type)
}

header() { # NAME of the last answer
	sed -n "s/^$1: \(.*\)\r\$/\1/ip" "$work/head"
}

answer() { # MEMBER... of the last answer
	field "$@" <"$work/body"
}

# problem STATUS CODE: the last answer is that problem, with all its members.
problem() {
	if [ "$code" = "$1" ] && [ "$type" = application/problem+json ] &&
		[ "$(answer status)" = "$1" ] && [ "$(answer code)" = "$2" ] &&
		[ "$(answer type)" = "urn:caseroute:problem:$2" ] &&
		[ -n "$(answer title)" ] && [ -n "$(answer detail)" ]; then
		return 0
	fi
	echo "not $1 $2 but $code $type: $(cat "$work/body")" >&2
	return 1
}

# good STATUS: the last answer is JSON with that status.
good() {
	[ "$code" = "$1" ] && [ "$type" = application/json ] && return 0
	echo "not $1 but $code $type: $(cat "$work/body")" >&2
	return 1
}

# await ID STATE [SECONDS]
await() {
	local at
	for at in $(seq $((${3:-10} * 20))); do
		ask GET "/v1/requests/$1"
		[ "$(answer state)" = "$2" ] && return 0
		sleep 0.05
	done
	cat "$work/body" >&2
	return 1
}
