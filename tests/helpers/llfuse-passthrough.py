#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Show SOURCE, without hard links, at MOUNTPOINT with llfuse.

llfuse asks for the same operations as pyfuse3, which came from it, but calls
plain functions: those of pyfuse3-passthrough.py never wait, so that each is
over when it is asked for its first step.
"""
import importlib.util
import os
import sys
import types

import llfuse


def readdir_reply(token, name, attr, next_id):
    token.append((name, attr, next_id))
    return True


def load(path):
    """Import that script with llfuse in the place of pyfuse3."""
    sys.modules["pyfuse3"] = types.SimpleNamespace(
        EntryAttributes=llfuse.EntryAttributes,
        FileInfo=lambda fh: fh,
        FUSEError=llfuse.FUSEError,
        Operations=llfuse.Operations,
        ROOT_INODE=llfuse.ROOT_INODE,
        StatvfsData=llfuse.StatvfsData,
        readdir_reply=readdir_reply)
    sys.modules["trio"] = types.ModuleType("trio")
    spec = importlib.util.spec_from_file_location("passthrough", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.make_errno()
    return module.Passthrough


def result(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("an operation waits")


def plain(function):
    return lambda *args: result(function(*args))


def without_flags(function):
    return lambda self, *args: result(function(self, *args[:4], 0, args[4]))


def listed(function):
    def readdir(self, fh, start):
        entries = []
        result(function(self, fh, start, entries))
        return iter(entries)
    return readdir


SHAPES = {"readdir": listed, "rename": without_flags}    # others are plain


if __name__ == "__main__":
    here = os.path.dirname(os.path.realpath(__file__))
    base = load(os.path.join(here, "pyfuse3-passthrough.py"))
    operations = {
        name: SHAPES.get(name, plain)(function)
        for name, function in vars(base).items()
        if getattr(function, "__code__", None) is not None and
        function.__code__.co_flags & 0x80}
    llfuse.init(type("Passthrough", (base,), operations)(sys.argv[1]),
                sys.argv[2], set(llfuse.default_options))
    try:
        llfuse.main(workers=1)
    finally:
        llfuse.close()
