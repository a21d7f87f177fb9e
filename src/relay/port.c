/* SPDX-License-Identifier: ISC */
/*
 * What all kinds of ports share: events, the batch being put together, the
 * queue behind it.
 *
 * Write first, ask later: a batch is sent straight from the buffers it was
 * read into, and only what the descriptor did not take is copied and makes
 * us wait for EV_WRITE.
 */
#include "relay/port_own.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS 1
#define BACKOFF_LAST_MS 100
#define BACKOFF_GIVE_UP_MS 2000
/* While a port is paused: how often it is asked whether the peer went; and how
 * soon it is tried again to resume it, if that failed. */
#define HELD_LOOK_MS 500
#define RESUME_MS 10
#define FAILED_READS_MAX 8
#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

void
port_closed(struct port *p, int r)
{
	if (p->dead)
		return;
	p->dead = 1;
	event_del(p->rd);
	event_del(p->wr);
	event_del(p->retry);
	event_del(p->held);
	if (p->ops->closed != NULL)
		p->ops->closed(p);
	outq_fini(&p->out);
	p->batched = 0;
	p->above_high = 0;
	p->ev->closed(p->arg, r);
}

void
port_read_failed(struct port *p, int num)
{
	errno = num;
	if (++p->failed_reads > FAILED_READS_MAX)
		port_closed(p, E_SYS);
	else if (log_allow(&p->limit))
		log_warn("reading messages: %s; tried again", strerror(num));
}

void
port_hand_up(struct port *p, const struct frame_msg *m)
{
	p->failed_reads = 0;
	p->stats.in++;
	p->stats.in_bytes += m->len;
	p->ev->message(p->arg, m);
}

static void
port_read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct port *p = arg;

	(void)fd;
	(void)what;
	if (!p->dead && !p->paused)
		p->ops->fill(p);
}

/*
 * Nothing can be sent any more, but what the peer sent before it went is
 * still to be read.  The port is closed when that has been handed up.
 */
void
port_end(struct port *p)
{
	p->ending = 1;
	p->paused = p->resuming = p->above_high = 0;
	event_del(p->wr);
	event_del(p->retry);
	event_del(p->held);
	outq_fini(&p->out);
	p->batched = 0;
	event_add(p->rd, NULL);
	event_active(p->rd, EV_READ, 0);
}

static void
port_look_later(struct port *p)
{
	struct timeval tv = { 0, 0 };

	tv.tv_usec = (p->resuming ? RESUME_MS : HELD_LOOK_MS) * 1000;
	event_add(p->held, &tv);
}

/* No read of a paused port will tell that the peer went: ask poll(). */
static void
port_held_cb(evutil_socket_t fd, short what, void *arg)
{
	struct port *p = arg;
	struct pollfd pfd = { .fd = p->fd, .events = POLLRDHUP };

	(void)fd;
	(void)what;
	if (p->dead || !p->paused)
		return;
	if (p->resuming)
		port_resume(p);
	else if (poll(&pfd, 1, 0) == 1)
		port_end(p);
	else
		port_look_later(p);
}

void
port_read_out(struct port *p)
{
	uint64_t before;

	if (p->dead)
		return;
	port_end(p);
	do {
		before = p->stats.in;
		p->ops->fill(p);
	} while (!p->dead && p->stats.in != before);
}

/* The descriptor lacks memory, but polls writable: wait on a timer. */
static void
port_back_off(struct port *p)
{
	struct timeval tv = { 0, 0 };

	p->backoff_ms = p->backoff_ms == 0 ? BACKOFF_FIRST_MS :
					     p->backoff_ms * 2;
	if (p->backoff_ms > BACKOFF_LAST_MS)
		p->backoff_ms = BACKOFF_LAST_MS;
	p->waited_ms += p->backoff_ms;
	tv.tv_usec = (suseconds_t)p->backoff_ms * 1000;
	event_del(p->wr);
	event_add(p->retry, &tv);
}

/*
 * What a failed send means for the rest; `done` bytes of the message that
 * stands first have left.  Returns 1 if that was given up and the next one may
 * be tried.
 */
