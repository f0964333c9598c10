#!/bin/sh
# Follows the plugin guide literally, in an empty folder with an empty home: every command of it,
# every file as it stands there. And compiles its examples of host calls.
#   sh tests/guide.sh PREFIX              with what is installed there; the guide is the installed one
#   sh tests/guide.sh PREFIX PACKAGES     first installs packages of that folder, as the guide says
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(realpath "$1")
work=$(mktemp -d)
started=""
# What the guide has put into the background is in the group of its shell.
trap '[ -z "$started" ] || kill -- "-$started" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/home" "$work/here"

guide=$here/../plugins/README.md
cd "$work/here"
if [ -n "${2:-}" ]; then
	cp "$2"/*.deb .
	python3 "$here/guide.py" script "$guide" --install >"$work/script"
else
	python3 "$here/guide.py" script "$guide" >"$work/script"
	PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name caseroute.pc)")
	export PKG_CONFIG_PATH CMAKE_PREFIX_PATH="$prefix" PATH="$prefix/bin:$PATH"
fi
unset CASEROUTE_CONFIG CASEROUTE_PLUGINS CASEROUTE_DATA CASEROUTE_NOW XDG_STATE_HOME XDG_CONFIG_HOME
HOME=$work/home setsid sh "$work/script" &
started=$!
wait "$started"

installed=$(pkg-config --variable=sdk caseroute)/README.md
cmp "$guide" "$installed"
header=$(pkg-config --variable=includedir caseroute)/caseroute/portal.h
python3 "$here/guide.py" calls "$guide" "$header" >"$work/calls.c"
# shellcheck disable=SC2046
cc -std=c11 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -shared -o "$work/calls.so" \
	$(pkg-config --cflags caseroute) $(pkg-config --variable=plugin_flags caseroute) "$work/calls.c"
CASEROUTE_PLUGINS=$work caseroute portals describe calls >"$work/calls.txt"
echo "the guide was followed: $(grep -c '^printf' "$work/script") commands, $(grep -c '^static uint32_t line_' "$work/calls.c") examples of calls"
