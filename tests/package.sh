#!/bin/sh
# Makes the Debian packages, unpacks them into a folder, uses what is there, has dpkg
# install and remove what has no scripts, and follows the plugin guide from their installation.
# Nothing of this machine is changed.
set -eu
cd "$(dirname "$0")/.."
command -v dpkg-deb >/dev/null || { echo "skipped: dpkg is not here"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CASEROUTE_CONFIG CASEROUTE_PLUGINS CASEROUTE_DATA
export HOME="$work"

cpack --config build/CPackConfig.cmake -B "$work" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log"; exit 1; }
main=$(echo "$work"/caseroute_*.deb)
dev=$(echo "$work"/caseroute-dev_*.deb)
[ "$(dpkg-deb -f "$main" Package)" = caseroute ]
for library in libc6 libcjose0 libcurl4 libiniparser1 libsodium23 libsqlite3-0 libssl3; do
	dpkg-deb -f "$main" Depends | grep -q "$library" || { echo "does not depend on $library"; exit 1; }
done

dpkg-deb -x "$main" "$work/root"
dpkg-deb -e "$main" "$work/control"
caseroute=$work/root/usr/bin/caseroute
"$caseroute" --help | grep -q '^  ledger backup'
"$caseroute" --config "$work/root/usr/share/caseroute/conf" config check
# Stripped, the plugins are proven all the same.
for plugin in guided azure csp support-for-business; do
	"$caseroute" portals describe "$plugin" | grep -q "^plugin = $plugin"
done
for file in system/caseroute.service system/caseroute.socket; do
	cmp "conf/systemd/$(basename "$file")" "$work/root/usr/lib/systemd/$file"
done
cmp conf/prometheus/alerts.yml "$work/root/usr/share/caseroute/prometheus/alerts.yml"
cmp conf/grafana/caseroute.json "$work/root/usr/share/caseroute/grafana/caseroute.json"
if [ -e "$work/root/usr/include" ]; then echo "the SDK is in the wrong package"; exit 1; fi
for script in postinst prerm postrm; do sh -n "$work/control/$script"; done
if command -v systemd-sysusers >/dev/null; then
	mkdir -p "$work/root/etc"
	systemd-sysusers --root="$work/root" caseroute.conf 2>/dev/null
	grep -q '^caseroute:.*:/var/lib/caseroute:' "$work/root/etc/passwd"
fi

# A database of its own, so that dpkg knows of nothing else.
db=$work/dpkg
mkdir -p "$db/updates" "$db/info" "$db/triggers" "$work/root2"
: >"$db/status"
as_dpkg() { dpkg --admindir="$db" --instdir="$work/root2" --force-not-root --force-bad-path --log="$work/dpkg.log" "$@" >>"$work/dpkg.out" 2>&1 || { cat "$work/dpkg.out"; exit 1; }; }
as_dpkg -i "$dev"
[ -f "$work/root2/usr/include/caseroute/portal.h" ]
cat >"$work/acme.c" <<'C'
#include <caseroute/portal.h>
int main(void) { return 0; }
C
PKG_CONFIG_PATH="$work/root2/usr/lib/pkgconfig" pkg-config --cflags caseroute >"$work/flags"
# shellcheck disable=SC2046
cc $(cat "$work/flags") -o "$work/acme" "$work/acme.c"
as_dpkg -r caseroute-dev
[ -z "$(find "$work/root2" -type f)" ]

# The guide, from packages to a ticket: installed by apt where that can be undone, else unpacked.
mkdir "$work/packages"
cp "$main" "$dev" "$work/packages"
followed=0
sh tests/apart.sh sh tests/guide.sh /usr "$work/packages" >"$work/guide.log" 2>&1 || followed=$?
if [ $followed = 77 ]; then
	echo "not root, or no overlays: the packages are unpacked for the guide, not installed"
	dpkg-deb -x "$dev" "$work/root"
	followed=0
	sh tests/guide.sh "$work/root/usr" >"$work/guide.log" 2>&1 || followed=$?
fi
[ $followed = 0 ] || { tail -n 60 "$work/guide.log"; exit 1; }
tail -n 1 "$work/guide.log"
echo "packaged, unpacked, run and removed: $(dpkg-deb -f "$main" Version), $(($(wc -c <"$main") / 1024)) KiB"
