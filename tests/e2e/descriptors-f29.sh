#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F29: hardly any descriptors: the relay runs, or ends and says why; it does
# not crash or hang.  (A socket that has no descriptor for its client:
# check_listen.)
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

[ -z "$SANITIZED" ] || skip "a sanitizer needs descriptors of its own"
need_mount
dirs_new
mounts=0
for ((n = 3; n <= 32; n++)); do
	words_fill fuserelay-passthrough -f SRC MNT
	# shellcheck disable=SC2016 # for the inner shell
	t 60 bash -c 'ulimit -n "$1"; shift; exec fuserelay run -- "$@"' sh \
	    "$n" "${words[@]}" >"$relay_log" 2>&1 </dev/null &
	relay=$!
	wait_for 30 relay_settled || fail "$n descriptors: hangs"
	if mounted "$mnt"; then
		mounts=$((mounts + 1))
		wait_for 10 t 10 umount "$mnt" 2>/dev/null ||
			fail "$n descriptors: cannot unmount"
	fi
	child_wait 30 "$relay"
	case $code in
	0|1|125|126|127) ;;
	3) ;;			# the program's own: it could not mount
	*) fail "$n descriptors: status $code" ;;
	esac
	not_mounted "$mnt" || fail "$n descriptors: left mounted"
	[ "$code" = 0 ] || [ -s "$relay_log" ] ||
		fail "$n descriptors: status $code without a word"
done
[ $mounts -gt 0 ] || fail "never mounted"
echo "mounted with $mounts of the limits"
