# shellcheck shell=bash disable=SC2154,SC2034 # names of helper.bash and for the tests
# A running service for a test: over a Unix socket in the test's folder, ended by its pid.

load helper

# start_service [OPTION]...: returns once it listens; its messages are in $work/serve.err.
start_service() {
	local at
	socket=$work/s.sock
	: >"$work/serve.err"
	"$caseroute" serve --socket "$socket" --drain 2s "$@" </dev/null >"$work/serve.out" 2>"$work/serve.err" 3>&- 4>&- &
	service_pid=$!
	for at in $(seq 200); do
		grep -q 'listens at' "$work/serve.err" && return 0
		kill -0 "$service_pid" 2>/dev/null || break
		sleep 0.05
	done
	cat "$work/serve.err" >&2
	return 1
}

stop_service() { # in teardown
	[ -n "${service_pid:-}" ] || return 0
	kill "$service_pid" 2>/dev/null
	wait "$service_pid" 2>/dev/null || true
	service_pid=
}

# api METHOD PATH [CURL OPTION]...: the status is in $code, body in $body, head in $work/head.
api() {
	local method=$1 path=$2
	shift 2
	code=$(curl -sS --max-time 20 --unix-socket "$socket" -X "$method" -D "$work/head" -o "$work/body" \
		-w '%{http_code}' "$@" "http://desk$path") || return 1
	body=$(cat "$work/body")
}

# post PATH JSON [CURL OPTION]...
post() {
	local path=$1 json=$2
	shift 2
	api POST "$path" -H 'Content-Type: application/json' -d "$json" "$@"
}

# head_field NAME: of the last answer.
head_field() {
	sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$work/head"
}

# member NAME...: of the last answer's body
member() {
	printf '%s' "$body" | field "$@"
}
