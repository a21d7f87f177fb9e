#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F31: the kernel refuses what the mount trap is made of: the relay says
# which call failed; no program runs outside the trap, nothing is mounted.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need_strace
dirs_new
words_fill bash -c ': >ran; exec "$@"' sh fuserelay-passthrough -f SRC MNT
command=("${words[@]}")

# refuse CALL[:ERRNO] STATUS REGEX RAN
refuse()
{
	local call=${1%:*} num=${1#*:}
	echo "--- $1"
	rm -f ran
	expect "$2" strace -f -o /dev/null -e trace="$call" \
	    -e inject="$call:error=$num" \
	    fuserelay run -- "${command[@]}"
	says "$3"
	not_mounted "$mnt" || fail "mounted"
	if [ -e ran ]; then
		[ "$4" = yes ] || fail "the program ran"
	fi
}

refuse seccomp:EINVAL 125 'under the mount trap: seccomp: the kernel tells nobody' no
refuse seccomp:ENOSYS 125 'under the mount trap: seccomp' no
refuse memfd_create:EMFILE 125 'under the mount trap: seccomp' no
refuse pidfd_getfd:EPERM 3 "can't take the program's device: .*not permitted" yes
refuse pidfd_open:ENOSYS 3 "can't take the program's device" yes
refuse process_vm_readv:EPERM 3 "can't read the arguments of mount" yes
