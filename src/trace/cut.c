/* SPDX-License-Identifier: ISC */
#include "trace/cut.h"

#include <stdlib.h>

#include "base/table.h"
#include "trace/namings.h"
#include "trace/notification.h"
#include "trace/pdu.h"
#include "wire/head.h"
#include "wire/ops.h"

#define HANDLES 2 /* that a request can carry */

struct handle_id {
	uint64_t session, nodeid, fh;
};

struct cut_handle {
	struct table_entry entry;
	struct handle_id id;
	struct spot spot;
};

struct cut_caller {
	struct table_entry entry;
	uint32_t pid;
	uint64_t record;
};

/* The note of a call in flight. */
struct cut_note {
	struct spot spot;
	int wanted, forced;
	struct spot opened[HANDLES];
	size_t nothers;
	uint64_t others[]; /* records that belong to it, too */
};

struct cut {
	struct trace_sink sink;
	struct model_view view;
	struct filter filter;
	uint64_t next; /* record that comes next */
	struct kept kept;
	struct namings namings;
	struct table_entry *handles, *callers;
	struct { /* the call that ended last */
		uint64_t session, unique;
		int kept;
	} last;
};

static struct cut *
cut_of(struct model_view *v)
{
	return (struct cut *)(void *)((char *)v - offsetof(struct cut, view));
}

/* ---- handles ---- */

static struct cut_handle *
handle_find(struct cut *c, const struct handle_id *id)
{
	return table_find(c->handles, id, sizeof(*id));
}

static void
handle_enter(struct cut *c, const struct handle_id *id,
    const struct spot *spot)
{
	struct cut_handle *h;

	h = table_get(&c->handles, id, sizeof(*id), sizeof(*h));
	if (h != NULL)
		h->spot = *spot;
	else
		c->kept.failed = 1;
}

/* A reply that gives a handle. */
static void
learn_handle(struct cut *c, const struct call *call, struct span m,
    const struct spot *spot)
{
	const struct op *op = op_find(call->opcode);
	size_t off = op_out_fh(op, &call->conn->proto);
	struct handle_id id = { call->conn->id, call->nodeid, 0 };

	if (off == 0 || !span_holds(m, off, sizeof(uint64_t)))
		return;
	if (op_flags(op) & OP_ENTRY)
		id.nodeid = get_u64(m, REP_OFF(fuse_entry_out, nodeid));
	id.fh = get_u64(m, off);
	handle_enter(c, &id, spot);
}

/* Note which calls gave the request its handles. */
static void
note_handles(struct cut *c, struct cut_note *note, const struct call *call,
    struct span m)
{
	const struct op *op = op_find(call->opcode);
	const struct wire_proto *pr = &call->conn->proto;
	struct handle_id id = { call->conn->id, call->nodeid, 0 };
	struct cut_handle *h;
	size_t off, node;
	int i;

	for (i = 0; i < HANDLES; i++) {
		note->opened[i] = (struct spot){ KEPT_NONE, KEPT_NONE,
			KEPT_NONE };
		off = op == NULL ? 0 : op_in_fh(op, pr, m, i);
		if (off == 0)
			continue;
		/* The second handle belongs to the node in the field before
		 * it. */
		node = i == 0 ? 0 : op_in_node(op, pr, m, i - 1);
		if (node != 0)
			id.nodeid = get_u64(m, node);
		id.fh = get_u64(m, off);
		if ((h = handle_find(c, &id)) != NULL)
			note->opened[i] = h->spot;
	}
}

static void
forget_handle(struct cut *c, const struct call *call, struct span m)
{
	struct handle_id id = { call->conn->id, call->nodeid,
		get_u64(m, REQ_OFF(fuse_release_in, fh)) };
	struct cut_handle *h = handle_find(c, &id);

	if (h != NULL)
		table_drop(&c->handles, h);
}

/* ---- calls ---- */

static uint64_t
caller_record(const struct cut *c, uint32_t pid)
{
	const struct cut_caller *who;

	who = table_find(c->callers, &pid, sizeof(pid));
	return who == NULL ? KEPT_NONE : who->record;
}

static void
keep_call(struct cut *c, const struct call *call, const struct cut_note *note)
{
	size_t i;

	kept_add_spot(&c->kept, &note->spot);
	for (i = 0; i < HANDLES; i++)
		kept_add_spot(&c->kept, &note->opened[i]);
	for (i = 0; i < note->nothers; i++)
		kept_add(&c->kept, note->others[i]);
	namings_keep(&c->namings, call->conn->id, call->nodeid);
	namings_keep(&c->namings, call->conn->id, call->newdir);
	/* An INTERRUPT is kept with the call that it interrupts. */
	if (call->target != NULL && call->target->note != NULL)
		((struct cut_note *)call->target->note)->forced = 1;
}

static int
is_start(uint32_t opcode)
{
	return opcode == FUSE_OP_INIT || opcode == FUSE_OP_CUSE_INIT;
}

static void
cut_begin(struct model_view *v, struct call *call,
    const struct trace_record *r)
{
	struct cut *c = cut_of(v);
	struct cut_note *note = calloc(1, sizeof(*note));

	if (note == NULL) {
		c->kept.failed = 1;
		return;
	}
	note->spot = (struct spot){ c->next - 1, KEPT_NONE,
		caller_record(c, call->pid) };
	note->wanted = filter_begin(&c->filter, call);
	note->forced = is_start(call->opcode);
	note_handles(c, note, call, r->m);
	call->note = note;
	if (call->opcode == FUSE_OP_RELEASE ||
	    call->opcode == FUSE_OP_RELEASEDIR)
		forget_handle(c, call, r->m);
	if (!call->alone)
		return;
	if (note->wanted && filter_end(&c->filter, call, NULL))
		keep_call(c, call, note);
	namings_forget(&c->namings, call, r->m);
}

