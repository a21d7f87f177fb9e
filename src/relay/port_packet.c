/* SPDX-License-Identifier: ISC */
/*
 * A port on a packet socket: one packet, one message.
 *
 * Small messages are read many at a time; when they grow large on average,
 * one at a time into the same (warm) buffer.  A packet that is shorter than
 * its own length word may begin a message that comes in pieces: a daemon
 * that splices its replies does that, pipe by pipe.  The pieces are put
 * together again.  If they never make a message, because the length word was
 * wrong, each packet is handed up as it came: a wrong length word spoils no
 * message but its own.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/msgbuf.h"
#include "relay/devpair.h"
#include "relay/packet_io.h"
#include "relay/port_own.h"

#define PACKET_SLOTS PACKET_IO_MAX
#define PACKET_BULK_READS 8
#define PACKET_LATE_MS 500 /* longest wait for the next piece */
#define LEN_WORD 4

_Static_assert(PORT_BATCH <= PACKET_IO_MAX, "a batch leaves in one call");

struct port_packet {
	struct port port;	      /* first member */
	struct port_scratch *scratch; /* borrowed */
	size_t mean;		      /* bytes of a message, running */
	size_t max;		      /* bytes of the largest that may come */
	/* A message in pieces: owned, NULL if none has begun; its length, the
	 * bytes that are here, those of the first piece. */
	uint8_t *part;
	size_t part_len, part_have, part_first;
	struct event *late; /* when its next piece should have come */
};

static struct port_packet *
packet_of(struct port *p)
{
	return (struct port_packet *)(void *)p;
}

/* Bytes of the mapping in which the slots are. */
static size_t
scratch_size(const struct port_scratch *s)
{
	return s->count * s->slot_size + MSGBUF_PAGE;
}

