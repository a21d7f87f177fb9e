/* SPDX-License-Identifier: ISC */
/* What a session is made of, for its own files. */
#ifndef FR_RELAY_SESSION_OWN_H
#define FR_RELAY_SESSION_OWN_H

#include "base/log.h"
#include "relay/reread.h"
#include "relay/inflight.h"
#include "relay/node_types.h"
#include "relay/notifier.h"
#include "relay/session.h"
#include "relay/split.h"
#include "relay/watch.h"
#include "trace/trace.h"

enum session_state {
	SESSION_OPEN,
	SESSION_DESTROY, /* front gone, DESTROY sent to the daemon */
	SESSION_OVER	 /* one side is gone, nothing in flight */
};

/* A request that goes in parts; on the list of those of its session.  The
 * rows of the request and of the part in flight have it. */
struct parts {
	TAILQ_ENTRY(parts) link;
	struct split split;
	uint64_t part;	    /* unique of the part in flight */
	uint64_t interrupt; /* of the front's INTERRUPT for it, or 0 */
};

/* A session's requests in parts. */
struct session_parts {
	TAILQ_HEAD(parts_list, parts) list;
	size_t writes;	 /* bytes kept of WRITEs */
	size_t reads;	 /* bytes of space for what READs asked for */
	uint64_t unique; /* of the part sent last */
	struct split_limits limits;
};

#define SESSION_INTERRUPTS 32 /* whose answer may come late */

struct session {
	struct relay *relay;
	struct trace *trace; /* relay's; NULL: nobody looks on */
	unsigned id;
	enum session_state state;
	const struct session_events *ev;
	void *arg;
	struct port *front, *dev; /* owned */
	struct inflight inflight;
	struct wire_proto proto;
	int device_is_stream;
	size_t carry_request, carry_reply; /* bytes, from the device pair */
	size_t request_max; /* bytes that the daemon surely reads at once */
	size_t data_max;    /* bytes of file data in one message */
	uint8_t init[128];  /* the INIT request as the front sent it */
	size_t init_len;
	uint8_t init_done, destroy_seen, held, daemon_gone, watching;
	uint8_t end_traced;
	uint8_t told_last;   /* the last message has no reply */
	uint64_t own_unique; /* of our DESTROY; 0: not sent */
	uint64_t
	    interrupts[SESSION_INTERRUPTS]; /* uniques of those sent last */
	unsigned ninterrupts;
	struct session_parts parts;
	struct reread reread;
	struct quirks quirks;
	struct node_types types;
	int front_error;
	struct event *deadline, *watch;
	struct log_limit limit;
	struct session_stats stats;
};

/* The number by which m, that goes to the daemon, is answered; 0: it is not.  A
 * NOTIFY_REPLY has a number of the daemon's own. */
uint64_t session_unique_of(struct span m);

/* For port_take_back(): is it the uint64_t that arg points to? */
int session_has_unique(struct span m, void *arg);

/* The daemon is sent an INTERRUPT with this unique. */
static inline void
session_note_interrupt(struct session *s, uint64_t unique)
{
	s->interrupts[s->ninterrupts++ % SESSION_INTERRUPTS] = unique;
}

/* INIT was asked for, and has not been accepted. */
static inline int
session_starting(const struct session *s)
{
	return s->init_len > 0 && !s->init_done;
}

/* Parts of the session with a file of their own. */
void session_request(void *session, const struct frame_msg *m);
void session_reply(void *session, const struct frame_msg *m);

/* May a reply to what is in flight begin with m, whose length word says that
 * more is to come? */
int session_reply_in_pieces(void *session, struct span m);

/* Look after the ages of requests as long as there are any
 * (session_watch.c). */
int session_watch_init(struct session *s) ERR_MUSTCHECK;
void session_watch(struct session *s);

/* ---- requests in parts (session_parts.c) ---- */

/* Forget all, answering nothing. */
void session_parts_fini(struct session *s);

/* Must this request, which passed wire_check_request(), go in parts?  Bytes of
 * data in the largest of them, or 0. */
size_t session_part_of(struct session *s, struct span request);

/* Send it in such parts; r is its row in the table.  It is answered. */
void session_parts_begin(struct session *s, struct inflight_req *r,
    struct span request, size_t part);

/* A part was answered, or never reached the daemon because of num. */
void session_part_reply(struct session *s, struct inflight_req *part,
    struct span reply);
void session_part_refused(struct session *s, struct inflight_req *part,
    int num);

/* The front sent INTERRUPT m for r; the daemon answered the part's. */
void session_parts_interrupt(struct session *s, struct inflight_req *r,
    struct span m);
void session_part_interrupt_reply(struct session *s, struct inflight_req *part,
    struct span reply);

/* The whole of r is answered in another way: give up what was asked for in
 * parts.  The reply to the part in flight is expected, and dropped. */
void session_parts_drop(struct session *s, struct inflight_req *r);

/* Keep m, as it goes to the daemon, if r may have to be asked for again. */
void session_keep_read(struct session *s, struct inflight_req *r,
    struct span m);

/* Ask for r again in parts, if the daemon has taken it and there is memory for
 * the reply.  1: it was done, and the session may have come to its end, its
 * rows with it. */
int session_reread(struct session *s, struct inflight_req *r, long long age);

/* Answer a request of the front with -num, as the daemon would: one that is
 * not in the table, or that has the row r there, which stays. */
void session_answer(struct session *s, uint64_t unique, int num);
void session_answer_row(struct session *s, const struct inflight_req *r,
    int num);

/* Stop reading the front while the daemon's side is behind, while the front
 * does not take the answers that the session makes itself, or while too much
 * is kept. */
void session_hold(struct session *s);

/* Read the front again, if what it was held for has become less. */
void session_go_on(struct session *s);

/* Take the row out of the table, letting the front go on if it was held. */
void session_done(struct session *s, struct inflight_req *r);

/* ---- what the trace is told (session_trace.c) ----
 *
 * Without a trace, nothing but a test of one pointer.  A relay's trace that
 * nobody asked for has no sinks; it stamps the record with the time and copies
 * what the ring keeps of it (trace/ring.h).
 */

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
