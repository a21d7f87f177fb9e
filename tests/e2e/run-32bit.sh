#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F44: a program that mounts through 32-bit calls, which a kernel may not have.
# shellcheck source=lib-ways.sh
. "$TOP/tests/e2e/lib-ways.sh"

need_32bit
try int80
