#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Show SOURCE at MOUNTPOINT with fusepy, in the foreground.

With HIDE=init or HIDE=statfs in the environment, from that operation on other
processes of the same user may not look into this one, as with programs that
guard secrets.
"""
import ctypes
import errno
import os
import sys

from fusepy import FUSE, FuseOSError, Operations


PR_SET_DUMPABLE = 4


def hide(op):
    if os.environ.get("HIDE") == op:
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


class Passthrough(Operations):
    def __init__(self, root):
        self.root = os.path.realpath(root)

    def init(self, path):
        hide("init")

    def __call__(self, op, path, *args):
        try:
            return super().__call__(op, self.root + path, *args)
        except OSError as e:
            raise FuseOSError(e.errno or errno.EIO)

    def getattr(self, path, fh=None):
        st = os.lstat(path)
        names = ("atime", "ctime", "gid", "mode", "mtime", "nlink", "size",
                 "uid")
        return {"st_" + n: getattr(st, "st_" + n) for n in names}

    def readdir(self, path, fh):
        return [".", ".."] + os.listdir(path)

    def statfs(self, path):
        hide("statfs")
        st = os.statvfs(path)
        names = ("bavail", "bfree", "blocks", "bsize", "favail", "ffree",
                 "files", "flag", "frsize", "namemax")
        return {"f_" + n: getattr(st, "f_" + n) for n in names}

    def create(self, path, mode, fi=None):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)

    def open(self, path, flags):
        return os.open(path, flags)

    def read(self, path, size, offset, fh):
        return os.pread(fh, size, offset)

    def write(self, path, data, offset, fh):
        return os.pwrite(fh, data, offset)

    def truncate(self, path, length, fh=None):
        os.truncate(path, length)

    def fsync(self, path, datasync, fh):
        os.fsync(fh)

    def release(self, path, fh):
        os.close(fh)

    def mkdir(self, path, mode):
        os.mkdir(path, mode)

    def rmdir(self, path):
        os.rmdir(path)

    def unlink(self, path):
        os.unlink(path)

    def rename(self, old, new):
        os.rename(old, self.root + new)

    def symlink(self, new, target):
        os.symlink(target, new)

    def readlink(self, path):
        return os.readlink(path)

    def chmod(self, path, mode):
        os.chmod(path, mode)

    def chown(self, path, uid, gid):
        os.chown(path, uid, gid)

    def utimens(self, path, times=None):
        os.utime(path, times)

    access = None
    flush = None


if __name__ == "__main__":
    FUSE(Passthrough(sys.argv[1]), sys.argv[2], foreground=True)
