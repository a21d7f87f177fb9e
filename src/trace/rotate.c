/* SPDX-License-Identifier: ISC */
#include "trace/rotate.h"

#include <stdlib.h>
#include <string.h>

#include "trace/padded.h"
#include "trace/model.h"
#include "trace/pdu.h"
#include "trace/repeat.h"
#include "wire/head.h"
#include "wire/ops.h"

#define PATHS_MAX (1u << 18) /* nodes of a session, some 50 MB */
#define HEAD_SHARE 4	     /* of a file, for the requests in flight */

/*
 * The packets of a READDIRPLUS reply that is too long for one packet.  They
 * are held until the last one has come, since the nodes of all of them must be
 * known before the first is written.  Each of them but the last is a full one;
 * their message is in rotate.padded.
 */
struct held {
	struct pcap_item item; /* of the first; the others have its time */
	uint8_t *p;	       /* owned; NULL: none is held */
	size_t len;
};

struct rotate {
	struct model_view view; /* of the model below */
	struct model model;
	struct padded padded;
	const struct rotate_ops *ops;
	void *arg;
	struct repeat repeat;
	struct held held;
	int written; /* the current packet has been written */
	int glued;   /* the current packet, a reply, may not begin a file */
};

static struct rotate *
rotate_of(struct model_view *v)
{
	return (struct rotate *)(void *)v; /* first member */
}

/* ---- files ---- */

static void
count_begin(struct rotate *s)
{
	s->repeat.size = 0;
	s->repeat.counting = 1;
}

/* Bytes that would have been written since count_begin(). */
static uint64_t
count_end(struct rotate *s)
{
	s->repeat.counting = 0;
	return s->repeat.size;
}

static void
head_begins(struct rotate *s, uint64_t room)
{
	struct repeat_begin *b;
	uint64_t size;

	TAILQ_FOREACH (b, &s->repeat.begins, link) {
		count_begin(s);
		repeat_begin(&s->repeat, b);
		size = count_end(s);
		if (b->ended || size > room)
			continue;
		room -= size;
		repeat_begin(&s->repeat, b);
	}
}

/* As many requests of the list as `room` bytes hold; the bytes left then. */
static uint64_t
head_calls(struct rotate *s, const struct call_list *list, uint64_t room)
{
	const struct call *c;
	uint64_t size;

	TAILQ_FOREACH (c, list, age) {
		count_begin(s);
		repeat_request(&s->repeat, c);
		size = count_end(s);
		if (size > room)
			return 0;
		room -= size;
		repeat_request(&s->repeat, c);
	}
	return room;
}

/*
 * Begin the next file with how those sessions began that are not over, and
 * with the requests that wait for a reply, the oldest first, as far as a share
 * of the file holds them.  The others are written before the first packet that
 * needs them.
 */
static void
rotate_next(struct rotate *s)
{
	uint64_t room = s->ops->limit(s->arg) / HEAD_SHARE;
	struct conn *conn = (void *)s->model.conns;

	if ((s->repeat.ret = s->ops->next(s->arg)) != E_OK)
		return;
	s->repeat.file++;
	for (; conn != NULL; conn = table_next(conn))
		paths_next_file(conn->paths);
	head_begins(s, room);
	room = head_calls(s, &s->model.slow, room);
	head_calls(s, &s->model.waiting, room);
}

/* ---- packets ---- */

/* What the current packet is about; each may be NULL. */
struct about {
	const struct conn *conn;
	const struct call *request; /* the packet is this one's request */
	const struct call *call;    /* the packet belongs to this one */
	const struct notification *notify; /* the packet belongs to this one */
};

/* Write what a reader of this file alone has to know before the packet. */
static void
put_needed(struct rotate *s, const struct about *a)
{
	struct repeat *t = &s->repeat;

	if (a->conn == NULL)
		return;
	repeat_session(t, a->conn->id);
	if (a->call != NULL)
		repeat_request(t, a->call);
	if (a->request != NULL)
		repeat_names(t, a->request);
	if (a->notify != NULL)
		repeat_notification(t, a->notify);
	if (t->record->kind == TRACE_NOTIFY)
		repeat_nodes_of(t, a->conn, t->record->m);
}

