#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F27: what reads a trace or a capture may be stuck, dead, or out of space:
# the mount goes on as ever, and what was left out is counted, in the log and
# in what was written.
# limit: 240
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need python3
need_mount
dirs_new
export LC_ALL=C

cat >load.py <<'PYTHON'
import os, sys
pad = "0" * 200
for i in range(int(sys.argv[2])):
    try:
        os.stat("%s/absent-%d-%s" % (sys.argv[1], i, pad))
    except FileNotFoundError:
        pass
PYTHON

# load: many more messages than any buffer of a trace or capture holds.
load()
{
	t 120 python3 load.py "$mnt" "${requests:-12000}" || fail "the load fails"
}

# use ARG...: mount with these options, work, unmount; status 0.
use()
{
	relay_start run "$@" -- fuserelay-passthrough -f SRC MNT
	load
	t 20 umount "$mnt" || fail "umount"
	child_wait 30 "$relay"
	[ "$code" = 0 ] || fail "status $code"
	mounted "$mnt" && fail "still mounted"
	return 0
}

logged()
{
	grep -q -E -e "$1" "$relay_log" || fail "the log does not say: $1"
}

# A FIFO that somebody has open, and never reads.
stuck_new()
{
	rm -f stuck
	mkfifo stuck
	exec 7<>stuck
}

echo "--- lines to a FIFO that is not read"
stuck_new
use --json -o stuck
logged 'trace: [1-9][0-9]* lines lost'
echo "--- and read at last: it says how much is missing"
stuck_new
relay_start run --json -o stuck -- fuserelay-passthrough -f SRC MNT
load
timeout "$(patient 60)" cat <stuck >got.json 7<&- &
reader=$!
# shellcheck disable=SC2317 # called by wait_for
told()
{
	grep -q '"type":"lost","lines":[1-9]' got.json ||
		{ t 20 stat -c %n "$mnt/absent" >/dev/null 2>&1; false; }
}
wait_for 20 told || fail "the lines do not say that some are missing"
t 20 umount "$mnt"
child_wait 20 "$relay"
exec 7<&-
child_wait 20 "$reader"

echo "--- a capture to a FIFO that is not read"
requests=25000
stuck_new
use -w stuck
logged 'capture: [0-9]+ records, [1-9][0-9]* more lost'
echo "--- and read at last"
stuck_new
relay_start run -w stuck -- fuserelay-passthrough -f SRC MNT
load
timeout "$(patient 150)" cat <stuck >got.pcap 7<&- &
reader=$!
size=0
# Once what was kept has been read; decoding all of it takes its time.
# shellcheck disable=SC2317 # called by wait_for
told()
{
	local before=$size
	t 20 stat -c %n "$mnt/absent" >/dev/null 2>&1 || :
	size=$(stat -c %s got.pcap)
	[ $((size - before)) -lt 65536 ] || return 1
	fuserelay decode --json got.pcap >got.json 2>/dev/null || :
	grep -q '"type":"lost".*"records":[1-9]' got.json
}
wait_for 100 told || fail "the capture does not say that some are missing"
t 20 umount "$mnt"
child_wait 20 "$relay"
exec 7<&-
child_wait 20 "$reader"

requests=
echo "--- a command that does not read, one that is gone"
use -t -o '|exec sleep 1000'
logged 'trace: [1-9][0-9]* lines lost'
kill "$(pgrep -f '^sleep 1000$' -g 0)" 2>/dev/null || :
requests=2000
use -t -o '|exit 3'
logged 'trace: Broken pipe'
logged 'trace: [1-9][0-9]* lines lost'

echo "--- no space"
use -t -o /dev/full
logged 'trace: No space left'
use -w /dev/full
logged 'capture: No space left'
mkdir small
mount -t tmpfs -o size=256k none small
use -w small/x.pcap
logged 'capture: No space left'
logged 'capture: [0-9]+ records, [1-9][0-9]* more lost'
expect 0 fuserelay decode -c small/x.pcap
says ' LOOKUP$'
umount small

echo "--- a file that may not grow"
relay_start run -w x.pcap -- sh -c 'exec fuserelay-passthrough -f "$@"' sh \
    SRC MNT
prlimit --pid "$relay" --fsize=100000
load
t 20 umount "$mnt"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
logged 'capture: File too large'
expect 0 fuserelay decode -c x.pcap
