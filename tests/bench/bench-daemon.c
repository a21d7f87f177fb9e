/* SPDX-License-Identifier: ISC */
/*
 * The cheapest possible FUSE daemon, to measure what lies in front of it.
 *
 *	bench-daemon A /dev/fd/N [SHIFT]    patched: N is a byte stream
 *	bench-daemon U /dev/fd/N [SHIFT]    unpatched: one read, one message
 *
 * A does what file systems are patched to do today: look at the length
 * word with MSG_PEEK, then read exactly one message, in a loop until it is
 * whole.  U reads into a big buffer and takes what came as one message, as
 * every stock library does.  Both answer with one writev() per reply and
 * touch no file data.  Their buffers begin SHIFT bytes into a page, by default
 * where no processor copies slowly (base/msgbuf.h); malloc() makes it 16.
 */
#include <errno.h>
#include <linux/fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/msgbuf.h"

#define DATA_MAX (1024u * 1024)
#define MESSAGE_MAX (DATA_MAX + 4096u)

struct daemon {
	int fd;
	int stream;    /* A: fd is a byte stream */
	uint8_t *in;   /* MESSAGE_MAX bytes */
	uint8_t *data; /* DATA_MAX bytes, what READ answers */
};

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "bench-daemon: %s: %s\n", what, strerror(errno));
	exit(1);
}

static ssize_t
read_retry(int fd, void *p, size_t n)
{
	ssize_t got;

	do {
		got = read(fd, p, n);
	} while (got == -1 && errno == EINTR);
	return got;
}

/* One whole message off the stream: its length, 0 at the end. */
static size_t
read_stream(struct daemon *d)
{
	uint32_t len;
	size_t have;
	ssize_t n;

	n = recv(d->fd, &len, sizeof(len), MSG_PEEK | MSG_WAITALL);
	if (n == 0)
		return 0;
	if (n != sizeof(len))
		die("peek");
	if (len < sizeof(struct fuse_in_header) || len > MESSAGE_MAX) {
		errno = EPROTO;
		die("length");
	}
	for (have = 0; have < len; have += (size_t)n) {
		n = read_retry(d->fd, d->in + have, len - have);
		if (n <= 0)
			die("read");
	}
	return len;
}

/* What one read brings; it has to be a whole message. */
static size_t
read_message(struct daemon *d)
{
	uint32_t len;
	ssize_t n;

	n = read_retry(d->fd, d->in, MESSAGE_MAX);
	if (n == 0 || (n == -1 && errno == ENODEV))
		return 0;
	if (n < (ssize_t)sizeof(struct fuse_in_header))
		die("read");
	memcpy(&len, d->in, sizeof(len));
	if (len != (size_t)n) {
		fprintf(stderr,
		    "bench-daemon: short read of a request "
		    "(%zd < %u)\n",
		    n, (unsigned)len);
		exit(1);
	}
	return len;
}

static void
reply(struct daemon *d, const struct fuse_in_header *h, int error, void *body,
    size_t len)
{
	struct fuse_out_header out = { .len = (uint32_t)(sizeof(out) + len),
		.error = -error,
		.unique = h->unique };
	struct iovec iov[2] = { { &out, sizeof(out) }, { body, len } };
	ssize_t n;
	size_t skip;

	for (;;) {
		n = writev(d->fd, iov, 2);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			die("write");
		if ((size_t)n == iov[0].iov_len + iov[1].iov_len)
			return;
		/* A stream may take a part of it. */
		skip = (size_t)n < iov[0].iov_len ? (size_t)n : iov[0].iov_len;
		iov[0].iov_base = (uint8_t *)iov[0].iov_base + skip;
		iov[0].iov_len -= skip;
		skip = (size_t)n - skip;
		iov[1].iov_base = (uint8_t *)iov[1].iov_base + skip;
		iov[1].iov_len -= skip;
	}
}