static int
port_send_failed(struct port *p, int r, struct span first, size_t done)
{
	switch (r) {
	case E_AGAIN:
		if (event_add(p->wr, NULL) == -1)
			port_back_off(p);
		return 0;
	case E_HELD:
		return 0; /* the kind calls port_drain() later */
	case E_NOMEM:
		if (p->waited_ms < BACKOFF_GIVE_UP_MS) {
			port_back_off(p);
			return 0;
		}
		p->backoff_ms = p->waited_ms = 0;
		if (done > 0) {
			port_closed(p, E_NOMEM);
			return 0;
		}
		p->ev->refused(p->arg, first, E_NOMEM);
		return 1;
	case E_BIG:
		p->ev->refused(p->arg, first, E_BIG);
		return 1;
	case E_EOF:
		port_end(p);
		return 0;
	default:
		port_closed(p, r);
		return 0;
	}
}

static void
port_check_high(struct port *p)
{
	if (p->out.bytes > p->conf->high_mark)
		p->above_high = 1;
}

/* Copy what was not sent; the first one has `part` bytes sent already. */
static void
port_queue_rest(struct port *p, size_t from, size_t n, size_t part)
{
	struct span m;
	size_t i;

	for (i = from; i < n; i++) {
		m.p = p->batch[i].iov_base;
		m.len = p->batch[i].iov_len;
		p->stats.queued++;
		if (outq_add(&p->out, m, i == from ? part : 0) == E_OK)
			continue;
		if (i == from && part > 0) {
			/* A part of the message was sent and the rest
			 * can't be kept: the stream is out of step. */
			port_closed(p, E_NOMEM);
			return;
		}
		p->ev->refused(p->arg, m, E_NOMEM);
	}
	port_check_high(p);
}

void
port_flush(struct port *p)
{
	size_t from = 0, n = p->batched, i, sent, part = 0;
	struct span first;
	int r;

	p->batched = 0;
	if (n == 0 || p->dead || p->ending)
		return;
	if (p->out.count > 0) {
		port_queue_rest(p, 0, n, 0);
		return;
	}
	while (from < n) {
		part = 0;
		r = p->ops->send(p, p->batch + from, n - from, &sent, &part);
		from += sent;
		p->stats.out += sent;
		if (r == E_OK)
			continue;
		first.p = p->batch[from].iov_base;
		first.len = p->batch[from].iov_len;
		if (r == E_EOF && p->ev->came_late != NULL)
			for (i = from; i < n; i++)
				p->ev->came_late(p->arg,
				    (struct span){ p->batch[i].iov_base,
					p->batch[i].iov_len });
		if (!port_send_failed(p, r, first, 0) || p->dead)
			break;
		from++;
	}
	if (from < n && !p->dead && !p->ending)
		port_queue_rest(p, from, n, part);
}

static void
port_check_drained(struct port *p)
{
	if (p->above_high && p->out.bytes <= p->conf->low_mark && !p->dead) {
		p->above_high = 0;
		p->ev->drained(p->arg);
	}
}

void
port_drain(struct port *p)
{
	struct iovec iov[PORT_BATCH];
	size_t n, i, sent, part, bytes;
	struct outq_msg *e;
	int r;

	if (p->dead)
		return;
	event_del(p->wr);
	while ((n = outq_peek(&p->out, iov, PORT_BATCH)) > 0) {
		part = 0;
		r = p->ops->send(p, iov, n, &sent, &part);
		p->stats.out += sent;
		for (i = 0, bytes = part; i < sent; i++)
			bytes += iov[i].iov_len;
		outq_sent(&p->out, bytes);
		if (bytes > 0)
			p->backoff_ms = p->waited_ms = 0;
		if (r == E_OK)
			continue;
		e = TAILQ_FIRST(&p->out.list);
		if (!port_send_failed(p, r, (struct span){ e->data, e->len },
			e->done))
			break;
		outq_drop_first(&p->out);
	}
	port_check_drained(p);
}

size_t
port_take_back(struct port *p, int (*match)(struct span m, void *arg),
    void *arg)
{
	size_t n;

	port_flush(p);
	n = outq_remove(&p->out, match, arg);
	port_check_drained(p);
	return n;
}

static void
port_write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct port *p = arg;

	(void)fd;
	(void)what;
	port_drain(p);
}

static void
port_batch_add(struct port *p, void *m, size_t len)
{
	p->batch[p->batched].iov_base = m;
	p->batch[p->batched].iov_len = len;
	p->batched++;
	p->stats.out_bytes += len;
}

