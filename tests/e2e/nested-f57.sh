#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F57: a program is wrapped within a wrapped program.  The kernel has one trap
# for a process: that is said, with the way out, and the way out works.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

dirs_new
echo "--- a trap in a trap"
words_fill fuserelay-passthrough -f SRC MNT
expect 125 fuserelay run -- fuserelay run -- "${words[@]}"
says "nothing can be wrapped within a wrapped program"
says "fuserelay-passthrough takes /dev/fd/N .*--attach=fd --mountpoint=DIR"
not_mounted "$mnt" || fail "mounted"

echo "--- another listener's trap"
cat >listens.py <<'PYTHON'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
allow = struct.pack("HBBI", 6, 0, 0, 0x7fff0000)
buf = ctypes.create_string_buffer(allow)
prog = struct.pack("HxxxxxxP", 1, ctypes.addressof(buf))
libc.prctl(38, 1, 0, 0, 0)      # PR_SET_NO_NEW_PRIVS
listener = libc.syscall(317, 1, 8, prog)
if listener == -1:
    sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
os.set_inheritable(listener, True)
os.execvp(sys.argv[1], sys.argv[1:])
PYTHON
if [ "$(uname -m)" = x86_64 ]; then
	expect 125 /usr/bin/python3 listens.py fuserelay run -- "${words[@]}"
	says "nothing can be wrapped within a wrapped program"
fi

echo "--- the way out"
words_fill fuserelay-passthrough -f SRC {}
expect 0 fuserelay run -- fuserelay emulate --attach=fd --workload=quick -- \
    "${words[@]}"
