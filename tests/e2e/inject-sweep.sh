#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F80: each system call that the relay makes in a mount's life, from each place
# that it makes it from, fails once, with one error at a time.  Where that is
# EINTR nobody notices.  Else it is recovered, or undone with a status that is
# not 0, and said; nothing hangs, and no dead mount is left without a word.
# The children that mount and unmount have their turn, too.
# limit: 600
# quick: no
# shellcheck source=lib-inject.sh
. "$TOP/tests/e2e/lib-inject.sh"

WORKERS=4	# most of a life is waiting
ERRORS="ENOMEM EMFILE EIO ENOENT EPERM"
KINDS="umount term fd emulate"
DEPTH=6		# callers that make a place, libc's functions among them
every=1		# of so many
[ -z "$SANITIZED" ] || every=16

# What is left alone:
# - the end of the process and of a signal handler;
# - close: a descriptor that could not be closed is closed all the same, but
#   what is injected here is not done;
# - brk: the kernel's answer is an address, and the C library takes it for one;
# - what can't fail, called as it is.
left='^(exit|exit_group|rt_sigreturn|close|brk|get.?.?id|getppid'
left+='|rt_sigaction|rt_sigprocmask'
# - and what a sanitizer can't go on without.
[ -z "$SANITIZED" ] || left+='|mmap|munmap|mprotect'
left+=') '

# What a signal may end early.
early='^(read|readv|write|writev|pread64|pwrite64|recvmsg|recvmmsg|recvfrom'
early+='|sendmsg|sendmmsg|sendto|accept|accept4|connect|poll|ppoll|epoll_wait'
early+='|epoll_pwait|wait4|waitid|openat|open|ioctl|flock|futex|nanosleep'
early+='|clock_nanosleep) '

# Traces made with -k, in files whose last suffix is the kind of life: a line
# "KIND CALL N" for each place that a call comes from, and came from in no file
# before; N: the first time in that file.
places()
{
	awk -v depth_max=$DEPTH '
	function place()
	{
		if (call != "" && begun && !((call, stack) in seen)) {
			seen[call, stack] = 1
			print kind, call, number[call]
		}
	}
	FNR == 1 {
		place()
		call = stack = ""
		begun = depth = 0
		split("", number)
		kind = FILENAME
		sub(/.*\./, "", kind)
	}
	/^ > / {
		if (depth++ < depth_max)
			stack = stack $0
		next
	}
	{
		place()
		call = stack = ""
		depth = 0
		if (!match($0, /^[a-z0-9_]+\(/))
			next
		call = substr($0, 1, RLENGTH - 1)
		number[call]++
		# what the loader did before is not of the program
		begun = begun || /^openat\(.*"\/dev\/null"/
	}
	END { place() }' "$@"
}

# A trace made with -f: the calls that only children of the relay make which
# run no other program.
children_calls()
{
	awk '
	FNR == NR {
		relay = relay == "" ? $1 : relay
		if ($1 == relay && /(clone3?|v?fork)[ (].* = [0-9]+$/)
			child[$NF] = 1
		next
	}
	match($0, /^[0-9]+ +[a-z0-9_]+\(/) {
		call = $2
		sub(/\(.*/, "", call)
		if (child[$1] && !other[$1])
			theirs[call] = 1
		else
			others[call] = 1
		if (call == "execve")
			other[$1] = 1
	}
	END {
		for (call in theirs)
			if (!(call in others))
				print call
	}' "$1" "$1"
}

# try KIND CALL N ERROR STRACE-ARGUMENT...: says how it went, and leaves no
# more than that if it went well.
try()
{
	local name=$1-$2-$3-$4 how=${1%-child} made verdict again
	local inject="inject=$2:error=$4:when=$3"
	for again in "" -again; do
		life "$name$again" "$how" "$4" "${@:5}" -e "trace=$2" \
		    -e "$inject" || :
		made=$(injected "$name$again")
		verdict=$(verdict "$name$again")
		# a machine may be busy for longer than anybody waits
		[ "${verdict%%:*}" = BAD ] || break
	done
	echo "$made $name: $verdict"
	if [ "${verdict%%:*}" = BAD ]; then
		cat "$name$again/life.txt"
		tail -n 20 "$name$again/relay.log"
	fi
	rm -rf "$name" "$name$again"
}

# worker N: its share of the list.
worker()
{
	local i=0 words
	while read -r -a words; do
		i=$((i + 1))
		[ $((i % WORKERS)) != "$1" ] || try "${words[@]}"
	done <list
}

for kind in $KINDS; do
	life "ref-$kind" "$kind" none -k || :
	[ "$(verdict "ref-$kind")" = served ] || {
		cat "ref-$kind/life.txt" "ref-$kind/relay.log"
		fail "$kind: no life as it should be"
	}
	ln -s "ref-$kind/trace" "trace.$kind"
	traces+=("trace.$kind")
done
places "${traces[@]}" | while read -r kind call n; do
	! [[ "$call " =~ $left ]] || continue
	for error in $ERRORS; do
		echo "$kind $call $n $error"
	done
	! [[ "$call " =~ $early ]] || echo "$kind $call $n EINTR"
done >list
for kind in fd term; do
	life "ref-$kind-child" "$kind" none -f || :
	for call in $(children_calls "ref-$kind-child/trace"); do
		for error in $ERRORS; do
			echo "$kind-child $call 1 $error -f"
		done
	done
done >>list
grep -q -- -child list || fail "no call of a child was seen"
awk -v n=$every 'NR % n == 0' list >some
mv some list

started=$SECONDS
for ((w = 0; w < WORKERS; w++)); do
	worker "$w" >"done.$w" 2>&1 &
done
wait
cat done.* | grep -v -E '^[0-9]+ [^ ]+: (served|undone)$' >bad.txt || :
cat bad.txt
echo "$(awk '{ n += $1 } END { print n }' <(grep -h ': ' done.*)) injections" \
    "in $(wc -l <list) lives, $((SECONDS - started)) s:" \
    "$(grep -h -c ': served$' <(cat done.*)) recovered," \
    "$(grep -h -c ': undone$' <(cat done.*)) undone"
[ ! -s bad.txt ] || fail "not all went well"
