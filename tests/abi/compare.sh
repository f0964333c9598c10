#!/bin/sh
# Is portal.h what it was when its version was frozen? Exit 77: that cannot be told here.
#   sh tests/abi/compare.sh           compares with tests/abi/portal-MAJOR.MINOR.abi
#   sh tests/abi/compare.sh --write   writes that file, once for each version; then look at
#       abidiff portal-1.0.abi portal-1.1.abi: it may show members, calls and numbers at ends
set -eu
here=$(cd "$(dirname "$0")" && pwd)
headers=${PORTAL_HEADER_DIR:-$here/../../include}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for tool in abidw abidiff; do
	command -v $tool >/dev/null 2>&1 || { echo "skipped: there is no $tool (Debian: abigail-tools)"; exit 77; }
done
[ "$(uname -m)" = x86_64 ] || { echo "skipped: the frozen file is of x86-64, this is $(uname -m)"; exit 77; }

number() { sed -n "s/^#define PORTAL_ABI_$1 //p" "$headers/caseroute/portal.h"; }
version=$(number MAJOR).$(number MINOR)
frozen=$here/portal-$version.abi
# Without the asserts, which would end it first: abidiff says what has changed.
"${CC:-cc}" -g -O0 -fPIC -shared '-D_Static_assert(...)=extern int judged_elsewhere' -Wno-error=padded -I"$headers" \
	"$here/layout.c" -o "$work/portal.so" 2>/dev/null
if [ "${1:-}" = --write ]; then
	abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed "$work/portal.so" |
		sed "s|path='[^']*layout.c'|path='layout.c'|" >"$frozen"
	exit
fi
[ -f "$frozen" ] || { echo "there is no $frozen: a new version is frozen by compare.sh --write"; exit 1; }
abidiff --no-show-locs "$frozen" "$work/portal.so" || {
	echo "portal.h is no longer ABI $version: plugins that are out there would break"
	exit 1
}
echo "portal.h is ABI $version"
