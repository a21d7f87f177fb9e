/* SPDX-License-Identifier: ISC */
/*
 * A line per call for people, in the manner of strace:
 *
 *	cat[123] READ("/dir/file", fh=0x1, offset=0, size=4096) = 17
 *
 * The line is written when the reply is here.  A call that takes long is
 * begun earlier, and if other lines come before its end it is left
 * "<unfinished ...>" and "<... resumed>" later.
 */
#include "trace/view_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire/head.h"
#include "wire/ops.h"

#define NS_PER_S UINT64_C(1000000000)

void
view_line_begin(struct view_text *v, struct text *t)
{
	text_init_style(t, v->line, sizeof(v->line),
	    v->conf.full ? TEXT_FULL : TEXT_CALL);
}

/* End the line that has no end yet. */
static void
line_leave(struct view_text *v)
{
	static const char unfinished[] = " <unfinished ...>\n";

	v->conf.out.put(v->conf.out.arg, unfinished, sizeof(unfinished) - 1);
	v->open = NULL;
}

void
view_line_end(struct view_text *v, struct text *t, const struct call *c)
{
	size_t n = text_end(t);

	if (v->open != NULL && v->open != c)
		line_leave(v);
	v->open = NULL;
	v->conf.out.put(v->conf.out.arg, v->line, n);
	if (t->full)
		v->conf.out.put(v->conf.out.arg, "\n", 1);
}

static void
put_time(struct view_text *v, struct text *t, uint64_t real_ns)
{
	time_t s = (time_t)(real_ns / NS_PER_S);
	unsigned us = (unsigned)(real_ns % NS_PER_S / 1000);
	uint64_t since = real_ns > v->last_ns && v->last_ns != 0 ?
	    real_ns - v->last_ns :
	    0;
	struct tm tm;

	v->last_ns = real_ns;
	switch (v->conf.time) {
	case VIEW_TIME_DAY:
	case VIEW_TIME_DAY_US:
		if (localtime_r(&s, &tm) == NULL)
			return;
		text_put(t, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min,
		    tm.tm_sec);
		if (v->conf.time == VIEW_TIME_DAY_US)
			text_put(t, ".%06u", us);
		text_str(t, " ");
		break;
	case VIEW_TIME_EPOCH:
		text_put(t, "%lld.%06u ", (long long)s, us);
		break;
	case VIEW_TIME_RELATIVE:
		text_put(t, "%6" PRIu64 ".%06u ", since / NS_PER_S,
		    (unsigned)(since % NS_PER_S / 1000));
		break;
	case VIEW_TIME_NONE:
	default:
		break;
	}
}

void
view_line_prefix(struct view_text *v, struct text *t, uint64_t real_ns,
    const struct conn *conn)
{
	put_time(v, t, real_ns);
	if (conn != NULL && conn->id > 1)
		text_put(t, "[session %" PRIu32 "] ", conn->id);
}

/* Time, session, caller. */
static void
put_caller(struct view_text *v, struct text *t, const struct call *c)
{
	const char *p;

	view_line_prefix(v, t, c->real_ns, c->conn);
	if (c->flags & TRACE_OWN) {
		text_str(t, "fuserelay ");
		return;
	}
	if (c->pid == 0) {
		text_str(t, "kernel ");
		return;
	}
	for (p = c->comm; *p != '\0'; p++)
		text_bytes(t, *p > 0x20 && *p < 0x7f ? p : "?", 1);
	text_str(t, call_comm_doubt(c) ? "~[" : "[");
	text_u64(t, c->pid);
	text_str(t, "] ");
}

static void
put_path(struct text *t, const struct call *c, int nth)
{
	char path[PATHS_TEXT_MAX];
	size_t n = call_path(c, nth, path);

	if (n == 0)
		return;
	text_str(t, t->sep);
	text_quote(t, (struct span){ (uint8_t *)path, n });
	t->sep = ", ";
}

static void
put_name(struct text *t, struct span name)
{
	text_str(t, t->sep);
	text_quote(t, name);
	t->sep = ", ";
}

void
view_line_data(struct view_text *v, struct text *t, const struct conn *conn,
    const struct wire_expect *e, const struct trace_record *r)
{
	struct span data;
	size_t whole;

	if (v->conf.data == 0)
		return;
	data = view_data(conn, e, r, v->conf.data, &whole);
	if (data.len == 0)
		return;
	if (r->kind == TRACE_REQUEST)
		text_key(t, "data");
	else
		text_str(t, " ");
	text_quote(t, data);
	if (data.len < whole)
		text_str(t, "...");
}

