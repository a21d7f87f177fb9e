/* SPDX-License-Identifier: ISC */
/*
 * The trace of a running relay: the sinks that its options ask for, and the
 * ring of the last messages, which the log gets when a session ends badly.
 */
#ifndef FR_LIVE_LIVE_H
#define FR_LIVE_LIVE_H

#include <event2/event.h>

#include "live/trace_opts.h"

struct live;

/* Open what the options ask for.  Anything but E_OK was told in the log. */
int live_open(struct live **out, const struct trace_opts *opts,
    struct event_base *base) ERR_MUSTCHECK;

struct trace *live_trace(struct live *l);

/*
 * A model of the sessions' messages: of all of them if there are lines, a
 * summary or metrics, else of the last ones.  To be given back with live_look_end(); NULL: no memory.
 */
struct model *live_look(struct live *l);
void live_look_end(struct live *l, struct model *m);

/* End the trace: write what is left, log what was lost, and free it.  NULL is
 * legal. */
void live_close(struct live *l);

#endif
