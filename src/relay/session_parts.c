/* SPDX-License-Identifier: ISC */
/*
 * Requests in parts: split.c says which messages they are, reread.c which READs
 * go so because a reply may be lost.  Here they get uniques of the session's
 * own range and rows in the table, are sent, and are interrupted: an INTERRUPT
 * goes to the part in flight, which is then the last one.
 *
 * A WRITE is kept until its last part is sent, a READ's data until the last
 * part has come.  The front is not read while too much is kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "relay/session_own.h"
#include "wire/head.h"

_Static_assert(SPLIT_READ_MAX <= SESSION_REQUEST_MAX,
    "a reply has its bounds");

static size_t *
parts_counter(struct session *s, const struct parts *p)
{
	return p->split.is_write ? &s->parts.writes : &s->parts.reads;
}

static void
parts_free(struct session *s, struct parts *p)
{
	TAILQ_REMOVE(&s->parts.list, p, link);
	*parts_counter(s, p) -= split_kept(&p->split);
	split_fini(&p->split);
	free(p);
}

void
session_parts_fini(struct session *s)
{
	while (!TAILQ_EMPTY(&s->parts.list))
		parts_free(s, TAILQ_FIRST(&s->parts.list));
}

size_t
session_part_of(struct session *s, struct span request)
{
	size_t limit = split_limit(&s->parts.limits, request);

	if (limit != 0 && reread_wants_parts(&s->reread, request))
		return limit < REREAD_PART ? limit : REREAD_PART;
	return split_is_needed(&s->parts.limits, request) ? limit : 0;
}

/* The row of the whole request; NULL if it was answered in another way. */
static struct inflight_req *
parts_row(struct session *s, const struct parts *p)
{
	struct inflight_req *r = inflight_find(&s->inflight, p->split.unique);

	return r != NULL && r->parts == p && !r->own ? r : NULL;
}

static void
parts_put_answer(struct session *s, struct parts *p,
    const struct inflight_req *r)
{
	struct span m = split_answer(&p->split);

	port_put(s->front, m);
	session_trace_made(s, TRACE_REPLY, TRACE_OWN, m, r);
}

/* The READ that was asked for again was answered in parts, and the daemon's
 * reply to the READ itself is missing: it may still come. */
static void
parts_note_loss(struct session *s, struct inflight_req *r)
{
	unsigned ms = s->relay->conf.parts_ms;

	r->parts = NULL;
	reread_note_loss(&s->reread, ms);
	if (log_allow(&s->limit))
		log_warn(
		    "session %u: a READ's reply was lost, the system may "
		    "be short of memory in one stretch: READs go in parts of "
		    "%u bytes for %u s",
		    s->id, REREAD_PART, ms / 1000);
	inflight_expire(&s->inflight, r);
	session_go_on(s);
}

/* No part is in flight any more: answer the whole with what was done, or with
 * the errno num. */
static void
parts_end(struct session *s, struct parts *p, int num)
{
	struct inflight_req *r = parts_row(s, p);

	if (r != NULL) {
		if (num != SPLIT_DONE)
			session_answer_row(s, r, num);
		else
			parts_put_answer(s, p, r);
		/* What is put is borrowed until it leaves. */
		port_flush(s->front);
	}
	parts_free(s, p);
	if (r == NULL)
		return;
	if (r->reread == REREAD_ASKED)
		parts_note_loss(s, r);
	else
		session_done(s, r);
}

/* A row for the next part.  E_NOMEM. */
static int
parts_add_row(struct session *s, struct parts *p, struct inflight_req **out)
{
	struct session_parts *t = &s->parts;
	int r;

	do {
		t->unique = SESSION_OWN_UNIQUE |
		    ((t->unique + 2) & (SESSION_OWN_UNIQUE - 1));
		p->part = t->unique;
		/* A front with numbers in our range has them first. */
		r = inflight_add(&s->inflight, p->part, out);
	} while (r == E_EXISTS);
	return r;
}

/* Send the next part.  Nothing may be done with p afterwards: the daemon's end
 * may turn out to be dead. */
static void
parts_send(struct session *s, struct parts *p)
{
	struct inflight_req *part;
	struct span m;

	if (parts_add_row(s, p, &part) != E_OK) {
		parts_end(s, p, split_failed(&p->split, ENOMEM));
		return;
	}
	m = split_next(&p->split, p->part);
	part->own = 1;
	part->parts = p;
	part->opcode = head_opcode(m);
	part->nodeid = head_nodeid(m);
	part->len = (uint32_t)m.len;
	wire_expect_set(&part->expect, &s->proto, m);
	s->stats.parts++;
	session_trace_made(s, TRACE_REQUEST, TRACE_PART, m, NULL);
	port_put(s->dev, m);
	port_flush(s->dev);
}

/* E_NOMEM, E_BIG. */
static int
parts_new(struct session *s, struct parts **out, struct span m, size_t most)
{
	struct parts *p = calloc(1, sizeof(*p));
	int r;

	*out = NULL;
	if (p == NULL)
		return E_NOMEM;
	if ((r = split_init(&p->split, m, most)) != E_OK) {
		free(p);
		return r;
	}
	TAILQ_INSERT_TAIL(&s->parts.list, p, link);
	*parts_counter(s, p) += split_kept(&p->split);
	*out = p;
	return E_OK;
}

void
session_parts_begin(struct session *s, struct inflight_req *r,
    struct span request, size_t part)
{
	char name[OP_NAME_MAX];
	struct parts *p;
	int ret;