void
view_put_call(struct text *t, const struct call *c,
    const struct trace_record *r)
{
	char name[OP_NAME_MAX];

	text_str(t, op_name_of(c->opcode, name));
	text_str(t, "(");
	t->sep = "";
	if (t->style == TEXT_FULL) {
		text_key(t, "unique");
		text_u64(t, c->key.unique);
		text_key(t, "nodeid");
		text_u64(t, c->nodeid);
		text_key(t, "uid");
		text_u64(t, c->uid);
		text_key(t, "gid");
		text_u64(t, c->gid);
	}
	/* (A link's old path comes first, as in the call of the user.) */
	put_path(t, c, c->opcode == FUSE_OP_LINK);
	put_path(t, c, c->opcode != FUSE_OP_LINK);
	if (c->names == WIRE_NAMES_TARGET)
		put_name(t, c->name[1]);
	if (c->names == WIRE_NAMES_XATTR || c->names == WIRE_NAMES_OTHER)
		put_name(t, c->name[0]);
	if (c->target != NULL) {
		text_key(t, "op");
		text_str(t, op_name_of(c->target->opcode, name));
	}
	wire_put_args(t, &c->conn->proto, r->m);
}

struct note *
view_note_new(const char *text, size_t len)
{
	struct note *note = malloc(sizeof(*note) + len + 1);

	if (note == NULL)
		return NULL;
	note->shown = 0;
	memcpy(note->text, text, len + 1);
	return note;
}

static void
view_text_begin(struct model_view *mv, struct call *c,
    const struct trace_record *r)
{
	struct view_text *v = view_text_of(mv);
	struct text t;

	if (!filter_begin(&v->conf.filter, c))
		return;
	view_line_begin(v, &t);
	view_put_call(&t, c, r);
	view_line_data(v, &t, c->conn, NULL, r);
	text_end(&t);
	c->note = view_note_new(v->line, t.len);
}

void
view_line_latency(struct view_text *v, struct text *t, uint64_t begin_ns,
    const struct trace_record *r)
{
	uint64_t ns;

	if (!v->conf.latency || r == NULL)
		return;
	ns = r->mono_ns - begin_ns;
	text_put(t, " <%" PRIu64 ".%06u>", ns / NS_PER_S,
	    (unsigned)(ns % NS_PER_S / 1000));
}

/* Everything from ')' on. */
static void
put_end(struct view_text *v, struct text *t, const struct call *c,
    const struct trace_record *r)
{
	text_str(t, ")");
	if (r != NULL) {
		text_str(t, " = ");
		t->sep = "";
		wire_put_result(t, &c->conn->proto, &c->expect, r->m);
		view_line_data(v, t, c->conn, &c->expect, r);
		if (r->flags & TRACE_OWN && !(c->flags & TRACE_OWN))
			text_str(t, " (by the relay)");
		if (r->flags & TRACE_SPOILT)
			text_put(t, " (%s)", view_spoilt_words(c));
	}
	if (v->conf.full && c->pieces > 1)
		text_put(t,
		    " (in %" PRIu32 " pieces, the first of %" PRIu32 " bytes)",
		    c->pieces, c->first);
	view_line_latency(v, t, c->mono_ns, r);
	text_put(t, "\n");
}

static void
view_text_end(struct model_view *mv, struct call *c,
    const struct trace_record *r)
{
	struct view_text *v = view_text_of(mv);
	struct note *note = c->note;
	char name[OP_NAME_MAX];
	struct text t;

	if (note == NULL || !filter_end(&v->conf.filter, c, r) ||
	    (note->shown && r == NULL)) {
		if (v->open == c)
			line_leave(v);
		return;
	}
	view_line_begin(v, &t);
	if (v->open != c) {
		put_caller(v, &t, c);
		if (note->shown)
			text_put(&t, "<... %s resumed>",
			    op_name_of(c->opcode, name));
		else
			text_bytes(&t, note->text, strlen(note->text));
	}
	if (r == NULL && !c->alone)
		text_put(&t, " <unfinished ...>\n");
	else
		put_end(v, &t, c, r);
	view_line_end(v, &t, c);
}

