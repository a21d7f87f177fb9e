#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F44: the same programs as an ordinary user, for whom fusermount3 mounts.
# The machine's device may be closed to users, as its owner likes; the test
# has an open one of its own, in its own mount namespace.
# limit: 900
# sanitized: no
# shellcheck source=lib-users.sh
. "$TOP/tests/e2e/lib-users.sh"
# shellcheck source=../helpers/programs.sh
. "$TOP/tests/helpers/programs.sh"

own_device
export WORK=$TMP/user/work
with_user mkdir "$WORK"
# shellcheck disable=SC2016 # for the inner shell
with_user bash -euc "$(declare -f programs_prepare)"'
	WORK=$1
	programs_prepare
' prepare "$WORK"
programs_compare with_user 8