static void
cut_end(struct model_view *v, struct call *call, const struct trace_record *r)
{
	struct cut *c = cut_of(v);
	struct cut_note *note = call->note;
	int keep;

	if (note == NULL || call->alone)
		return;
	if (r != NULL)
		note->spot.reply = c->next - 1;
	keep = note->forced ||
	    (note->wanted && filter_end(&c->filter, call, r));
	if (keep)
		keep_call(c, call, note);
	c->last.session = call->key.session;
	c->last.unique = call->key.unique;
	c->last.kept = keep;
	if (r == NULL || head_error(r->m) != 0 ||
	    op_find(call->opcode) == NULL)
		return;
	namings_learn(&c->namings, call, r->m, &note->spot);
	learn_handle(c, call, r->m, &note->spot);
}

/* The current record belongs to the call. */
static void
note_add(struct cut *c, struct call *call)
{
	struct cut_note *note = call->note;
	size_t n = note->nothers;

	note = realloc(note, sizeof(*note) + (n + 1) * sizeof(uint64_t));
	if (note == NULL) {
		c->kept.failed = 1;
		return;
	}
	note->others[n] = c->next - 1;
	note->nothers++;
	call->note = note;
}

static void
cut_other(struct model_view *v, struct conn *conn,
    const struct trace_record *r, struct call *call)
{
	struct cut *c = cut_of(v);

	if (r->kind != TRACE_REQUEST && r->kind != TRACE_REPLY)
		return;
	if (call != NULL && call->note != NULL)
		note_add(c, call);
	else if (r->kind == TRACE_REPLY && c->last.session == r->session &&
	    c->last.unique == head_unique(r->m) && c->last.unique != 0) {
		if (c->last.kept)
			kept_add(&c->kept, c->next - 1);
	} else if (filter_other(&c->filter, conn, r, call)) {
		kept_add(&c->kept, c->next - 1);
	}
}

/* ---- notifications ---- */

struct notification_note {
	uint64_t record, node;
	int wanted;
};

static void
cut_notification_begin(struct model_view *v, struct notification *n,
    const struct trace_record *r)
{
	struct cut *c = cut_of(v);
	struct notification_note *note = calloc(1, sizeof(*note));
	struct span name;

	if (note == NULL) {
		c->kept.failed = 1;
		return;
	}
	note->record = c->next - 1;
	note->node = wire_notify_about(&n->conn->proto, r->m, &name);
	note->wanted = filter_notification(&c->filter, n);
	n->note = note;
}

static void
cut_notification_end(struct model_view *v, struct notification *n,
    const struct trace_record *r)
{
	struct cut *c = cut_of(v);
	const struct notification_note *note = n->note;

	if (note == NULL || !note->wanted ||
	    !filter_notification_end(&c->filter, n, r))
		return;
	kept_add(&c->kept, note->record);
	if (r != NULL)
		kept_add(&c->kept, c->next - 1);
	namings_keep(&c->namings, n->conn->id, note->node);
}

/* ---- records ---- */

static void
cut_caller(struct cut *c, const struct trace_record *r)
{
	uint32_t pid = get_u32(r->m, TRACE_CALLER_PID);
	struct cut_caller *who;

	who = table_get(&c->callers, &pid, sizeof(pid), sizeof(*who));
	if (who != NULL)
		who->record = c->next;
	else
		c->kept.failed = 1;
}

static void
cut_record(struct trace_sink *s, const struct trace_record *r)
{
	struct cut *c = (struct cut *)(void *)s; /* first member */
	struct paths_node node;

	switch (r->kind) {
	case TRACE_BEGIN:
	case TRACE_END:
	case TRACE_LOST:
		kept_add(&c->kept, c->next);
		break;
	case TRACE_CALLER:
		cut_caller(c, r);
		break;
	case TRACE_NODE:
		if (pdu_node_get(r->m, &node) == E_OK)
			namings_note_node(&c->namings, r->session, &node,
			    c->next);
		break;
	case TRACE_CHUNK:
		if (filter_stream(&c->filter, r))
			kept_add(&c->kept, c->next);
		break;
	default:
		break;
	}
	c->next++;
}

struct cut *
cut_new(const struct filter *f)
{
	struct cut *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->sink.record = cut_record;
	c->view.begin = cut_begin;
	c->view.end = cut_end;
	c->view.other = cut_other;
	c->view.notify_begin = cut_notification_begin;
	c->view.notify_end = cut_notification_end;
	c->filter = *f;
	namings_init(&c->namings, &c->kept);
	return c;
}

struct trace_sink *
cut_sink(struct cut *c)
{
	return &c->sink;
}

struct model_view *
cut_view(struct cut *c)
{
	return &c->view;
}

int
cut_result(const struct cut *c)
{
	return c->kept.failed ? E_NOMEM : E_OK;
}

int
cut_keeps(const struct cut *c, uint64_t nth)
{
	return kept_has(&c->kept, nth);
}

void
cut_free(struct cut *c)
{
	if (c == NULL)
		return;
	table_free(&c->handles);
	table_free(&c->callers);
	namings_fini(&c->namings);
	kept_fini(&c->kept);
	free(c);
}
