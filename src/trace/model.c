/* SPDX-License-Identifier: ISC */
#include "trace/model.h"

#include <stdlib.h>
#include <string.h>

#include "trace/learn.h"
#include "trace/model_notification.h"
#include "trace/pdu.h"
#include "wire/head.h"
#include "wire/init.h"
#include "wire/ops.h"

#define CONNS_MAX 4096
#define CALLS_MAX 200000u
#define CALLERS_MAX 4096

struct caller_name {
	struct table_entry entry;
	uint32_t pid;
	char name[CALLER_NAME_MAX];
};

static void model_record(struct trace_sink *s, const struct trace_record *r);

void
model_init(struct model *m, size_t paths_max)
{
	memset(m, 0, sizeof(*m));
	m->sink.record = model_record;
	STAILQ_INIT(&m->views);
	TAILQ_INIT(&m->waiting);
	TAILQ_INIT(&m->slow);
	notifications_init(m);
	m->paths_max = paths_max;
	m->proto = wire_proto_unknown;
}

void
model_add(struct model *m, struct model_view *v)
{
	STAILQ_INSERT_TAIL(&m->views, v, link);
}

struct conn *
model_conn(struct model *m, uint32_t session)
{
	return table_find(m->conns, &session, sizeof(session));
}

static struct conn *
conn_get(struct model *m, uint32_t session)
{
	struct conn *conn = model_conn(m, session);

	if (conn != NULL || table_count(m->conns) >= CONNS_MAX)
		return conn;
	conn = table_get(&m->conns, &session, sizeof(session), sizeof(*conn));
	if (conn == NULL)
		return NULL;
	conn->proto = m->proto;
	if ((conn->paths = paths_new(m->paths_max)) != NULL)
		return conn;
	table_drop(&m->conns, conn);
	return NULL;
}

static void
conn_target(struct conn *conn, struct span name)
{
	char *target = malloc(name.len + 1);

	if (target == NULL)
		return;
	memcpy(target, name.p, name.len);
	target[name.len] = '\0';
	free(conn->target);
	conn->target = target;
}

/* ---- calls ---- */

struct call *
model_call(struct model *m, uint32_t session, uint64_t unique)
{
	const uint64_t key[] = { session, unique };

	return table_find(m->calls, key, sizeof(key));
}

/* Call the views for the end of the call, and free it. */
static void
call_end(struct model *m, struct call *c, const struct trace_record *r)
{
	struct model_view *v;

	STAILQ_FOREACH (v, &m->views, link)
		if (v->end != NULL)
			v->end(v, c, r);
	if (r != NULL)
		learn_reply(c, r);
	c->conn->last_unique = c->key.unique;
	c->conn->last_expect = c->expect;
	table_remove(&m->calls, c);
	TAILQ_REMOVE(c->slow ? &m->slow : &m->waiting, c, age);
	free((void *)(uintptr_t)c->name[0].p);
	free(c->note);
	free(c->counted);
	free(c);
}

/* Copy the request's names, all that is kept of its message. */
static int
call_names(struct call *c, const struct trace_record *r)
{
	struct span name[2];
	uint8_t *copy;

	c->names = wire_request_names(&c->conn->proto, r->m, name);
	if (name[0].len > PATHS_TEXT_MAX)
		name[0].len = PATHS_TEXT_MAX;
	if (name[1].len > PATHS_TEXT_MAX)
		name[1].len = PATHS_TEXT_MAX;
	if (name[0].len + name[1].len == 0)
		return E_OK;
	if ((copy = malloc(name[0].len + name[1].len)) == NULL)
		return E_NOMEM;
	memcpy(copy, name[0].p, name[0].len);
	c->name[0] = (struct span){ copy, name[0].len };
	if (name[1].len > 0)
		memcpy(copy + name[0].len, name[1].p, name[1].len);
	c->name[1] = (struct span){ copy + name[0].len, name[1].len };
	return E_OK;
}

static void
call_fill(struct model *m, struct call *c, const struct trace_record *r)
{
	const struct op *op = op_find(c->opcode);
	const struct caller_name *who;

	c->uid = get_u32(r->m, OFF_fuse_in_header_uid);
	c->gid = get_u32(r->m, OFF_fuse_in_header_gid);
	c->pid = get_u32(r->m, OFF_fuse_in_header_pid);
	c->mono_ns = r->mono_ns;
	c->real_ns = r->real_ns;
	c->len = (uint32_t)r->m.len;
	c->pieces = r->pieces;
	c->first = r->first;
	c->index = r->index;
	c->flags = r->flags;
	c->alone = (op != NULL && (op_flags(op) & OP_NOREPLY)) ||
	    c->opcode == FUSE_OP_INTERRUPT;
	c->newdir = learn_newdir(c, r->m);
	c->swaps = learn_swaps(c, r->m);
	if (c->opcode == FUSE_OP_INTERRUPT)
		c->target = model_call(m, r->session,
		    get_u64(r->m, op_in_unique(op, &c->conn->proto, r->m)));
	who = table_find(m->callers, &c->pid, sizeof(c->pid));
	if (who != NULL)
		memcpy(c->comm, who->name, sizeof(c->comm));
	wire_expect_set(&c->expect, &c->conn->proto, r->m);
}

