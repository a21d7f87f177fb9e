/* SPDX-License-Identifier: ISC */
#include "channel/sender.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/nosignal.h"
#include "wire/head.h"

#define SENDER_BUDGET 64    /* pieces in one turn of the loop */
#define SENDER_POLL 20	    /* us between looks at the reader */
#define SENDER_PATIENCE 200 /* us for one piece */

struct sender_msg {
	struct sender_msg *next;
	struct shape_msg shape;
	size_t done, len;
	uint8_t bytes[];
};

static void
sender_after(struct sender *s, unsigned us)
{
	struct timeval tv;

	tv.tv_sec = us / 1000000;
	tv.tv_usec = us % 1000000;
	s->holding = 1;
	event_add(&s->wait, &tv);
}

/* Are there bytes in the socket that the peer has not read? */
static int
sender_unread(const struct sender *s)
{
	int bytes = 0;

	/* Where this can't be asked of a socket, the answer is no. */
	return ioctl(s->fd, TIOCOUTQ, &bytes) == 0 && bytes > 0;
}

/* Length of the next piece, in bytes from the front of the queue. */
static size_t
sender_plan(struct sender *s)
{
	struct sender_msg *m = s->head, *next;
	size_t want, have = m->len - m->done, more;
	unsigned n = 1;

	want = shape_piece(&s->shape, &m->shape, m->done, &s->piece_wait);
	if (want < have)
		return want;
	for (; (next = m->next) != NULL; m = next, n++) {
		more = shape_joins(&s->shape, &m->shape, &next->shape, n, have,
		    want);
		if (more == have)
			break;
		s->stats.joined += n == 1 ? 2 : 1;
		if (more - have < next->len)
			return more;
		have += next->len;
	}
	return have;
}

static int
sender_iov(const struct sender *s, struct iovec *iov)
{
	struct sender_msg *m;
	size_t left = s->piece, part;
	int n = 0;

	for (m = s->head; left > 0 && n <= SHAPE_COALESCE_MAX; m = m->next) {
		part = m->len - m->done;
		if (part > left)
			part = left;
		iov[n].iov_base = m->bytes + m->done;
		iov[n++].iov_len = part;
		left -= part;
	}
	return n;
}

/* n bytes have left. */
static void
sender_sent(struct sender *s, size_t n)
{
	struct sender_msg *m;
	size_t part;

	s->piece -= n;
	s->waiting -= n;
	while (n > 0) {
		m = s->head;
		part = m->len - m->done;
		if (n < part) {
			m->done += n;
			return;
		}
		n -= part;
		if ((s->head = m->next) == NULL)
			s->tail = NULL;
		free(m);
	}
}

/* Write what is left of the piece: E_OK, E_AGAIN, E_EOF. */
static int
sender_write(struct sender *s)
{
	struct iovec iov[SHAPE_COALESCE_MAX + 1];
	struct msghdr m = { 0 };
	ssize_t n;

	m.msg_iov = iov;
	m.msg_iovlen = (size_t)sender_iov(s, iov);
	do
		n = sendmsg(s->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN || errno == ENOBUFS ? E_AGAIN : E_EOF;
	sender_sent(s, (size_t)n);
	if (s->piece == 0)
		return E_OK;
	s->stats.shorts++;
	return E_AGAIN;
}

/* The piece was written.  Must the next one wait for the peer to read it? */
static int
sender_holds(struct sender *s)
{
	s->waited = 0;
	if (s->head == NULL || s->head->done == 0)
		return 0;
	if (s->delay > 0) {
		s->waited = SENDER_PATIENCE;
		sender_after(s, s->delay);
		return 1;
	}
	if (!s->piece_wait || !sender_unread(s))
		return 0;
	sender_after(s, SENDER_POLL);
	return 1;
}

static void
sender_room(struct sender *s)
{
	if (s->head != NULL && (!s->was_full || s->waiting > SENDER_LOW))
		return;
	s->was_full = 0;
	s->calls->room(s->arg);
}

static void
sender_run_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sender *s = arg;
	int budget = SENDER_BUDGET, r = E_OK;

	(void)fd;
	(void)what;
	if (s->holding || s->is_gone)
		return;
	for (; s->head != NULL && budget > 0; budget--) {
		if (s->piece == 0)
			s->piece = sender_plan(s);
		if ((r = sender_write(s)) != E_OK)
			break;
		s->stats.pieces++;
		if (sender_holds(s))
			break;
	}
	if (r == E_EOF) {
		s->is_gone = 1;
		s->calls->gone(s->arg);
		return;
	}
	if (s->head != NULL && !s->holding)
		event_add(&s->run, NULL);
	sender_room(s);
}

static void
sender_wait_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sender *s = arg;

	s->waited += SENDER_POLL;
	if (s->waited < SENDER_PATIENCE && sender_unread(s)) {
		sender_after(s, SENDER_POLL);
		return;
	}
	s->holding = 0;
	sender_run_cb(fd, what, arg);
}

struct event_base *
sender_base_new(void)
{
	struct event_config *config;
	struct event_base *base;

	if ((config = event_config_new()) == NULL)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(config);
	event_config_free(config);
#ifdef PR_SET_TIMERSLACK
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
#endif
	return base;
}

int
sender_init(struct sender *s, struct event_base *base, int fd,
    const struct shape *shape, unsigned delay,
    const struct sender_calls *calls, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->base = base;
	s->fd = fd;
	s->shape = *shape;
	s->delay = delay;
	s->calls = calls;
	s->arg = arg;
	if (event_assign(&s->run, base, fd, EV_WRITE, sender_run_cb, s) != 0 ||
	    evtimer_assign(&s->wait, base, sender_wait_cb, s) != 0)
		return E_SYS;
	return E_OK;
}

void
sender_fini(struct sender *s)
{
	struct sender_msg *m;

	if (s->base == NULL)
		return;
	event_del(&s->run);
	event_del(&s->wait);
	while ((m = s->head) != NULL) {
		s->head = m->next;
		free(m);
	}
	s->base = NULL;
}

int
sender_put(struct sender *s, struct span m)
{
	struct sender_msg *new;

	if (m.len > SIZE_MAX - sizeof(*new) ||
	    (new = malloc(sizeof(*new) + m.len)) == NULL)
		return E_NOMEM;
	new->next = NULL;
	new->done = 0;
	new->len = m.len;
	memcpy(new->bytes, m.p, m.len);
	shape_begin(&s->shape, &new->shape, s->ordinal++, head_opcode(m),
	    m.len);
	if (s->tail != NULL)
		s->tail->next = new;
	else
		s->head = new;
	s->tail = new;
	s->waiting += m.len;
	s->stats.messages++;
	if (m.len > s->stats.largest)
		s->stats.largest = m.len;
	if (s->waiting > SENDER_HIGH)
		s->was_full = 1;
	if (!s->holding && !event_pending(&s->run, EV_WRITE, NULL))
		event_active(&s->run, EV_WRITE, 0);
	return E_OK;
}

int
sender_is_full(const struct sender *s)
{
	return s->waiting > SENDER_HIGH;
}

int
sender_is_idle(const struct sender *s)
{
	return s->head == NULL || s->is_gone;
}
