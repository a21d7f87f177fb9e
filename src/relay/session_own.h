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

/* So many INTERRUPTs are remembered: the answer to one may come when its target
 * is answered already. */
#define SESSION_INTERRUPTS 32

struct session {
	struct relay *relay;
	struct trace *trace; /* the relay's; may be NULL */
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
	uint8_t init_done;	 /* the daemon has accepted INIT */
	uint8_t destroy_seen;	 /* the front has sent DESTROY */
	uint8_t held;		 /* the front is not read for now */
	uint8_t daemon_gone;	 /* all requests are answered here */
	uint8_t watching;	 /* the event `watch` is set */
	uint8_t end_traced;	 /* session_trace_end() was called */
	uint8_t last_is_noreply; /* the request sent last has no reply */
	uint64_t own_unique;	 /* of the session's DESTROY; 0: not sent */
	/* Uniques of the INTERRUPTs that were sent last; how many ever. */
	uint64_t interrupts[SESSION_INTERRUPTS];
	unsigned ninterrupts;
	struct session_parts parts;
	struct reread reread;
	struct quirks quirks;
	struct node_types types;
	int front_error;	/* why the front is gone: E_* */
	struct event *deadline; /* when DESTROY is due, then its reply */
	struct event *watch;	/* when ages are looked at */
	struct log_limit limit;
	struct session_stats stats;
};

/* The unique that the reply to the request m will have; 0: m is not answered.
 * (In a NOTIFY_REPLY that word is a number of the daemon's.) */
uint64_t session_unique_of(struct span m);

/* For port_take_back(): is it the uint64_t that arg points to? */
int session_has_unique(struct span m, void *arg);

/* An INTERRUPT with this unique was sent to the daemon: its answer may come
 * when its target is answered already. */
static inline void
session_note_interrupt(struct session *s, uint64_t unique)
{
	s->interrupts[s->ninterrupts++ % SESSION_INTERRUPTS] = unique;
}

/* Has the front sent INIT, which the daemon has not accepted yet? */
static inline int
session_starting(const struct session *s)
{
	return s->init_len > 0 && !s->init_done;
}

/* Port events: a message came, from the front and from the daemon. */
void session_request(void *session, const struct frame_msg *m);
void session_reply(void *session, const struct frame_msg *m);

/* May m, whose length word says that more is to come, be the first piece of a
 * reply to a request in flight? */
int session_reply_in_pieces(void *session, struct span m);

/* Port events: the front is gone or lost, the daemon is.  The timer for DESTROY
 * (session_end.c). */
void session_front_ended(void *session, int r);
void session_device_ended(void *session, int r);
void session_deadline_cb(evutil_socket_t fd, short what, void *session);

/* Look at the ages of the requests in flight, now and then, until there are
 * none (session_watch.c). */
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

/* Stop reading the front while too much is queued for the daemon or for the
 * front itself, too many requests are in flight, or too much is kept for
 * requests in parts. */
void session_hold(struct session *s);

/* Read the front again, if all that has become less. */
void session_go_on(struct session *s);

/* The same, if inflight_max or fewer requests are in flight. */
void session_go_on_below(struct session *s, size_t inflight_max);

/* Take the row out of the table; the front may be read again then. */
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
