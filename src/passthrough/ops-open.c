/* SPDX-License-Identifier: ISC */
/* The life of a file handle: open, create, flush, fsync, release. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "passthrough/fs.h"

/* For a name that comes and goes while a file of that name is to be made. */
#define CREATE_TRIES 16

/*
 * Flags of the client that its descriptor in the source gets too.  Not
 * among them: O_APPEND, which a write says for itself, since pages of a
 * mapping must not be appended; O_DIRECT, as buffers here are not aligned
 * for it; what only concerns the walk to the file, which has been done.
 */
#define OPEN_KEEP \
	(O_ACCMODE | O_TRUNC | O_DSYNC | O_SYNC | O_NOATIME | O_NONBLOCK)

static int
open_flags(const struct fs *fs, int flags)
{
	int keep = flags & OPEN_KEEP;

	/* The kernel reads for writes then. */
	if (fs->writeback && (keep & O_ACCMODE) == O_WRONLY)
		keep = (keep & ~O_ACCMODE) | O_RDWR;
	return keep;
}

/* What the handle remembers. */
static int
handle_flags(const struct fs *fs, int flags)
{
	return open_flags(fs, flags) | (flags & O_APPEND);
}

static int
open_check(const struct fs *fs, int flags)
{
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0)
		return fs_check_write(fs);
	return 0;
}

static void
open_caching(const struct fs *fs, struct fuse_file_info *fi)
{
	fi->direct_io = fs->opt->cache == CACHE_NEVER;
	fi->keep_cache = fs->opt->cache == CACHE_ALWAYS;
}

/* The file of a node, by its magic link; never a device or a pipe. */
static int
open_node(struct fs *fs, const struct inode *in, int flags, int *fd)
{
	*fd = -1;
	if (in->type != S_IFREG)
		return in->type == S_IFDIR ? EISDIR : ENXIO;
	do {
		*fd = openat(fs->proc_fd, fs_path(in->fd).s,
		    open_flags(fs, flags) | O_CLOEXEC);
	} while (*fd == -1 && fs_spares(fs, errno));
	/* An append-only file wants it from the beginning. */
	if (*fd == -1 && errno == EPERM && (flags & O_APPEND) != 0)
		*fd = openat(fs->proc_fd, fs_path(in->fd).s,
		    open_flags(fs, flags) | O_APPEND | O_CLOEXEC);
	return *fd == -1 ? errno : 0;
}

void
fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct inode *in;
	uint64_t id;
	int fd, r;

	if ((r = open_check(fs, fi->flags)) != 0 ||
	    (r = inode_get(&fs->inodes, ino, &in)) != 0) {
		fuse_reply_err(req, r);
		return;
	}
	if ((fi->flags & O_TRUNC) != 0)
		fs_setid_drop(req);
	r = open_node(fs, in, fi->flags, &fd);
	if (r == 0 &&
	    (r = handle_open(&fs->handles, fd, handle_flags(fs, fi->flags),
		 ino, &id)) != 0)
		close(fd);
	inode_put(&fs->inodes, in);
	if (fs_failed(req, r))
		return;
	open_caching(fs, fi);
	fs_reply_open(req, fi, id, ino, NULL);
}

/* A name that somebody else made first: open it, if it is a file. */
static int
create_open(struct fs *fs, const struct inode *dir, const char *name,
    int flags, int *fd, struct fuse_entry_param *e)
{
	struct inode *in;
	int r;

	if ((r = fs_look(fs, dir, name, e)) != 0)
		return r;
	if ((r = inode_get(&fs->inodes, e->ino, &in)) == 0) {
		if (in->type == S_IFLNK)
			r = ELOOP;
		else
			r = open_node(fs, in, flags, fd);
		inode_put(&fs->inodes, in);
	}
	/* The open may have changed what the look saw. */
	if (r == 0 && fstat(*fd, &e->attr) == -1) {
		r = errno;
		close(*fd);
	}
	e->attr_timeout = fs_attr_timeout(fs, &e->attr);
	if (r != 0)
		fs_unlook(fs, e);
	return r;
}

