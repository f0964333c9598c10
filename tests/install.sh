#!/bin/sh
# Installs into a folder and uses what is there: the program with its data, and the
# SDK from another project, by CMake package and by pkg-config.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install build --prefix "$work/usr" >"$work/install.log"
"$work/usr/bin/caseroute" --version
"$work/usr/bin/caseroute" --config "$work/usr/share/caseroute/conf" config check
"$work/usr/bin/caseroute" portals describe guided | grep -q '^plugin = guided'

mkdir "$work/other"
cat >"$work/other/acme.c" <<'C'
#include <caseroute/portal.h>

static uint32_t create(struct portal_op *op)
{
	return op->host->fail(op, PORTAL_E_REQUEST, 0, "nothing is taken here");
}

PORTAL_PLUGIN_PLAIN(.name = "acme", .title = "Acme", .version = "1.0.0", .create = create);
C
cat >"$work/other/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(acme LANGUAGES C)
find_package(caseroute 0.9 REQUIRED)
add_portal_plugin(acme acme.c)
C
cmake -S "$work/other" -B "$work/other/build" -DCMAKE_PREFIX_PATH="$work/usr" >"$work/other.log"
cmake --build "$work/other/build" >>"$work/other.log"
CASEROUTE_PLUGINS="$work/other/build/plugins" "$work/usr/bin/caseroute" portals describe acme | grep -q '^plugin = acme'
flags=$(PKG_CONFIG_PATH=$(find "$work/usr" -name pkgconfig -type d) pkg-config --cflags caseroute)
# shellcheck disable=SC2086
cc $flags -fPIC -c -o "$work/acme.o" "$work/other/acme.c"
echo "installed, and a plugin of another project built and loaded"
