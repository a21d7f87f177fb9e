/* SPDX-License-Identifier: ISC */
/*
 * A port on a byte stream: messages arrive in pieces or glued together and
 * leave in one sendmsg() per batch; the kernel may take any part of it.
 */
#include <errno.h>
#include <sys/socket.h>

#include "base/nosignal.h"
#include "relay/port_own.h"

/* So many reads in one turn of the loop; then other descriptors are served. */
#define STREAM_READS 4

static struct port_stream *
stream_of(struct port *p)
{
	return (struct port_stream *)(void *)p;
}

static int
stream_init(struct port *p, const struct port_conf *c)
{
	return frame_init(&stream_of(p)->frame, c->min, c->max);
}

static void
stream_fini(struct port *p)
{
	frame_fini(&stream_of(p)->frame);
}

static void
stream_hand_up(struct port *p)
{
	struct frame *f = &stream_of(p)->frame;
	struct frame_msg m;
	int r = 1;

	while (!p->paused && (r = frame_next(f, &m)) == 1)
		port_hand_up(p, &m);
	p->left = r == 1;
	p->ev->batch_end(p->arg);
	if (r < 0)
		port_closed(p, r);
}

static void
stream_fill(struct port *p)
{
	struct frame *f = &stream_of(p)->frame;
	size_t room;
	uint8_t *to;
	ssize_t n;
	int i;

	if (p->left)
		stream_hand_up(p);
	for (i = 0; i < STREAM_READS && !p->paused && !p->left && !p->dead;
	     i++) {
		if ((to = frame_room(f, &room)) == NULL) {
			port_closed(p, E_NOMEM);
			return;
		}
		n = recv(p->fd, to, room, MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && !p->ending &&
		    (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n == 0 ||
		    (n == -1 && (p->ending || errno == ECONNRESET))) {
			port_closed(p, E_EOF);
			return;
		}
		if (n == -1) {
			port_read_failed(p, errno);
			return;
		}
		if (p->ev->chunk != NULL)
			p->ev->chunk(p->arg, f->stats.bytes, (size_t)n);
		p->stats.read += (uint64_t)n;
		frame_commit(f, (size_t)n);
		stream_hand_up(p);
		if ((size_t)n < room)
			return;
	}
}

static int
stream_send(struct port *p, struct iovec *iov, size_t n, size_t *sent,
    size_t *part)
{
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = n };
	ssize_t done;
	size_t left;

	*sent = 0;
	do
		done = sendmsg(p->fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (done == -1 && errno == EINTR);
	if (done == -1) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return E_AGAIN;
		if (errno == ENOBUFS || errno == ENOMEM)
			return E_NOMEM;
		return errno == EPIPE || errno == ECONNRESET ? E_EOF : E_SYS;
	}
	for (left = (size_t)done; *sent < n; (*sent)++) {
		if (left < iov[*sent].iov_len)
			break;
		left -= iov[*sent].iov_len;
	}
	*part = left;
	return *sent == n ? E_OK : E_AGAIN;
}

static void
stream_where(const struct port *p, struct port_where *w)
{
	const struct frame *f = &((const struct port_stream *)p)->frame;

	w->offset = f->offset;
	/* (Whole messages that were read are no unfinished one.) */
	if (p->left)
		return;
	w->start = frame_waiting(f);
	w->start.len = frame_partial(f, &w->len);
}

const struct port_ops port_stream_ops = { .size = sizeof(struct port_stream),
	.init = stream_init,
	.fini = stream_fini,
	.fill = stream_fill,
	.send = stream_send,
	.where = stream_where };
