/* SPDX-License-Identifier: ISC */
#include "relay/split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "relay/observe.h"
#include "wire/get.h"
#include "wire/init.h"

/* Words that READ and WRITE have in common. */
#define AT_UNIQUE 8
#define AT_OFFSET 48
#define AT_SIZE 56
#define WRITE_OUT_LEN (WIRE_REP_HEADER + 8)

#define HEAD_MAX WIRE_WRITE_HEAD
#define SIZE_MAX_ASKED (SESSION_REQUEST_MAX - 4096) /* of a READ */

#define PAGE 4096u
#define LEAST_MAX_WRITE PAGE /* what a kernel makes of less */
#define PAGES_WITHOUT_GRANT 32u

struct split {
	TAILQ_ENTRY(split) link;
	uint64_t unique;    /* of the request */
	uint64_t part;	    /* of the part in flight */
	uint64_t interrupt; /* the front's INTERRUPT for it, or 0 */
	uint64_t offset;    /* in the file */
	size_t total, done; /* bytes: asked for, good so far */
	size_t asked;	    /* of the part in flight */
	size_t most;	    /* of any part */
	size_t kept;	    /* counted in splits.bytes or .reading */
	int is_write;
	uint8_t head[HEAD_MAX]; /* the request without data */
	size_t head_len;
	/* WRITE: the request.  READ: room for one part's head. */
	uint8_t *out;
	uint8_t *in; /* READ: the reply being put together */
};

void
splits_init(struct splits *t)
{
	memset(t, 0, sizeof(*t));
	TAILQ_INIT(&t->list);
}

static size_t *
split_counter(struct splits *t, const struct split *sp)
{
	return sp->is_write ? &t->bytes : &t->reading;
}

static void
split_free(struct splits *t, struct split *sp)
{
	TAILQ_REMOVE(&t->list, sp, link);
	*split_counter(t, sp) -= sp->kept;
	free(sp->out);
	free(sp->in);
	free(sp);
}

void
splits_fini(struct splits *t)
{
	while (!TAILQ_EMPTY(&t->list))
		split_free(t, TAILQ_FIRST(&t->list));
}

static size_t
split_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void
splits_learn(struct splits *t, struct span request, struct span reply,
    size_t data_max)
{
	const uint64_t pages_flag = UINT64_C(1) << WIRE_BIT_LINUX_MAX_PAGES;
	size_t write = wire_init_get(reply, INIT_OUT_MAX_WRITE);
	size_t pages = PAGES_WITHOUT_GRANT, read;

	if (write < LEAST_MAX_WRITE)
		write = LEAST_MAX_WRITE;
	write -= write % PAGE;
	/* A darwin server's INIT does not offer the flag. */
	if ((wire_init_in_flags(request) & wire_init_out_flags(reply) &
		pages_flag) &&
	    reply.len > WIRE_REP_HEADER + 24)
		pages = wire_init_get(reply, INIT_OUT_MAX_PAGES);
	/* A kernel's READ is not bound by max_write; a server without pages
	 * knows nothing else. */
	read = pages * PAGE;
	if (read < write)
		read = write;
	t->write_max = split_least(write, data_max);
	t->read_max = split_least(read, data_max);
}

/* What was agreed on for one message; 0: nothing. */
static size_t
split_agreed(const struct splits *t, struct span request)
{
	switch (get_u32(request, 4)) {
	case FUSE_OP_READ:
		return t->read_max;
	case FUSE_OP_WRITE:
		return t->write_max;
	default:
		return 0;
	}
}

static int
split_exceeds(const struct splits *t, struct span request)
{
	size_t agreed = split_agreed(t, request);

	return agreed != 0 && get_u32(request, AT_SIZE) > agreed;
}

size_t
split_part(struct session *s, struct span request)
{
	size_t agreed = split_agreed(&s->splits, request);

	if (agreed != 0 && again_wants_parts(s, request))
		return split_least(agreed, AGAIN_PART);
	return split_exceeds(&s->splits, request) ? agreed : 0;
}

/* The row of the whole request; NULL if it was answered in another way. */
static struct inflight_req *
split_row(struct session *s, const struct split *sp)
{
	struct inflight_req *r = inflight_find(&s->inflight, sp->unique);

	return r != NULL && r->split == sp && !r->own ? r : NULL;
}

static void
split_answer_done(struct session *s, struct split *sp,
    const struct inflight_req *r)
{
	struct span whole = { sp->in, WIRE_REP_HEADER + sp->done };
	uint8_t m[WRITE_OUT_LEN] = { 0 };

	if (sp->is_write) {
		put_u32(m, sizeof(m), 0, sizeof(m));
		put_u64(m, sizeof(m), AT_UNIQUE, sp->unique);
		put_u32(m, sizeof(m), WIRE_REP_HEADER, (uint32_t)sp->done);
		port_put_small(&s->front, m, sizeof(m));
		session_trace_made(s, TRACE_REPLY, TRACE_OWN,
		    (struct span){ m, sizeof(m) }, r);
		return;
	}
	memset(sp->in, 0, WIRE_REP_HEADER);
	put_u32(sp->in, WIRE_REP_HEADER, 0, (uint32_t)whole.len);
	put_u64(sp->in, WIRE_REP_HEADER, AT_UNIQUE, sp->unique);
	port_put(&s->front, whole);
	session_trace_made(s, TRACE_REPLY, TRACE_OWN, whole, r);
}

