/* SPDX-License-Identifier: ISC */
#include "trace/seam.h"

#include <stdlib.h>
#include <string.h>

#include "trace/inflate.h"
#include "trace/pdu.h"
#include "trace/retell.h"
#include "wire/get.h"
#include "wire/ops.h"

#define PATHS_MAX (1u << 18)	/* nodes of a session, some 50 MB */
#define HEAD_SHARE 4		/* of a file, for the requests in flight */
#define OFF_TARGET 40		/* in an INTERRUPT: the other's unique */

struct seam {
	struct model_view view;	/* of the model below */
	struct model model;
	struct inflate inflate;
	const struct seam_ops *ops;
	void *arg;
	struct retell again;
	int written;		/* the packet at hand */
	int glued;		/* a reply at hand may not begin a file */
};

static struct seam *
seam_of(struct model_view *v)
{
	return (struct seam *)(void *)v;	/* first member */
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

	TAILQ_FOREACH(b, &s->again.begins, link) {
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

	TAILQ_FOREACH(c, list, age) {
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
	HASH_ITER(hh, s->model.conns, conn, next)
		paths_untell(conn->paths);
	head_begins(s, room);
	room = head_calls(s, &s->model.slow, room);
	head_calls(s, &s->model.waiting, room);
}

/* ---- packets ---- */

/* What the packet at hand is about; each may be NULL. */
struct about {
	const struct conn *conn;
	const struct call *request;	/* the packet is this one's request */
	const struct call *call;	/* it belongs to this one */
};

/* Say what a reader of this file alone has to know before it. */
static void
say_before(struct seam *s, const struct about *a)
{
	struct retell *t = &s->again;
	struct span m = t->record->m;

	if (a->conn == NULL)
		return;
	retell_session(t, a->conn->id);
	if (a->call != NULL)
		retell_call(t, a->call);
	if (a->request != NULL)
		retell_needs(t, a->request);
	if (t->record->kind == TRACE_NOTIFY) {
		/* (Nodes, or what is hardly the number of one.) */
		retell_path(t, a->conn, get_u64(m, WIRE_REP_HEADER));
		retell_path(t, a->conn, get_u64(m, WIRE_REP_HEADER + 8));
	}
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
	size = count_end(s) + more;
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
		    get_u64(r->m, OFF_TARGET));
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

/* One that is no news to views. */
static void
seam_plain(struct seam *s, const struct trace_record *r)
{
	const struct about nothing = { NULL, NULL, NULL };
	struct span name = span_from(r->m, sizeof(uint32_t));
	char comm[MODEL_NAME_MAX] = "";

	s->glued = 0;
	seam_write(s, &nothing, 0);
	if (r->kind != TRACE_CALLER)
		return;
	memcpy(comm, name.p, name.len < sizeof(comm) ? name.len :
	    sizeof(comm) - 1);
	retell_named(&s->again, get_u32(r->m, 0), comm);
}

int
seam_put(struct seam *s, const struct pcap_item *item, struct span p)
{
	struct retell *t = &s->again;
	struct wire_proto proto;
	struct trace_record r;
	uint32_t len;

	t->ret = E_OK;
	/* (pdu_put() made it, so it can be read.) */
	if (item->more || pdu_get(p, &r, &len, &proto) != E_OK) {
		retell_say(t, item, p);
		return t->ret;
	}
	r.real_ns = item->real_ns;
	r.m = inflate_message(&s->inflate, r.m, len);
	t->item = item;
	t->packet = p;
	t->record = &r;
	s->written = 0;
	s->model.sink.record(&s->model.sink, &r);
	if (!s->written)
		seam_plain(s, &r);
	if (item->preface)
		retell_keep_begin(t, r.session);
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
	inflate_fini(&s->inflate);
	free(s);
}
