/* SPDX-License-Identifier: ISC */
#include "load.h"

#include <errno.h>
#include <linux/fuse.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "base/msgbuf.h"

#define KIB 1024u
#define MIB (1024u * 1024)

#define IN_HEADER ((uint32_t)sizeof(struct fuse_in_header))
#define OUT_HEADER ((uint32_t)sizeof(struct fuse_out_header))
#define READ_HEAD (IN_HEADER + (uint32_t)sizeof(struct fuse_read_in))
#define WRITE_HEAD (IN_HEADER + (uint32_t)sizeof(struct fuse_write_in))
#define WRITE_REPLY (OUT_HEADER + (uint32_t)sizeof(struct fuse_write_out))

/* A LOOKUP of a name that makes the request 80 bytes, as a WRITE's head. */
#define SMALL_NAME 40u
#define SMALL (IN_HEADER + SMALL_NAME)
#define SMALL_REPLY (OUT_HEADER + (uint32_t)sizeof(struct fuse_entry_out))

/* The longest head of a request that has no file data. */
#define HEAD_MAX 128u

/* One read of the reply stream. */
#define READ_SIZE (1100u * KIB)

static const struct load_kind kinds[] = { { "small", FUSE_LOOKUP, 0, SMALL,
					      SMALL_REPLY },
	{ "w128k", FUSE_WRITE, 128 * KIB, WRITE_HEAD + 128 * KIB,
	    WRITE_REPLY },
	{ "w1M", FUSE_WRITE, MIB, WRITE_HEAD + MIB, WRITE_REPLY },
	{ "r128k", FUSE_READ, 128 * KIB, READ_HEAD, OUT_HEADER + 128 * KIB },
	{ "r1M", FUSE_READ, MIB, READ_HEAD, OUT_HEADER + MIB } };

const struct load_kind *
load_kind(size_t i)
{
	return i < sizeof(kinds) / sizeof(kinds[0]) ? &kinds[i] : NULL;
}

int
load_init(struct load *l, int fd)
{
	l->fd = fd;
	l->unique = 2;
	if ((l->data = msgbuf_new(READ_SIZE)) == NULL)
		return E_NOMEM;
	memset(l->data, 'w', READ_SIZE);
	return E_OK;
}

void
load_fini(struct load *l)
{
	msgbuf_free(l->data);
	l->data = NULL;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Write all of it; iov is used up. */
static int
send_all(int fd, struct iovec *iov, size_t count)
{
	struct msghdr mh;
	size_t n;
	ssize_t r;

	memset(&mh, 0, sizeof(mh));
	mh.msg_iov = iov;
	mh.msg_iovlen = count;
	while (mh.msg_iovlen > 0) {
		r = sendmsg(fd, &mh, MSG_NOSIGNAL);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return errno == EPIPE ? E_EOF : E_SYS;
		for (n = (size_t)r; mh.msg_iovlen > 0; mh.msg_iov++) {
			if (n < mh.msg_iov->iov_len) {
				mh.msg_iov->iov_base = (uint8_t *)mh.msg_iov
							   ->iov_base +
				    n;
				mh.msg_iov->iov_len -= n;
				break;
			}
			n -= mh.msg_iov->iov_len;
			mh.msg_iovlen--;
		}
	}
	return E_OK;
}

static int
recv_some(int fd, uint8_t *p, size_t cap, size_t *got)
{
	ssize_t r;

	*got = 0;
	do {
		r = recv(fd, p, cap, 0);
	} while (r == -1 && errno == EINTR);
	if (r == -1)
		return E_SYS;
	if (r == 0)
		return E_EOF;
	*got = (size_t)r;
	return E_OK;
}

static void
fill_header(struct fuse_in_header *h, uint32_t len, uint32_t opcode,
    uint64_t unique, uint64_t nodeid)
{
	memset(h, 0, sizeof(*h));
	h->len = len;
	h->opcode = opcode;
	h->unique = unique;
	h->nodeid = nodeid;
	h->pid = 1;
}

/* The head of a request: all of it but a WRITE's data.  Returns its length. */
static size_t
fill_head(uint8_t *p, const struct load_kind *k, uint64_t unique)
{
	struct fuse_in_header *h = (void *)p;
	struct fuse_read_in *rd = (void *)(h + 1);
	struct fuse_write_in *wr = (void *)(h + 1);

	fill_header(h, k->request, k->opcode, unique, 2);
	switch (k->opcode) {
	case FUSE_READ:
		memset(rd, 0, sizeof(*rd));
		rd->fh = 1;
		rd->size = k->data;
		return READ_HEAD;
	case FUSE_WRITE:
		memset(wr, 0, sizeof(*wr));
		wr->fh = 1;
		wr->size = k->data;
		return WRITE_HEAD;
	default:
		h->nodeid = FUSE_ROOT_ID;
		memset(h + 1, 'n', SMALL_NAME - 1);
		p[SMALL - 1] = '\0';
		return SMALL;
	}
}

/* Send n requests with as few system calls as they fit. */
static int
send_requests(struct load *l, const struct load_kind *k, unsigned n)
{
	_Alignas(8) uint8_t heads[LOAD_DEPTH_MAX][HEAD_MAX];
	struct iovec iov[2 * LOAD_DEPTH_MAX];
	size_t count = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		iov[count].iov_base = heads[i];
		iov[count].iov_len = fill_head(heads[i], k, l->unique);
		count++;
		if (k->opcode == FUSE_WRITE) {
			iov[count].iov_base = l->data;
			iov[count].iov_len = k->data;
			count++;
		}
		l->unique += 2;
	}
	return send_all(l->fd, iov, count);
}

