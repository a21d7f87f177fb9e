#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F18, F22, F24: the client, fuset-relay or the server is killed: the others
# end, and no caller waits for ever.
# limit: 180
# shellcheck source=lib-fuset.sh
. "$TOP/tests/e2e/lib-fuset.sh"

need_mount
need pgrep

# busy: something that always has a request on its way
busy_start()
{
	t 20 cp "$BUILD/fuset-relay" "$mnt/file" || fail "cannot write"
	# shellcheck disable=SC2016 # for the inner shell
	t 100 sh -c '
		while dd if="$1" of="$2" conv=nocreat,notrunc bs=64k; do :; done
	' sh "$BUILD/fuset-relay" "$mnt/file" >busy.log 2>&1 &
	busy=$!
	wait_for 20 grep -q copied busy.log || fail "nothing written"
}

busy_over()
{
	child_wait 20 "$busy"
	rm -f "$src/file"
}

for transport in seqpacket dgram "stream --patched" "stream --go"; do
	echo "--- $transport: the client is killed"
	# shellcheck disable=SC2086 # words
	fuset_start $transport
	busy_start
	kill -KILL "$client"
	wait_for 20 ended "$fuset_relay" || fail "fuset-relay is left"
	wait_for 5 not_mounted "$mnt" || fail "still mounted"
	alive "$emulator" && fail "the server is left"
	busy_over
	wait "$client" || :

	echo "--- $transport: fuset-relay is killed"
	# shellcheck disable=SC2086 # words
	fuset_start $transport
	busy_start
	kill -KILL "$fuset_relay"
	wait_for 20 ended "$emulator" || fail "the server is left"
	wait_for 5 not_mounted "$mnt" || fail "still mounted"
	busy_over
	# nobody tells a reader of datagrams
	[ "$transport" != dgram ] || kill -TERM "$client"
	child_wait 20 "$client"

	echo "--- $transport: the server is killed"
	# shellcheck disable=SC2086 # words
	fuset_start $transport
	busy_start
	kill -KILL "$emulator"
	child_wait 20 "$client"
	[ "$code" = 137 ] || fail "status $code instead of 137"
	alive "$fuset_relay" && fail "fuset-relay is left"
	grep -q 'killed by signal 9' "$fuset_log" || fail "not logged"
	busy_over
	# what a killed server leaves is the system's
	! mounted "$mnt" || t 10 umount -l "$mnt"
done
