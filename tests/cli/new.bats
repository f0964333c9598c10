#!/usr/bin/env bats
# portals new: a plugin's project from the template. That it builds and is tested at once is proven
# by tests/guide.sh, which needs an installation.

load helper

setup() {
	work=$BATS_TEST_TMPDIR
	export HOME=$work NO_COLOR=1
	unset CASEROUTE_CONFIG CASEROUTE_PLUGINS XDG_CONFIG_HOME
	mkdir "$work/here"
	cd "$work/here"
}

# refused STATUS SENTENCE ARGUMENT...: and nothing was written.
refused() {
	local wanted=$1 sentence=$2 before
	before=$(find . | sort)
	shift 2
	run "$caseroute" portals new "$@"
	[ "$status" -eq "$wanted" ] || { echo "$*: exit $status, not $wanted: $output"; return 1; }
	[[ "$output" == *"$sentence"* ]] || { echo "$*: no \"$sentence\" in: $output"; return 1; }
	[ "$(find . | sort)" = "$before" ]
}

@test "a project has the plugin's name wherever the template has its own" {
	run "$caseroute" portals new north-sea2
	[ "$status" -eq 0 ]
	[[ "$output" == *"[portal north-sea2]"* ]]
	[[ "$output" == *"plugins = $work/here/north-sea2/build/plugins"* ]]
	cd north-sea2
	[ -x ci.sh ] && [ -f north-sea2.c ] && [ -f tests/create.http ] && [ -f .gitignore ]
	run grep -rl newportal .
	[ "$status" -eq 1 ]
	grep -q '.name = "north-sea2"' north-sea2.c
	diff <(find . -type f | sed s/north-sea2/newportal/ | sort) <(cd "$source_root/plugins/template" && find . -type f | sort)
}

@test "scripts get the list of what was written" {
	run "$caseroute" portals new harbor there/is/none --json
	[ "$status" -eq 0 ]
	[ "$(field schema <<<"$output")" = caseroute.new/1 ]
	[ "$(field folder <<<"$output")" = "$work/here/there/is/none" ]
	python3 -c 'import json,os,sys
d = json.load(sys.stdin)
sys.exit(not all(os.path.isfile(os.path.join(d["folder"], f)) for f in d["files"]))' <<<"$output"
}

@test "an empty folder that is there, also this one, is taken" {
	mkdir empty
	"$caseroute" portals new harbor empty >/dev/null
	[ -f empty/harbor.c ]
	cd "$(mktemp -d "$work/XXXXXX")"
	"$caseroute" portals new harbor . >/dev/null
	[ -f harbor.c ]
}

@test "nothing is written over, and every refusal says what to do" {
	mkdir full
	touch full/file plain
	refused 73 "full is not empty; name a folder" harbor full
	refused 73 "plain: Not a directory" harbor plain
	refused 64 "'Harbor' cannot be a plugin's name: it begins with a to z" Harbor
	refused 64 "cannot be a plugin's name" ../harbor
	refused 64 "cannot be a plugin's name" ""
	refused 64 "cannot be a plugin's name" "$(printf 'a%.0s' $(seq 41))"
	refused 73 "there is a plugin azure already" azure
	refused 64 "too few words"
	refused 64 "too many words" a b c
	ln -s /dev/full loop
	refused 73 "loop" harbor loop/harbor
}

@test "without the SDK it says how to get it" {
	mkdir -p "$work/bin"
	cp "$caseroute" "$work/bin/caseroute"
	caseroute=$work/bin/caseroute
	refused 66 "install the SDK: package caseroute-dev" harbor
}

@test "the section that it prints is a good one" {
	make_desk
	export CASEROUTE_PLUGINS=${CASEROUTE_BUILD:-$source_root/build}/tests/plugins
	secret_file() { printf '%s\n' "$2" >"$work/desk/$1" && chmod 600 "$work/desk/$1"; }
	secret_file newportal.token x
	cp "$source_root/plugins/template/newportal.ini" "$work/desk/portals.ini"
	run "$caseroute" config check
	echo "$output"
	[ "$status" -eq 0 ]
	run "$caseroute" portals list
	[[ "$output" == *"newportal"*"link create status"* ]]
}
