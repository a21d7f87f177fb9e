#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# An ordinary user who may not even open the FUSE device runs a file system
# behind the emulator with the built-in client.
# limit: 300
# sanitized: no
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

need_root
src=$TMP/user/src
mnt=$TMP/user/mnt
with_user mkdir "$src" "$mnt"
if with_user sh -c ': <>/dev/fuse' 2>/dev/null; then
	echo "note: the user may open /dev/fuse on this machine"
fi
words_fill fuserelay-passthrough -f SRC MNT
for shape in "basic" "quick --fragment=40-40" "quick --fragment=79-81" \
    "quick --fragment=4096-65536" "quick --fragment=100000-400000"; do
	# shellcheck disable=SC2086 # words
	expect 0 with_user fuserelay emulate --seed=1 --workload=$shape \
	    -- "${words[@]}"
	[ -z "$(ls -A "$src")" ] || fail "files left in the source"
done
