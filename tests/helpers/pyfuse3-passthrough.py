#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Show SOURCE, without hard links, at MOUNTPOINT with pyfuse3."""
import errno
import os
import sys

import pyfuse3
import trio


class Passthrough(pyfuse3.Operations):
    enable_writeback_cache = False

    def __init__(self, root):
        super().__init__()
        self.root = os.fsencode(os.path.realpath(root))
        self.paths = {pyfuse3.ROOT_INODE: b""}  # below the root, by inode
        self.lists = {}                         # of open directories

    def path(self, inode, name=b""):
        if inode not in self.paths:
            raise pyfuse3.FUSEError(errno.ESTALE)
        below = self.paths[inode]
        return os.path.join(below, name) if name else below

    def full(self, below):
        return os.path.join(self.root, below) if below else self.root

    def entry(self, st, inode=None):
        e = pyfuse3.EntryAttributes()
        for name in ("mode", "nlink", "uid", "gid", "size", "blocks",
                     "blksize", "rdev", "atime_ns", "mtime_ns", "ctime_ns"):
            setattr(e, "st_" + name, getattr(st, "st_" + name))
        e.st_ino = inode or st.st_ino
        e.entry_timeout = e.attr_timeout = 0
        return e

    def stat(self, below):
        st = os.lstat(self.full(below))
        inode = st.st_ino if below else pyfuse3.ROOT_INODE
        self.paths[inode] = below
        return self.entry(st, inode)

    async def lookup(self, parent, name, ctx=None):
        return self.stat(self.path(parent, name))

    async def getattr(self, inode, ctx=None):
        return self.stat(self.path(inode))

    async def setattr(self, inode, attr, fields, fh, ctx=None):
        path = self.full(self.path(inode))
        if fields.update_size:
            os.truncate(path, attr.st_size)
        if fields.update_mode:
            os.chmod(path, attr.st_mode & 0o7777)
        if fields.update_uid or fields.update_gid:
            os.chown(path, attr.st_uid if fields.update_uid else -1,
                     attr.st_gid if fields.update_gid else -1)
        if fields.update_atime or fields.update_mtime:
            st = os.lstat(path)
            os.utime(path, ns=(
                attr.st_atime_ns if fields.update_atime else st.st_atime_ns,
                attr.st_mtime_ns if fields.update_mtime else st.st_mtime_ns))
        return self.stat(self.path(inode))

    async def opendir(self, inode, ctx):
        path = self.path(inode)
        fh = max(self.lists, default=0) + 1
        self.lists[fh] = path, sorted(os.listdir(self.full(path)))
        return fh

    async def readdir(self, fh, start, token):
        path, names = self.lists[fh]
        for i, name in enumerate(names[start:], start + 1):
            try:
                e = self.stat(os.path.join(path, name))
            except FileNotFoundError:
                continue
            if not pyfuse3.readdir_reply(token, name, e, i):
                break

    async def releasedir(self, fh):
        del self.lists[fh]

    async def create(self, parent, name, mode, flags, ctx):
        path = self.path(parent, name)
        fh = os.open(self.full(path), flags | os.O_CREAT, mode)
        return pyfuse3.FileInfo(fh=fh), self.stat(path)

    async def open(self, inode, flags, ctx):
        # the kernel knows where the end is
        path = self.full(self.path(inode))
        return pyfuse3.FileInfo(fh=os.open(path, flags & ~os.O_APPEND))

    async def read(self, fh, offset, size):
        return os.pread(fh, size, offset)

    async def write(self, fh, offset, data):
        return os.pwrite(fh, data, offset)

    async def fsync(self, fh, datasync):
        os.fsync(fh)

    async def release(self, fh):
        os.close(fh)

    async def mkdir(self, parent, name, mode, ctx):
        path = self.path(parent, name)
        os.mkdir(self.full(path), mode)
        return self.stat(path)

    async def rmdir(self, parent, name, ctx):
        os.rmdir(self.full(self.path(parent, name)))

    async def unlink(self, parent, name, ctx):
        os.unlink(self.full(self.path(parent, name)))

    async def rename(self, parent, name, new_parent, new_name, flags, ctx):
        if flags != 0:
            raise pyfuse3.FUSEError(errno.EINVAL)
        old, new = self.path(parent, name), self.path(new_parent, new_name)
        os.rename(self.full(old), self.full(new))
        for inode, path in self.paths.items():
            if path == old or path.startswith(old + b"/"):
                self.paths[inode] = new + path[len(old):]

    async def statfs(self, ctx):
        st = os.statvfs(self.root)
        out = pyfuse3.StatvfsData()
        for name in ("bsize", "frsize", "blocks", "bfree", "bavail", "files",
                     "ffree", "favail"):
            setattr(out, "f_" + name, getattr(st, "f_" + name))
        out.f_namemax = 255
        return out


def with_errno(function):
    async def call(*args):
        try:
            return await function(*args)
        except OSError as e:
            raise pyfuse3.FUSEError(e.errno or errno.EIO)
    return call


def make_errno():
    """Let each operation answer what the system said to it."""
    for name, function in list(vars(Passthrough).items()):
        if not name.startswith("_") and hasattr(function, "__code__") and \
                function.__code__.co_flags & 0x80:      # a coroutine
            setattr(Passthrough, name, with_errno(function))


if __name__ == "__main__":
    make_errno()
    pyfuse3.init(Passthrough(sys.argv[1]), sys.argv[2],
                 set(pyfuse3.default_options))
    try:
        trio.run(pyfuse3.main)
    finally:
        pyfuse3.close()
