/* SPDX-License-Identifier: ISC */
/*
 * Replies and notifications come from the daemon, are checked, and are sent to
 * the front.
 *
 * What the kernel does with a reply that it refuses depends on the fault: the
 * request ends with EIO, or waits for ever.  Here it ends with EIO in
 * each case.
 */
#include <errno.h>

#include "relay/init.h"
#include "relay/session_own.h"
#include "wire/errors.h"
#include "wire/head.h"
#include "wire/init.h"
#include "wire/node_type.h"

static void
reply_drop(struct session *s, struct span m, const struct inflight_req *r,
    const char *why)
{
	s->stats.dropped++;
	session_trace_made(s, TRACE_REPLY, TRACE_DROPPED, m, r);
	if (log_allow(&s->limit))
		log_warn("session %u: reply of %zu bytes, unique=%llu, error "
			 "%d, dropped: %s",
		    s->id, m.len, (unsigned long long)head_unique(m),
		    head_error(m), why);
}

/* Drop a notification that the kernel would refuse. */
static void
reply_drop_notify(struct session *s, struct span m, int r)
{
	s->stats.dropped++;
	session_trace_made(s, TRACE_NOTIFY, TRACE_DROPPED, m, NULL);
	if (log_allow(&s->limit))
		log_warn("session %u: notification of %zu bytes, code %d, "
			 "dropped: %s",
		    s->id, m.len, head_error(m), wire_notify_why(r));
}

static void
reply_notify(struct session *s, struct span m)
{
	int r = wire_check_notify(&s->proto, m);

	if (r != E_OK) {
		reply_drop_notify(s, m, r);
		return;
	}
	s->stats.notifications++;
	session_trace_made(s, TRACE_NOTIFY,
	    port_tells_notified(s->front) ? TRACE_AWAITED : 0, m, NULL);
	port_put(s->front, m);
}

/* Was an INTERRUPT with this unique sent a short while ago? */
static int
reply_is_late(const struct session *s, uint64_t unique)
{
	int i;

	for (i = 0; i < SESSION_INTERRUPTS; i++)
		if (unique != 0 && s->interrupts[i] == unique)
			return 1;
	return 0;
}

/*
 * Is it the answer to an INTERRUPT?  EAGAIN asks the kernel to send it once
 * more, ENOSYS to send no other.  On Linux the unique of an INTERRUPT is that
 * of its target with bit 0 set.  If the target does not wait any more, the
 * answer is dropped.
 */
static int
reply_interrupt(struct session *s, struct span m, const struct wire_rep *h)
{
	struct inflight_req *r;

	if (m.len != WIRE_REP_HEADER || h->len != m.len ||
	    (h->error != -EAGAIN && h->error != -ENOSYS))
		return 0;
	r = inflight_find(&s->inflight, h->unique & ~UINT64_C(1));
	if (r == NULL || r->interrupt != h->unique) {
		if (!reply_is_late(s, h->unique))
			return 0;
		s->stats.dropped++;
		session_trace_made(s, TRACE_REPLY, TRACE_DROPPED, m, NULL);
	} else if (r->parts != NULL) {
		session_part_interrupt_reply(s, r, m);
	} else {
		session_trace_made(s, TRACE_REPLY, 0, m, NULL);
		port_put(s->front, m);
	}
	return 1;
}

/* A reply with a unique that no request in flight has. */
static void
reply_unknown(struct session *s, struct span m, const struct wire_rep *h)
{
	if (reply_interrupt(s, m, h))
		return;
	reply_drop(s, m, NULL, "no request with that unique is in flight");
}

/* The daemon accepted or refused INIT. */
static void
reply_init(struct session *s, const struct frame_msg *m,
    const struct inflight_req *r)
{
	struct span raw = { m->p, m->len };
	struct span request = { s->init, s->init_len };

	if (wire_init_get(request, INIT_IN_MAJOR) > WIRE_MAJOR) {
		/* This reply says the daemon's version alone; the front sends
		 * another INIT with it. */
		s->init_len = 0;
		session_trace(s, TRACE_REPLY, 0, m, r);
		return;
	}
	if (head_error(raw) == 0)
		s->request_max = init_request_max(raw, s->carry_request);
	init_rewrite_reply(m->p, m->len, request, s->data_max, &s->proto);
	session_trace(s, TRACE_REPLY, TRACE_REWRITTEN, m, r);
	if (head_error(raw) != 0)
		return;
	if (wire_proto_from_init(&s->proto, request, raw) != E_OK)
		return;
	split_limits_learn(&s->parts.limits, &s->proto, s->data_max);
	s->init_done = 1;
	if (s->ev->ready != NULL)
		s->ev->ready(s->arg);
}

/* The reply to the session's own DESTROY. */
static void
reply_own(struct session *s, struct inflight_req *r)
{
	session_done(s, r);
	if (s->state != SESSION_DESTROY)
		return;
	s->state = SESSION_OVER;
	event_del(s->deadline);
	s->ev->front_gone(s->arg, s->front_error);
}

