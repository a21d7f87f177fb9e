/* SPDX-License-Identifier: ISC */
/*
 * A port on the kernel's device: one read, one request; one write, one
 * reply.  The errors are the device's own language: ENODEV says unmounted,
 * ENOENT on a read says that the request went away while it was copied, on
 * a write that nobody waits for the reply any more.
 */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "relay/notifier.h"
#include "relay/port.h"

static void
device_fill(struct port *p)
{
	struct port_scratch *s = p->scratch;
	struct port_msg m = { .pieces = 1 };
	unsigned i;
	ssize_t n;
	int end = E_OK;

	/* The buffer is larger than any max_write asks for. */
	for (i = 0; i < s->count && !p->dead && end == E_OK; i++) {
		m.p = s->slots + i * s->slot_size;
		n = read(p->fd, m.p, s->slot_size);
		if (n == -1) {
			if (errno == EAGAIN || errno == EWOULDBLOCK) {
				end = p->ending ? E_EOF : E_OK;
				break;
			}
			if (errno == EINTR || errno == ENOENT)
				continue;
			end = errno == ENODEV || errno == ECONNABORTED ?
			    E_EOF : E_SYS;
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
}

/* A notification: unique 0 in its header. */
static int
device_is_notification(const struct iovec *iov)
{
	struct span m = { iov->iov_base, iov->iov_len };

	return m.len >= 16 && memcmp(m.p + 8, "\0\0\0\0\0\0\0", 8) == 0;
}

static void
device_progress(void *arg)
{
	port_drain(arg);
}

/* E_OK, or E_HELD: not taken yet. */
static int
device_notify(struct port *p, const struct iovec *iov)
{
	struct span m = { iov->iov_base, iov->iov_len };
	int r = E_OK;

	if (p->notifier == NULL)
		r = notifier_new(&p->notifier, event_get_base(p->rd), p->fd,
		    device_progress, p);
	if (r == E_OK)
		r = notifier_put(p->notifier, m);
	if (r == E_HELD)
		return r;
	if (r != E_OK && log_allow(&p->limit))
		log_warn("a notification of %zu bytes was dropped: %s",
		    m.len, err_text(r));
	return E_OK;
}

static int
device_send(struct port *p, struct iovec *iov, size_t n, size_t *sent,
    size_t *part)
{
	*part = 0;
	for (*sent = 0; *sent < n; (*sent)++) {
		if (device_is_notification(&iov[*sent])) {
			if (device_notify(p, &iov[*sent]) != E_OK)
				return E_HELD;
			continue;
		}
		if (p->notifier != NULL && notifier_holds(p->notifier))
			return E_HELD;
		if (writev(p->fd, &iov[*sent], 1) != -1)
			continue;
		switch (errno) {
		case EINTR:
			(*sent)--;
			break;
		case ENOENT:
			break;		/* interrupted or aborted: too late */
		case ENOMEM:
			return E_NOMEM;
		case ENODEV:
		case ECONNABORTED:
			return E_EOF;
		default:
			/* The request has its answer, or keeps waiting: a
			 * message that passed our checks can't be mended. */
			if (log_allow(&p->limit))
				log_warn("the kernel refused a reply of %zu "
				    "bytes: %s", iov[*sent].iov_len,
				    strerror(errno));
			break;
		}
	}
	return E_OK;
}

const struct port_ops port_device_ops = {
	.fill = device_fill,
	.send = device_send
};
