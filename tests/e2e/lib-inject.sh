#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Errors in the relay's own system calls, put there by strace.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need_strace
need unshare pgrep

# life NAME HOW ERROR STRACE-ARGUMENT...: one life of a mount, as
# tests/helpers/inject-life.sh says, in $TMP/NAME; its verdict is the last
# line of NAME/life.txt.
life()
{
	local dir=$TMP/$1
	shift
	mkdir "$dir"
	(
		cd "$dir" || exit
		TMP=$dir t 60 unshare --mount --pid --fork --mount-proc \
		    --kill-child bash "$TOP/tests/helpers/inject-life.sh" "$@"
	) >"$dir/life.txt" 2>&1 </dev/null
}

# inject NAME HOW CALL ERROR WHEN: the WHENth CALL of the relay itself fails.
inject()
{
	life "$1" "$2" "$4" -e "trace=$3" -e "inject=$3:error=$4:when=$5"
}

# How often that happened.
injected()
{
	grep -c '(INJECTED)$' "$TMP/$1/trace" || :
}

# The last words of NAME; not a good verdict is "BAD".
verdict()
{
	tail -n 1 "$TMP/$1/life.txt"
}
