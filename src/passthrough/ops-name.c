/* SPDX-License-Identifier: ISC */
/* Operations on names: lookup, make, link, remove, rename. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "passthrough/fs.h"

void
fs_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = fs_of(req);
	struct fuse_entry_param e;
	struct inode *dir;
	int r;

	if ((r = inode_get(&fs->inodes, parent, &dir)) == 0) {
		r = fs_look(fs, dir, name, &e);
		inode_put(&fs->inodes, dir);
	}
	if (r == ENOENT && fs->opt->negative_timeout > 0) {
		memset(&e, 0, sizeof(e));
		e.entry_timeout = fs->opt->negative_timeout;
		r = 0;
	}
	fs_reply_entry(req, r, &e);
}

static void
name_forget(struct fs *fs, fuse_ino_t ino, uint64_t n)
{
	n = inode_forget(&fs->inodes, ino, n);
	atomic_fetch_sub(&fs->refs_sent, (long long)n);
}

void
fs_forget(fuse_req_t req, fuse_ino_t ino, uint64_t n)
{
	name_forget(fs_of(req), ino, n);
	fuse_reply_none(req);
}

void
fs_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	size_t i;

	for (i = 0; i < count; i++)
		name_forget(fs_of(req), forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

void
fs_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct fs *fs = fs_of(req);
	char target[PATH_MAX + 1];
	struct inode *in;
	ssize_t n = 0;
	int r;

	if ((r = inode_get(&fs->inodes, ino, &in)) == 0) {
		n = readlinkat(in->fd, "", target, sizeof(target));
		if (n == -1)
			r = errno;
		else if ((size_t)n == sizeof(target))
			r = ENAMETOOLONG;
		inode_put(&fs->inodes, in);
	}
	if (fs_failed(req, r))
		return;
	target[n] = '\0';
	fuse_reply_readlink(req, target);
}

/* What one of mknod, mkdir and symlink is to make. */
struct new_node {
	const char *target; /* of a symbolic link, else NULL */
	mode_t mode;
	dev_t rdev;
};

static int
name_make_at(fuse_req_t req, int dir_fd, const char *name,
    const struct new_node *n)
{
	struct fs *fs = fs_of(req);
	struct cred c;
	int r;

	if ((r = cred_make(&fs->cred, req, n->mode, fs->masks, &c)) != 0)
		return r;
	if (n->target != NULL)
		r = symlinkat(n->target, dir_fd, name);
	else if (S_ISDIR(n->mode))
		r = mkdirat(dir_fd, name, n->mode & 07777);
	else
		r = mknodat(dir_fd, name, n->mode, n->rdev);
	r = r == -1 ? errno : 0;
	cred_end(&fs->cred, &c);
	return r;
}

static void
name_make(fuse_req_t req, fuse_ino_t parent, const char *name,
    const struct new_node *n)
{
	struct fs *fs = fs_of(req);
	struct fuse_entry_param e;
	struct inode *dir;
	int r;

	if (fs_failed(req, fs_change(fs, parent, name, &dir)))
		return;
	if ((r = name_make_at(req, dir->fd, name, n)) == 0)
		r = fs_look(fs, dir, name, &e);
	inode_put(&fs->inodes, dir);
	fs_reply_entry(req, r, &e);
}

void
fs_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    dev_t rdev)
{
	struct new_node n = { NULL, mode, rdev };

	name_make(req, parent, name, &n);
}

void
fs_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct new_node n = { NULL, S_IFDIR | (mode & 07777), 0 };

	name_make(req, parent, name, &n);
}

void
fs_symlink(fuse_req_t req, const char *target, fuse_ino_t parent,
    const char *name)
{
	struct new_node n = { target, S_IFLNK, 0 };

	name_make(req, parent, name, &n);
}

/* Links the file itself, not what a name may mean by now. */
static int
name_link(struct fs *fs, const struct inode *in, const struct inode *dir,
    const char *name, struct fuse_entry_param *e)
{
	if (linkat(fs->proc_fd, fs_path(in->fd).s, dir->fd, name,
		AT_SYMLINK_FOLLOW) == -1)
		return errno;
	return fs_look(fs, dir, name, e);
}

void
fs_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	struct fs *fs = fs_of(req);
	struct fuse_entry_param e;
	struct inode *in, *dir;
	int r;

	if (fs_failed(req, fs_change(fs, parent, name, &dir)))
		return;
	if ((r = inode_get(&fs->inodes, ino, &in)) == 0) {
		r = name_link(fs, in, dir, name, &e);
		inode_put(&fs->inodes, in);
	}
	inode_put(&fs->inodes, dir);
	fs_reply_entry(req, r, &e);
}

static void
name_remove(fuse_req_t req, fuse_ino_t parent, const char *name, int flags)
{
	struct fs *fs = fs_of(req);
	struct inode *dir, *in;
	int r;

	if ((r = fs_change(fs, parent, name, &dir)) == 0) {
		in = fs_hold(fs, dir, name);
		if (unlinkat(dir->fd, name, flags) == -1)
			r = errno;
		fs_settle(fs, in, r == 0 ? NULL : dir, name);
		inode_put(&fs->inodes, dir);
	}
	fuse_reply_err(req, r);
}

void
fs_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	name_remove(req, parent, name, 0);
}

void
fs_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	name_remove(req, parent, name, AT_REMOVEDIR);
}

static int
name_rename(struct fs *fs, const struct inode *from, const char *name,
    const struct inode *to, const char *newname, unsigned flags)
{
	struct inode *moved = fs_hold(fs, from, name);
	struct inode *there = fs_hold(fs, to, newname);

	if (syscall(SYS_renameat2, from->fd, name, to->fd, newname, flags) ==
	    -1) {
		int r = errno;

		fs_settle(fs, moved, from, name);
		fs_settle(fs, there, to, newname);
		return r;
	}
	fs_settle(fs, there, flags & RENAME_EXCHANGE ? from : NULL, name);
	fs_settle(fs, moved, to, newname);
	return 0;
}

void
fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
    fuse_ino_t newparent, const char *newname, unsigned flags)
{
	struct fs *fs = fs_of(req);
	struct inode *from, *to;
	int r;

	if (fs_failed(req, fs_change(fs, parent, name, &from)))
		return;
	if ((r = fs_change(fs, newparent, newname, &to)) == 0) {
		r = name_rename(fs, from, name, to, newname, flags);
		inode_put(&fs->inodes, to);
	}
	inode_put(&fs->inodes, from);
	fuse_reply_err(req, r);
}
