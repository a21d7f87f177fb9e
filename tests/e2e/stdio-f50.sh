#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F50: standard input, output and error are closed, can't be written or are
# read by nobody: no descriptor of the relay takes their place, and the mount
# works.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need python3
dirs_new
echo hello >"$src/file"

# works HOW: the relay in the background does, and tells of itself.
works()
{
	local fd to
	echo "--- $1"
	wait_for 20 relay_settled
	mounted "$mnt" || fail "no mount"
	for fd in 0 1 2; do
		to=$(readlink "/proc/$relay/fd/$fd") || fail "$fd is closed"
		case $to in
		/dev/null|/dev/full|"$relay_log") ;;
		*) fail "$fd is $to" ;;
		esac
	done
	kill -USR1 "$relay"
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cannot read"
	t 10 cp "$BUILD/fuserelay" "$mnt/copy" || fail "cannot write"
	same "$BUILD/fuserelay" "$src/copy"
	t 20 umount "$mnt" || fail "umount"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code"
}

command=(fuserelay run -- fuserelay-passthrough -f "$src" "$mnt")
"${command[@]}" <&- >"$relay_log" 2>&1 &
relay=$!
works "no input"
"${command[@]}" </dev/null >&- 2>"$relay_log" &
relay=$!
works "no output"
"${command[@]}" </dev/null >"$relay_log" 2>&- &
relay=$!
works "no error output"
"${command[@]}" <&- >&- 2>&- &
relay=$!
works "none of them"
"${command[@]}" <&- >/dev/full 2>&1 &
relay=$!
works "no room"

echo "--- nobody reads"
mkfifo err
exec 9<>err
# with room for four pages (F_SETPIPE_SZ)
python3 -c 'import fcntl; fcntl.fcntl(9, 1031, 16384)'
"${command[@]}" </dev/null >/dev/null 2>err &
relay=$!
wait_for 20 relay_settled
for _ in {1..80}; do
	kill -USR1 "$relay"
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "the mount hangs"
done
cat <&9 >read.txt &
reader=$!
wait_for 20 grep -q 'requests in flight' read.txt || fail "nothing was said"
# how many were lost is told with what is said next
tells()
{
	kill -USR1 "$relay"
	grep -q '^fuserelay: [0-9]* lines were lost, nobody read them' read.txt
}
wait_for 20 tells || fail "nothing said of the lines that were lost"
kill "$reader"
t 20 umount "$mnt" || fail "umount"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
