#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Wireshark's view of a capture says what ours says.

    tshark-agrees.py PDML JSON

PDML: what tshark -T pdml prints of a capture; JSON: what fuserelay decode
--json prints of it.  Every request and reply must be there, linked to each
other, and each field that JSON has must have the same value in Wireshark.
Prints how much was compared.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET

# Told otherwise in Wireshark, or only in one of the two.
SKIPPED = {"bytes", "entries", "data", "malformed", "more"}
# Texts that Wireshark has in one field: several names, or names and target.
TEXTS = {"name": "name", "newname": "name", "target": "target",
         "xattr": "name"}
LABEL_MAX = 200     # Wireshark may cut longer ones


def wrong(what):
    print("FAIL:", what)
    sys.exit(1)


class Frame:
    """The fields of one packet: name -> [(value, text)]."""

    def __init__(self, packet):
        self.fields = {}
        for f in packet.iter("field"):
            name = f.get("name", "")
            if name.startswith("fuserelay."):
                self.fields.setdefault(name[10:], []).append(
                    (f.get("show"), f.get("showname") or ""))
            if name == "num":
                self.number = int(f.get("show"))

    def get(self, name):
        return self.fields[name][0][0] if name in self.fields else None

    def having(self, key):
        """All fields of any struct with that name."""
        return [v for name, values in self.fields.items()
                if name.split(".")[-1] == key for v in values]


def number(text):
    """A number as either side writes it."""
    text = str(text)
    if text.startswith("0x"):
        return int(text, 16)
    if len(text) > 1 and text[0] == "0" and text.isdigit():
        return int(text, 8)
    return int(text)


def escaped(text):
    """As the dissector shows what terminals obey."""
    return re.sub("[\0-\x1f\x7f-\x9f]", lambda c: "".join(
        "\\x%02x" % byte for byte in c.group().encode()), text)


def same(key, value, field):
    show, showname = field
    if isinstance(value, str):
        value = escaped(value)
    if isinstance(value, str) and not value[:1].isdigit():
        # names of flags stand behind the number, but not too many
        if len(showname) > LABEL_MAX:
            value = value[:len(showname) - showname.rfind(" ") - 1]
        return showname.endswith(" " + value) or \
            show.split() == value.split()       # (XML joins lines)
    try:
        return number(value) == number(show)
    except ValueError:
        return show == value


def leaves(value, key=""):
    if isinstance(value, dict):
        for k, v in value.items():
            yield from leaves(v, k)
    elif not isinstance(value, list):
        yield key, value


def compare(frame, said, what):
    count = 0
    for key, value in leaves(said):
        if key in SKIPPED or key.endswith("_hex"):
            continue
        found = [v for v in frame.having(TEXTS.get(key, key))]
        if not any(same(key, value, v) for v in found):
            wrong("frame %d, %s: %s is %r, in Wireshark %r" %
                  (frame.number, what, key, value, found))
        count += 1
    return count


def readable(path):
    """The text of a file, without what XML does not allow (tshark lets
    bytes of names through)."""
    with open(path, encoding="utf-8", errors="replace") as f:
        return re.sub("[\0-\x08\x0b-\x1f]", "?", f.read())


def main():
    frames = {}
    for packet in ET.fromstring(readable(sys.argv[1])).iter("packet"):
        fr = Frame(packet)
        frames[fr.number] = fr
    with open(sys.argv[2], encoding="utf-8") as f:
        said = [json.loads(line) for line in f]
    calls = sorted((c for c in said if c["type"] == "call"),
                   key=lambda c: c["ts"])
    requests = [fr for fr in frames.values() if "opcode" in fr.fields]
    if len(calls) != len(requests):
        wrong("%d calls, %d requests in Wireshark" %
              (len(calls), len(requests)))
    values = replies = 0
    for call, fr in zip(calls, requests):
        what = call["op"]
        for key in "opcode", "unique", "nodeid", "uid", "gid", "pid":
            if number(fr.get(key)) != call[key]:
                wrong("frame %d, %s: %s is %s, in Wireshark %s" %
                      (fr.number, what, key, call[key], fr.get(key)))
        if fr.get("op") != what:
            wrong("frame %d: %s is %s" % (fr.number, what, fr.get("op")))
        values += compare(fr, call["args"], what)
        if call["ret"] is None:
            continue
        reply = frames.get(int(fr.get("reply_in") or 0))
        if reply is None:
            wrong("frame %d, %s: no link to the reply" % (fr.number, what))
        replies += 1
        if reply.get("request_in") != str(fr.number):
            wrong("frame %d is not linked to its request" % reply.number)
        if int(reply.get("errno")) != call["ret"] or \
                reply.get("op") != what or \
                reply.get("unique") != fr.get("unique"):
            wrong("frame %d is not the reply of %s" % (reply.number, what))
        if round(float(reply.get("time")) * 1e9) != call["lat_ns"]:
            wrong("frame %d: response time %s, not %d ns" %
                  (reply.number, reply.get("time"), call["lat_ns"]))
        values += compare(reply, call["result"], what + " reply")
    notes = [n for n in said if n["type"] == "notify"]
    told = [fr for fr in frames.values() if "notify" in fr.fields]
    if len(notes) != len(told):
        wrong("%d notifications, %d in Wireshark" % (len(notes), len(told)))
    for note, fr in zip(notes, told):
        if number(fr.get("notify")) != note["code"]:
            wrong("frame %d: not notification %d" % (fr.number, note["code"]))
        values += compare(fr, note["args"], "notification")
    print("%d requests, %d replies, %d notifications, %d values" %
          (len(requests), replies, len(notes), values))


main()
