#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Exit statuses: the command's own, 126 and 127 as in a shell, and after an
# unmount from outside 0.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
expect 127 fuserelay emulate --workload=quick -- no-such-program
says no-such-program
expect 127 fuserelay emulate --workload=quick -- "$TMP/absent"
touch "$TMP/plain"
expect 126 fuserelay emulate --workload=quick -- "$TMP/plain"
says plain
expect 126 fuserelay emulate --workload=quick -- "$TMP"
expect 42 fuserelay emulate --workload=quick -- sh -c 'exit 42'

# stdio is the command's own
expect 0 fuserelay emulate --workload=quick -- sh -c 'echo from-command'
says '^from-command$'

# options of the command stay its own, with and without "--"
# shellcheck disable=SC2016 # for the inner shell
expect 0 fuserelay emulate --workload=quick sh -c 'echo "$0 $1"' --x --help
says '^--x --help$'
