#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F18, F24, F25: the daemon or the relay is killed, at any moment.  Callers
# get an errno and never hang; what is left is a dead mount, as without the
# relay, and "fuserelay cleanup" removes it and nothing else.
# CYCLES (20, with a sanitizer 8): how often the random part is done.
# limit: 600
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need bindfs
dirs_new
echo hello >"$src/file"

dead()
{
	t 10 stat "$mnt/file" >/dev/null 2>dead.txt
	grep -q 'not connected' dead.txt
}

# The relay's note says that its mount was made (not long after it was).
noted()
{
	grep -q -E "^ *$relay 1 " /run/fuserelay/* 2>/dev/null
}

# Until the relay knows of its mount, and the program of its, the program may
# undo it when the relay is killed.
served()
{
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "not served"
}

echo "--- the daemon is killed"
relay_start run -- bindfs -f SRC MNT
kill -KILL "$(daemon_of "$relay" bindfs)"
child_wait 10 "$relay"
[ "$code" = 137 ] || fail "status $code instead of 137"
wait_for 5 dead || fail "the mount is not dead"
grep -q 'dead mount was left' "$relay_log" || fail "nothing said of it"
[ "$(ls "$src")" = file ] || fail "something fell into the source"
expect 0 fuserelay cleanup -n
says "^$mnt: dead mount"
mounted "$mnt" || fail "-n did something"
expect 0 fuserelay cleanup
says "^$mnt: unmounted"
mounted "$mnt" && fail "still mounted"

echo "--- the relay is killed"
relay_start run -- bindfs -f SRC MNT
daemon=$(daemon_of "$relay" bindfs)
kill -KILL "$relay"
child_wait 5 "$relay"
wait_for 5 ended "$daemon" || fail "the daemon lives on"
wait_for 5 dead || fail "the mount is not dead"

echo "--- cleanup leaves a living relay's mount alone"
mkdir "$TMP/mnt2"
fuserelay run -- bindfs -f "$src" "$TMP/mnt2" >second.log 2>&1 </dev/null &
second=$!
wait_for 20 mounted "$TMP/mnt2" || fail "not mounted"
expect 0 fuserelay cleanup
mounted "$mnt" && fail "still mounted"
[ "$(t 10 cat "$TMP/mnt2/file")" = hello ] || fail "hit a living mount"

echo "--- and one that somebody mounted at the same place meanwhile"
relay_start run -- bindfs -f SRC MNT
served
kill -KILL "$relay"
child_wait 5 "$relay"
t 20 umount -l "$mnt" || fail "umount -l"
bindfs "$src" "$mnt"
expect 0 fuserelay cleanup
[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cleanup unmounted a stranger"
t 20 umount "$mnt"
t 20 umount "$TMP/mnt2"
child_wait 20 "$second"
[ "$code" = 0 ] || fail "status $code"

echo "--- a relay that was killed while it mounted"
note()
{
	printf 'fuserelay-mount 2\n%10d %d %10u:%10u\n%s\n' 1 "${3:-0}" \
	    "$1" "$2" "$mnt" >/run/fuserelay/by-hand
}
bindfs -f "$src" "$mnt" &
daemon=$!
wait_for 20 mounted "$mnt" || fail "not mounted"
kill -KILL "$daemon"
child_wait 5 "$daemon"
wait_for 5 dead || fail "the mount is not dead"
dev=$(awk -v p="$mnt" '$5 == p { print $3 }' /proc/self/mountinfo)
note "${dev%:*}" "${dev#*:}"
expect 0 fuserelay cleanup
mounted "$mnt" || fail "what was there before was unmounted"
note 0 0
expect 0 fuserelay cleanup
says "^$mnt: unmounted"
mounted "$mnt" && fail "still mounted"

echo "--- F82: whose directory has another name meanwhile"
mkdir up
mnt=$TMP/up/mnt
relay_start run -- bindfs -f SRC MNT
wait_for 5 noted || fail "no note of it"
kill -KILL "$relay"
child_wait 5 "$relay"
mv up moved
expect 0 fuserelay cleanup -n
says "^$TMP/moved/mnt: dead mount"
expect 0 fuserelay cleanup
says "^$TMP/moved/mnt: unmounted"
mounted "$TMP/moved/mnt" && fail "still mounted"

echo "--- F82: and over which something is mounted"
mnt=$TMP/mnt
for over in mnt over/mnt; do
	mnt=$TMP/$over
	relay_start run -- bindfs -f SRC MNT
	wait_for 5 noted || fail "no note of it"
	kill -KILL "$relay"
	child_wait 5 "$relay"
	mount -t tmpfs none "$TMP/${over%/mnt}"
	expect 125 fuserelay cleanup
	says "^fuserelay: $mnt: something is mounted over it"
	umount "$TMP/${over%/mnt}"
	expect 0 fuserelay cleanup
	says "^$mnt: unmounted"
	mounted "$mnt" && fail "still mounted"
done
mnt=$TMP/mnt

echo "--- one that says nothing is left, and its note"
bindfs -f -o attr_timeout=0,entry_timeout=0 "$src" "$mnt" &
daemon=$!
wait_for 20 mounted "$mnt" || fail "not mounted"
dev=$(awk -v p="$mnt" '$5 == p { print $3 }' /proc/self/mountinfo)
kill -STOP "$daemon"
note "${dev%:*}" "${dev#*:}" 1
expect 0 fuserelay cleanup -n
says "^fuserelay: $mnt: does not answer"
expect 125 fuserelay cleanup
[ -e /run/fuserelay/by-hand ] || fail "the note is gone"
kill -CONT "$daemon"
[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cleanup unmounted a stranger"
expect 0 fuserelay cleanup -n
[ -e /run/fuserelay/by-hand ] || fail "-n did something"
expect 0 fuserelay cleanup
[ ! -e /run/fuserelay/by-hand ] || fail "the note is left"
t 20 umount "$mnt"
child_wait 10 "$daemon"

echo "--- a note of a relay that had the same process id stays"
words_fill bindfs -f SRC MNT
( old=/run/fuserelay/$BASHPID-1
echo "$old" >old.txt
printf 'fuserelay-mount 2\n%10d 1 %10u:%10u\n/absent\n' 1 0 0 >"$old"
exec fuserelay run -- "${words[@]}" ) >"$relay_log" 2>&1 </dev/null &
relay=$!
wait_for 20 mounted "$mnt" || fail "not mounted"
grep -q '^/absent$' "$(cat old.txt)" || fail "the old note is gone"
served
kill -KILL "$relay"
child_wait 5 "$relay"
expect 0 fuserelay cleanup
says "^$mnt: unmounted"
[ ! -e "$(cat old.txt)" ] || fail "the old note is left"

cycles=${CYCLES:-${SANITIZED:+8}}
: "${cycles:=20}"
echo "--- $cycles times, at random moments"
RANDOM=1
longest=0
for ((i = 0; i < cycles; i++)); do
	relay_start run -- bindfs -f SRC MNT
	daemon=$(daemon_of "$relay" bindfs)
	( while :; do
		cat "$mnt/file" || break
		echo x >"$mnt/work" || break
		rm "$mnt/work" || break
	done ) >/dev/null 2>&1 &
	worker=$!
	for ((n = RANDOM % 8; n > 0; n--)); do
		nap
	done
	if [ $((RANDOM % 2)) = 0 ]; then
		kill -KILL "$relay"
	else
		kill -KILL "$daemon"
	fi
	begin=${EPOCHREALTIME/./}
	wait_for 5 ended "$worker" || fail "cycle $i: a caller hangs"
	took=$((${EPOCHREALTIME/./} - begin))
	[ $took -le $longest ] || longest=$took
	child_wait 10 "$relay"
	wait_for 5 ended "$daemon" || fail "cycle $i: the daemon lives on"
	t 20 fuserelay cleanup >/dev/null || fail "cycle $i: cleanup"
	mounted "$mnt" && fail "cycle $i: still mounted"
	rm -f "$src/work"
done
echo "callers waited for at most $longest us"
[ "$(ls "$src")" = file ] || fail "files in the source: $(ls "$src")"
