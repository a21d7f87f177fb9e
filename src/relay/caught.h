/* SPDX-License-Identifier: ISC */
/*
 * Signals as events of the loop.
 *
 * Where there are descriptors for signals (Linux) these are used, and the
 * signal stays blocked: nothing is interrupted by it, and none is lost on its
 * way through a pipe.  Elsewhere it is libevent that catches them.
 */
#ifndef FR_RELAY_CAUGHT_H
#define FR_RELAY_CAUGHT_H

#include <event2/event.h>

#include "base/err.h"

struct caught {
	struct event *ev; /* NULL: not caught */
	int fd;		  /* its descriptor; libevent's way: -1 */
	int sig;
	event_callback_fn cb;
	void *arg;
};

/*
 * From now on sig leads to cb(sig, EV_SIGNAL, arg), once for any number that
 * came meanwhile.  E_NOMEM, E_SYS.
 */
int caught_begin(struct caught *c, struct event_base *base, int sig,
    event_callback_fn cb, void *arg) ERR_MUSTCHECK;

/* No more; the signal stays blocked, for a process that is about to end.  A
 * zeroed one is legal. */
void caught_end(struct caught *c);

#endif
