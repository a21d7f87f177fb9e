#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# What is different for an ordinary user: programs that can't be looked into,
# and privileges that are not gained.
# limit: 180
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

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
if $python -c 'import fusepy' 2>/dev/null; then
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
fi

echo "--- a set-user-ID program says that it runs without"
with_user install -m 4755 /bin/true setuid
expect 0 with_user fuserelay run -- ./setuid
says 'setuid is set-user-ID.*without'
expect 0 with_user fuserelay run -- /bin/true
[ ! -s out.txt ] || fail "said: $(cat out.txt)"
expect 0 fuserelay run -- "$TMP/user/setuid"
[ ! -s out.txt ] || fail "said as root: $(cat out.txt)"