/* The replies of one run as they come off the stream, in order. */
struct replies {
	const struct load_kind *kind;
	uint64_t unique; /* of the next one */
	uint64_t done;
	size_t at; /* bytes of it that are here */
	uint8_t header[sizeof(struct fuse_out_header)];
};

static int
reply_header_check(const struct replies *rp)
{
	struct fuse_out_header h;

	memcpy(&h, rp->header, sizeof(h));
	if (h.len != rp->kind->reply || h.error != 0 || h.unique != rp->unique)
		return E_PROTO;
	return E_OK;
}

static int
replies_take(struct replies *rp, const uint8_t *p, size_t n)
{
	size_t part;

	while (n > 0) {
		if (rp->at < OUT_HEADER) {
			part = OUT_HEADER - rp->at;
			if (part > n)
				part = n;
			memcpy(rp->header + rp->at, p, part);
			if (rp->at + part == OUT_HEADER &&
			    reply_header_check(rp) != E_OK)
				return E_PROTO;
		} else {
			part = rp->kind->reply - rp->at;
			if (part > n)
				part = n;
		}
		rp->at += part;
		p += part;
		n -= part;
		if (rp->at == rp->kind->reply) {
			rp->at = 0;
			rp->unique += 2;
			rp->done++;
		}
	}
	return E_OK;
}

int
load_run(struct load *l, const struct load_kind *k, unsigned depth,
    double warmup, double seconds, struct load_result *res)
{
	struct replies rp = { .kind = k, .unique = l->unique };
	double t, start = now() + warmup, first = 0, last = 0;
	uint64_t sent = depth, before = 0, counted = 0;
	size_t got;
	int r;

	memset(res, 0, sizeof(*res));
	if ((r = send_requests(l, k, depth)) != E_OK)
		return r;
	while (rp.done < sent) {
		if ((r = recv_some(l->fd, l->data, READ_SIZE, &got)) != E_OK)
			return r;
		if ((r = replies_take(&rp, l->data, got)) != E_OK)
			return r;
		if (sent - rp.done == depth)
			continue; /* a reply in pieces */
		t = now();
		if (first == 0 && t >= start) {
			first = t;
			before = rp.done;
		}
		if (last == 0 && first != 0 && t - first >= seconds) {
			last = t;
			counted = rp.done - before;
		}
		if (last != 0)
			continue;
		if ((r = send_requests(l, k,
			 (unsigned)(rp.done + depth - sent))) != E_OK)
			return r;
		sent = rp.done + depth;
	}
	res->messages = counted;
	res->seconds = last - first;
	res->all = rp.done;
	return E_OK;
}

int
load_handshake(struct load *l)
{
	struct {
		struct fuse_in_header h;
		struct fuse_init_in in;
	} request;
	struct {
		struct fuse_out_header h;
		struct fuse_init_out out;
	} reply;
	struct iovec iov = { &request, sizeof(request) };
	size_t have, got;
	int r;

	memset(&request, 0, sizeof(request));
	fill_header(&request.h, sizeof(request), FUSE_INIT, l->unique, 0);
	request.in.major = FUSE_KERNEL_VERSION;
	request.in.minor = FUSE_KERNEL_MINOR_VERSION;
	request.in.max_readahead = MIB;
	request.in.flags = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_MAX_PAGES;
	if ((r = send_all(l->fd, &iov, 1)) != E_OK)
		return r;
	for (have = 0; have < sizeof(reply); have += got) {
		r = recv_some(l->fd, (uint8_t *)&reply + have,
		    sizeof(reply) - have, &got);
		if (r != E_OK)
			return r;
	}
	if (reply.h.len != sizeof(reply) || reply.h.error != 0 ||
	    reply.h.unique != l->unique || reply.out.max_write < MIB)
		return E_PROTO;
	l->unique += 2;
	return E_OK;
}
