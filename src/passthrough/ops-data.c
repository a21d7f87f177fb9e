/* SPDX-License-Identifier: ISC */
/*
 * What is in the file.  Every operation works on the descriptor of the
 * handle that it was given.  Reads go through one buffer per thread, so
 * that no request allocates.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/msgbuf.h"
#include "passthrough/fs.h"

/* No reply to a read can be larger: 256 pages, and as libfuse receives. */
#define READ_MAX (1u << 20)

/* A reply to WRITE or COPY_FILE_RANGE counts in 32 bits. */
#define COPY_MAX (INT_MAX & ~0xfffff)

static pthread_once_t read_once = PTHREAD_ONCE_INIT;
static pthread_key_t read_key;
static int read_has_key;

static void
read_key_make(void)
{
	read_has_key = pthread_key_create(&read_key, msgbuf_free) == 0;
}

/* This thread's buffer of READ_MAX bytes, freed when the thread ends; NULL
 * where that can't be had. */
static void *
read_buffer(void)
{
	static _Thread_local void *buf;

	if (buf == NULL) {
		pthread_once(&read_once, read_key_make);
		if (read_has_key && (buf = msgbuf_new(READ_MAX)) != NULL)
			pthread_setspecific(read_key, buf);
	}
	return buf;
}

void
fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	void *buf = read_buffer();
	struct handle *h;
	ssize_t n = 0;
	int r;

	if (buf == NULL) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_READ, &h);
	if (r == 0) {
		n = pread(h->fd, buf, size < READ_MAX ? size : READ_MAX, off);
		if (n == -1)
			r = errno;
		handle_put(&fs->handles, h);
	}
	if (!fs_failed(req, r))
		fuse_reply_buf(req, buf, (size_t)n);
}

/*
 * Is the write an append?  The client may switch O_APPEND by fcntl(), so the
 * flags that come with each write count; if they lack the access mode they
 * are none, and those of the open do.  Pages of a mapping always have their
 * place.
 */
static int
write_appends(const struct fs *fs, const struct handle *h,
    const struct fuse_file_info *fi)
{
	int flags = h->flags;

	if (fi->writepage || fs->writeback)
		return 0;
	if ((fi->flags & O_ACCMODE) == (flags & O_ACCMODE))
		flags = fi->flags;
	return (flags & O_APPEND) != 0;
}

void
fs_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
    off_t off, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct iovec iov = { (void *)(uintptr_t)buf, size };
	struct handle *h;
	ssize_t n = 0;
	int r;

	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_WRITE, &h);
	if (r == 0) {
		fs_setid_drop(req);
		n = pwritev2(h->fd, &iov, 1, off,
		    write_appends(fs, h, fi) ? RWF_APPEND : 0);
		if (n == -1)
			r = errno;
		handle_put(&fs->handles, h);
	}
	if (!fs_failed(req, r))
		fuse_reply_write(req, (size_t)n);
}

void
fs_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off, off_t len,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct handle *h;
	int r;

	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_WRITE, &h);
	if (r == 0) {
		fs_setid_drop(req);
		if (fallocate(h->fd, mode, off, len) == -1)
			r = errno;
		handle_put(&fs->handles, h);
	}
	fuse_reply_err(req, r);
}

void
fs_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct handle *h;
	off_t at = 0;
	int r;

	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_ANY, &h);
	if (r == 0) {
		if ((at = lseek(h->fd, off, whence)) == -1)
			r = errno;
		handle_put(&fs->handles, h);
	}
	if (!fs_failed(req, r))
		fuse_reply_lseek(req, at);
}

void
fs_copy_file_range(fuse_req_t req, fuse_ino_t ino_in, off_t off_in,
    struct fuse_file_info *fi_in, fuse_ino_t ino_out, off_t off_out,
    struct fuse_file_info *fi_out, size_t len, int flags)
{
	struct fs *fs = fs_of(req);
	struct handle *in, *out;
	ssize_t n = 0;
	int r;

	if (len > COPY_MAX)
		len = COPY_MAX;
	r = handle_get(&fs->handles, fi_in->fh, ino_in, HANDLE_READ, &in);
	if (fs_failed(req, r))
		return;
	r = handle_get(&fs->handles, fi_out->fh, ino_out, HANDLE_WRITE, &out);
	if (r == 0) {
		fs_setid_drop(req);
		n = copy_file_range(in->fd, &off_in, out->fd, &off_out, len,
		    (unsigned)flags);
		if (n == -1)
			r = errno;
		handle_put(&fs->handles, out);
	}
	handle_put(&fs->handles, in);
	if (!fs_failed(req, r))
		fuse_reply_write(req, (size_t)n);
}