void
port_put(struct port *p, struct span m)
{
	if (p->dead || p->ending)
		return;
	if (p->batched == PORT_BATCH)
		port_flush(p);
	port_batch_add(p, (void *)(uintptr_t)m.p, m.len);
}

void
port_put_small(struct port *p, const void *m, size_t len)
{
	if (p->dead || p->ending || len > PORT_SMALL)
		return;
	if (p->batched == PORT_BATCH)
		port_flush(p);
	memcpy(p->small[p->batched], m, len);
	port_batch_add(p, p->small[p->batched], len);
}

void
port_put_first(struct port *p, struct span m)
{
	if (p->dead || p->ending)
		return;
	port_flush(p);
	if (p->out.count == 0) {
		port_batch_add(p, (void *)(uintptr_t)m.p, m.len);
		port_flush(p);
	} else if (outq_add_first(&p->out, m) != E_OK) {
		p->ev->refused(p->arg, m, E_NOMEM);
	} else {
		port_check_high(p);
	}
}

void
port_pause(struct port *p)
{
	if (p->dead || p->ending || (p->paused && !p->resuming))
		return;
	p->paused = 1;
	p->resuming = 0;
	event_del(p->rd);
	port_look_later(p);
}

void
port_resume(struct port *p)
{
	if (p->dead || !p->paused)
		return;
	event_del(p->held);
	p->resuming = event_add(p->rd, NULL) == -1;
	if (p->resuming) {
		port_look_later(p);
		return;
	}
	p->paused = 0;
	if (p->left)
		event_active(p->rd, EV_READ, 0);
}

static int
port_events_new(struct port *p, const struct port_conf *c)
{
	struct event_base *b = c->base;

	p->rd = event_new(b, c->fd, EV_READ | EV_PERSIST, port_read_cb, p);
	p->wr = event_new(b, c->fd, EV_WRITE | EV_PERSIST, port_write_cb, p);
	p->retry = evtimer_new(b, port_write_cb, p);
	p->held = evtimer_new(b, port_held_cb, p);
	return p->rd == NULL || p->wr == NULL || p->retry == NULL ||
		p->held == NULL ?
	    E_NOMEM :
	    E_OK;
}

int
port_new(struct port **out, const struct port_conf *c)
{
	static const struct port_ops *const kinds[] = {
		[PORT_STREAM] = &port_stream_ops,
		[PORT_PACKET] = &port_packet_ops,
		[PORT_DEVICE] = &port_device_ops,
	};
	struct port *p = calloc(1, kinds[c->kind]->size);
	int r;

	*out = NULL;
	if (p == NULL)
		return E_NOMEM;
	p->fd = -1;
	p->ops = kinds[c->kind];
	p->ev = c->ev;
	p->arg = c->arg;
	p->conf = c->conf;
	outq_init(&p->out);
	r = p->ops->init != NULL ? p->ops->init(p, c) : E_OK;
	if (r == E_OK)
		r = port_events_new(p, c);
	if (r == E_OK && event_add(p->rd, NULL) == -1)
		r = E_SYS;
	if (r != E_OK) {
		port_free(p);
		return r;
	}
	p->fd = c->fd;
	*out = p;
	return E_OK;
}

int
port_say_end(struct port *p)
{
	if (p->fd == -1 || p->ops->say_end == NULL)
		return E_OK;
	return p->ops->say_end(p);
}

static void
port_event_free(struct event **e)
{
	if (*e != NULL)
		event_free(*e);
	*e = NULL;
}

void
port_close(struct port *p)
{
	port_event_free(&p->rd);
	port_event_free(&p->wr);
	port_event_free(&p->retry);
	port_event_free(&p->held);
	outq_fini(&p->out);
	if (p->ops->fini != NULL)
		p->ops->fini(p);
	if (p->fd != -1) {
		if (port_say_end(p) != E_OK)
			log_debug("the daemon's end is full at the end");
		close(p->fd);
	}
	p->fd = -1;
	p->batched = 0;
	p->paused = p->above_high = 0;
	p->dead = 1;
}

void
port_free(struct port *p)
{
	if (p == NULL)
		return;
	port_close(p);
	free(p);
}

void
port_free_but_fd(struct port *p)
{
	p->fd = -1;
	port_free(p);
}
