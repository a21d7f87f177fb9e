#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# A program that hangs: the trace shows what it owes, SIGUSR1 lists it with
# path and caller, with a trace or without; and when it dies, the log has the
# last messages.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need bindfs
need_mount
dirs_new
mkdir "$src/one" "$src/two"
out=$TMP/lines.txt

shows()
{
	grep -q -E -e "$1" "$out"
}

logged()
{
	grep -q -E -e "$1" "$relay_log"
}

# hang ARG...: start it, stop the daemon, have two requests wait.
hang()
{
	relay_start run "$@" -- bindfs -f -o attr_timeout=0,entry_timeout=0 \
	    SRC MNT
	t 20 ls "$mnt/one" "$mnt/two" >/dev/null
	daemon=$(pgrep -P "$relay" -x bindfs) || fail "no daemon"
	kill -STOP "$daemon"
	t 60 ls "$mnt/one" >/dev/null 2>&1 &
	first=$!
	t 60 stat -f "$mnt" >/dev/null 2>&1 &
	second=$!
}

# Both of hang()'s requests are in the list that SIGUSR1 writes.
listed()
{
	logged '  (LOOKUP|GETATTR) /(one)? unique=[0-9]+ nodeid=.* of process [0-9]+ \(ls\) for [0-9]+ ms' &&
	    logged '  STATFS / unique=.* of process [0-9]+ \(stat\) for'
}

list_both()
{
	kill -USR1 "$relay"
	for _ in {1..25}; do
		! listed || return 0
		nap
	done
	return 1
}

echo "--- begun on a line at once, ended on another"
hang -o "$out" -T
wait_for 20 shows ' <unfinished \.\.\.>$' || fail "no unfinished line"
if shows resumed; then
	fail "resumed too early"
fi
wait_for 20 list_both || fail "no list of both requests"
logged ' 2 requests in flight, the oldest first:' || fail "not 2 requests"
logged "$mnt: [0-9]+ requests, .* largest [0-9]+ bytes" || fail "no figures"
kill -CONT "$daemon"
child_wait 20 $first
[ "$code" = 0 ] || fail "ls: status $code"
child_wait 20 $second
[ "$code" = 0 ] || fail "stat: status $code"
relay_stop
shows '<\.\.\. [A-Z]+ resumed>\) = .* <[1-9][0-9]*\.[0-9]{6}>$' ||
	fail "no resumed line"

echo "--- the slow ones alone"
hang -o "$out" -T --slower=900
wait_for 20 shows '^(ls|stat)\[' || fail "nothing is slow"
kill -CONT "$daemon"
child_wait 20 $first
child_wait 20 $second
relay_stop
if grep -E '(READDIR|INIT|OPENDIR).*<0\.0' "$out"; then
	fail "a quick one is among them"
fi

echo "--- no trace: what it owes, then its death"
hang
wait_for 20 list_both || fail "no list with paths"
if logged 'the last messages'; then
	fail "messages in the log before anything went wrong"
fi
kill -KILL "$daemon"
child_wait 20 $first
[ "$code" != 0 ] || fail "ls succeeds without a daemon"
child_wait 20 $second
child_wait 20 "$relay"
[ "$code" = 137 ] || fail "status $code"
logged 'the last messages, at most 256:' || fail "no messages in the log"
logged '  .*INIT\(major=7, ' || fail "no INIT in the log"
logged '  .*STATFS\("/"\) = -ECONNABORTED \(by the relay\) <' ||
	fail "the last request is not in the log"
t 20 fuserelay cleanup >/dev/null

echo "--- a table at the end"
relay_start run -c -- bindfs -f SRC MNT
t 20 ls "$mnt" "$mnt/absent" >/dev/null 2>&1 || :
t 20 umount "$mnt"
child_wait 20 "$relay"
logged '^%time +seconds +count +errors +bytes +min_us +mean_us +p50_us +p90_us +p99_us +max_us  operation$' ||
	fail "no table"
logged '^ *[0-9.]+ +[0-9.]+ +[0-9]+ +[12] +[0-9]+ .*  LOOKUP$' || fail "no LOOKUP"
logged '^100\.00 .*  all$' || fail "no sum"
logged '^0 without a reply, 0 in pieces,' || fail "no last line"
