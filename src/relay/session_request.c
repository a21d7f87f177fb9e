/* SPDX-License-Identifier: ISC */
/* A request comes from the front, gets a row in the in-flight table and is sent
 * to the daemon. */
#include <errno.h>
#include <string.h>

#include "relay/init.h"
#include "relay/session_own.h"
#include "wire/head.h"

/* After a notification RESEND the kernel sends its requests once more, with
 * this bit set in the unique. */
#define UNIQUE_RESENT (UINT64_C(1) << 63)

/*
 * An INTERRUPT overtakes the requests that are queued for the daemon.  If its
 * target is still queued, the target is answered with EINTR here, and the
 * daemon gets neither.  If the target is answered already, the INTERRUPT is
 * dropped.
 */
static void
request_interrupt(struct session *s, struct span m)
{
	uint64_t target = get_u64(m, REQ_OFF(fuse_interrupt_in, unique));
	struct inflight_req *r = inflight_find(&s->inflight, target);

	if (r == NULL || r->own || r->expired)
		return;
	if (r->parts != NULL) {
		session_parts_interrupt(s, r, m);
		return;
	}
	if (port_take_back(s->dev, session_has_unique, &target) > 0) {
		session_answer_row(s, r, EINTR);
		session_done(s, r);
		return;
	}
	r->interrupt = head_unique(m);
	session_note_interrupt(s, r->interrupt);
	port_put_first(s->dev, m);
}

/* Keep the front's INIT as it came, and rewrite it for the daemon.  1: it was
 * refused. */
static int
request_init(struct session *s, const struct frame_msg *m)
{
	struct span raw = { m->p, m->len };

	if (s->init_len != 0) {
		log_warn("session %u: second INIT refused (unique=%llu)",
		    s->id, (unsigned long long)head_unique(raw));
		session_answer(s, head_unique(raw), EINVAL);
		return 1;
	}
	s->init_len = m->len < sizeof(s->init) ? m->len : sizeof(s->init);
	memcpy(s->init, m->p, s->init_len);
	init_rewrite_request(m->p, m->len, s->data_max, &s->proto);
	session_trace(s, TRACE_REQUEST, TRACE_REWRITTEN, m, NULL);
	return 0;
}

static void
request_too_large(struct session *s, const struct wire_req *h, size_t len)
{
	char name[OP_NAME_MAX];

	s->stats.refused++;
	if (log_allow(&s->limit))
		log_warn(
		    "session %u: %s unique=%llu of %zu bytes is more than "
		    "the device end carries (%zu): answered with an error "
		    "(raise net.core.wmem_max or lower --max-write)",
		    s->id, op_name_of(h->opcode, name),
		    (unsigned long long)h->unique, len, s->carry_request);
}

/*
 * The request's unique is in use.  If another request of the front has it,
 * nobody could tell the answers to the two apart, and this one is dropped.  If
 * the front knows nothing of the row (a part of a request, or an answered
 * request whose late reply may still come), this one is answered with EIO.
 */
static void
request_in_use(struct session *s, const struct wire_req *h,
    const struct inflight_req *by)
{
	int answered = by != NULL && (by->own || by->expired);

	if (log_allow(&s->limit))
		log_warn("session %u: request unique=%llu opcode %u %s: that "
			 "unique is still in use",
		    s->id, (unsigned long long)h->unique, h->opcode,
		    answered ? "answered with EIO" : "dropped");
	if (answered)
		session_answer(s, h->unique, EIO);
}

/*
 * A kernel puts as many FORGETs into one request as fit into the buffer of its
 * reader, which is the relay's.  The daemon's buffer may be smaller: then the
 * records go in several requests.  The header of each is written over records
 * that were sent before.
 */
static void
request_forgets(struct session *s, const struct frame_msg *m)
{
	const size_t head = WIRE_REQ_HEADER + SIZE_fuse_batch_forget_in;
	size_t most = (s->request_max - head) / SIZE_fuse_forget_one;
	size_t left = (m->len - head) / SIZE_fuse_forget_one, n;
	uint8_t *p = m->p, first[WIRE_REQ_HEADER + SIZE_fuse_batch_forget_in];
	struct span batch;

	memcpy(first, p, head);
	for (; left > 0; left -= n) {
		n = left < most ? left : most;
		batch.p = p;
		batch.len = head + n * SIZE_fuse_forget_one;
		memcpy(p, first, head);
		head_set_len(p, batch.len);
		put_u32(p, batch.len, REQ_OFF(fuse_batch_forget_in, count),
		    (uint32_t)n);
		session_trace_made(s, TRACE_REQUEST, TRACE_PART, batch, NULL);
		port_put(s->dev, batch);
		port_flush(s->dev);
		p += n * SIZE_fuse_forget_one;
	}
}

