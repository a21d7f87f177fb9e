#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# One life of a mount under strace: start, INIT, traffic, unmount; and a
# verdict on it.  (For inject-sweep.sh; its surroundings are a process and a
# mount namespace of their own.)
#
#	inject-life.sh HOW ERROR STRACE-ARGUMENT...
#
# HOW: umount (from outside), term (the relay gets SIGTERM), fd (as umount,
# with --attach=fd), emulate (as umount, behind the emulator).  ERROR: what is
# injected, "none" in the run that shows which calls there are.  The last line
# is "served", "undone" or "BAD: why".
set -u -o pipefail
# shellcheck source=../e2e/lib.sh
. "$TOP/tests/e2e/lib.sh"

LIMIT=5		# seconds that nothing may take longer than

how=$1
error=$2
shift 2

# The mount is freed, so that nobody waits for ever.
free_mount()
{
	local dev
	dev=$(awk -v p="$mnt" '$5 == p { sub(/.*:/, "", $3); print $3 }' \
	    /proc/self/mountinfo | tail -n 1)
	[ -z "$dev" ] || {
		mkdir -p "$TMP/ctl"
		mount -t fusectl none "$TMP/ctl" 2>/dev/null
		echo 1 >"$TMP/ctl/$dev/abort"
	} 2>/dev/null
}

bad()
{
	free_mount
	echo "BAD: $*"
	exit 1
}

begin()
{
	local as=(run)
	case $how in
	fd) as+=(--attach=fd "--mountpoint=$mnt" -- fuserelay-passthrough -f
	    "$src" "{}") ;;
	emulate) as=(emulate -- fuserelay-passthrough -f "$src" "$mnt") ;;
	*) as+=(-- fuserelay-passthrough -f "$src" "$mnt") ;;
	esac
	strace -qq -o "$TMP/trace" "$@" fuserelay "${as[@]}" \
	    >"$relay_log" 2>&1 </dev/null &
	relay=$!
}

traffic()
{
	# shellcheck disable=SC2016 # for the inner shell
	t "$LIMIT" bash -eu -c '
		cd "$1"
		[ "$(cat file)" = hello ]
		mkdir d
		echo text >d/f
		mv d/f g
		[ "$(cat g)" = text ]
		[ "$(ls)" = "$(printf "d\nfile\ng\n")" ]
		dd if=/dev/zero of=big bs=256k count=2 status=none
		[ "$(wc -c <big)" = 524288 ]
		rm -r big d g
	' sh "$mnt"
}

end()
{
	if [ "$how" = term ]; then
		kill -TERM "$(pgrep -P "$relay" -x fuserelay)"
		return
	fi
	t "$LIMIT" umount "$mnt"
}

# A mount that was seen may have been on its way to be undone, for a program
# that mounts again in another way: it ends that one, then.
over()
{
	! ended "$relay" || return 0
	if [ "$seen/$used" != 1/0 ] && mounted "$mnt"; then
		[ "$how/$told" = term/1 ] || end >>end.log 2>&1 || :
		told=1
	fi
	return 1
}

nobody_left()
{
	! pgrep '^fuse(relay|t-)' >/dev/null
}

mkdir -p /run/fuserelay
mount -t tmpfs -o mode=700 none /run/fuserelay
dirs_new
echo hello >"$src/file"
begin "$@"
wait_for "$LIMIT" relay_settled || bad "it does not begin"
seen=0 used=0 undone=0 told=0
if mounted "$mnt"; then
	seen=1
	traffic >traffic.log 2>&1 || used=$?
	case $used in
	124|137) bad "whoever uses the mount waits for ever" ;;
	esac
	if alive "$relay" && mounted "$mnt"; then
		told=1
		end >end.log 2>&1 || undone=$?
		case $undone in
		124|137) bad "unmounting takes for ever" ;;
		esac
	fi
fi
wait_for "$LIMIT" over || bad "it does not end"
child_wait 0 "$relay"
echo "status $code, seen $seen, use $used, unmount $undone"
if mounted "$mnt"; then
	grep -q "a dead mount" "$relay_log" ||
		bad "a dead mount that nobody spoke of"
	t "$LIMIT" umount -l "$mnt"
fi
wait_for "$LIMIT" nobody_left ||
	bad "left running: $(pgrep -l '^fuse(relay|t-)')"
case $code in
132|134|135|136|139) bad "crashed with status $code" ;;
esac
if [ "$error" = EINTR ] || [ "$error" = none ]; then
	[ "$seen/$used/$undone/$code" = 1/0/0/0 ] || bad "disturbed"
	grep -v '^fuse: ' "$relay_log" && bad "disturbed, as its log says"
elif [ $code != 0 ] || [ $seen/$used/$undone != 1/0/0 ]; then
	[ -s "$relay_log" ] || bad "not a word"
fi
[ $code = 0 ] && echo served || echo undone
