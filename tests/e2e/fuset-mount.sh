#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# A client of FUSE-T behind fuset-relay and the emulator with a kernel
# mount: unmounted from outside, by the client, by a signal to the relay.
# shellcheck source=lib-shapes.sh
. "$TOP/tests/e2e/lib-shapes.sh"
# shellcheck source=lib-fuset.sh
. "$TOP/tests/e2e/lib-fuset.sh"

need_mount
need pgrep

# The client ends with the server's status, all others before it.
over()
{
	child_wait 20 "$client"
	[ "$code" = 0 ] || fail "status $code after $1"
	wait_for 5 not_mounted "$mnt" || fail "still mounted after $1"
	alive "$fuset_relay" && fail "fuset-relay is left after $1"
	alive "$emulator" && fail "the server is left after $1"
	grep -q '^server status 0$' "$client_log" || fail "no server status"
}

while read -r transport options; do
	echo "--- $transport $options"
	# shellcheck disable=SC2086 # words
	fuset_start "$transport" $options
	files_check "$mnt" 8
	kill -USR1 "$fuset_relay"
	wait_for 5 grep -q "$mnt: [0-9]* requests in flight" "$fuset_log" ||
		fail "SIGUSR1 tells nothing"
	t 20 umount "$mnt" || fail "umount failed"
	over "an unmount from outside"

	# shellcheck disable=SC2086 # words
	fuset_start "$transport" $options
	t 20 cp "$BUILD/fuset-relay" "$mnt/file" || fail "cannot write"
	kill -TERM "$client"
	over "SIGTERM to the client"
	same "$BUILD/fuset-relay" "$src/file"
	rm "$src/file"

	# shellcheck disable=SC2086 # words
	fuset_start "$transport" $options
	kill -TERM "$fuset_relay"
	over "SIGTERM to fuset-relay"
done <<'LIST'
seqpacket
dgram
dgram --patched
stream --patched
stream --go
LIST
