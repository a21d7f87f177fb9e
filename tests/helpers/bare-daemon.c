/* SPDX-License-Identifier: ISC */
/*
 * bare-daemon SOURCE MOUNTPOINT: shows a directory as simple FUSE programs
 * do: each call opens the path anew, and file handles stay 0.
 *
 * Names that do not exist are answered with node 0 (negative_timeout), and
 * the offsets of directory entries are large numbers that only this program
 * can make: a READDIR at any other one fails, as in file systems that keep
 * positions of their own there.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define COOKIE (1LL << 40) /* offset behind the n-th entry: n of these */

static int root; /* SOURCE */

static const char *
below(const char *path)
{
	return path[1] == '\0' ? "." : path + 1;
}

static int
result(long r)
{
	return r == -1 ? -errno : 0;
}

static int
bare_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	(void)fi;
	return result(fstatat(root, below(path), st, AT_SYMLINK_NOFOLLOW));
}

static int
bare_mkdir(const char *path, mode_t mode)
{
	return result(mkdirat(root, below(path), mode));
}

static int
bare_unlink(const char *path)
{
	return result(unlinkat(root, below(path), 0));
}

static int
bare_rmdir(const char *path)
{
	return result(unlinkat(root, below(path), AT_REMOVEDIR));
}

static int
bare_rename(const char *from, const char *to, unsigned flags)
{
	if (flags != 0)
		return -EINVAL;
	return result(renameat(root, below(from), root, below(to)));
}

/* Open, do one thing, close. */
static int
opened(const char *path, int flags, mode_t mode)
{
	int fd = openat(root, below(path),
	    (flags & ~O_APPEND) | O_CLOEXEC | O_NOFOLLOW, mode);

	return fd == -1 ? -errno : fd;
}

static int
bare_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	int fd = opened(path, O_WRONLY, 0), r;

	(void)fi;
	if (fd < 0)
		return fd;
	r = result(ftruncate(fd, size));
	close(fd);
	return r;
}

static int
bare_open(const char *path, struct fuse_file_info *fi)
{
	int fd = opened(path, fi->flags, 0);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int
bare_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	int fd = opened(path, fi->flags | O_CREAT, mode);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int
bare_read(const char *path, char *buf, size_t size, off_t offset,
    struct fuse_file_info *fi)
{
	int fd = opened(path, O_RDONLY, 0);
	ssize_t n;

	if (fd < 0)
		return fd;
	if (fi->fh != 0)
		errx(1, "a handle that was never given");
	n = pread(fd, buf, size, offset);
	close(fd);
	return n == -1 ? -EIO : (int)n;
}

static int
bare_write(const char *path, const char *buf, size_t size, off_t offset,
    struct fuse_file_info *fi)
{
	int fd = opened(path, O_WRONLY, 0);
	ssize_t n;

	if (fd < 0)
		return fd;
	if (fi->fh != 0)
		errx(1, "a handle that was never given");
	n = pwrite(fd, buf, size, offset);
	close(fd);
	return n == -1 ? -EIO : (int)n;
}

static int
bare_statfs(const char *path, struct statvfs *st)
{
	(void)path;
	return result(fstatvfs(root, st));
}

/* Entries are numbered in the order of their names. */
static int
bare_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
    struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	struct dirent **list;
	int i, n, full = 0;

	(void)fi;
	(void)flags;
	if (offset % COOKIE != 0)
		return -EINVAL;
	n = scandirat(root, below(path), &list, NULL, alphasort);
	if (n == -1)
		return -errno;
	for (i = 0; i < n; i++) {
		if (i >= offset / COOKIE && !full)
			full = fill(buf, list[i]->d_name, NULL,
			    (i + 1) * COOKIE, (enum fuse_fill_dir_flags)0);
		free(list[i]);
	}
	free(list);
	return 0;
}

static const struct fuse_operations bare = {
	.getattr = bare_getattr,
	.mkdir = bare_mkdir,
	.unlink = bare_unlink,
	.rmdir = bare_rmdir,
	.rename = bare_rename,
	.truncate = bare_truncate,
	.open = bare_open,
	.create = bare_create,
	.read = bare_read,
	.write = bare_write,
	.statfs = bare_statfs,
	.readdir = bare_readdir,
};

int
main(int argc, char *argv[])
{
	static char foreground[] = "-f", option[] = "-onegative_timeout=60";
	char *args[] = { argv[0], foreground, option, NULL, NULL };

	if (argc != 3)
		errx(2, "usage: bare-daemon SOURCE MOUNTPOINT");
	root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root == -1)
		err(1, "%s", argv[1]);
	args[3] = argv[2];
	umask(0);
	return fuse_main(4, args, &bare, NULL);
}