static void
call_begin(struct model *m, struct conn *conn, const struct trace_record *r)
{
	struct model_view *v;
	struct call *c;

	if (table_count(m->calls) >= CALLS_MAX)
		call_end(m,
		    TAILQ_EMPTY(&m->slow) ? TAILQ_FIRST(&m->waiting) :
					    TAILQ_FIRST(&m->slow),
		    NULL);
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return;
	c->key.session = r->session;
	c->key.unique = head_unique(r->m);
	c->conn = conn;
	c->opcode = head_opcode(r->m);
	c->nodeid = head_nodeid(r->m);
	if (call_names(c, r) != E_OK) {
		free(c);
		return;
	}
	call_fill(m, c, r);
	if (table_add(&m->calls, c, sizeof(c->key)) != E_OK) {
		free((void *)(uintptr_t)c->name[0].p);
		free(c);
		return;
	}
	TAILQ_INSERT_TAIL(&m->waiting, c, age);
	STAILQ_FOREACH (v, &m->views, link)
		if (v->begin != NULL)
			v->begin(v, c, r);
	if (c->alone) {
		learn_request(c, r->m);
		call_end(m, c, NULL);
	}
}

const struct wire_expect *
model_expect(const struct conn *conn, const struct call *c,
    const struct trace_record *r)
{
	if (c != NULL)
		return &c->expect;
	return r->m.len >= WIRE_REP_HEADER && conn->last_unique != 0 &&
		head_unique(r->m) == conn->last_unique ?
	    &conn->last_expect :
	    NULL;
}

void
model_advance(struct model *m, uint64_t mono_ns)
{
	struct model_view *v;
	struct call *c;

	while ((c = TAILQ_FIRST(&m->waiting)) != NULL &&
	    mono_ns > c->mono_ns && mono_ns - c->mono_ns > MODEL_SLOW_NS) {
		c->slow = 1;
		TAILQ_REMOVE(&m->waiting, c, age);
		TAILQ_INSERT_TAIL(&m->slow, c, age);
		STAILQ_FOREACH (v, &m->views, link)
			if (v->slow != NULL)
				v->slow(v, c);
	}
	notifications_advance(m, mono_ns);
}

/* ---- records ---- */

static void
model_other(struct model *m, struct conn *conn, const struct trace_record *r,
    struct call *c)
{
	struct model_view *v;

	STAILQ_FOREACH (v, &m->views, link)
		if (v->other != NULL)
			v->other(v, conn, r, c);
}

static void
model_caller(struct model *m, const struct trace_record *r)
{
	uint32_t pid = get_u32(r->m, TRACE_CALLER_PID);
	struct span name = span_from(r->m, TRACE_CALLER_NAME);
	struct caller_name *who;

	who = table_find(m->callers, &pid, sizeof(pid));
	if (who == NULL && table_count(m->callers) >= CALLERS_MAX)
		table_drop(&m->callers, m->callers); /* the oldest */
	who = table_get(&m->callers, &pid, sizeof(pid), sizeof(*who));
	if (who == NULL)
		return;
	memset(who->name, 0, sizeof(who->name));
	if (name.len >= sizeof(who->name))
		name.len = sizeof(who->name) - 1;
	memcpy(who->name, name.p, name.len);
}

static void
model_node(struct conn *conn, const struct trace_record *r)
{
	struct paths_node n;

	if (pdu_node_get(r->m, &n) == E_OK)
		paths_enter_node(conn->paths, &n);
}

/* Is it repeated for readers without the earlier file, which we have read? */
static int
model_knows(struct model *m, const struct conn *conn,
    const struct trace_record *r)
{
	if ((r->flags & TRACE_AGAIN) == 0)
		return 0;
	if (r->kind == TRACE_NOTIFY)
		return notifications_has(m, conn, r);
	if (r->kind != TRACE_REQUEST || r->m.len < WIRE_REQ_HEADER ||
	    head_opcode(r->m) == FUSE_OP_INIT)
		return conn->known;
	return model_call(m, r->session, head_unique(r->m)) != NULL;
}

