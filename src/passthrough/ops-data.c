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
#include <stdlib.h>
#include <unistd.h>

#include "passthrough/fs.h"

/* No reply to a read can be larger: 256 pages, and as libfuse receives. */
#define READ_MAX (1u << 20)

/* A reply to WRITE or COPY_FILE_RANGE counts in 32 bits. */
#define COPY_MAX (INT_MAX & ~0xfffff)

static pthread_once_t read_once = PTHREAD_ONCE_INIT;
static pthread_key_t read_key;

static void
read_key_make(void)
{
	if (pthread_key_create(&read_key, free) != 0)
		abort();
}

/* This thread's buffer of READ_MAX bytes, freed when the thread ends. */
static void *
read_buffer(void)
{
	static _Thread_local void *buf;

	if (buf == NULL) {
		pthread_once(&read_once, read_key_make);
		if (posix_memalign(&buf, 4096, READ_MAX) != 0)
			buf = NULL;
		else
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
	if (r != 0)
		fuse_reply_err(req, r);
	else
		fuse_reply_buf(req, buf, (size_t)n);
}

/*
 * The client may have switched O_APPEND by fcntl(); the kernel tells with
 * each write.  Flags without the access mode of a write are no flags.
 */
static int
write_sync_flags(struct handle *h, int flags)
{
	int have = atomic_load(&h->flags), now;

	if ((flags & O_ACCMODE) != (have & O_ACCMODE) ||
	    ((flags ^ have) & O_APPEND) == 0)
		return 0;
	if ((now = fcntl(h->fd, F_GETFL)) == -1)
		return errno;
	now = (now & ~O_APPEND) | (flags & O_APPEND);
	if (fcntl(h->fd, F_SETFL, now) == -1)
		return errno;
	atomic_store(&h->flags, (have & ~O_APPEND) | (flags & O_APPEND));
	return 0;
}

void
fs_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
    off_t off, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct handle *h;
	mode_t before;
	ssize_t n = 0;
	int r;

	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_WRITE, &h);
	if (r == 0) {
		if (!fs->writeback)
			r = write_sync_flags(h, fi->flags);
		before = fs_data_begin(req, h->fd);
		if (r == 0 && (n = pwrite(h->fd, buf, size, off)) == -1)
			r = errno;
		fs_data_end(req, ino, h->fd, before);
		handle_put(&fs->handles, h);
	}
	if (r != 0)
		fuse_reply_err(req, r);
	else
		fuse_reply_write(req, (size_t)n);
}

void
fs_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off, off_t len,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct handle *h;
	mode_t before;
	int r;

	r = handle_get(&fs->handles, fi->fh, ino, HANDLE_WRITE, &h);
	if (r == 0) {
		before = fs_data_begin(req, h->fd);
		if (fallocate(h->fd, mode, off, len) == -1)
			r = errno;
		fs_data_end(req, ino, h->fd, before);
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
	if (r != 0)
		fuse_reply_err(req, r);
	else
		fuse_reply_lseek(req, at);
}

void
fs_copy_file_range(fuse_req_t req, fuse_ino_t ino_in, off_t off_in,
    struct fuse_file_info *fi_in, fuse_ino_t ino_out, off_t off_out,
    struct fuse_file_info *fi_out, size_t len, int flags)
{
	struct fs *fs = fs_of(req);
	struct handle *in, *out;
	mode_t before;
	ssize_t n = 0;
	int r;

	if (len > COPY_MAX)
		len = COPY_MAX;
	r = handle_get(&fs->handles, fi_in->fh, ino_in, HANDLE_READ, &in);
	if (r != 0) {
		fuse_reply_err(req, r);
		return;
	}
	r = handle_get(&fs->handles, fi_out->fh, ino_out, HANDLE_WRITE, &out);
	if (r == 0) {
		before = fs_data_begin(req, out->fd);
		n = copy_file_range(in->fd, &off_in, out->fd, &off_out, len,
		    (unsigned)flags);
		if (n == -1)
			r = errno;
		fs_data_end(req, ino_out, out->fd, before);
		handle_put(&fs->handles, out);
	}
	handle_put(&fs->handles, in);
	if (r != 0)
		fuse_reply_err(req, r);
	else
		fuse_reply_write(req, (size_t)n);
}
