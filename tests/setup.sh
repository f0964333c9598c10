#!/bin/sh
# Installs what the build and the tests need, by name, from Debian. Quick when all
# is there. Sourced by tests/run.sh and tests/demo.sh.
#   setup_packages build        compiler and libraries
#   setup_packages build test   also what the tests use
# shellcheck disable=SC2034,SC2154 # names are put together; $root is the caller's

build_packages="build-essential cmake ninja-build pkg-config libcurl4-openssl-dev libiniparser-dev
libsqlite3-dev libsodium-dev libcjose-dev libssl-dev libseccomp-dev nodejs"
test_packages="libcmocka-dev libjansson-dev bats parallel curl file clang llvm libclang-rt-14-dev shellcheck python3 openssl util-linux e2fsprogs
faketime"

setup_packages() {
	wanted=""
	for group in "$@"; do
		eval "wanted=\"\$wanted \$${group}_packages\""
	done
	missing=""
	for package in $wanted; do
		# Another source's nodejs serves as well as Debian's.
		if [ "$package" = nodejs ] && command -v node >/dev/null 2>&1; then
			continue
		fi
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	as_root=""
	[ "$(id -u)" = 0 ] || as_root=sudo
	echo "installing:$missing"
	export DEBIAN_FRONTEND=noninteractive
	$as_root apt-get update -q >/dev/null
	# shellcheck disable=SC2086
	$as_root apt-get install -y -q --no-install-recommends $missing >/dev/null
}

# Prometheus' checker, in build/tools: from its package, which is not installed, because that
# would start a server.
setup_promtool() {
	tool=$root/build/tools/promtool
	[ ! -x "$tool" ] && ! command -v promtool >/dev/null 2>&1 || return 0
	unpacked=$(mktemp -d)
	(cd "$unpacked" && apt-get download -q prometheus && dpkg-deb -x prometheus_*.deb .) >/dev/null 2>&1 &&
		mkdir -p "${tool%/*}" && mv "$unpacked/usr/bin/promtool" "$tool"
	rm -rf "$unpacked"
	[ -x "$tool" ] || echo "promtool cannot be had: what it checks is skipped"
}

# The judge of the plugin ABI (tests/abi/compare.sh).
setup_abidiff() {
	command -v abidiff >/dev/null 2>&1 && return 0
	(test_packages=abigail-tools && setup_packages test) 2>/dev/null ||
		echo "abidiff cannot be had: what it checks is skipped"
}

# build FOLDER [CMAKE OPTION]...; of $target alone, where that is set
setup_build() {
	folder=$1
	shift
	cmake -S "$root" -B "$folder" -G Ninja "$@" >"$folder.log" 2>&1 || { cat "$folder.log"; return 1; }
	cmake --build "$folder" --target "${target:-all}" >"$folder.log" 2>&1 || { grep -E 'error|FAILED|undefined' "$folder.log" | head -40; return 1; }
}