/* Makes the file and opens it in one step; *fd and *e are its two faces. */
static int
create_new(fuse_req_t req, const struct inode *dir, const char *name,
    mode_t mode, int flags, int *fd, struct fuse_entry_param *e)
{
	struct fs *fs = fs_of(req);
	struct cred c;
	int path_fd, r;

	if ((r = cred_make(&fs->cred, req, mode, fs->masks, &c)) != 0)
		return r;
	*fd = fs_beneath(fs, dir, name,
	    open_flags(fs, flags) | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
	r = *fd == -1 ? errno : 0;
	cred_end(&fs->cred, &c);
	if (r != 0)
		return r;
	do {
		path_fd = openat(fs->proc_fd, fs_path(*fd).s,
		    O_PATH | O_CLOEXEC);
	} while (path_fd == -1 && fs_spares(fs, errno));
	r = path_fd == -1 ? errno : fs_enter(fs, path_fd, dir, name, e);
	if (r != 0) {
		close(*fd);
		*fd = -1;
	}
	return r;
}

/*
 * The kernel asks for this where it saw no file, so it has checked none.  If
 * permissions are its to check, ESTALE has it look again and open the file
 * that it finds then.
 */
static int
create_any(fuse_req_t req, const struct inode *dir, const char *name,
    mode_t mode, int flags, int *fd, struct fuse_entry_param *e)
{
	struct fs *fs = fs_of(req);
	int tries = CREATE_TRIES, r;

	do {
		r = create_new(req, dir, name, mode, flags, fd, e);
		if (r != EEXIST || (flags & O_EXCL) != 0)
			return r;
		if (fs->opt->default_permissions)
			return ESTALE;
		fs_setid_drop(req);
		r = create_open(fs, dir, name, flags, fd, e);
	} while (r == ENOENT && --tries > 0);
	return r;
}

void
fs_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct fuse_entry_param e;
	struct inode *dir;
	uint64_t id;
	int fd, r;

	if (fs_failed(req, fs_change(fs, parent, name, &dir)))
		return;
	r = create_any(req, dir, name, mode, fi->flags, &fd, &e);
	inode_put(&fs->inodes, dir);
	if (r == 0 &&
	    (r = handle_open(&fs->handles, fd, handle_flags(fs, fi->flags),
		 e.ino, &id)) != 0) {
		close(fd);
		fs_unlook(fs, &e);
	}
	if (fs_failed(req, r))
		return;
	open_caching(fs, fi);
	fs_reply_open(req, fi, id, e.ino, &e);
}

/*
 * The client closed one of its descriptors: its record locks go.  Closing a
 * duplicate tells of late write errors and keeps the file open.
 */
void
fs_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct handle *h;
	int fd, r;

	lock_owner_drop(&fs->locks, ino, fi->lock_owner);
	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_ANY, &h);
	if (r == 0) {
		do {
			fd = fcntl(h->fd, F_DUPFD_CLOEXEC, 0);
		} while (fd == -1 && fs_spares(fs, errno));
		if (fd == -1 || close(fd) == -1)
			r = errno;
		handle_put(&fs->handles, h);
	}
	fuse_reply_err(req, r);
}

void
fs_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	int r;

	r = handle_release(&fs->handles, fi->fh, ino);
	if (r == 0)
		atomic_fetch_sub(&fs->opens_sent, 1);
	/* A flock may have gone with it. */
	lock_kick(&fs->locks);
	fuse_reply_err(req, r);
}

void
fs_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct handle *h;
	int r;

	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_ANY, &h);
	if (r == 0) {
		if ((datasync ? fdatasync(h->fd) : fsync(h->fd)) == -1)
			r = errno;
		handle_put(&fs->handles, h);
	}
	fuse_reply_err(req, r);
}