/* Put the request into the table.  NULL: it must not be sent to the daemon. */
static struct inflight_req *
request_note(struct session *s, const struct wire_req *h, struct span m,
    int checked)
{
	struct inflight_req *r, *old;
	int ret;

	if ((h->unique & UNIQUE_RESENT) &&
	    (old = inflight_find(&s->inflight, h->unique & ~UNIQUE_RESENT)) !=
		NULL &&
	    !old->own)
		session_done(s, old); /* its reply has the new unique */
	ret = inflight_add(&s->inflight, h->unique, &r);
	if (ret == E_NOMEM) {
		session_answer(s, h->unique, ENOMEM);
		return NULL;
	}
	if (ret == E_EXISTS) {
		request_in_use(s, h, inflight_find(&s->inflight, h->unique));
		return NULL;
	}
	r->opcode = h->opcode;
	r->nodeid = h->nodeid;
	r->pid = h->pid;
	r->len = h->len;
	if (checked)
		wire_expect_set(&r->expect, &s->proto, m);
	else
		r->expect.opcode = h->opcode;
	if (!s->watching)
		session_watch(s);
	return r;
}

static void
request_count(struct session *s, const struct frame_msg *m)
{
	s->stats.requests++;
	s->stats.pieces += m->pieces;
	if (m->pieces > 1)
		s->stats.split++;
	if (m->index > 0)
		s->stats.joined++;
	if (m->len > s->stats.largest)
		s->stats.largest = (uint32_t)m->len;
}

/* A request on its way. */
struct request {
	const struct frame_msg *m;
	struct span raw;
	struct wire_req h;
	const struct op *op; /* NULL: an unknown opcode */
	int passed;	     /* the checks */
	int noreply;
};

/* Check it.  E_SHORT: it has no header. */
static int
request_read(struct session *s, struct request *q, const struct frame_msg *m)
{
	char name[OP_NAME_MAX];
	size_t where;
	int r;

	q->m = m;
	q->raw = (struct span){ m->p, m->len };
	r = wire_check_request(&s->proto, q->raw, &q->op, &where);
	if (r != E_OK && log_allow(&s->limit))
		log_warn("session %u: request at stream byte %llu, %s, is "
			 "malformed at offset %zu: %s; passed on as it is",
		    s->id, (unsigned long long)m->offset,
		    op_name_of(head_opcode(q->raw), name), where, err_text(r));
	q->passed = r == E_OK;
	q->noreply = q->op != NULL && (op_flags(q->op) & OP_NOREPLY);
	return wire_req_get(q->raw, &q->h);
}

/* Do what only some operations need.  1: the request has been handled. */
static int
request_is_handled(struct session *s, const struct request *q)
{
	switch (q->h.opcode) {
	case FUSE_OP_INTERRUPT:
		request_interrupt(s, q->raw);
		return 1;
	case FUSE_OP_INIT:
		return request_init(s, q->m);
	case FUSE_OP_DESTROY:
		s->destroy_seen = 1;
		return 0;
	case FUSE_OP_BATCH_FORGET:
		if (!q->passed || q->raw.len <= s->request_max)
			return 0;
		s->last_is_noreply = 1;
		node_types_request(&s->types, q->h.opcode, q->raw);
		request_forgets(s, q->m);
		return 1;
	default:
		return 0;
	}
}

/* Learn from a request that leaves for the daemon; row is NULL if it has no
 * reply. */
static void
request_learn(struct session *s, const struct request *q,
    const struct inflight_req *row)
{
	if (q->passed && q->h.opcode == FUSE_OP_RELEASE)
		reread_note_release(&s->reread, q->h.nodeid,
		    get_u64(q->raw, REQ_OFF(fuse_release_in, fh)));
	if (q->passed && row == NULL)
		node_types_request(&s->types, q->h.opcode, q->raw);
	s->last_is_noreply = q->noreply != 0;
}

static void
request_send(struct session *s, const struct request *q)
{
	const struct frame_msg *m = q->m;
	struct quirk_call call = { .op = NULL };
	struct inflight_req *row = NULL;
	size_t part = 0;

	/* The quirks come before anything looks at the contents. */
	if (q->passed && s->quirks.on != 0 &&
	    quirks_request(&s->quirks, &s->proto, q->op, m->p, m->len, &call))
		session_trace(s, TRACE_REQUEST, TRACE_REWRITTEN, m, NULL);
	if (q->passed)
		part = session_part_of(s, q->raw);
	if (part == 0 && m->len > s->carry_request) {
		request_too_large(s, &q->h, m->len);
		if (!q->noreply)
			session_answer(s, q->h.unique,
			    q->h.opcode == FUSE_OP_SETXATTR ? E2BIG : EIO);
		return;
	}
	if (!q->noreply &&
	    (row = request_note(s, &q->h, q->raw, q->passed)) == NULL)
		return;
	if (row != NULL)
		row->quirk = call;
	request_learn(s, q, row);
	if (part != 0) {
		session_parts_begin(s, row, q->raw, part);
		return;
	}
	if (row != NULL && q->passed)
		session_keep_read(s, row, q->raw);
	port_put(s->dev, q->raw);
}

void
session_request(void *session, const struct frame_msg *m)
{
	struct session *s = session;
	struct request q;

	request_count(s, m);
	session_trace(s, TRACE_REQUEST, 0, m, NULL);
	if (request_read(s, &q, m) != E_OK)
		return;
	if (s->state == SESSION_OVER) {
		if (!q.noreply && q.h.opcode != FUSE_OP_INTERRUPT)
			session_answer(s, q.h.unique,
			    s->relay->conf.gone_errno);
		return;
	}
	if (s->state == SESSION_OPEN && !request_is_handled(s, &q))
		request_send(s, &q);
}