int
port_scratch_init(struct port_scratch *s)
{
	uint8_t *map;

	s->count = PACKET_SLOTS;
	s->slot_size = (DEVPAIR_CEILING + 8191) & ~(size_t)4095;
	s->touched = 0;
	s->slots = NULL;
	map = mmap(NULL, scratch_size(s), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return E_NOMEM;
	s->slots = map + MSGBUF_SHIFT;
	return E_OK;
}

void
port_scratch_fini(struct port_scratch *s)
{
	if (s->slots != NULL)
		munmap(s->slots - MSGBUF_SHIFT, scratch_size(s));
	s->slots = NULL;
}

/* Give back the pages of all slots but the first. */
static void
scratch_trim(struct port_scratch *s)
{
	if (s->touched == 0)
		return;
	madvise(s->slots + s->slot_size - MSGBUF_SHIFT + MSGBUF_PAGE,
	    (s->count - 1) * s->slot_size, MADV_DONTNEED);
	s->touched = 0;
}

/* An empty packet and the end of the connection both read as 0 bytes; after
 * an empty packet there may be more, whether the peer is still there or not. */
static int
packet_at_end(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int left = 0;

	return poll(&pfd, 1, 0) == 1 && (pfd.revents & (POLLHUP | POLLERR)) &&
	    ioctl(fd, FIONREAD, &left) == 0 && left == 0;
}

static uint32_t
packet_len_word(const uint8_t *data, size_t len)
{
	uint32_t word = 0;

	if (len >= LEN_WORD)
		memcpy(&word, data, sizeof(word));
	return word;
}

static void
packet_part_end(struct port *p)
{
	struct port_packet *k = packet_of(p);

	p->ev->batch_end(p->arg);
	event_del(k->late);
	free(k->part);
	k->part = NULL;
}

/*
 * The pieces make no message.  The first packet was one by itself, with a
 * wrong length word; what was taken for its rest are messages of their own.
 */
static void
packet_part_undo(struct port *p)
{
	struct port_packet *k = packet_of(p);
	struct frame_msg m = { .p = k->part,
		.len = k->part_first,
		.pieces = 1 };
	size_t left = k->part_have;
	uint32_t word;

	if (log_allow(&p->limit))
		log_warn("a packet of %zu bytes claims to be %zu, and the "
			 "rest never came",
		    k->part_first, k->part_len);
	while (left > 0) {
		port_hand_up(p, &m);
		m.p += m.len;
		left -= m.len;
		word = packet_len_word(m.p, left);
		m.len = word > 0 && word <= left ? word : left;
	}
	packet_part_end(p);
}

static void
packet_wait_for_rest(struct port *p)
{
	struct timeval tv = { 0, PACKET_LATE_MS * 1000 };

	event_add(packet_of(p)->late, &tv);
}

static void
packet_late_cb(evutil_socket_t fd, short what, void *arg)
{
	struct port *p = arg;

	(void)fd;
	(void)what;
	if (p->dead)
		return;
	if (p->paused)
		packet_wait_for_rest(p); /* the piece may wait unread */
	else if (packet_of(p)->part != NULL)
		packet_part_undo(p);
}

/* A piece of a message: collect it; hand the message up when whole. */
static void
packet_collect(struct port *p, const uint8_t *data, size_t len)
{
	struct port_packet *k = packet_of(p);
	struct frame_msg m = { .p = k->part, .len = k->part_len, .pieces = 2 };

	memcpy(k->part + k->part_have, data, len);
	k->part_have += len;
	p->stats.read += len;
	if (k->part_have < k->part_len) {
		packet_wait_for_rest(p);
		return;
	}
	port_hand_up(p, &m);
	packet_part_end(p);
}

/* Does a message of `word` bytes begin with this packet? */
static int
packet_begins(struct port *p, const uint8_t *data, size_t len, uint32_t word)
{
	struct port_packet *k = packet_of(p);

	if (word <= len || word > k->max || p->ev->in_pieces == NULL ||
	    !p->ev->in_pieces(p->arg, (struct span){ data, len }) ||
	    (k->part = malloc(word)) == NULL)
		return 0;
	k->part_len = word;
	k->part_first = len;
	k->part_have = 0;
	return 1;
}

static void
packet_one(struct port *p, uint8_t *data, size_t len)
{
	struct port_packet *k = packet_of(p);
	struct frame_msg m = { .p = data, .len = len, .pieces = 1 };
	/* The kernel has cut a packet that fills its slot: the bytes that are
	 * missing will not follow. */
	int cut = len == k->scratch->slot_size;

	k->mean = (k->mean * 7 + len) / 8;
	if (k->part != NULL && (cut || len > k->part_len - k->part_have))
		packet_part_undo(p);
	if (k->part != NULL ||
	    (!cut && packet_begins(p, data, len, packet_len_word(data, len))))
		packet_collect(p, data, len);
	else
		port_hand_up(p, &m);
}

static unsigned
packet_recv(struct port *p, struct iovec *iov, size_t *len, unsigned want,
    int *num)
{
	struct port_scratch *s = packet_of(p)->scratch;
	unsigned i, n;

	for (i = 0; i < want; i++) {
		iov[i].iov_base = s->slots + i * s->slot_size;
		iov[i].iov_len = s->slot_size;
	}
	n = packet_io_recv(p->fd, iov, len, want, num);
	if (n > 1)
		s->touched = 1;
	return n;
}

/* Is the peer still there, although an error says that it went? */
static int
packet_peer_lives(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(int);
	int type = 0;

	/* (For datagrams that error is the only sign.) */
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_SEQPACKET && poll(&pfd, 1, 0) != -1 &&
	    (pfd.revents & (POLLHUP | POLLERR)) == 0;
}

/* The read failed with num; 1: read once more. */
static int
packet_read_failed(struct port *p, int num)
{
	if ((num == ECONNRESET || num == ECONNREFUSED) &&
	    !packet_peer_lives(p->fd)) {
		/* The error comes once; what the peer sent before it went
		 * can be read still. */
		port_end(p);
		return 1;
	}
	if (p->ending)
		port_closed(p, E_EOF);
	else if (num != EAGAIN && num != EWOULDBLOCK)
		port_read_failed(p, num);
	return 0;
}

static void
packet_fill(struct port *p)
{
	struct port_packet *k = packet_of(p);
	struct iovec iov[PACKET_SLOTS];
	size_t len[PACKET_SLOTS];
	unsigned want, turn, n, i;
	int num;

	for (turn = 0; turn < PACKET_BULK_READS; turn++) {
		if (p->paused || p->dead)
			return;
		want = k->mean < PORT_LARGE ? PACKET_SLOTS : 1;
		if (want == 1)
			scratch_trim(k->scratch);
		n = packet_recv(p, iov, len, want, &num);
		for (i = 0; i < n; i++)
			if (len[i] > 0)
				packet_one(p, iov[i].iov_base, len[i]);
		if (n > 0)
			p->ev->batch_end(p->arg);
		if (n > 0 && len[n - 1] == 0 && packet_at_end(p->fd)) {
			port_closed(p, E_EOF);
			return;
		}
		if (num != 0) {
			if (p->dead || !packet_read_failed(p, num))
				return;
		} else if (want > 1 && n < want) {
			return;
		}
	}
}

static int
packet_error(int num)
{
	switch (num) {
	case EAGAIN:
		return E_AGAIN;
	case ENOBUFS:
	case ENOMEM:
		return E_NOMEM;
	case EMSGSIZE:
		return E_BIG;
	case EPIPE:
	case ECONNRESET:
	case ECONNREFUSED:
	case ENOTCONN:
		return E_EOF;
	default:
		return E_SYS;
	}
}

static int
packet_send(struct port *p, struct iovec *iov, size_t n, size_t *sent,
    size_t *part)
{
	int num;

	*part = 0;
	*sent = packet_io_send(p->fd, iov, n, &num);
	return num == 0 ? E_OK : packet_error(num);
}

static int
packet_say_end(struct port *p)
{
	return devpair_say_end(p->fd);
}

static int
packet_init(struct port *p, const struct port_conf *c)
{
	struct port_packet *k = packet_of(p);

	k->scratch = c->scratch;
	k->max = c->max;
	k->late = evtimer_new(c->base, packet_late_cb, p);
	return k->late == NULL ? E_NOMEM : E_OK;
}

static void
packet_closed(struct port *p)
{
	event_del(packet_of(p)->late);
}

static void
packet_fini(struct port *p)
{
	struct port_packet *k = packet_of(p);

	if (k->late != NULL)
		event_free(k->late);
	k->late = NULL;
	free(k->part);
	k->part = NULL;
}

const struct port_ops port_packet_ops = { .size = sizeof(struct port_packet),
	.init = packet_init,
	.fini = packet_fini,
	.closed = packet_closed,
	.fill = packet_fill,
	.send = packet_send,
	.say_end = packet_say_end };