	if ((ret = parts_new(s, &p, request, part)) != E_OK) {
		s->stats.refused++;
		if (log_allow(&s->limit))
			log_warn("session %u: %s unique=%llu of %u bytes "
				 "can't be split: %s",
			    s->id, op_name_of(r->opcode, name),
			    (unsigned long long)r->unique,
			    get_u32(request, REQ_OFF(fuse_write_in, size)),
			    err_text(ret));
		session_answer_row(s, r, ret == E_NOMEM ? ENOMEM : EIO);
		session_done(s, r);
		return;
	}
	if (split_is_needed(&s->parts.limits, request) &&
	    s->stats.divided++ == 0)
		log_info("session %u: the front sends more than was agreed "
			 "on: %s of %zu bytes goes in parts",
		    s->id, op_name_of(r->opcode, name), p->split.total);
	r->parts = p;
	session_hold(s);
	parts_send(s, p);
}

void
session_part_reply(struct session *s, struct inflight_req *part,
    struct span reply)
{
	struct parts *p = part->parts;
	char name[OP_NAME_MAX];
	int num = -head_error(reply), step;
	const char *why;

	session_trace_made(s, TRACE_REPLY, TRACE_PART, reply, part);
	if (wire_check_reply(&s->proto, &part->expect, reply, &why) !=
	    REPLY_GOOD) {
		s->stats.repaired++;
		if (log_allow(&s->limit))
			log_warn("session %u: bad reply to a part of %s "
				 "unique=%llu: %s (%zu bytes); taken for EIO",
			    s->id, op_name_of(part->opcode, name),
			    (unsigned long long)p->split.unique, why,
			    reply.len);
		num = EIO;
	}
	session_done(s, part);
	step = num != 0 ? split_failed(&p->split, num) :
			  split_reply(&p->split, reply);
	if (step == SPLIT_MORE && parts_row(s, p) != NULL &&
	    s->state == SESSION_OPEN)
		parts_send(s, p);
	else
		parts_end(s, p, step == SPLIT_MORE ? SPLIT_DONE : step);
}

void
session_part_refused(struct session *s, struct inflight_req *part, int num)
{
	struct parts *p = part->parts;

	session_done(s, part);
	parts_end(s, p, split_failed(&p->split, num));
}

void
session_parts_drop(struct session *s, struct inflight_req *r)
{
	struct parts *p = r->parts;
	struct inflight_req *part = inflight_find(&s->inflight, p->part);

	if (part != NULL && part->parts == p) {
		part->parts = NULL;
		inflight_expire(&s->inflight, part);
	}
	parts_free(s, p);
	r->parts = NULL;
}

void
session_parts_interrupt(struct session *s, struct inflight_req *r,
    struct span m)
{
	const size_t at_target = REQ_OFF(fuse_interrupt_in, unique);
	uint8_t own[WIRE_REQ_HEADER + SIZE_fuse_interrupt_in];
	struct parts *p = r->parts;
	uint64_t unique = p->part;
	struct inflight_req *part;
	size_t taken;

	part = inflight_find(&s->inflight, unique);
	if (part == NULL || part->parts != p || m.len != sizeof(own))
		return;
	p->interrupt = head_unique(m);
	split_end(&p->split);
	taken = port_take_back(s->dev, session_has_unique, &unique);
	if (s->daemon_gone)
		return; /* found out just now: all are answered */
	if (taken > 0) {
		session_part_refused(s, part, EINTR);
		return;
	}
	part->interrupt = unique | 1;
	session_note_interrupt(s, part->interrupt);
	memcpy(own, m.p, sizeof(own));
	head_set_unique(own, sizeof(own), part->interrupt);
	put_u64(own, sizeof(own), at_target, unique);
	session_trace_made(s, TRACE_REQUEST, TRACE_PART,
	    (struct span){ own, sizeof(own) }, NULL);
	port_put_first(s->dev, (struct span){ own, sizeof(own) });
}

void
session_part_interrupt_reply(struct session *s, struct inflight_req *part,
    struct span reply)
{
	uint8_t m[WIRE_REP_HEADER];

	memcpy(m, reply.p, sizeof(m));
	head_set_unique(m, sizeof(m), part->parts->interrupt);
	port_put_small(s->front, m, sizeof(m));
	session_trace_made(s, TRACE_REPLY, TRACE_OWN,
	    (struct span){ m, sizeof(m) }, NULL);
}

void
session_keep_read(struct session *s, struct inflight_req *r, struct span m)
{
	if (m.len != sizeof(r->read) || s->parts.limits.read == 0 ||
	    s->device_is_stream || !reread_is_allowed(&s->reread, m))
		return;
	memcpy(r->read, m.p, m.len);
	r->reread = REREAD_ALLOWED;
}

int
session_reread(struct session *s, struct inflight_req *r, long long age)
{
	struct span m = { r->read, sizeof(r->read) };
	size_t most = s->parts.limits.read;
	struct parts *p;

	if (!port_is_taken(s->dev) ||
	    s->parts.reads / SESSION_PARTS_READING > s->relay->conf.low_mark)
		return 0;
	r->reread = REREAD_ASKED;
	s->stats.repeated++;
	if (log_allow(&s->limit))
		log_info(
		    "session %u: READ unique=%llu of %u bytes waits for "
		    "%lld ms: asked for again in parts, in case its reply "
		    "found no memory",
		    s->id, (unsigned long long)r->unique,
		    get_u32(m, REQ_OFF(fuse_read_in, size)), age);
	if (parts_new(s, &p, m, most < REREAD_PART ? most : REREAD_PART) !=
	    E_OK)
		return 1; /* it waits on */
	r->parts = p;
	parts_send(s, p);
	return 1;
}
