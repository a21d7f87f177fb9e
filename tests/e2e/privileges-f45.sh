#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F45: an ordinary user's program that is set-user-ID, or has capabilities,
# does not gain them behind the relay, which says so.
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"

own_device

echo "--- it is said, where it matters"
with_user install -m 4755 /bin/true setuid
expect 0 with_user fuserelay run -- ./setuid
says 'setuid is set-user-ID.*without'
expect 0 with_user fuserelay run -- /bin/true
[ ! -s out.txt ] || fail "said: $(cat out.txt)"
expect 0 fuserelay run -- "$TMP/user/setuid"
[ ! -s out.txt ] || fail "said as root: $(cat out.txt)"

echo "--- neither those of a set-user-ID program nor of a file"
install -m 4755 "$(command -v id)" "$TMP/user/id"
[ "$(with_user ./id -u)" = 0 ] || skip "set-user-ID does not work in $TMP"
expect 0 with_user fuserelay run -- ./id -u
says "^$(id -u "$user")\$"
# Does such a program gain them where no relay is?
gains()
{
	install -m 755 "$(command -v grep)" "$TMP/user/grep"
	setcap cap_net_admin=ep "$TMP/user/grep" 2>/dev/null &&
	    with_user ./grep CapEff: /proc/self/status | grep -q 1
}
if gains; then
	expect 0 with_user fuserelay run -- ./grep CapEff: /proc/self/status
	says 'grep .*has file capabilities.*without'
	says '^CapEff:.0*$'
fi
