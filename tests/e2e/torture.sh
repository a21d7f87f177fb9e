#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F9, F10, F11: the relay's calls on its sockets fail, or do a part only, as a
# kernel may let them: a workload goes through all the same, and nothing is
# left open.
# limit: 600
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

[ -z "$SANITIZED" ] || skip "a sanitizer wants to be loaded first"
built torture.so
dirs_new

# What a fortified caller calls instead would go past it.
if nm -D "$BUILD/fuserelay" |
    grep -E ' U __(read|pread|recv|recvfrom|poll|ppoll)_chk'; then
	fail "calls that can't be made to fail"
fi

# tortured NAME ARG...: the workload under what TORTURE_* says.
tortured()
{
	rm -f log
	LD_PRELOAD=$BUILD/torture.so TORTURE_LOG=$TMP/log workload "$@" -- \
	    fuserelay-passthrough -f SRC MNT
	read -r _ calls _ faults _ <log || fail "no calls were counted"
}

for transport in seqpacket dgram; do
	for seed in 1 2 3; do
		export TORTURE_SEED=$seed TORTURE_RATE=3
		tortured basic --transport=$transport --fragment=100-4000 \
		    --seed=$seed
		[ "$faults" -gt 500 ] || fail "only $faults of $calls failed"
		echo "$transport, seed $seed: $faults of $calls calls failed"
	done
done

# Each of the first calls alone, and some later ones.
export TORTURE_RATE=0
for at in {1..40} 60 90 130 200 300; do
	export TORTURE_AT=$at TORTURE_SEED=$at
	tortured quick --seed=1
	[ "$faults" = 1 ] || fail "call $at of $calls did not fail"
done
