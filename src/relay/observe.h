/* SPDX-License-Identifier: ISC */
/*
 * What a session tells the trace: without one, nothing but a test of one
 * pointer.  A relay's trace that nobody asked for has no sinks; it stamps the
 * record with the time and copies what the ring keeps of it (trace/ring.h).
 */
#ifndef FR_RELAY_OBSERVE_H
#define FR_RELAY_OBSERVE_H

#include "relay/notifier.h"
#include "relay/session_own.h"
#include "trace/trace.h"

/*
 * m, with where it lay in its stream if `from` is not NULL; flags are TRACE_*.
 * r is the row of the request that a reply answers, or NULL; nothing else
 * needs it.  The direction follows from the kind.
 */
void session_observe(struct session *s, enum trace_kind kind, unsigned flags,
    struct span m, const struct frame_msg *from, const struct inflight_req *r);

static inline void
session_trace(struct session *s, enum trace_kind kind, unsigned flags,
    const struct frame_msg *m, const struct inflight_req *r)
{
	if (s->trace != NULL)
		session_observe(s, kind, flags, (struct span){ m->p, m->len },
		    m, r);
}

/* The same for a message that did not come from outside. */
static inline void
session_trace_made(struct session *s, enum trace_kind kind, unsigned flags,
    struct span m, const struct inflight_req *r)
{
	if (s->trace != NULL)
		session_observe(s, kind, flags, m, NULL, r);
}

/* The kernel has done with a notification: error is 0 or errno. */
void session_trace_result(void *session, const struct notifier_head *h,
    int error);

/* n bytes of the front's stream were read. */
void session_trace_chunk(void *session, uint64_t offset, size_t n);

#endif
