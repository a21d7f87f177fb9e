/* SPDX-License-Identifier: ISC */
/* Locks, see lock.h. */
#include <errno.h>
#include <sys/file.h>

#include "passthrough/fs.h"

/* A lock needs the access that it protects. */
static enum handle_use
lock_use(const struct flock *record)
{
	if (record->l_type == F_RDLCK)
		return HANDLE_READ;
	return record->l_type == F_WRLCK ? HANDLE_WRITE : HANDLE_ANY;
}

static int
lock_owner_of(struct fs *fs, fuse_ino_t ino, const struct fuse_file_info *fi,
    enum handle_use use, pid_t pid, struct lock_owner **o)
{
	struct handle *h;
	int r;

	r = handle_get(&fs->handles, fi->fh, ino, use, &h);
	if (r != 0)
		return r;
	r = lock_owner_get(&fs->locks, fs->proc_fd, h, fi->lock_owner, pid, o);
	handle_put(&fs->handles, h);
	return r;
}

void
fs_getlk(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
    struct flock *record)
{
	struct fs *fs = fs_of(req);
	struct lock_owner *o;
	int r;

	r = lock_owner_of(fs, ino, fi, HANDLE_ANY, record->l_pid, &o);
	if (r == 0) {
		record->l_pid = 0;
		if (fcntl(o->fd, F_OFD_GETLK, record) == -1)
			r = errno;
		else if (record->l_type != F_UNLCK)
			record->l_pid = lock_holder(&fs->locks, o, record);
		lock_owner_put(&fs->locks, o);
	}
	if (!fs_failed(req, r))
		fuse_reply_lock(req, record);
}

void
fs_setlk(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
    struct flock *record, int sleep)
{
	struct fs *fs = fs_of(req);
	struct lock_try try = { .record = *record };
	int r;

	r = lock_owner_of(fs, ino, fi, lock_use(record), record->l_pid,
	    &try.owner);
	if (fs_failed(req, r))
		return;
	try.fd = try.owner->fd;
	try.record.l_pid = 0;
	lock_request(&fs->locks, req, &try, sleep);
}

void
fs_flock(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, int op)
{
	struct fs *fs = fs_of(req);
	struct lock_try try = { .flock_op = op & ~LOCK_NB };
	int r;

	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_ANY, &try.handle);
	if (fs_failed(req, r))
		return;
	try.fd = try.handle->fd;
	lock_request(&fs->locks, req, &try, (op & LOCK_NB) == 0);
}
