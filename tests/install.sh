#!/bin/sh
# Installs into a folder and uses what is there: the program with its data, and the
# SDK from another project, by CMake package with gcc and clang, and by pkg-config.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CASEROUTE_CONFIG CASEROUTE_PLUGINS CASEROUTE_DATA
export HOME="$work"
cmake --install build --prefix "$work/usr" >"$work/install.log"
caseroute=$work/usr/bin/caseroute
"$caseroute" --version
"$caseroute" --config "$work/usr/share/caseroute/conf" config check
"$caseroute" portals describe guided | grep -q '^plugin = guided'
if "$caseroute" portals describe example1 2>/dev/null; then echo "an example is installed as a plugin"; exit 1; fi

# other NAME CC CXX: its plugins are checked, their transcripts played, and one runs.
other() {
	{
		cmake -S tests/install -B "$work/$1" -G Ninja -DCMAKE_PREFIX_PATH="$work/usr" \
			-DCMAKE_C_COMPILER="$2" -DCMAKE_CXX_COMPILER="$3" &&
			cmake --build "$work/$1" && ctest --test-dir "$work/$1" -j2 --output-on-failure
	} >"$work/$1.log" 2>&1 || { cat "$work/$1.log"; exit 1; }
	grep -q '100% tests passed, 0 tests failed out of 2' "$work/$1.log"
	for plugin in example1 beacon; do
		CASEROUTE_PLUGINS="$work/$1/plugins" "$caseroute" portals describe $plugin | grep -q "^plugin = $plugin"
	done
}
other gcc gcc g++
! command -v clang++ >/dev/null || other clang clang clang++

# Without CMake: one line.
PKG_CONFIG_PATH=$(find "$work/usr" -name pkgconfig -type d)
export PKG_CONFIG_PATH
sdk=$(pkg-config --variable=sdk caseroute)
# shellcheck disable=SC2046
cc $(pkg-config --cflags caseroute) $(pkg-config --variable=plugin_flags caseroute) -O2 -shared \
	-o "$work/example2.so" "$sdk/examples/example2/example2.c"
"$caseroute" portals check -q "$work/example2.so" --transcripts "$sdk/examples/example2/tests"
[ "$(pkg-config --variable=abi caseroute)" = 1.0 ]
[ -f "$sdk/bridge/bridge.openapi.yaml" ]

# The doubles start from where they lie.
addresses=$(node "$sdk/sandbox/sandbox.mjs" </dev/null)
echo "$addresses" | grep -q '"bridge":"http://127.0.0.1:'
echo "installed; plugins of another project built in C and C++, checked and loaded"
