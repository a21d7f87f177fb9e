#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# F71: what the kernel says to notifications, which the daemon hears only from
# the real device, is in the trace and in a capture, and -P finds them.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

need_mount
need python3
dirs_new

use()
{
	t 10 stat "$mnt/file" >/dev/null || fail "no file"
	t 10 stat -f "$mnt" >/dev/null || fail "no answer"
	t 10 stat -f "$mnt" >/dev/null || fail "no second answer"
}

echo "--- what the device itself says"
odd-daemon notes "$mnt" >bare.txt &
bare=$!
wait_for 10 mounted "$mnt" || fail "not mounted"
use
t 20 umount "$mnt"
child_wait 20 "$bare"
sed -n 's/^note //p' bare.txt >want.txt
cat want.txt
grep -q '^INVAL_INODE 2$' want.txt || fail "the kernel knows a strange node"

echo "--- behind the relay: the same, in the trace"
relay_start run -w x.pcap --json -o calls.json -- odd-daemon notes MNT
use
t 20 umount "$mnt"
child_wait 20 "$relay"
[ "$code" = 0 ] || fail "status $code"
if grep '^note ' "$relay_log" | grep -v ' 0$'; then
	fail "the daemon heard of an error"
fi
told()
{
	t 20 python3 - "$1" <<'PYTHON'
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    n = json.loads(line)
    if n["type"] != "notify":
        continue
    if n.get("action") == "dropped":    # (the device says EINVAL)
        print(n["code"], 22)
    else:
        print(n["op"], -n["ret"])
PYTHON
}
fuserelay decode --json x.pcap >decoded.json
for file in calls.json decoded.json; do
	told $file >got.txt || fail "$file is not JSON"
	sort want.txt >sorted.txt
	sort got.txt | diff sorted.txt - || fail "$file tells something else"
done

echo "--- lines, and those about a path"
fuserelay decode x.pcap >lines.txt
grep -q '^daemon NOTIFY_INVAL_INODE("/file", ino=2, .*) = 0$' lines.txt ||
	fail "no line about the file"
grep -q '^daemon NOTIFY_INVAL_ENTRY("/absent", .*) = -ENOENT$' lines.txt ||
	fail "no line about what is absent"
grep -q '^daemon NOTIFY(code=99, .*) is not passed on: ' lines.txt ||
	fail "no line about the strange code"
fuserelay decode -P /absent x.pcap | grep NOTIFY >found.txt
grep -v /absent found.txt && fail "-P finds others"
grep -q NOTIFY_INVAL_ENTRY found.txt || fail "-P does not find it"
fuserelay decode -e status=failed x.pcap | grep NOTIFY >found.txt
grep -q ' = 0$' found.txt && fail "status=failed shows what did not"
grep -q ' = -ENOENT$' found.txt || fail "status=failed shows no notification"
