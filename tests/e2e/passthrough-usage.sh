#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# fuserelay-passthrough's command line: messages, exit statuses, signals,
# the background, read-only.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
: >plain

expect 0 fuserelay-passthrough --help
says '^usage: '
expect 0 fuserelay-passthrough -V
says '^fuserelay-passthrough [0-9]'
expect 2 fuserelay-passthrough
says 'no SOURCE and no MOUNTPOINT'
expect 2 fuserelay-passthrough "$src"
says 'no MOUNTPOINT'
expect 2 fuserelay-passthrough -o source="$src"
says 'no MOUNTPOINT'
expect 2 fuserelay-passthrough "$src" "$mnt" more
says 'too many operands: more'
expect 2 fuserelay-passthrough -o source="$src" "$mnt" more
says 'too many operands: more'
expect 2 fuserelay-passthrough none "$mnt"
says 'source none: No such file'
expect 2 fuserelay-passthrough plain "$mnt"
says 'source plain: Not a directory'
expect 2 fuserelay-passthrough "$src" none
says 'mount point none: No such file'
expect 2 fuserelay-passthrough "$src" plain
says 'mount point .*plain: Not a directory'
expect 2 fuserelay-passthrough -o nonsense "$src" "$mnt"
says 'nonsense'
expect 2 fuserelay-passthrough -o max_handles=0 "$src" "$mnt"
says 'max_handles=0: not a number from 1 to'
expect 2 fuserelay-passthrough -o cache=never,writeback "$src" "$mnt"
says 'writeback needs a cache'
expect 3 fuserelay-passthrough -f "$src" /dev/fd/99

need_mount

# In the background: there when the command ends; clean after unmounting.
expect 0 fuserelay-passthrough "$src" "$mnt"
mounted "$mnt" || fail "not mounted"
grep -F " $mnt " /proc/self/mounts | grep -q 'nosuid,nodev' ||
	fail "not nosuid,nodev"
grep -F " $mnt " /proc/self/mounts |
	grep -q "^$src $mnt fuse.fuserelay-passthrough " ||
	fail "wrong source or type in the mount table"
echo hello | t 20 tee "$mnt/file" >/dev/null
same "$src/file" "$mnt/file"
t 20 umount "$mnt" || fail "umount"

for signal in TERM HUP; do
	passthrough_start
	kill -$signal "$relay"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code after SIG$signal"
	mounted "$mnt" && fail "still mounted after SIG$signal"
done

# As mount(8) starts it, and with the source as an option.
passthrough_start -o rw,dev,suid
grep -F " $mnt " /proc/self/mounts | grep -q nosuid && fail "suid ignored"
relay_stop
fuserelay-passthrough -o source="$src" "$mnt"
same "$src/file" "$mnt/file"
t 20 umount "$mnt" || fail "umount"

for option in --readonly -oro; do
	passthrough_start $option
	same "$src/file" "$mnt/file"
	for c in "touch $mnt/new" "rm $mnt/file" "mkdir $mnt/d" \
	    "truncate -s 0 $mnt/file" "chmod 600 $mnt/file" \
	    "mv $mnt/file $mnt/g" "ln $mnt/file $mnt/g" \
	    "ln -s x $mnt/g" "mkfifo $mnt/p"; do
		# shellcheck disable=SC2086 # words
		t 20 $c 2>err.txt && fail "could $c"
		grep -q 'Read-only file system' err.txt || fail "$c: $(cat err.txt)"
	done
	relay_stop
done

# The source may be found through a link, and hold odd characters.
mkdir "$TMP/a,b\\c d"
ln -s "a,b\\c d" "$TMP/link"
echo odd >"$TMP/link/file"
fuserelay-passthrough "$TMP/a,b\\c d" "$mnt"
[ "$(t 20 cat "$mnt/file")" = odd ] || fail "odd source"
t 20 umount "$mnt"
fuserelay-passthrough "$TMP/link" "$mnt"
[ "$(t 20 cat "$mnt/file")" = odd ] || fail "source behind a link"
t 20 umount "$mnt"

# A limit of open files that is told, not guessed.
passthrough_start -o max_handles=3
# shellcheck disable=SC2016 # for the inner shell
t 20 bash -c 'exec 3<"$1" 4<"$1" 5<"$1"; cat <"$1"' bash "$mnt/file" \
    2>err.txt && fail "more handles than allowed"
grep -q 'Too many open files in system' err.txt || fail "$(cat err.txt)"
[ "$(t 20 cat "$mnt/file")" = hello ] || fail "handles did not come back"
relay_stop
wait_for 20 not_mounted "$mnt"