int
view_wants_slow(const struct filter *f)
{
	return f->want_failed && f->want_successful &&
	    f->slower_ns <= MODEL_SLOW_NS;
}

static void
view_text_slow(struct model_view *mv, struct call *c)
{
	struct view_text *v = view_text_of(mv);
	struct note *note = c->note;
	struct text t;

	if (note == NULL || !view_wants_slow(&v->conf.filter))
		return;
	view_line_begin(v, &t);
	put_caller(v, &t, c);
	text_bytes(&t, note->text, strlen(note->text));
	view_line_end(v, &t, NULL);
	note->shown = 1;
	v->open = c;
}

/* What became of a reply that ended no call. */
static const char *
relay_words(const struct trace_record *r, int known)
{
	if (r->flags & TRACE_REWRITTEN)
		return " is what the front gets";
	if (r->flags & TRACE_REPAIRED)
		return " is not passed on: a bad reply";
	if (r->flags & TRACE_DROPPED)
		return " is not passed on";
	if (r->flags & TRACE_PART)
		return " is a part of it";
	return known ? "" : " answers what was not recorded";
}

/* A message that the relay changed, dropped or replaced. */
static void
put_relay(struct view_text *v, struct text *t, const struct conn *conn,
    const struct trace_record *r, const struct call *c)
{
	const struct wire_expect *e = model_expect(conn, c, r);
	char name[OP_NAME_MAX];
	const char *why;
	uint32_t opcode = e != NULL ? e->opcode : FUSE_OP_NONE;

	(void)v;
	if (r->kind == TRACE_REQUEST) {
		opcode = head_opcode(r->m);
		text_put(t, "fuserelay %s(", op_name_of(opcode, name));
		t->sep = "";
		wire_put_args(t, &conn->proto, r->m);
		text_put(t, ") is what the daemon gets\n");
		return;
	}
	text_put(t, "%s ",
	    r->flags & TRACE_REWRITTEN ? "fuserelay" : "daemon");
	if (e == NULL)
		text_put(t,
		    "reply unique=%" PRIu64 " error=%" PRId32 " %zu bytes",
		    head_unique(r->m), head_error(r->m), r->m.len);
	else
		text_put(t, "%s = ", op_name_of(opcode, name));
	t->sep = "";
	if (e != NULL)
		wire_put_result(t, &conn->proto, e, r->m);
	text_str(t, relay_words(r, e != NULL));
	if ((why = view_bad_words(conn, e, r)) != NULL)
		text_put(t, ": %s", why);
	text_put(t, "\n");
}

static void
put_mark(struct text *t, const struct conn *conn, const struct trace_record *r)
{
	const char *target = conn->target;

	text_str(t, "+++ ");
	if (target != NULL)
		text_quote(t,
		    (struct span){ (const uint8_t *)target, strlen(target) });
	else
		text_put(t, "session %" PRIu32, conn->id);
	if (r->kind == TRACE_END)
		text_str(t, ": ");
	if (r->kind == TRACE_END)
		text_escape(t, r->m);
	text_put(t, " +++\n");
}

static void
view_text_other(struct model_view *mv, struct conn *conn,
    const struct trace_record *r, struct call *c)
{
	struct view_text *v = view_text_of(mv);
	struct text t;

	if (r->kind == TRACE_CHUNK || r->kind == TRACE_NOTIFY ||
	    ((r->flags & TRACE_PART) && !v->conf.full) ||
	    !filter_other(&v->conf.filter, conn, r, c))
		return;
	view_line_begin(v, &t);
	view_line_prefix(v, &t, r->real_ns, conn);
	switch (r->kind) {
	case TRACE_LOST:
		text_put(&t, "+++ %" PRIu64 " records lost +++\n",
		    get_u64(r->m, TRACE_LOST_COUNT));
		break;
	case TRACE_BEGIN:
	case TRACE_END:
		put_mark(&t, conn, r);
		break;
	default:
		put_relay(v, &t, conn, r, c);
		break;
	}
	view_line_end(v, &t, NULL);
}

struct model_view *
view_text_new(const struct view_conf *conf)
{
	struct view_text *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->conf = *conf;
	v->view.begin = view_text_begin;
	v->view.end = view_text_end;
	v->view.slow = view_text_slow;
	view_text_notifications(&v->view);
	v->view.other = view_text_other;
	return &v->view;
}
