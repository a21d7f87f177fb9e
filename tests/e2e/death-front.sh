#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F22: the front (the emulator, in place of FUSE-T's server) is killed: the
# daemon gets its end, the relay ends, callers are not left waiting.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need pgrep
for transport in seqpacket dgram; do
	relay_start emulate --transport=$transport -- \
	    fuserelay-passthrough -f SRC MNT
	t 20 cp "$BUILD/fuserelay" "$mnt/file" || fail "cannot write"
	server=$(pgrep -P "$relay" -f fuset-emulator) ||
		fail "no emulator below the relay"
	kill -KILL "$server"
	child_wait 30 "$relay"
	echo "status $code"
	[ "$code" = 0 ] && fail "status 0 though the front died"
	same "$BUILD/fuserelay" "$src/file"
	if mounted "$mnt"; then
		# what a killed server leaves is the system's
		t 10 umount -l "$mnt"
	fi
done