/* No part is in flight any more: answer, with -num if nothing was done. */
static void
split_end(struct session *s, struct split *sp, int num)
{
	struct inflight_req *r = split_row(s, sp);

	if (r != NULL) {
		if (num != 0 && sp->done == 0)
			session_answer_row(s, r, num);
		else
			split_answer_done(s, sp, r);
		/* What is put is borrowed until it leaves. */
		port_flush(&s->front);
	}
	split_free(&s->splits, sp);
	if (r == NULL)
		return;
	if (r->again == AGAIN_ASKED) { /* the first reply may still come */
		r->split = NULL;
		again_note_loss(s);
		inflight_expire(&s->inflight, r);
		session_go_on(s);
		return;
	}
	session_done(s, r);
}

/* A row for the next part.  E_NOMEM. */
static int
split_part_row(struct session *s, struct split *sp, struct inflight_req **out)
{
	int r;

	do {
		s->part_unique = SESSION_OWN_UNIQUE |
		    ((s->part_unique + 2) & (SESSION_OWN_UNIQUE - 1));
		sp->part = s->part_unique;
		/* A front with numbers in our range has them first. */
		r = inflight_add(&s->inflight, sp->part, out);
	} while (r == E_EXISTS);
	return r;
}

/*
 * Send the next part.  A WRITE's head is laid right before its data, over
 * data that is done with.  Nothing may be done with sp afterwards: the
 * daemon's end may turn out to be dead.
 */
static void
split_send(struct session *s, struct split *sp)
{
	struct inflight_req *part;
	struct span m;
	uint8_t *p;

	sp->asked = split_least(sp->total - sp->done, sp->most);
	if (split_part_row(s, sp, &part) != E_OK) {
		split_end(s, sp, ENOMEM);
		return;
	}
	p = sp->out + (sp->is_write ? sp->done : 0);
	m.p = p;
	m.len = sp->head_len + (sp->is_write ? sp->asked : 0);
	memcpy(p, sp->head, sp->head_len);
	put_u32(p, m.len, 0, (uint32_t)m.len);
	put_u64(p, m.len, AT_UNIQUE, sp->part);
	put_u64(p, m.len, AT_OFFSET, sp->offset + sp->done);
	put_u32(p, m.len, AT_SIZE, (uint32_t)sp->asked);
	part->own = 1;
	part->split = sp;
	part->opcode = get_u32(m, 4);
	part->nodeid = get_u64(m, 16);
	part->len = (uint32_t)m.len;
	wire_expect_set(&part->expect, &s->proto, m);
	s->stats.parts++;
	session_trace_made(s, TRACE_REQUEST, TRACE_PART, m, NULL);
	port_put(&s->dev, m);
	port_flush(&s->dev);
}

/* E_NOMEM, E_BIG. */
static int
split_make(struct session *s, struct split **out, struct span m, size_t most)
{
	int is_write = get_u32(m, 4) == FUSE_OP_WRITE;
	size_t total = get_u32(m, AT_SIZE);
	size_t head = is_write ? m.len - total : m.len;
	struct split *sp;

	*out = NULL;
	if (head > HEAD_MAX || total > SIZE_MAX_ASKED)
		return E_BIG;
	if ((sp = calloc(1, sizeof(*sp))) == NULL)
		return E_NOMEM;
	sp->unique = get_u64(m, AT_UNIQUE);
	sp->offset = get_u64(m, AT_OFFSET);
	sp->total = total;
	sp->is_write = is_write;
	sp->most = most;
	sp->head_len = head;
	sp->kept = m.len + (is_write ? 0 : WIRE_REP_HEADER + total);
	memcpy(sp->head, m.p, head);
	sp->out = malloc(m.len);
	/* Pages that no part fills are never touched. */
	if (!is_write)
		sp->in = malloc(WIRE_REP_HEADER + total);
	if (sp->out == NULL || (!is_write && sp->in == NULL)) {
		free(sp->out);
		free(sp->in);
		free(sp);
		return E_NOMEM;
	}
	memcpy(sp->out, m.p, m.len);
	*out = sp;
	TAILQ_INSERT_TAIL(&s->splits.list, sp, link);
	*split_counter(&s->splits, sp) += sp->kept;
	return E_OK;
}

