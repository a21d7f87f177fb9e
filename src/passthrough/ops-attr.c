/* SPDX-License-Identifier: ISC */
/* Operations on attributes. */
#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "passthrough/fs.h"

void
fs_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct handle *h = NULL;
	struct inode *in;
	struct stat st;
	int r;

	if (fi != NULL) {
		r = handle_get(&fs->handles, fi->fh, ino, HANDLE_ANY, &h);
		if (r == 0) {
			r = fstat(h->fd, &st) == -1 ? errno : 0;
			handle_put(&fs->handles, h);
		}
	} else if ((r = inode_get(&fs->inodes, ino, &in)) == 0) {
		r = fstatat(in->fd, "", &st, AT_EMPTY_PATH) == -1 ? errno : 0;
		inode_put(&fs->inodes, in);
	}
	if (!fs_failed(req, r))
		fuse_reply_attr(req, &st, fs_attr_timeout(fs, &st));
}

/* Through the handle if there is one (h), else by the node. */
static int
attr_set_mode(struct fs *fs, const struct inode *in, const struct handle *h,
    mode_t mode)
{
	int r;

	if (h != NULL)
		r = fchmod(h->fd, mode);
	else
		r = fchmodat(fs->proc_fd, fs_path(in->fd).s, mode, 0);
	return r == -1 ? errno : 0;
}

static int
attr_set_owner(const struct inode *in, const struct handle *h,
    const struct stat *attr, int set)
{
	uid_t uid = set & FUSE_SET_ATTR_UID ? attr->st_uid : (uid_t)-1;
	gid_t gid = set & FUSE_SET_ATTR_GID ? attr->st_gid : (gid_t)-1;
	int r;

	if (h != NULL)
		r = fchown(h->fd, uid, gid);
	else
		r = fchownat(in->fd, "", uid, gid, AT_EMPTY_PATH);
	return r == -1 ? errno : 0;
}

/* truncate() follows the magic link to the file: no descriptor is opened. */
static int
attr_set_size(const struct inode *in, const struct handle *h, off_t size)
{
	int r;

	if (h != NULL)
		r = ftruncate(h->fd, size);
	else if (in->type != S_IFREG)
		return in->type == S_IFDIR ? EISDIR : EINVAL;
	else
		r = truncate(fs_path(in->fd).s, size);
	return r == -1 ? errno : 0;
}

static int
attr_set_times(struct fs *fs, const struct inode *in, const struct handle *h,
    const struct stat *attr, int set)
{
	struct timespec tv[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
	int r;

	if (set & FUSE_SET_ATTR_ATIME_NOW)
		tv[0].tv_nsec = UTIME_NOW;
	else if (set & FUSE_SET_ATTR_ATIME)
		tv[0] = attr->st_atim;
	if (set & FUSE_SET_ATTR_MTIME_NOW)
		tv[1].tv_nsec = UTIME_NOW;
	else if (set & FUSE_SET_ATTR_MTIME)
		tv[1] = attr->st_mtim;
	if (h != NULL)
		r = futimens(h->fd, tv);
	else
		r = utimensat(fs->proc_fd, fs_path(in->fd).s, tv, 0);
	return r == -1 ? errno : 0;
}

/*
 * The owner first: a change of owner clears the set-id bits, and a mode
 * that comes with it says which of them the kernel wants to see.
 */
static int
attr_set(fuse_req_t req, const struct inode *in, const struct handle *h,
    const struct stat *attr, int set)
{
	struct fs *fs = fs_of(req);
	int r = 0;

	if (set & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID))
		r = attr_set_owner(in, h, attr, set);
	if (r == 0 && (set & FUSE_SET_ATTR_SIZE)) {
		fs_setid_drop(req);
		r = attr_set_size(in, h, attr->st_size);
	}
	fs_setid_keep(req);
	if (r == 0 && (set & FUSE_SET_ATTR_MODE))
		r = attr_set_mode(fs, in, h, attr->st_mode & 07777);
	if (r == 0 &&
	    (set &
		(FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME |
		    FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW)))
		r = attr_set_times(fs, in, h, attr, set);
	return r;
}

void
fs_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int set,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	enum handle_use use;
	struct handle *h = NULL;
	struct inode *in;
	struct stat st;
	int r;

	if ((r = fs_check_write(fs)) != 0 ||
	    (r = inode_get(&fs->inodes, ino, &in)) != 0) {
		fuse_reply_err(req, r);
		return;
	}
	if (fi != NULL) {
		use = set & FUSE_SET_ATTR_SIZE ? HANDLE_WRITE : HANDLE_ANY;
		r = handle_get(&fs->handles, fi->fh, ino, use, &h);
	}
	if (r == 0)
		r = attr_set(req, in, h, attr, set);
	if (r == 0 && fstatat(in->fd, "", &st, AT_EMPTY_PATH) == -1)
		r = errno;
	if (h != NULL)
		handle_put(&fs->handles, h);
	inode_put(&fs->inodes, in);
	if (!fs_failed(req, r))
		fuse_reply_attr(req, &st, fs_attr_timeout(fs, &st));
}

void
fs_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	struct fs *fs = fs_of(req);
	struct inode *in;
	int r;

	if ((r = inode_get(&fs->inodes, ino, &in)) == 0) {
		if (faccessat(fs->proc_fd, fs_path(in->fd).s,
			mask & (R_OK | W_OK | X_OK), 0) == -1)
			r = errno;
		inode_put(&fs->inodes, in);
	}
	if (r == 0 && (mask & W_OK) != 0)
		r = fs_check_write(fs);
	fuse_reply_err(req, r);
}

void
fs_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct fs *fs = fs_of(req);
	struct inode *in;
	struct statvfs sv;
	int r;

	if ((r = inode_get(&fs->inodes, ino, &in)) == 0) {
		if (fstatvfs(in->fd, &sv) == -1)
			r = errno;
		inode_put(&fs->inodes, in);
	}
	if (!fs_failed(req, r))
		fuse_reply_statfs(req, &sv);
}
