#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F44: a program of root's that mounts in a user namespace of its own, with the
# rights it has there and no others.
# shellcheck source=lib-ways.sh
. "$TOP/tests/e2e/lib-ways.sh"

need_userns
relay_spawn run -- unshare --user --map-root-user --mount \
    ./mounter direct MNT fuserelay-passthrough -f SRC "{}"
inner_reads()
{
	inner=$(pgrep -P "$relay" -x fuserelay-passt) &&
	[ "$(t 10 cat "/proc/$inner/root$mnt/file" 2>/dev/null)" = hello ]
}
wait_for 20 inner_reads || fail "not mounted in its namespace"
mounted "$mnt" && fail "mounted in ours"
t 10 nsenter -t "$inner" -U -m umount "$mnt" || fail "umount"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
relay_quiet
expect 1 ./mounter late "$mnt" true
mv out.txt bare.txt
expect 1 fuserelay run -- ./mounter late "$mnt" true
grep '^mounter' out.txt | diff bare.txt - || fail "is allowed more"