void
split_start(struct session *s, struct inflight_req *r, struct span request,
    size_t part)
{
	char name[OP_NAME_MAX];
	struct split *sp;
	int ret;

	if ((ret = split_make(s, &sp, request, part)) != E_OK) {
		s->stats.refused++;
		if (log_allow(&s->limit))
			log_warn("session %u: %s unique=%llu of %u bytes "
				 "can't be split: %s",
			    s->id, op_name_of(r->opcode, name),
			    (unsigned long long)r->unique,
			    get_u32(request, AT_SIZE), err_text(ret));
		session_answer_row(s, r, ret == E_NOMEM ? ENOMEM : EIO);
		session_done(s, r);
		return;
	}
	if (split_exceeds(&s->splits, request) && s->stats.divided++ == 0)
		log_info("session %u: the front sends more than was agreed "
			 "on: %s of %zu bytes goes in parts",
		    s->id, op_name_of(r->opcode, name), sp->total);
	r->split = sp;
	session_hold(s);
	split_send(s, sp);
}

void
split_again(struct session *s, struct inflight_req *r)
{
	struct span m = { r->read, sizeof(r->read) };
	struct split *sp;

	if (split_make(s, &sp, m,
		split_least(AGAIN_PART, s->splits.read_max)) != E_OK)
		return; /* it waits on */
	r->split = sp;
	split_send(s, sp);
}

/* Bytes that a good reply to a part did. */
static size_t
split_take(struct split *sp, struct span m)
{
	size_t got;

	if (sp->is_write)
		return get_u32(m, WIRE_REP_HEADER);
	got = m.len - WIRE_REP_HEADER;
	memcpy(sp->in + WIRE_REP_HEADER + sp->done, m.p + WIRE_REP_HEADER,
	    got);
	return got;
}

void
split_reply(struct session *s, struct inflight_req *part, struct span reply)
{
	struct split *sp = part->split;
	struct inflight_req *r;
	char name[OP_NAME_MAX];
	enum wire_verdict v;
	const char *why;
	size_t got;
	int num = -get_i32(reply, 4);

	session_trace_made(s, TRACE_REPLY, TRACE_PART, reply, part);
	v = wire_check_reply(&s->proto, &part->expect, reply, &why);
	if (v != REPLY_GOOD) {
		s->stats.repaired++;
		if (log_allow(&s->limit))
			log_warn("session %u: bad reply to a part of %s "
				 "unique=%llu: %s (%zu bytes); taken for EIO",
			    s->id, op_name_of(part->opcode, name),
			    (unsigned long long)sp->unique, why, reply.len);
		num = EIO;
	}
	session_done(s, part);
	if (num != 0) {
		split_end(s, sp, num);
		return;
	}
	got = split_take(sp, reply);
	sp->done += got;
	r = split_row(s, sp);
	if (got < sp->asked || sp->done == sp->total || sp->interrupt != 0 ||
	    r == NULL || s->state != SESSION_OPEN || sp->offset > INT64_MAX ||
	    sp->done > INT64_MAX - sp->offset) {
		split_end(s, sp, 0);
		return;
	}
	split_send(s, sp);
}

void
split_refused(struct session *s, struct inflight_req *part, int num)
{
	struct split *sp = part->split;

	session_done(s, part);
	split_end(s, sp, num);
}

void
split_drop(struct session *s, struct inflight_req *r)
{
	struct split *sp = r->split;
	struct inflight_req *part = inflight_find(&s->inflight, sp->part);

	if (part != NULL && part->split == sp) {
		part->split = NULL;
		inflight_expire(&s->inflight, part);
	}
	split_free(&s->splits, sp);
	r->split = NULL;
}

static int
split_is_part(struct span m, void *arg)
{
	const uint64_t *unique = arg;

	return session_unique_of(m) == *unique;
}

void
split_interrupt(struct session *s, struct inflight_req *r, struct span m)
{
	uint8_t own[WIRE_REQ_HEADER + 8];
	struct split *sp = r->split;
	uint64_t unique = sp->part;
	struct inflight_req *part;
	size_t taken;

	part = inflight_find(&s->inflight, unique);
	if (part == NULL || part->split != sp || m.len != sizeof(own))
		return;
	sp->interrupt = get_u64(m, AT_UNIQUE);
	taken = port_take_back(&s->dev, split_is_part, &unique);
	if (s->daemon_gone)
		return; /* found out just now: all are answered */
	if (taken > 0) {
		split_refused(s, part, EINTR);
		return;
	}
	part->interrupt = unique | 1;
	session_note_interrupt(s, part->interrupt);
	memcpy(own, m.p, sizeof(own));
	put_u64(own, sizeof(own), AT_UNIQUE, part->interrupt);
	put_u64(own, sizeof(own), WIRE_REQ_HEADER, unique);
	session_trace_made(s, TRACE_REQUEST, TRACE_PART,
	    (struct span){ own, sizeof(own) }, NULL);
	port_put_first(&s->dev, (struct span){ own, sizeof(own) });
}

void
split_interrupt_reply(struct session *s, struct inflight_req *part,
    struct span reply)
{
	uint8_t m[WIRE_REP_HEADER];

	memcpy(m, reply.p, sizeof(m));
	put_u64(m, sizeof(m), AT_UNIQUE, part->split->interrupt);
	port_put_small(&s->front, m, sizeof(m));
	session_trace_made(s, TRACE_REPLY, TRACE_OWN,
	    (struct span){ m, sizeof(m) }, NULL);
}
