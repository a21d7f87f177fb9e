#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F50: the clock of the day is set while requests wait: how long they have
# waited is something else, and --timeout, --warn-after keep to that.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need bindfs
need_proc stack
[ -z "$SANITIZED" ] || skip "a sanitizer wants to be loaded first"
faketime=$(dpkg -L libfaketime 2>/dev/null | grep '/libfaketime\.so') ||
	skip "no libfaketime"

clock()
{
	echo "$1" >clock.new
	mv clock.new clock
}

faked=(env "LD_PRELOAD=$faketime" "FAKETIME_TIMESTAMP_FILE=$TMP/clock"
    FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1)

# start ARG...: a wrapped program that does not answer, at another time.
start()
{
	clock "+0d"
	dirs_new
	"${faked[@]}" fuserelay run "$@" -- bindfs -f \
	    -o attr_timeout=0,entry_timeout=0 "$src" "$mnt" \
	    >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 20 mounted "$mnt" || fail "not mounted"
	t 10 stat "$mnt" >out.txt || fail "no answer"
	hanging=$(daemon_of "$relay" bindfs)
	kill -STOP "$hanging"
	timeout "$(patient 60)" stat "$mnt" >out.txt 2>err.txt &
	waiting=$!
	asleep $waiting
}

# asleep PID: the stat below it has asked.
asleep()
{
	wait_for 10 asks "$1" || fail "stat does not wait"
}

asks()
{
	grep -q fuse "/proc/$(pgrep -P "$1")/stack" 2>/dev/null
}

clock "+400d"
[ "$("${faked[@]}" date +%F)" = "$(date -d 'now + 400 days' +%F)" ] ||
	skip "libfaketime does not set the clock here"

echo "--- a day on: nothing is late"
start --timeout=600 --warn-after=0.2
clock "+1d"
timeout "$(patient 60)" stat "$mnt" >out2.txt 2>err.txt &
second=$!
asleep $second
looked_at()
{
	[ "$(grep -c 'no answer to' "$relay_log")" -ge 2 ]
}
wait_for 20 looked_at || fail "nothing said of the second"
kill -CONT "$hanging"
for pid in $waiting $second; do
	child_wait 20 "$pid"
	[ "$code" = 0 ] || fail "stat: $(cat err.txt)"
done
t 20 umount "$mnt" || fail "umount"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"

echo "--- a day back: what is late is seen all the same"
start --timeout=2 --timeout-exit
clock "-1d"
child_wait 30 "$waiting"
grep -q 'timed out' err.txt || fail "error: $(cat err.txt)"
kill -CONT "$hanging"
child_wait 30 "$relay"
[ "$code" = 124 ] || fail "status $code instead of 124"