/* Bytes in the file of the packets that follow the first. */
static uint64_t
held_rest(const struct held *h)
{
	uint64_t packets = (h->len + PDU_PACKET_MAX - 1) / PDU_PACKET_MAX;

	return h->len == 0 ?
	    0 :
	    h->len - PDU_PACKET_MAX + (packets - 1) * REPEAT_PACKET_HEAD;
}

/* Write what the current packet needs, and the packet, both to one file that
 * then has another `more` bytes left. */
static void
rotate_write(struct rotate *s, const struct about *a, uint64_t more)
{
	struct repeat *t = &s->repeat;
	uint64_t size;

	count_begin(s);
	put_needed(s, a);
	repeat_put(t, t->item, t->packet);
	size = count_end(s) + more + held_rest(&s->held);
	if (!s->glued && !s->ops->room(s->arg, size))
		rotate_next(s);
	s->glued = 0;
	put_needed(s, a);
	repeat_put(t, t->item, t->packet);
	s->written = 1;
}

/* ---- what the model finds in the packets ---- */

static void
rotate_begin(struct model_view *v, struct call *c,
    const struct trace_record *r)
{
	struct rotate *s = rotate_of(v);
	struct about a = { .conn = c->conn, .request = c };
	struct repeat_packet *p;

	if (c->opcode == FUSE_OP_INTERRUPT)
		a.call = model_call(&s->model, r->session,
		    get_u64(r->m, REQ_OFF(fuse_interrupt_in, unique)));
	s->glued = 0;
	rotate_write(s, &a, 0);
	if (c->opcode == FUSE_OP_INIT)
		repeat_init_caller(&s->repeat, c);
	if (c->alone || (p = repeat_keep(&s->repeat)) == NULL)
		return;
	s->repeat.kept += p->len;
	c->note = p;
}

static void
rotate_end(struct model_view *v, struct call *c, const struct trace_record *r)
{
	struct rotate *s = rotate_of(v);
	const struct about a = { .conn = c->conn, .call = c };
	const struct repeat_packet *p = c->note;

	if (r != NULL) {
		s->glued = 0;
		/* (The reply may follow once more, as the front gets it, and
		 * the two must be in one file.) */
		rotate_write(s, &a, REPEAT_PACKET_HEAD + s->repeat.packet.len);
		s->glued = 1;
	}
	if (p != NULL)
		s->repeat.kept -= p->len;
}

static void
rotate_other(struct model_view *v, struct conn *conn,
    const struct trace_record *r, struct call *c)
{
	struct rotate *s = rotate_of(v);
	const struct about a = { .conn = conn, .call = c };

	/* A reply as it was rewritten must be in the file of the reply. */
	if (conn == NULL || r->kind != TRACE_REPLY ||
	    model_expect(conn, c, r) != &conn->last_expect)
		s->glued = 0;
	rotate_write(s, &a, 0);
	if (r->kind == TRACE_END)
		repeat_end_session(&s->repeat, r->session);
}

/* (rotate_other() has written the notification itself.) */
static void
rotate_notification_begin(struct model_view *v, struct notification *n,
    const struct trace_record *r)
{
	struct rotate *s = rotate_of(v);
	struct repeat_packet *p;

	if ((r->flags & TRACE_AWAITED) == 0 ||
	    (p = repeat_keep(&s->repeat)) == NULL)
		return;
	s->repeat.kept += p->len;
	n->note = p;
}

static void
rotate_notification_end(struct model_view *v, struct notification *n,
    const struct trace_record *r)
{
	struct rotate *s = rotate_of(v);
	const struct about a = { .conn = n->conn, .notify = n };
	const struct repeat_packet *p = n->note;

	if (r != NULL && r->kind == TRACE_RESULT) {
		s->glued = 0;
		rotate_write(s, &a, 0);
	}
	if (p != NULL)
		s->repeat.kept -= p->len;
}

/* A record for which the model calls no view. */
static void
rotate_plain(struct rotate *s, const struct trace_record *r)
{
	const struct about nothing = { .conn = NULL };
	struct span name = span_from(r->m, TRACE_CALLER_NAME);
	char comm[CALLER_NAME_MAX] = "";

	s->glued = 0;
	rotate_write(s, &nothing, 0);
	if (r->kind != TRACE_CALLER)
		return;
	memcpy(comm, name.p,
	    name.len < sizeof(comm) ? name.len : sizeof(comm) - 1);
	repeat_note_name(&s->repeat, get_u32(r->m, TRACE_CALLER_PID), comm);
}

