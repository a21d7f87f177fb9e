#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F36: the daemon invalidates what the kernel waits for it to read, and dies,
# or all is told to end: the reader gets an errno, and everybody ends.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount

# start FAULT ROUND: and note the number that the kernel gave to the connection
start()
{
	transport=seqpacket
	[ $(($2 % 2)) = 0 ] || transport=dgram
	relay_start run --transport=$transport -- odd-daemon "$1" MNT
	conn=$(awk -v p="$mnt" '$5 == p { sub(".*:", "", $3); print $3 }' \
	    /proc/self/mountinfo)
}

# Nothing else than this ends what hangs in the kernel.
hung()
{
	# shellcheck disable=SC2016
	unshare -m sh -c 'cd /sys/fs/fuse && mount -t fusectl none connections &&
	    echo 1 >"connections/$1/abort"' sh "$conn"
	umount -l "$mnt" || :
	fail "$*"
}

asked()
{
	grep -q '^opcode 15$' "$relay_log"
}

for round in $(seq 20); do
	start leaves "$round"
	code=0
	t 10 cat "$mnt/file" >out.txt 2>err.txt || code=$?
	if [ "$code" != 1 ] || ! wait_for 10 ended "$relay"; then
		hung "round $round: cat ended with $code: $(cat err.txt)"
	fi
	child_wait 1 "$relay"
	[ "$code" = 7 ] || fail "status $code"
	umount "$mnt" || fail "umount"
done

for round in $(seq 6); do
	start holds "$round"
	t 60 cat "$mnt/file" >out.txt 2>err.txt &
	caller=$!
	wait_for 10 asked || hung "it is not asked"
	kill -TERM "$relay"
	wait_for 20 ended "$relay" || hung "round $round: the relay stays"
	wait_for 20 ended "$caller" || hung "round $round: cat stays"
	child_wait 1 "$caller"
	[ "$code" = 1 ] || fail "cat ended with $code: $(cat err.txt)"
	child_wait 1 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	not_mounted "$mnt" || fail "still mounted"
done
