/* SPDX-License-Identifier: ISC */
#include "trace/seam.h"

#include <stdlib.h>
#include <string.h>

#include "trace/inflate.h"
#include "trace/model.h"
#include "trace/pdu.h"
#include "trace/retell.h"
#include "wire/head.h"
#include "wire/ops.h"

#define PATHS_MAX (1u << 18) /* nodes of a session, some 50 MB */
#define HEAD_SHARE 4	     /* of a file, for the requests in flight */

/*
 * A listing too long for one packet, until all of it is here: the packets
 * one after the other, each of them but the last a full one.  What they list
 * is in the seam's inflate.
 */
struct held {
	struct pcap_item item; /* of the first; the others': the same time */
	uint8_t *p;	       /* owned; NULL: none is held */
	size_t len;
};

struct seam {
	struct model_view view; /* of the model below */
	struct model model;
	struct inflate inflate;
	const struct seam_ops *ops;
	void *arg;
	struct retell again;
	struct held held;
	int written; /* the packet at hand */
	int glued;   /* a reply at hand may not begin a file */
};

static struct seam *
seam_of(struct model_view *v)
{
	return (struct seam *)(void *)v; /* first member */
}

/* ---- files ---- */

static void
count_begin(struct seam *s)
{
	s->again.size = 0;
	s->again.counting = 1;
}

/* Bytes of what would have been said since. */
static uint64_t
count_end(struct seam *s)
{
	s->again.counting = 0;
	return s->again.size;
}

static void
head_begins(struct seam *s, uint64_t room)
{
	struct begin *b;
	uint64_t size;

	TAILQ_FOREACH (b, &s->again.begins, link) {
		count_begin(s);
		retell_begin(&s->again, b);
		size = count_end(s);
		if (b->ended || size > room)
			continue;
		room -= size;
		retell_begin(&s->again, b);
	}
}

/* As many of the list as there is room for, which is what is left then. */
static uint64_t
head_calls(struct seam *s, const struct call_list *list, uint64_t room)
{
	const struct call *c;
	uint64_t size;

	TAILQ_FOREACH (c, list, age) {
		count_begin(s);
		retell_call(&s->again, c);
		size = count_end(s);
		if (size > room)
			return 0;
		room -= size;
		retell_call(&s->again, c);
	}
	return room;
}

/*
 * Begin the next file: with how the sessions began that are not over, and
 * the requests that wait, the oldest first, as far as there is room for
 * them.  Others come before the first packet that needs them.
 */
static void
seam_next(struct seam *s)
{
	uint64_t room = s->ops->limit(s->arg) / HEAD_SHARE;
	struct conn *conn, *next;

	if ((s->again.ret = s->ops->next(s->arg)) != E_OK)
		return;
	s->again.file++;
	HASH_ITER (hh, s->model.conns, conn, next)
		paths_untell(conn->paths);
	head_begins(s, room);
	room = head_calls(s, &s->model.slow, room);
	head_calls(s, &s->model.waiting, room);
}

/* ---- packets ---- */

/* What the packet at hand is about; each may be NULL. */
struct about {
	const struct conn *conn;
	const struct call *request;  /* the packet is this one's request */
	const struct call *call;     /* it belongs to this one */
	const struct notice *notice; /* or to this */
};

/* Say what a reader of this file alone has to know before it. */
static void
say_before(struct seam *s, const struct about *a)
{
	struct retell *t = &s->again;

	if (a->conn == NULL)
		return;
	retell_session(t, a->conn->id);
	if (a->call != NULL)
		retell_call(t, a->call);
	if (a->request != NULL)
		retell_needs(t, a->request);
	if (a->notice != NULL)
		retell_notice(t, a->notice);
	if (t->record->kind == TRACE_NOTIFY)
		retell_notified(t, a->conn, t->record->m);
}

/* Bytes in the file of the packets that follow the first. */
static uint64_t
held_rest(const struct held *h)
{
	uint64_t packets = (h->len + PDU_PACKET_MAX - 1) / PDU_PACKET_MAX;

	return h->len == 0 ?
	    0 :
	    h->len - PDU_PACKET_MAX + (packets - 1) * RETELL_PACKET_HEAD;
}

