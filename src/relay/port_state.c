/* SPDX-License-Identifier: ISC */
/* What is asked of a port. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "relay/port_own.h"

void
port_shut(struct port *p)
{
	if (p->fd != -1)
		shutdown(p->fd, SHUT_RDWR);
}

int
port_is_closed(const struct port *p)
{
	return p->dead;
}

int
port_full(const struct port *p)
{
	return p->above_high;
}

size_t
port_pending(const struct port *p)
{
	return p->out.count + p->batched;
}

int
port_is_taken(const struct port *p)
{
#ifdef TIOCOUTQ
	int bytes;

	if (ioctl(p->fd, TIOCOUTQ, &bytes) == 0 && bytes > 0)
		return 0;
#endif
	return port_pending(p) == 0;
}

void
port_where(const struct port *p, struct port_where *w)
{
	memset(w, 0, sizeof(*w));
	if (p->ops->where != NULL)
		p->ops->where(p, w);
}

int
port_tells_notified(const struct port *p)
{
	return !p->dead && p->ops->tells_notified;
}

int
port_is_notifying(const struct port *p)
{
	return !p->dead && p->ops->is_notifying != NULL &&
	    p->ops->is_notifying(p);
}
