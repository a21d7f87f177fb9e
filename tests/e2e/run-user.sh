#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# An ordinary user's programs that can't be looked into.
# limit: 180
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

own_device
with_user sh -c 'echo hello >src/file'

# user_start ARG...: fuserelay as the user; the mount is up.
user_start()
{
	with_user fuserelay "$@" >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 20 relay_settled || fail "not mounted in 20 s"
	mounted "$mnt" || fail "ended before a mount"
}

reads()
{
	[ "$(with_user cat mnt/file)" = hello ] || fail "cannot read"
}

# the user may not be able to reach the sources
install -m 644 -t "$TMP/user" "$TOP/tests/helpers/fusepy-passthrough.py"
python=/usr/bin/python3		# the system's, which has the system's fusepy
$python -c 'import fusepy' 2>/dev/null || skip "no fusepy for $python"
for transport in seqpacket dgram; do
	for hide in init statfs; do
		echo "--- $transport, hidden from $hide on"
		# shellcheck disable=SC2016 # for the inner shell
		user_start run --transport=$transport -- \
		    env HIDE=$hide sh -c '
			"$@" &
			until stat -f mnt >stat.txt &&
			    mountpoint -q mnt; do :; done
			: >ended
		' sh $python \
		    fusepy-passthrough.py \
		    "$src" "$mnt"
		wait_for 20 test -e "$TMP/user/ended" ||
			fail "no file system"
		rm "$TMP/user/ended"
		reads
		reads
		with_user fusermount3 -u "$mnt" || fail "unmount"
		child_wait 20 "$relay"
		[ "$code" = 0 ] || fail "status $code"
		relay_quiet
	done
done

echo "--- a busy mount is unmounted when it is so no more"
need bindfs
# shellcheck disable=SC2016 # for the inner shell
cat >"$TMP/user/busy.sh" <<'SH'
bindfs --no-allow-other "$1" "$2" || exit 9
exec 8<"$2/file"
fusermount3 -u "$2" && exit 8
[ "$(cat "$2/file")" = hello ] || exit 7
exec 8<&-
until fusermount3 -u "$2"; do :; done
exit 5
SH
expect 5 with_user sh busy.sh "$src" "$mnt"
for front in run emulate; do
	expect 5 with_user fuserelay $front -- sh busy.sh "$src" "$mnt"
	says 'busy'
	not_mounted "$mnt" || fail "still mounted"
done

# F82: the directory of the user's notes is somebody else's.
echo "--- what is in the way of notes"
mkdir -p "$TMP/user/run/fuserelay"
export XDG_RUNTIME_DIR=$TMP/user/run
expect 125 with_user fuserelay cleanup
says "/run/fuserelay is not used, since it belongs to another user \\(number 0"
says 'XDG_RUNTIME_DIR'
# shellcheck disable=SC2016 # for the inner shell
expect 0 with_user fuserelay run -- sh -c '
	bindfs --no-allow-other "$1" "$2" && fusermount3 -u "$2"
' sh "$src" "$mnt"
says "^fuserelay: warning: $mnt: .*cleanup.* will not know: .* another user"
