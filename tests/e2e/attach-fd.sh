#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Programs that take /dev/fd/N for their mount point: the mount is the
# relay's own, and so is undoing it, unless a daemon that served it was killed.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
for transport in seqpacket dgram; do
	echo "--- emulated, $transport"
	workload quick --attach=fd --transport=$transport \
	    --fragment=79-81 --seed=1 -- fuserelay-passthrough -f SRC {}
done

echo "--- a command that ends at once"
expect 1 fuserelay emulate --attach=fd --workload=quick -- sh -c 'exit 3' {}
says "^FAIL INIT"

need_mount
need pgrep
echo hello >"$src/file"
start()
{
	relay_start run --attach=fd --mountpoint="$mnt" -- \
	    fuserelay-passthrough -f SRC {}
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cannot read"
	daemon=$(daemon_of "$relay" fuserelay-passt)
}
# told SIGNAL PID STATUS: the relay ends with that status then.
told()
{
	kill "-$1" "$2"
	child_wait 20 "$relay"
	[ "$code" = "$3" ] || fail "status $code instead of $3"
}

echo "--- unmounted from outside"
start
relay_stop

for who in relay daemon; do
	echo "--- SIGTERM to the $who"
	start
	told TERM "${!who}" 0
	not_mounted "$mnt" || fail "left mounted"
done

echo "--- the program is killed: nothing falls into the directory below"
start
told KILL "$daemon" 137
mounted "$mnt" || fail "undone"
expect 0 fuserelay cleanup
says "^$mnt: unmounted"

for command in "exit 3" "kill -KILL \$\$" "sleep 0.3; exit 3" "exec true"; do
	echo "--- a command that never serves it: $command"
	code=0
	t 20 fuserelay run --attach=fd --mountpoint="$mnt" -- \
	    sh -c "$command" {} >"$relay_log" 2>&1 </dev/null || code=$?
	case $command in
	*kill*) [ "$code" = 137 ] ;;
	*3) [ "$code" = 3 ] ;;
	*) [ "$code" = 0 ] ;;
	esac || fail "status $code"
	not_mounted "$mnt" || fail "left mounted"
done
