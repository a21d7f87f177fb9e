#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Programs that take /dev/fd/N for their mount point: the mount is the
# relay's own, and so is undoing it, unless a daemon that served it was killed.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
for transport in seqpacket dgram; do
	echo "--- emulated, $transport"
	words_fill --transport=$transport --fragment=79-81 --seed=1 -- \
	    fuserelay-passthrough -f SRC {}
	expect 0 fuserelay emulate --attach=fd --workload=quick "${words[@]}"
	[ -z "$(ls -A "$src")" ] || fail "files left in the source"
done

echo "--- a command that ends at once"
expect 1 fuserelay emulate --attach=fd --workload=quick -- sh -c 'exit 3' {}
says "^FAIL INIT"

need_mount
need pgrep
echo hello >"$src/file"
start()
{
	relay_start run --attach=fd --mountpoint="$mnt" -- "$@"
	[ "$(t 10 cat "$mnt/file")" = hello ] || fail "cannot read"
}
daemon()
{
	pgrep -P "$relay" -x fuserelay-passt || fail "no daemon"
}

echo "--- unmounted from outside"
start fuserelay-passthrough -f SRC {}
relay_stop

echo "--- SIGTERM to the relay"
start fuserelay-passthrough -f SRC {}
kill -TERM "$relay"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
not_mounted "$mnt" || fail "left mounted"

echo "--- SIGTERM to the program"
start fuserelay-passthrough -f SRC {}
kill -TERM "$(daemon)"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
not_mounted "$mnt" || fail "left mounted"

echo "--- the program is killed: nothing falls into the directory below"
start fuserelay-passthrough -f SRC {}
kill -KILL "$(daemon)"
child_wait 20 "$relay"
[ "$code" = 137 ] || fail "status $code instead of 137"
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
