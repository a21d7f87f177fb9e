/* SPDX-License-Identifier: ISC */
/*
 * A port on the kernel's device: one read gives one request, one write takes
 * one reply.  Its errors mean what they mean nowhere else: ENODEV that it is
 * unmounted; ENOENT, on a read, that the request was taken back while it was
 * copied, on a write, that no request waits for the reply.
 */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "relay/notifier.h"
#include "relay/port_own.h"
#include "wire/head.h"
#include "wire/proto.h"

struct port_device {
	struct port port;	      /* first member */
	struct port_scratch *scratch; /* borrowed */
	struct notifier *notifier;    /* from the first notification on */
};

static struct port_device *
device_of(struct port *p)
{
	return (struct port_device *)(void *)p;
}

static int
device_init(struct port *p, const struct port_conf *c)
{
	device_of(p)->scratch = c->scratch;
	return E_OK;
}

static void
device_fini(struct port *p)
{
	struct port_device *d = device_of(p);

	notifier_free(d->notifier);
	d->notifier = NULL;
}

static void
device_fill(struct port *p)
{
	struct port_scratch *s = device_of(p)->scratch;
	struct frame_msg m = { .pieces = 1 };
	unsigned i;
	int end = E_OK, failed = 0;
	ssize_t n;

	/* The buffer is larger than any max_write asks for. */
	for (i = 0; i < s->count && !p->dead; i++) {
		m.p = s->slots + i * s->slot_size;
		n = read(p->fd, m.p, s->slot_size);
		if (n == -1) {
			if (errno == EAGAIN || errno == EWOULDBLOCK) {
				end = p->ending ? E_EOF : E_OK;
				break;
			}
			if (errno == EINTR || errno == ENOENT)
				continue;
			if (errno == ENODEV || errno == ECONNABORTED)
				end = E_EOF;
			else
				failed = errno;
			break;
		}
		if (i > 0)
			s->touched = 1;
		m.len = (size_t)n;
		port_hand_up(p, &m);
		/* Large ones are passed on while they are in the cache. */
		if (m.len > PORT_LARGE)
			break;
	}
	p->ev->batch_end(p->arg);
	if (end != E_OK)
		port_closed(p, end);
	else if (failed != 0)
		port_read_failed(p, failed);
}

/* A notification: unique 0 in its header. */
static int
device_is_notification(const struct iovec *iov)
{
	struct span m = { iov->iov_base, iov->iov_len };

	return m.len >= WIRE_REP_HEADER && head_unique(m) == 0;
}

static void
device_progress(void *arg)
{
	port_drain(arg);
}

static void
device_notified(void *arg, const struct notifier_head *h, int error)
{
	struct port *p = arg;

	if (p->ev->notified != NULL)
		p->ev->notified(p->arg, h, error);
}

static const struct notifier_events device_notifier_events = {
	.progress = device_progress,
	.done = device_notified
};

/* Drop a notification, because too many wait or because there is no memory. */
static void
device_lose(struct port *p, struct span m, int r)
{
	struct notifier_head h = notifier_head_of(m);

	if (log_allow(&p->limit))
		log_warn("a notification of %zu bytes was dropped: %s", m.len,
		    err_text(r));
	device_notified(p, &h, ENOBUFS);
}

/* E_OK, or E_HELD: not taken yet. */
static int
device_notify(struct port *p, const struct iovec *iov)
{
	struct span m = { iov->iov_base, iov->iov_len };
	struct port_device *d = device_of(p);
	int r = E_OK;

	if (d->notifier == NULL)
		r = notifier_new(&d->notifier, event_get_base(p->rd), p->fd,
		    &device_notifier_events, p);
	if (r == E_OK)
		r = notifier_put(d->notifier, m);
	if (r == E_HELD)
		return r;
	if (r != E_OK)
		device_lose(p, m, r);
	return E_OK;
}

static ssize_t
device_write(const struct port *p, const struct iovec *iov)
{
	ssize_t n;

	do
		n = writev(p->fd, iov, 1);
	while (n == -1 && errno == EINTR);
	return n;
}

/*
 * The kernel did not take a reply that passed the checks.  Answer the request
 * with a bare error, which the kernel takes for any request, so that the caller
 * does not wait for ever.  1: it took that; E_OK: the request is gone; E_EOF.
 */
static int
device_send_error(const struct port *p, const struct iovec *reply)
{
	uint8_t m[WIRE_REP_HEADER];
	struct iovec iov = { m, sizeof(m) };
	struct span was = { reply->iov_base, reply->iov_len };

	head_put_reply(m, sizeof(m), head_unique(was), -EIO);
	if (device_write(p, &iov) != -1)
		return 1;
	return errno == ENODEV ? E_EOF : E_OK;
}

static int
device_reply(struct port *p, const struct iovec *iov)
{
	int num, r;

	if (device_write(p, iov) != -1)
		return E_OK;
	if ((num = errno) == ENOMEM)
		return E_NOMEM;
	if (num == ENODEV || num == ECONNABORTED)
		return E_EOF;
	r = device_send_error(p, iov);
	/* (ENOENT: the request was interrupted or aborted before the reply
	 * came; unless the kernel took the error.) */
	if ((r == 1 || num != ENOENT) && log_allow(&p->limit))
		log_warn("the kernel refused a reply of %zu bytes: %s",
		    iov->iov_len, strerror(num));
	return r == E_EOF ? r : E_OK;
}

static int
device_send(struct port *p, struct iovec *iov, size_t n, size_t *sent,
    size_t *part)
{
	const struct port_device *d = device_of(p);
	int r;

	*part = 0;
	for (*sent = 0; *sent < n; (*sent)++) {
		if (device_is_notification(&iov[*sent])) {
			if (device_notify(p, &iov[*sent]) != E_OK)
				return E_HELD;
			continue;
		}
		if (d->notifier != NULL && notifier_holds(d->notifier))
			return E_HELD;
		if ((r = device_reply(p, &iov[*sent])) != E_OK)
			return r;
	}
	return E_OK;
}

static int
device_is_notifying(const struct port *p)
{
	const struct port_device *d = (const struct port_device *)p;

	return d->notifier != NULL &&
	    (port_pending(p) > 0 || notifier_is_busy(d->notifier));
}

const struct port_ops port_device_ops = { .size = sizeof(struct port_device),
	.tells_notified = 1,
	.init = device_init,
	.fini = device_fini,
	.fill = device_fill,
	.send = device_send,
	.is_notifying = device_is_notifying };