static void
fill_attr(struct fuse_attr *a, uint64_t ino, uint32_t mode)
{
	memset(a, 0, sizeof(*a));
	a->ino = ino;
	a->mode = mode;
	a->nlink = 1;
	a->size = DATA_MAX;
	a->blksize = 4096;
}

static void
reply_init(struct daemon *d, const struct fuse_in_header *h, const void *arg)
{
	const struct fuse_init_in *in = arg;
	struct fuse_init_out out;

	memset(&out, 0, sizeof(out));
	out.major = FUSE_KERNEL_VERSION;
	out.minor = in->minor < FUSE_KERNEL_MINOR_VERSION ?
	    in->minor :
	    FUSE_KERNEL_MINOR_VERSION;
	out.max_readahead = in->max_readahead;
	out.flags = in->flags &
	    (FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_MAX_PAGES);
	out.max_background = 64;
	out.congestion_threshold = 48;
	out.max_write = DATA_MAX;
	out.max_pages = DATA_MAX / 4096;
	out.time_gran = 1;
	reply(d, h, 0, &out, sizeof(out));
}

/* 0 when the session is over. */
static int
serve(struct daemon *d, size_t len)
{
	const struct fuse_in_header *h = (void *)d->in;
	const void *arg = d->in + sizeof(*h);
	struct fuse_entry_out entry;
	struct fuse_attr_out attr;
	struct fuse_write_out written;
	const struct fuse_read_in *rd = arg;
	const struct fuse_write_in *wr = arg;

	switch (h->opcode) {
	case FUSE_INIT:
		reply_init(d, h, arg);
		break;
	case FUSE_LOOKUP:
		memset(&entry, 0, sizeof(entry));
		entry.nodeid = 2;
		entry.generation = 1;
		fill_attr(&entry.attr, 2, S_IFREG | 0644);
		reply(d, h, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		memset(&attr, 0, sizeof(attr));
		fill_attr(&attr.attr, h->nodeid,
		    h->nodeid == FUSE_ROOT_ID ? S_IFDIR | 0755 :
						S_IFREG | 0644);
		reply(d, h, 0, &attr, sizeof(attr));
		break;
	case FUSE_READ:
		if (rd->size > DATA_MAX) {
			reply(d, h, EINVAL, NULL, 0);
			break;
		}
		reply(d, h, 0, d->data, rd->size);
		break;
	case FUSE_WRITE:
		written.size = wr->size;
		written.padding = 0;
		if (len != sizeof(*h) + sizeof(*wr) + wr->size) {
			reply(d, h, EIO, NULL, 0);
			break;
		}
		reply(d, h, 0, &written, sizeof(written));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_DESTROY:
		reply(d, h, 0, NULL, 0);
		return 0;
	default:
		reply(d, h, ENOSYS, NULL, 0);
	}
	return 1;
}

static uint8_t *
buffer(size_t size, unsigned shift, int fill)
{
	void *p;

	if (posix_memalign(&p, MSGBUF_PAGE, size + shift) != 0) {
		errno = ENOMEM;
		die("buffer");
	}
	memset(p, fill, size + shift);
	return (uint8_t *)p + shift;
}

int
main(int argc, char **argv)
{
	struct daemon d;
	unsigned shift = MSGBUF_SHIFT;
	size_t len;

	if ((argc != 3 && argc != 4) ||
	    (strcmp(argv[1], "A") != 0 && strcmp(argv[1], "U") != 0) ||
	    sscanf(argv[2], "/dev/fd/%d", &d.fd) != 1 ||
	    (argc == 4 &&
		(sscanf(argv[3], "%u", &shift) != 1 ||
		    shift >= MSGBUF_PAGE))) {
		fprintf(stderr, "usage: bench-daemon A|U /dev/fd/N [SHIFT]\n");
		return 2;
	}
	d.stream = argv[1][0] == 'A';
	d.in = buffer(MESSAGE_MAX, shift, 0);
	d.data = buffer(DATA_MAX, shift, 'r');
	do {
		len = d.stream ? read_stream(&d) : read_message(&d);
	} while (len > 0 && serve(&d, len));
	return 0;
}