/* Write the packet at hand behind what it needs, both in one file, in which
 * there is room for another `more` bytes. */
static void
seam_write(struct seam *s, const struct about *a, uint64_t more)
{
	struct retell *t = &s->again;
	uint64_t size;

	count_begin(s);
	say_before(s, a);
	retell_say(t, t->item, t->packet);
	size = count_end(s) + more + held_rest(&s->held);
	if (!s->glued && !s->ops->room(s->arg, size))
		seam_next(s);
	s->glued = 0;
	say_before(s, a);
	retell_say(t, t->item, t->packet);
	s->written = 1;
}

/* ---- as the model understands them ---- */

static void
seam_begin(struct model_view *v, struct call *c, const struct trace_record *r)
{
	struct seam *s = seam_of(v);
	struct about a = { .conn = c->conn, .request = c };
	struct retold *p;

	if (c->opcode == FUSE_OP_INTERRUPT)
		a.call = model_call(&s->model, r->session,
		    get_u64(r->m, REQ_OFF(fuse_interrupt_in, unique)));
	s->glued = 0;
	seam_write(s, &a, 0);
	if (c->opcode == FUSE_OP_INIT)
		retell_init_caller(&s->again, c);
	if (c->alone || (p = retell_keep(&s->again)) == NULL)
		return;
	s->again.kept += p->len;
	c->note = p;
}

static void
seam_end(struct model_view *v, struct call *c, const struct trace_record *r)
{
	struct seam *s = seam_of(v);
	const struct about a = { .conn = c->conn, .call = c };
	const struct retold *p = c->note;

	if (r != NULL) {
		s->glued = 0;
		/* (It may follow once more, as the front gets it.) */
		seam_write(s, &a, RETELL_PACKET_HEAD + s->again.packet.len);
		s->glued = 1;
	}
	if (p != NULL)
		s->again.kept -= p->len;
}

static void
seam_other(struct model_view *v, struct conn *conn,
    const struct trace_record *r, struct call *c)
{
	struct seam *s = seam_of(v);
	const struct about a = { .conn = conn, .call = c };

	/* What became of a reply is to be read behind it. */
	if (conn == NULL || r->kind != TRACE_REPLY ||
	    model_expect(conn, c, r) != &conn->last_expect)
		s->glued = 0;
	seam_write(s, &a, 0);
	if (r->kind == TRACE_END)
		retell_over(&s->again, r->session);
}

/* (The notification itself was written as one of the others.) */
static void
seam_notice_begin(struct model_view *v, struct notice *n,
    const struct trace_record *r)
{
	struct seam *s = seam_of(v);
	struct retold *p;

	if ((r->flags & TRACE_AWAITED) == 0 ||
	    (p = retell_keep(&s->again)) == NULL)
		return;
	s->again.kept += p->len;
	n->note = p;
}

static void
seam_notice_end(struct model_view *v, struct notice *n,
    const struct trace_record *r)
{
	struct seam *s = seam_of(v);
	const struct about a = { .conn = n->conn, .notice = n };
	const struct retold *p = n->note;

	if (r != NULL && r->kind == TRACE_RESULT) {
		s->glued = 0;
		seam_write(s, &a, 0);
	}
	if (p != NULL)
		s->again.kept -= p->len;
}

/* One that is no news to views. */
static void
seam_plain(struct seam *s, const struct trace_record *r)
{
	const struct about nothing = { .conn = NULL };
	struct span name = span_from(r->m, TRACE_CALLER_NAME);
	char comm[CALLER_NAME_MAX] = "";

	s->glued = 0;
	seam_write(s, &nothing, 0);
	if (r->kind != TRACE_CALLER)
		return;
	memcpy(comm, name.p,
	    name.len < sizeof(comm) ? name.len : sizeof(comm) - 1);
	retell_named(&s->again, get_u32(r->m, TRACE_CALLER_PID), comm);
}

/* The packet is r's, whose message is whole as far as it was kept. */
static void
seam_take(struct seam *s, const struct pcap_item *item, struct span p,
    struct trace_record *r)
{
	struct retell *t = &s->again;

