# shellcheck shell=bash disable=SC2154,SC2034 # names of helper.bash and for the tests
# A receiver of events for a test: on loopback, ended by its pid.

load callers

# new_secret FILE: "whsec_" and 32 random bytes
new_secret() {
	printf 'whsec_%s\n' "$(head -c 32 /dev/urandom | base64)" >"$1"
	chmod 600 "$1"
}

# start_receiver: at the same port as before, if it ran before; at $receiver
start_receiver() {
	local at
	: >"$work/receiver.out"
	node "$source_root/tests/sandbox/webhooks.mjs" --port-file "$work/receiver.port" \
		"$work/desk/hook.secret" "$work/desk/hook.old" \
		</dev/null >"$work/receiver.out" 2>&1 3>&- 4>&- &
	receiver_pid=$!
	for at in $(seq 200); do
		grep -q listens "$work/receiver.out" && break
		kill -0 "$receiver_pid" || return 1
		sleep 0.05
	done
	receiver=http://127.0.0.1:$(cat "$work/receiver.port")
}

stop_receiver() {
	[ -n "${receiver_pid:-}" ] || return 0
	kill "$receiver_pid" 2>/dev/null || true
	wait "$receiver_pid" 2>/dev/null || true
	receiver_pid=
}

# add_webhook NAME [MORE INI]: all events to the receiver
add_webhook() {
	[ -f "$work/desk/webhooks.ini" ] || sed -i '1s/$/, webhooks.ini/' "$work/desk/caseroute.ini"
	cat >>"$work/desk/webhooks.ini" <<-INI
		[webhook $1]
		url = $receiver/$1
		secret = file:hook.secret
		allow = private
		${2:-}

	INI
}

answers() { # JSON: what the receiver answers from now on
	curl -sS -m 10 -X PUT -d "$1" -o /dev/null "$receiver/control"
}

# received EXPRESSION: of `seen`, what has come to the receiver so far
received() {
	curl -sS -m 10 "$receiver/control" | python3 -c 'import json,sys
from collections import Counter
seen = json.load(sys.stdin)
types = [one["event"]["type"] for one in seen if "event" in one]
taken = [one for one in seen if one["taken"]]
print(eval(sys.argv[1]))' "$1"
}

# eventually COMMAND...: within 15 s
eventually() {
	local at
	for at in $(seq 300); do
		if "$@"; then return 0; fi
		sleep 0.05
	done
	echo "never: $*" >&2
	return 1
}

has_received() { [ "$(received "$1")" = True ]; }

# webhook MEMBER...: of the first one, as the command tells it
webhook() { "$caseroute" webhooks list --json | field 0 "$@"; }
webhook_is() { # VALUE MEMBER...
	local value=$1
	shift
	[ "$(webhook "$@")" = "$value" ]
}

is_logged() { grep -q "$1" "$work/serve.err"; }