/* The packet p has the record r, whose message is as long as it was, with zeros
 * for what was not kept. */
static void
rotate_take(struct rotate *s, const struct pcap_item *item, struct span p,
    struct trace_record *r)
{
	struct repeat *t = &s->repeat;

	r->real_ns = item->real_ns;
	t->item = item;
	t->packet = p;
	t->record = r;
	s->written = 0;
	s->model.sink.record(&s->model.sink, r);
	if (!s->written)
		rotate_plain(s, r);
	if (item->preface)
		repeat_keep_begin(t, r->session);
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

/* Is it a READDIRPLUS reply that goes on in further packets? */
static int
is_long_listing(struct rotate *s, const struct trace_record *r,
    const struct pcap_item *item)
{
	const struct call *c;

	if (r->kind != TRACE_REPLY || item->left == 0)
		return 0;
	c = model_call(&s->model, r->session, head_unique(r->m));
	return c != NULL && c->opcode == FUSE_OP_READDIRPLUS;
}

/* Hold the packet if it goes on with the listing that is held; 0: there is
 * none. */
static int
rotate_hold_more(struct rotate *s, struct span p)
{
	struct wire_proto proto;
	struct trace_record r;
	uint32_t len;

	if (s->held.p == NULL || pdu_get(p, &r, &len, &proto) != E_OK ||
	    held_add(&s->held, p) != E_OK)
		return 0;
	padded_more(&s->padded, r.m, len);
	return 1;
}

/* Write what is held. */
static int
rotate_release(struct rotate *s)
{
	struct held *h = &s->held;
	struct pcap_item item = h->item;
	struct wire_proto proto;
	struct trace_record r;
	uint32_t len;
	size_t at;

	s->repeat.ret = E_OK;
	if (h->p == NULL ||
	    pdu_get((struct span){ h->p, PDU_PACKET_MAX }, &r, &len, &proto) !=
		E_OK)
		return E_OK;
	r.m = (struct span){ s->padded.buf, len };
	rotate_take(s, &item, (struct span){ h->p, PDU_PACKET_MAX }, &r);
	for (at = PDU_PACKET_MAX; at < h->len; at += PDU_PACKET_MAX) {
		item.len -= PDU_PACKET_MAX - PDU_HEAD;
		repeat_put(&s->repeat, &item,
		    (struct span){ h->p + at,
			h->len - at < PDU_PACKET_MAX ? h->len - at :
						       PDU_PACKET_MAX });
	}
	free(h->p);
	memset(h, 0, sizeof(*h));
	return s->repeat.ret;
}

int
rotate_put(struct rotate *s, const struct pcap_item *item, struct span p)
{
	struct repeat *t = &s->repeat;
	struct wire_proto proto;
	struct trace_record r;
	uint32_t len;

	if (item->more && rotate_hold_more(s, p))
		return item->left == 0 ? rotate_release(s) : E_OK;
	if (rotate_release(s) != E_OK)
		return t->ret;
	/* (pdu_put() made it, so it can be read.) */
	if (item->more || pdu_get(p, &r, &len, &proto) != E_OK) {
		repeat_put(t, item, p);
		return t->ret;
	}
	r.m = padded_message(&s->padded, r.m, len);
	if (is_long_listing(s, &r, item) && held_add(&s->held, p) == E_OK) {
		s->held.item = *item;
		return E_OK;
	}
	rotate_take(s, item, p, &r);
	return t->ret;
}

int
rotate_new(struct rotate **out, const struct rotate_ops *ops, void *arg)
{
	struct rotate *s;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return E_NOMEM;
	s->ops = ops;
	s->arg = arg;
	repeat_init(&s->repeat, ops->put, arg);
	s->view.begin = rotate_begin;
	s->view.end = rotate_end;
	s->view.other = rotate_other;
	s->view.notify_begin = rotate_notification_begin;
	s->view.notify_end = rotate_notification_end;
	model_init(&s->model, PATHS_MAX);
	model_add(&s->model, &s->view);
	if (padded_init(&s->padded) != E_OK) {
		rotate_free(s);
		return E_NOMEM;
	}
	*out = s;
	return E_OK;
}

void
rotate_free(struct rotate *s)
{
	if (s == NULL)
		return;
	model_fini(&s->model);
	repeat_fini(&s->repeat);
	free(s->held.p);
	padded_fini(&s->padded);
	free(s);
}