	r->real_ns = item->real_ns;
	t->item = item;
	t->packet = p;
	t->record = r;
	s->written = 0;
	s->model.sink.record(&s->model.sink, r);
	if (!s->written)
		seam_plain(s, r);
	if (item->preface)
		retell_keep_begin(t, r->session);
}

/* ---- long listings ---- */

static int
held_add(struct held *h, struct span p)
{
	uint8_t *all = realloc(h->p, h->len + p.len);

	if (all == NULL)
		return E_NOMEM;
	memcpy(all + h->len, p.p, p.len);
	h->p = all;
	h->len += p.len;
	return E_OK;
}

/* Does its message go on, and tell of nodes? */
static int
is_long_listing(struct seam *s, const struct trace_record *r,
    const struct pcap_item *item)
{
	const struct call *c;

	if (r->kind != TRACE_REPLY || item->left == 0)
		return 0;
	c = model_call(&s->model, r->session, head_unique(r->m));
	return c != NULL && c->opcode == FUSE_OP_READDIRPLUS;
}

/* The packet goes on with what is held.  0: nothing is. */
static int
seam_hold_more(struct seam *s, struct span p)
{
	struct wire_proto proto;
	struct trace_record r;
	uint32_t len;

	if (s->held.p == NULL || pdu_get(p, &r, &len, &proto) != E_OK ||
	    held_add(&s->held, p) != E_OK)
		return 0;
	inflate_more(&s->inflate, r.m, len);
	return 1;
}

/* Put what is held. */
static int
seam_release(struct seam *s)
{
	struct held *h = &s->held;
	struct pcap_item item = h->item;
	struct wire_proto proto;
	struct trace_record r;
	uint32_t len;
	size_t at;

	s->again.ret = E_OK;
	if (h->p == NULL ||
	    pdu_get((struct span){ h->p, PDU_PACKET_MAX }, &r, &len, &proto) !=
		E_OK)
		return E_OK;
	r.m = (struct span){ s->inflate.buf, len };
	seam_take(s, &item, (struct span){ h->p, PDU_PACKET_MAX }, &r);
	for (at = PDU_PACKET_MAX; at < h->len; at += PDU_PACKET_MAX) {
		item.len -= PDU_PACKET_MAX - PDU_HEAD;
		retell_say(&s->again, &item,
		    (struct span){ h->p + at,
			h->len - at < PDU_PACKET_MAX ? h->len - at :
						       PDU_PACKET_MAX });
	}
	free(h->p);
	memset(h, 0, sizeof(*h));
	return s->again.ret;
}

int
seam_put(struct seam *s, const struct pcap_item *item, struct span p)
{
	struct retell *t = &s->again;
	struct wire_proto proto;
	struct trace_record r;
	uint32_t len;

	if (item->more && seam_hold_more(s, p))
		return item->left == 0 ? seam_release(s) : E_OK;
	if (seam_release(s) != E_OK)
		return t->ret;
	/* (pdu_put() made it, so it can be read.) */
	if (item->more || pdu_get(p, &r, &len, &proto) != E_OK) {
		retell_say(t, item, p);
		return t->ret;
	}
	r.m = inflate_message(&s->inflate, r.m, len);
	if (is_long_listing(s, &r, item) && held_add(&s->held, p) == E_OK) {
		s->held.item = *item;
		return E_OK;
	}
	seam_take(s, item, p, &r);
	return t->ret;
}

int
seam_new(struct seam **out, const struct seam_ops *ops, void *arg)
{
	struct seam *s;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return E_NOMEM;
	s->ops = ops;
	s->arg = arg;
	retell_init(&s->again, ops->put, arg);
	s->view.begin = seam_begin;
	s->view.end = seam_end;
	s->view.other = seam_other;
	s->view.notice_begin = seam_notice_begin;
	s->view.notice_end = seam_notice_end;
	model_init(&s->model, PATHS_MAX);
	model_add(&s->model, &s->view);
	if (inflate_init(&s->inflate) != E_OK) {
		seam_free(s);
		return E_NOMEM;
	}
	*out = s;
	return E_OK;
}

void
seam_free(struct seam *s)
{
	if (s == NULL)
		return;
	model_fini(&s->model);
	retell_fini(&s->again);
	free(s->held.p);
	inflate_fini(&s->inflate);
	free(s);
}
