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
		grep -q 'listens at unix:' "$work/serve.err" && return 0
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

# port: of the first --listen 127.0.0.1:0
port() {
	sed -n 's|.*listens at https\{0,1\}://127.0.0.1:||p' "$work/serve.err" | head -n 1
}

# make_caller NAME ROLES [MORE INI]: adds a section to the desk; the key is in $work/NAME.key.
make_caller() {
	[ -f "$work/desk/callers.ini" ] || {
		sed -i '1s/$/, callers.ini/' "$work/desk/caseroute.ini"
	}
	"$caseroute" keys new "$1" --role "$2" -q >"$work/$1.key" 2>"$work/$1.ini"
	{ cat "$work/$1.ini"; printf '%s\n' "${3:-}"; } >>"$work/desk/callers.ini"
}

# as NAME METHOD PATH [CURL OPTION]...: over TCP, with the caller's key from a file, so that
# it is no argument of a process. The port is in $port.
as() {
	local name=$1 method=$2 path=$3
	shift 3
	printf 'header = "Authorization: Bearer %s"\n' "$(cat "$work/$name.key")" >"$work/$name.curl"
	code=$(curl -sS --max-time 20 -K "$work/$name.curl" -X "$method" -D "$work/head" -o "$work/body" \
		-w '%{http_code}' "$@" "http://127.0.0.1:$port$path") || return 1
	body=$(cat "$work/body")
}

# post_as NAME PATH JSON [CURL OPTION]...
post_as() {
	local name=$1 path=$2 json=$3
	shift 3
	as "$name" POST "$path" -H 'Content-Type: application/json' -d "$json" "$@"
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

# The last answer has that status, and is as the API describes it.
described() { # STATUS METHOD PATH: the last answer
	echo "$2 $3: $code $body"
	[ "$code" = "$1" ]
	python3 "$BATS_TEST_DIRNAME/openapi-check.py" "$source_root/core/service/openapi.json" \
		"$2" "$3" "$code" "$work/body" "$(head_field Content-Type)"
}
