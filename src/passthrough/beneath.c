/* SPDX-License-Identifier: ISC */
#include "passthrough/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* openat2() asks to be called again after a rename on the way. */
#define BENEATH_TRIES 16

int
beneath_open(int dir_fd, const char *name, int flags, mode_t mode)
{
	struct open_how how;
	int tries = BENEATH_TRIES;
	long fd;

	memset(&how, 0, sizeof(how));
	how.flags = (unsigned)flags | O_CLOEXEC;
	if ((flags & O_CREAT) != 0)
		how.mode = mode & 07777;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
	    RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
	do {
		fd = syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
	} while (
	    fd == -1 && (errno == EAGAIN || errno == EINTR) && --tries > 0);
	return (int)fd;
}

static struct timespec
beneath_time(const struct statx_timestamp *t)
{
	return (struct timespec){ .tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec };
}

int
beneath_stat(int dir_fd, const char *name, struct stat *st)
{
	struct statx sx;

	if (statx(dir_fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
		STATX_BASIC_STATS, &sx) == -1)
		return errno;
	if ((sx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0)
		return EOPNOTSUPP;
	if ((sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
		return EXDEV;
	memset(st, 0, sizeof(*st));
	st->st_dev = makedev(sx.stx_dev_major, sx.stx_dev_minor);
	st->st_rdev = makedev(sx.stx_rdev_major, sx.stx_rdev_minor);
	st->st_ino = sx.stx_ino;
	st->st_mode = sx.stx_mode;
	st->st_nlink = sx.stx_nlink;
	st->st_uid = sx.stx_uid;
	st->st_gid = sx.stx_gid;
	st->st_size = (off_t)sx.stx_size;
	st->st_blksize = (blksize_t)sx.stx_blksize;
	st->st_blocks = (blkcnt_t)sx.stx_blocks;
	st->st_atim = beneath_time(&sx.stx_atime);
	st->st_mtim = beneath_time(&sx.stx_mtime);
	st->st_ctim = beneath_time(&sx.stx_ctime);
	return 0;
}
