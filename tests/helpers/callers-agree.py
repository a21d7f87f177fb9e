#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Are the callers' names in a trace those of the kernel's tracepoints?

    callers-agree.py TRACEFS-EVENTS LINES.json LEAST

The events are those of fuse_request_send, task_newtask and task_rename; what
a task was called when it sent a request is put together from the latter two.
Every request whose name is known to both must have the same one; a name that
is marked as not certain may differ, but only of operations that no caller
waits for.  LEAST names must have been compared.
"""
import json
import re
import sys

EVENT = re.compile(r"^.{16}-(\d+) +\[\d+\] \S+ +[\d.]+: (\w+): (.*)$")
SEND = re.compile(r"req (\d+) opcode (\d+)")
NEW = re.compile(r"pid=(\d+) comm=(.*) clone_flags=")
RENAME = re.compile(r"pid=(\d+) oldcomm=.* newcomm=(.*) oom_score_adj=")
NOT_AWAITED = {"INIT", "FORGET", "BATCH_FORGET", "RELEASE", "RELEASEDIR",
               "INTERRUPT", "NOTIFY_REPLY", "READ", "WRITE"}


def truth(path):
    """(process id, unique) -> name."""
    names, sent = {}, {}
    for line in open(path, encoding="utf-8", errors="replace"):
        m = EVENT.match(line)
        if not m:
            continue
        pid, event, rest = m.groups()
        if event == "fuse_request_send":
            unique = SEND.search(rest).group(1)
            if pid in names:
                sent[int(pid), int(unique)] = names[pid]
        else:
            of, name = (NEW if event == "task_newtask" else
                        RENAME).search(rest).groups()
            names[of] = name
    return sent


def main():
    sent, same, unsure, wrong = truth(sys.argv[1]), 0, 0, []
    for line in open(sys.argv[2], encoding="utf-8"):
        o = json.loads(line)
        if o["type"] != "call" or (o["pid"], o["unique"]) not in sent:
            continue
        name, certain = o.get("comm"), o.get("comm_certain", True)
        if not certain and o["op"] in NOT_AWAITED:
            unsure += 1
        elif name == sent[o["pid"], o["unique"]] and certain:
            same += 1
        else:
            wrong.append((o["op"], o.get("path"), name, certain,
                          sent[o["pid"], o["unique"]]))
    for w in wrong[:20]:
        print("%s %s: %s, certain: %s; is %s" % w)
    print("%d names right, %d wrong, %d not certain" %
          (same, len(wrong), unsure))
    sys.exit(0 if not wrong and same >= int(sys.argv[3]) else 1)


main()