static void
reply_repair(struct session *s, struct inflight_req *r, struct span m,
    const char *why)
{
	char name[OP_NAME_MAX];

	s->stats.repaired++;
	session_trace_made(s, TRACE_REPLY, TRACE_REPAIRED, m, r);
	if (log_allow(&s->limit))
		log_warn("session %u: bad reply to %s unique=%llu: %s (%zu "
			 "bytes, length word %u, error %d); answered with EIO",
		    s->id, op_name_of(r->opcode, name),
		    (unsigned long long)r->unique, why, m.len, head_len(m),
		    head_error(m));
	session_answer_row(s, r, EIO);
	session_done(s, r);
}

/* Will the kernel end the request with EIO although the reply passes the
 * checks?  Why, in words; NULL: no. */
static const char *
reply_spoilt(struct session *s, const struct inflight_req *r, struct span m)
{
	if (head_error(m) != 0 ||
	    wire_proto_system(&s->proto) != WIRE_ON_LINUX)
		return NULL;
	if (wire_wrote_nothing(&r->expect, m))
		return "nothing was written; passed on, the kernel makes EIO "
		       "of it, but for direct I/O";
	if (!node_types_reply(&s->types, &s->proto, r->opcode, r->nodeid, m))
		return NULL;
	return wire_is_spoilt_later(r->opcode) ?
	    "a node has another file "
	    "type than before; passed on, who has the node open gets EIO" :
	    "a node has another file type than before; passed on, the kernel "
	    "makes EIO of it";
}

/* The flags of the trace record of a reply that passed the checks. */
static unsigned
reply_flags(struct session *s, const struct inflight_req *r, struct span m)
{
	const char *why = reply_spoilt(s, r, m);
	char name[OP_NAME_MAX];

	if (why == NULL)
		return 0;
	s->stats.spoilt++;
	if (log_allow(&s->limit))
		log_warn("session %u: bad reply to %s unique=%llu: %s", s->id,
		    op_name_of(r->opcode, name), (unsigned long long)r->unique,
		    why);
	return TRACE_SPOILT;
}

int
session_reply_in_pieces(void *session, struct span m)
{
	const struct session *s = session;
	const struct inflight_req *r;
	struct wire_rep h;

	if (wire_rep_get(m, &h) != E_OK || h.error != 0)
		return 0;
	if ((r = inflight_find(&s->inflight, h.unique)) == NULL)
		return 0;
	/* Only replies with data are large enough to be sent that way. */
	return !r->expect.known ||
	    (r->expect.tail > 0 &&
		h.len - WIRE_REP_HEADER <=
		    (uint64_t)r->expect.fixed + r->expect.tail);
}

void
session_reply(void *session, const struct frame_msg *m)
{
	struct session *s = session;
	struct span raw = { m->p, m->len };
	struct inflight_req *r;
	struct wire_rep h;
	const char *why;

	if (wire_rep_get(raw, &h) != E_OK) {
		reply_drop(s, raw, NULL, "shorter than a reply's header");
		return;
	}
	s->stats.replies++;
	if (h.unique == 0) {
		reply_notify(s, raw);
		return;
	}
	if ((r = inflight_find(&s->inflight, h.unique)) == NULL) {
		reply_unknown(s, raw, &h);
		return;
	}
	if (r->expired) {
		s->stats.late++;
		session_trace(s, TRACE_REPLY, TRACE_DROPPED, m, r);
		session_done(s, r);
		return;
	}
	if (r->parts != NULL && r->reread == REREAD_ASKED) {
		session_parts_drop(s, r); /* the reply was slow, not lost */
	} else if (r->parts != NULL && !r->own) {
		reply_drop(s, raw, r, "the daemon was not given that unique");
		return;
	}
	if (r->parts != NULL) {
		session_part_reply(s, r, raw);
		return;
	}
	if (r->own) {
		session_trace(s, TRACE_REPLY, TRACE_OWN, m, r);
		reply_own(s, r);
		return;
	}
	wire_proto_learn(&s->proto, &r->expect, raw);
	if (wire_check_reply(&s->proto, &r->expect, raw, &why) != REPLY_GOOD) {
		reply_repair(s, r, raw, why);
		return;
	}
	session_trace(s, TRACE_REPLY, reply_flags(s, r, raw), m, r);
	if (h.error == 0 &&
	    (r->opcode == FUSE_OP_OPEN || r->opcode == FUSE_OP_CREATE))
		reread_note_open(&s->reread, &s->proto, r->opcode, r->nodeid,
		    raw);
	if (r->opcode == FUSE_OP_INIT)
		reply_init(s, m, r);
	else if (quirks_reply(&s->quirks, &s->proto, &r->quirk, m->p,
		     &raw.len))
		session_trace_made(s, TRACE_REPLY, TRACE_REWRITTEN, raw, r);
	session_done(s, r);
	port_put(s->front, raw);
}
