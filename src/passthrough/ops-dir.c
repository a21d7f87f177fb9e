/* SPDX-License-Identifier: ISC */
/*
 * Directories.  Offsets are the source's own and opaque; offset 0 rewinds.
 * A handle is read by one request at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "passthrough/fs.h"

/* No reply to a READDIR is larger. */
#define DIR_REPLY_MAX (1u << 20)

void
fs_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct inode *in;
	DIR *stream = NULL;
	uint64_t id;
	int fd, r;

	if ((r = inode_get(&fs->inodes, ino, &in)) != 0) {
		fuse_reply_err(req, r);
		return;
	}
	do {
		fd = openat(in->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	} while (fd == -1 && fs_spares(fs, errno));
	if (fd == -1 || (stream = fdopendir(fd)) == NULL) {
		r = errno;
		file_close(&fd);
	}
	inode_put(&fs->inodes, in);
	if (r == 0 &&
	    (r = handle_open_dir(&fs->handles, stream, ino, &id)) != 0)
		closedir(stream);
	if (fs_failed(req, r))
		return;
	fi->keep_cache = fi->cache_readdir = fs->opt->cache == CACHE_ALWAYS;
	fs_reply_open(req, fi, id, ino, NULL);
}

/* A reply under construction. */
struct listing {
	fuse_req_t req;
	struct fs *fs;
	const struct inode *dir;
	char *buf; /* owned */
	size_t size, used;
	int plus; /* with attributes and references */
	int refs; /* of them so far */
};

/* The attributes that a directory entry alone tells. */
static void
listing_plain(const struct dirent *d, struct fuse_entry_param *e)
{
	memset(e, 0, sizeof(*e));
	e->attr.st_ino = d->d_ino;
	e->attr.st_mode = (mode_t)d->d_type << 12;
}

static int
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/*
 * Adds one entry.  1: added, or nothing to show; 0: no room.  An entry
 * that cannot be looked up is shown without attributes: the client asks
 * for itself and sees the error.
 */
static int
listing_add(struct listing *l, const struct dirent *d)
{
	struct fuse_entry_param e;
	size_t room = l->size - l->used, n;
	int r;

	listing_plain(d, &e);
	if (!l->plus) {
		n = fuse_add_direntry(l->req, l->buf + l->used, room,
		    d->d_name, &e.attr, d->d_off);
	} else {
		if (!is_dot(d->d_name)) {
			r = fs_look(l->fs, l->dir, d->d_name, &e);
			if (r == ENOENT)
				return 1;
			if (r != 0)
				listing_plain(d, &e);
		}
		n = fuse_add_direntry_plus(l->req, l->buf + l->used, room,
		    d->d_name, &e, d->d_off);
		if (n > room)
			fs_unlook(l->fs, &e);
	}
	if (n > room)
		return 0;
	l->used += n;
	l->refs += e.ino != 0;
	return 1;
}

/* Brings the stream to where the client wants to go on. */
static void
listing_seek(struct handle_dir *d, off_t off)
{
	if (off == d->offset && off != 0)
		return;
	if (off == 0)
		rewinddir(d->stream);
	else
		seekdir(d->stream, off);
	d->next = NULL;
	d->offset = off;
}

static int
listing_fill(struct listing *l, struct handle_dir *d)
{
	for (;;) {
		if (d->next == NULL) {
			errno = 0;
			if ((d->next = readdir(d->stream)) == NULL)
				/* What is there goes out, errors come again. */
				return l->used > 0 ? 0 : errno;
		}
		if (!listing_add(l, d->next))
			return l->used > 0 ? 0 : EINVAL;
		d->offset = d->next->d_off;
		d->next = NULL;
	}
}

/* Takes back the references of a reply that could not be sent. */
static void
listing_undo(const struct listing *l)
{
	struct fuse_direntplus d;
	size_t at;

	for (at = 0; at < l->used; at += FUSE_DIRENTPLUS_SIZE(&d)) {
		memcpy(&d, l->buf + at, FUSE_NAME_OFFSET_DIRENTPLUS);
		if (d.entry_out.nodeid != 0)
			inode_forget(&l->fs->inodes, d.entry_out.nodeid, 1);
	}
}

static void
dir_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi, int plus)
{
	struct fs *fs = fs_of(req);
	struct listing l = { .req = req, .fs = fs, .plus = plus };
	struct inode *in = NULL;
	struct handle *h = NULL;
	int r;

	l.size = size < DIR_REPLY_MAX ? size : DIR_REPLY_MAX;
	if ((l.buf = malloc(l.size)) == NULL) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	if ((r = handle_get(&fs->handles, fi->fh, ino, HANDLE_DIR, &h)) == 0 &&
	    (r = inode_get(&fs->inodes, ino, &in)) == 0) {
		l.dir = in;
		pthread_mutex_lock(&h->dir->lock);
		listing_seek(h->dir, off);
		r = listing_fill(&l, h->dir);
		pthread_mutex_unlock(&h->dir->lock);
		inode_put(&fs->inodes, in);
	}
	if (h != NULL)
		handle_put(&fs->handles, h);
	if (r != 0)
		fuse_reply_err(req, r);
	else if (fuse_reply_buf(req, l.buf, l.used) == 0)
		atomic_fetch_add(&fs->refs_sent, l.refs);
	else if (plus)
		listing_undo(&l);
	free(l.buf);
}

void
fs_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi)
{
	dir_read(req, ino, size, off, fi, 0);
}

void
fs_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi)
{
	dir_read(req, ino, size, off, fi, 1);
}

void
fs_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	fs_release(req, ino, fi);
}

void
fs_fsyncdir(fuse_req_t req, fuse_ino_t ino, int datasync,
    struct fuse_file_info *fi)
{
	fs_fsync(req, ino, datasync, fi);
}
