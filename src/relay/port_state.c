/* SPDX-License-Identifier: ISC */
/* What is asked of a port. */
#include <sys/ioctl.h>

#include "relay/notifier.h"
#include "relay/port.h"

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

int
port_tells_notified(const struct port *p)
{
	return !p->dead && p->ops == &port_device_ops;
}

int
port_is_notifying(const struct port *p)
{
	return !p->dead && p->notifier != NULL &&
	    (port_pending(p) > 0 || notifier_is_busy(p->notifier));
}