static void
model_request(struct model *m, struct conn *conn, const struct trace_record *r)
{
	struct call *c;

	if (r->m.len < WIRE_REQ_HEADER) {
		model_other(m, conn, r, NULL);
		return;
	}
	c = model_call(m, r->session, head_unique(r->m));
	if (r->flags & (TRACE_REWRITTEN | TRACE_PART)) {
		model_other(m, conn, r, c);
		return;
	}
	/* Another call has this unique: its reply has not been recorded. */
	if (c != NULL)
		call_end(m, c, NULL);
	learn_init_request(conn, r->m);
	call_begin(m, conn, r);
}

static void
model_notify(struct model *m, struct conn *conn, const struct trace_record *r)
{
	struct trace_record n = *r;

	n.kind = TRACE_NOTIFY;
	model_other(m, conn, &n, NULL);
	notifications_begin(m, conn, &n);
}

/* (One that is not passed on was recorded as a reply once.) */
static int
is_notification(const struct trace_record *r)
{
	return r->kind == TRACE_NOTIFY ||
	    (r->kind == TRACE_REPLY && (r->flags & TRACE_DROPPED) &&
		r->m.len >= WIRE_REP_HEADER && head_unique(r->m) == 0);
}

static void
model_reply(struct model *m, struct conn *conn, const struct trace_record *r)
{
	const struct wire_expect *e;
	struct call *c = NULL;

	if (r->m.len >= WIRE_REP_HEADER)
		c = model_call(m, r->session, head_unique(r->m));
	if (c == NULL ||
	    (r->flags &
		(TRACE_REWRITTEN | TRACE_PART | TRACE_DROPPED |
		    TRACE_REPAIRED))) {
		e = model_expect(conn, c, r);
		if ((r->flags & TRACE_REWRITTEN) && e != NULL &&
		    e->opcode == FUSE_OP_INIT)
			learn_init_reply(conn, r->m);
		model_other(m, conn, r, c);
		return;
	}
	wire_proto_learn(&conn->proto, &c->expect, r->m);
	if (c->opcode == FUSE_OP_INIT)
		learn_init_reply(conn, r->m);
	call_end(m, c, r);
}

/* Take the layouts from the record if we do not know them. */
static void
model_proto(const struct model *m, struct conn *conn,
    const struct trace_record *r)
{
	conn->proto.on_darwin |= r->proto->on_darwin;
	if (r->proto->minor == 0 || m->proto.forced)
		return;
	if (conn->init_len == 0)
		conn->proto = *r->proto;
	else if (conn->proto.guessed && r->kind == TRACE_REQUEST)
		/* The reply that settled it may be in an earlier file. */
		conn->proto.dialect = r->proto->dialect;
}

static void
model_record(struct trace_sink *s, const struct trace_record *r)
{
	struct model *m = (struct model *)(void *)s; /* first member */
	struct conn *conn;

	model_advance(m, r->mono_ns);
	if (r->kind == TRACE_CALLER) {
		model_caller(m, r);
		return;
	}
	if (r->kind == TRACE_LOST) {
		model_other(m, NULL, r, NULL);
		return;
	}
	if ((conn = conn_get(m, r->session)) == NULL)
		return;
	if (r->kind == TRACE_NODE) {
		model_node(conn, r);
		return;
	}
	if (model_knows(m, conn, r))
		return;
	conn->known |= (r->flags & TRACE_AGAIN) == 0;
	if (r->proto != NULL)
		model_proto(m, conn, r);
	if (is_notification(r)) {
		model_notify(m, conn, r);
		return;
	}
	switch (r->kind) {
	case TRACE_REQUEST:
		model_request(m, conn, r);
		break;
	case TRACE_REPLY:
		model_reply(m, conn, r);
		break;
	case TRACE_RESULT:
		notifications_result(m, conn, r);
		break;
	case TRACE_BEGIN:
		conn_target(conn, r->m);
		model_other(m, conn, r, NULL);
		break;
	default:
		model_other(m, conn, r, NULL);
		break;
	}
}

void
model_end(struct model *m)
{
	struct model_view *v;
	struct call *c;

	while ((c = TAILQ_FIRST(&m->slow)) != NULL ||
	    (c = TAILQ_FIRST(&m->waiting)) != NULL)
		call_end(m, c, NULL);
	notifications_end(m);
	STAILQ_FOREACH (v, &m->views, link)
		if (v->finish != NULL)
			v->finish(v);
}

void
model_fini(struct model *m)
{
	struct conn *conn;

	STAILQ_INIT(&m->views);
	model_end(m);
	while ((conn = (void *)m->conns) != NULL) {
		paths_free(conn->paths);
		free(conn->target);
		table_drop(&m->conns, conn);
	}
	table_free(&m->callers);
}
