/* SPDX-License-Identifier: ISC */
/*
 * What all sessions of one process share: the event base, the settings and
 * the buffers that are in use only for the length of one callback.
 */
#ifndef FR_RELAY_RELAY_H
#define FR_RELAY_RELAY_H

#include <event2/event.h>

#include "relay/conf.h"
#include "relay/port.h"
#include "relay/spin.h"

struct session;
struct trace;

struct relay {
	struct event_base *base; /* borrowed */
	struct relay_conf conf;
	struct trace *trace; /* borrowed, or NULL */
	struct port_scratch scratch;
	struct spin spin;
	unsigned sessions_made;
};

/* E_NOMEM. */
int relay_init(struct relay *r, struct event_base *base,
    const struct relay_conf *conf) ERR_MUSTCHECK;

/* All sessions must be gone. */
void relay_fini(struct relay *r);

/* Run the event loop until it is broken or has nothing left to wait for.
 * E_SYS: events can't be waited for; it may be tried again. */
int relay_loop(struct relay *r) ERR_MUSTCHECK;

#endif
