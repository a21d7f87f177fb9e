#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# What end-to-end tests share.  Each sources it first, or those of lib-*.sh that
# it needs more of:
#
#	. "$TOP/tests/e2e/lib.sh"
#
# Set by tests/e2e/run: TMP (private directory, also the working directory),
# BUILD, TOP, SANITIZED (not empty in a sanitizer build).  Scripts run under
# bash -eu -o pipefail.
#
# Nothing here can hang: what may touch a mount runs under t(), waiting is
# wait_for() with a deadline.  A path below a mount is never looked at
# outside t().  Deadlines end what hangs; they are no measure of speed.  All of
# them are in seconds of a quiet machine, and PATIENCE, which tests/e2e/run
# sets, makes them as long as a busy one, or a sanitizer, may need.

[ -z "${lib_read:-}" ] || return 0
lib_read=yes

src=$TMP/src		# the directory that file systems show
mnt=$TMP/mnt		# where they show it
relay=			# process id of the program in the background
relay_log=$TMP/relay.log
code=			# exit status found by child_wait
export src

fail()
{
	echo "FAIL: $*"
	if [ -s "$relay_log" ]; then
		echo "--- end of relay.log"
		tail -n 30 "$relay_log"
	fi
	exit 1
}

skip()
{
	echo "SKIP: $*"
	exit 77
}

# patient SECONDS: so many they are here.
patient()
{
	echo $(($1 * ${PATIENCE:-1}))
}

# t SECONDS COMMAND...
t()
{
	local limit=$(($1 * ${PATIENCE:-1}))
	shift
	timeout -k 5 "$limit" "$@"
}

# shellcheck source=lib-need.sh
. "$TOP/tests/e2e/lib-need.sh"

[ -p "$TMP/.never" ] || mkfifo "$TMP/.never"
nap()
{
	read -r -t 0.02 <>"$TMP/.never" || :
}

# wait_for SECONDS COMMAND...: until the command succeeds; else status 1.
wait_for()
{
	local end=$((SECONDS + $1 * ${PATIENCE:-1} + 1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		nap
	done
}

# Read from the kernel's table, so that a dead mount does no harm.  (What is
# called again and again, as this is, starts no process.)
mounted()
{
	local line words
	mapfile -t line </proc/self/mountinfo
	for line in "${line[@]}"; do
		[[ $line == *" $1 "* ]] || continue
		read -r -a words <<<"$line"
		[ "${words[4]}" != "$1" ] || return 0
	done
	return 1
}

# In a mount namespace of the test's own: drop its copies of other people's
# FUSE mounts, which would keep those alive after their unmount.
drop_copies()
{
	local at
	awk '/ - fuse(\.[^ ]*|blk)? / { print $5 }' /proc/self/mountinfo |
	    while read -r at; do
		umount -l "$at" || :
	done
}

not_mounted()
{
	! mounted "$1"
}

# True while the process runs (a zombie does not).
alive()
{
	local stat=
	{ read -r -d '' stat <"/proc/$1/stat" || [ -n "$stat" ]; } \
	    2>/dev/null || return 1
	stat=${stat##*) }
	case ${stat%% *} in
	""|Z|X) return 1 ;;
	esac
}

ended()
{
	! alive "$1"
}

# child_wait SECONDS PID: the child ends in time; its status in $code.
child_wait()
{
	wait_for "$1" ended "$2" || fail "process $2 did not end in $1 s"
	code=0
	wait "$2" || code=$?
}

# expect STATUS COMMAND...: it ends with that status within two minutes (of
# t()); what it prints is in out.txt.
expect()
{
	local want=$1
	shift
	code=0
	if [ "$(type -t "$1")" != function ]; then
		set -- t 120 "$@"
	fi
	"$@" >out.txt 2>&1 </dev/null || code=$?
	[ "$code" = "$want" ] || {
		cat out.txt
		fail "status $code instead of $want: $*"
	}
}

# says REGEX: the last expect's output has such a line.
says()
{
	grep -q -E -e "$1" out.txt || {
		cat out.txt
		fail "output does not say: $1"
	}
}

# random_file PATH MIB
random_file()
{
	[ -f "$1" ] || dd if=/dev/urandom of="$1" bs=1M count="$2" \
	    status=none
}

# same FILE FILE: equal in length and content.
same()
{
	t 120 cmp "$1" "$2" || fail "$2 differs from $1"
}

# uncached FILE: drop its pages, so that the next read asks the daemon.
uncached()
{
	t 60 dd of="$1" oflag=nocache conv=notrunc,fdatasync count=0 \
	    status=none || fail "cannot drop the cache of $1"
}

dirs_new()
{
	mkdir -p "$src" "$mnt"
}

# Replace the words SRC and MNT of a command line; the result in $words.
words_fill()
{
	local w
	words=()
	for w in "$@"; do
		w=${w//SRC/$src}
		words+=("${w//MNT/$mnt}")
	done
}

# relay_start ARG...: fuserelay in the background, SRC and MNT filled in;
# returns when the mount is there.
relay_start()
{
	dirs_new
	relay_spawn "$@"
	wait_for 20 relay_settled || fail "not mounted in 20 s: ${words[*]}"
	mounted "$mnt" || {
		child_wait 5 "$relay"
		fail "status $code before a mount: ${words[*]}"
	}
}

# relay_spawn ARG...: the same without waiting for anything.
relay_spawn()
{
	need_trap
	words_fill "$@"
	# a job in the background would ignore SIGINT
	env --default-signal=INT fuserelay "${words[@]}" \
	    >"$relay_log" 2>&1 </dev/null &
	relay=$!
}

relay_settled()
{
	mounted "$mnt" || ended "$relay"
}

# passthrough_start ARG...: the reference file system without a relay, in
# the place of relay_start; SRC MNT are added.  The words of passthrough_as
# stand before it.
passthrough_as=()
passthrough_start()
{
	dirs_new
	"${passthrough_as[@]}" fuserelay-passthrough -f "$@" "$src" "$mnt" \
	    >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 20 relay_settled || fail "not mounted in 20 s: $*"
	mounted "$mnt" || {
		child_wait 5 "$relay"
		fail "status $code before a mount: $*"
	}
}

# Without the right to open files by handle it finds them by their names.
passthrough_by_names()
{
	need setpriv
	passthrough_as=(setpriv --bounding-set=-dac_read_search --)
}

# daemon_of PID NAME: the process that serves the mount: the relay's child with
# that name.
daemon_of()
{
	need pgrep
	pgrep -P "$1" -x "$2" || fail "no $2 below process $1"
}

# relay_stop: unmount from outside; the end must be clean.
relay_stop()
{
	t 20 umount "$mnt" || fail "umount failed"
	child_wait 20 "$relay"
	[ "$code" = 0 ] || fail "status $code after a clean unmount"
	mounted "$mnt" && fail "still mounted"
	relay_quiet
}

# Nothing in the log that would worry a user.
relay_quiet()
{
	if grep -i -n -e 'short read' -e desync -e 'error' -e 'warn' \
	    -e 'fail' "$relay_log"; then
		fail "the log has lines that it should not have"
	fi
}

# workload NAME ARG...: fuserelay emulate with the built-in client; it ends
# with status 0 and leaves the source empty.
workload()
{
	local name=$1
	need_trap
	shift
	words_fill "$@"
	expect 0 fuserelay emulate --call-timeout="$(patient 60)" \
	    --workload="$name" "${words[@]}"
	[ -z "$(ls -A "$src")" ] || fail "files left in the source"
	mounted "$mnt" && fail "left mounted"
	return 0
}
