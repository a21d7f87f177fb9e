#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F1, F2: bytes that cannot be a message come from the front: the relay says
# so with the stream offset, ends the daemon, and fails; no hang, no crash.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need python3
dirs_new

# feed OFFSET STEP...: the steps are fed to a relay; its log names OFFSET.
feed()
{
	local offset=$1 front
	shift
	echo "--- $*"
	rm -f "$TMP/socket"
	python3 "$TOP/tests/helpers/front.py" "$TMP/socket" "$@" \
	    >front.txt 2>&1 </dev/null &
	front=$!
	wait_for 10 test -S "$TMP/socket"
	relay_spawn run --front="connect:$TMP/socket" -- \
	    fuserelay-passthrough -f SRC MNT
	child_wait 30 "$relay"
	[ "$code" = 125 ] || fail "status $code instead of 125"
	child_wait 30 "$front"
	cat front.txt
	grep -q -E "desync.*\\b$offset\\b" "$relay_log" ||
		fail "the log does not name offset $offset"
	grep -q 'the last messages' "$relay_log" ||
		fail "the log lacks the last messages"
	[ "$offset" = 0 ] || grep -q '  .*INIT(major=7' "$relay_log" ||
		fail "INIT is not among the last messages"
	grep -q '^eof$' front.txt || fail "the front was not closed"
}

for len in 0 1 39 2147483647 2147483648 4294967295; do
	feed 0 len:$len
	feed 104 init reply len:$len
	feed 160 init reply getattr reply len:$len
done
# text instead of a message
feed 104 init reply hex:474554202f20485454502f312e310d0a0d0a
