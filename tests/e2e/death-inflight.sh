#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F18: the daemon is killed with 40 requests in flight, over a kernel mount:
# every caller gets an errno (the log says how soon), nothing stays mounted,
# the status tells the signal.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
callers=40

asked()
{
	[ "$(grep -c '^opcode 17$' "$relay_log")" -ge "$callers" ]
}

for transport in seqpacket dgram; do
	relay_start emulate --transport=$transport -- \
	    sh -c 'echo $$ >daemon.pid; exec "$@"' sh odd-daemon deaf MNT
	pids=()
	for i in $(seq 1 $callers); do
		t 60 stat -f "$mnt" >"caller.$i" 2>&1 &
		pids+=($!)
	done
	wait_for 20 asked || fail "the requests did not reach the daemon"

	kill -KILL "$(cat daemon.pid)"
	killed=$(date +%s%N)
	for i in "${!pids[@]}"; do
		child_wait 10 "${pids[$i]}"
		[ "$code" = 1 ] || fail "caller $i ended with $code"
	done
	took=$((($(date +%s%N) - killed) / 1000000))
	echo "$callers callers answered after $took ms"
	grep -L -e 'Input/output error' -e 'connection abort' \
	    -e 'not connected' caller.* | while read -r f; do
		cat "$f"
		fail "another error in $f"
	done

	child_wait 10 "$relay"
	[ "$code" = 137 ] || fail "status $code instead of 137"
	wait_for 5 not_mounted "$mnt" || fail "still mounted"
	rm -f caller.*
done
