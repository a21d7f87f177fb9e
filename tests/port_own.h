/* SPDX-License-Identifier: ISC */
/* What a port has inside, for its tests. */
#ifndef FR_TESTS_PORT_OWN_H
#define FR_TESTS_PORT_OWN_H

#include "relay/port_own.h"

/* Bytes that wait to be sent. */
static inline size_t
port_own_queued(const struct port *p)
{
	return p->out.bytes;
}

/* Send what waits, as when the descriptor is writable. */
static inline void
port_own_drain(struct port *p)
{
	port_drain(p);
}

#endif
