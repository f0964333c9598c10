#!/bin/sh
# Runs a command as root where changes of /usr, /etc and /var are its own and gone when it ends
# (a mount namespace with overlays). Exit status 77: that cannot be had here.
set -eu
if [ "${APART:-}" != yes ]; then
	command -v unshare >/dev/null && APART=yes unshare -m true 2>/dev/null || exit 77
	APART=yes exec unshare -m sh "$0" "$@"
fi
unset APART
layers=$(mktemp -d)
{
	mount -t tmpfs tmpfs "$layers"
	for folder in usr etc var; do
		mkdir -p "$layers/$folder/upper" "$layers/$folder/work"
		mount -t overlay overlay \
			-o "lowerdir=/$folder,upperdir=$layers/$folder/upper,workdir=$layers/$folder/work" "/$folder"
	done
} 2>/dev/null || exit 77
status=0
"$@" || status=$?
cd /
umount /var /etc /usr "$layers" 2>/dev/null || true
rmdir "$layers" 2>/dev/null || true
exit "$status"
