/* SPDX-License-Identifier: ISC */
/*
 * A JSON object per line for programs.  The keys are stable and described
 * in fuserelay-trace(1); each object is valid by RFC 8259 whatever bytes a
 * message holds.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trace/notification.h"
#include "trace/view.h"
#include "wire/errors.h"
#include "wire/head.h"
#include "wire/ops.h"
#include "wire/text.h"

#define NS_PER_S UINT64_C(1000000000)
#define KEYS_VERSION 1

struct view_json {
	struct model_view view;
	struct view_conf conf;
	char line[VIEW_LINE_MAX];
};

static struct view_json *
json_of(struct model_view *v)
{
	return (struct view_json *)(void *)v; /* first member */
}

static void
put_number(struct text *t, const char *key, uint64_t v)
{
	text_key(t, key);
	text_u64(t, v);
}

/* RFC 3339 in UTC, with nanoseconds. */
static void
put_time(struct text *t, uint64_t real_ns)
{
	time_t s = (time_t)(real_ns / NS_PER_S);
	char day[32];
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL || tm.tm_year > 9999 - 1900 ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		strcpy(day, "1970-01-01T00:00:00");
	text_key(t, "ts");
	text_put(t, "\"%s.%09uZ\"", day, (unsigned)(real_ns % NS_PER_S));
}

static void
object_begin(struct view_json *v, struct text *t, const char *type,
    uint64_t real_ns, const struct conn *conn)
{
	text_init_style(t, v->line, sizeof(v->line), TEXT_JSON);
	text_open(t, '{');
	put_number(t, "v", KEYS_VERSION);
	text_field(t, "type", type);
	put_time(t, real_ns);
	if (conn == NULL)
		return;
	put_number(t, "conn", conn->id);
	if (conn->target != NULL)
		text_name(t, "mount",
		    (struct span){ (const uint8_t *)conn->target,
			strlen(conn->target) });
}

static void
object_end(struct view_json *v, struct text *t)
{
	text_close(t, '}');
	text_bytes(t, "\n", 1);
	if (!t->full) /* never a part of an object */
		v->conf.out.put(v->conf.out.arg, v->line, t->len);
}

static void
put_path(struct text *t, const char *key, const struct call *c, int nth)
{
	char path[PATHS_TEXT_MAX];
	size_t n = call_path(c, nth, path);

	if (n > 0)
		text_name(t, key, (struct span){ (uint8_t *)path, n });
}

static void
put_data(struct view_json *v, struct text *t, const struct conn *conn,
    const struct wire_expect *e, const struct trace_record *r)
{
	struct span data;
	size_t whole;

	if (v->conf.data == 0)
		return;
	data = view_data(conn, e, r, v->conf.data, &whole);
	if (whole > 0)
		text_name(t, "data", data);
}

static void
view_json_begin(struct model_view *mv, struct call *c,
    const struct trace_record *r)
{
	struct view_json *v = json_of(mv);
	char name[OP_NAME_MAX];
	struct text t;

	if (!filter_begin(&v->conf.filter, c))
		return;
	object_begin(v, &t, "call", c->real_ns, c->conn);
	put_number(&t, "unique", c->key.unique);
	text_field(&t, "op", op_name_of(c->opcode, name));
	put_number(&t, "opcode", c->opcode);
	put_number(&t, "nodeid", c->nodeid);
	put_path(&t, "path", c, 0);
	put_path(&t, c->opcode == FUSE_OP_LINK ? "oldpath" : "newpath", c, 1);
	if (c->target != NULL)
		text_field(&t, "target_op",
		    op_name_of(c->target->opcode, name));
	put_number(&t, "uid", c->uid);
	put_number(&t, "gid", c->gid);
	put_number(&t, "pid", c->pid);
	if (c->comm[0] != '\0')
		text_name(&t, "comm",
		    (struct span){ (const uint8_t *)c->comm,
			strlen(c->comm) });
	if (call_comm_doubt(c)) {
		text_key(&t, "comm_certain");
		text_str(&t, "false");
	}
	put_number(&t, "len", c->len);
	if (c->flags & TRACE_OWN)
		text_field(&t, "from", "relay");
	text_key(&t, "args");
	text_open(&t, '{');
	wire_put_args(&t, &c->conn->proto, r->m);
	put_data(v, &t, c->conn, NULL, r);
	text_close(&t, '}');
	if (c->pieces > 0) {
		text_key(&t, "frag");
		text_put(&t,
		    "{\"reads\":%" PRIu32 ",\"first_bytes\":%" PRIu32
		    ",\"index\":%" PRIu32 "}",
		    c->pieces, c->first, c->index);
	}
	if (!t.full)
		c->note = strdup(v->line);
}

static void
put_error(struct text *t, const struct wire_proto *pr, int32_t error)
{
	const char *name = wire_reply_errno(pr, error);

	text_key(t, "ret");
	text_put(t, "%" PRId32, error);
	text_key(t, "errno");
	if (error == 0)
		text_str(t, "null");
	else if (name != NULL)
		text_put(t, "\"%s\"", name);
	else
		text_put(t, "\"%" PRId32 "\"", error);
}

static void
put_no_reply(struct text *t)
{
	text_key(t, "ret");
	text_str(t, "null");
}

static void
put_unfinished(struct text *t)
{
	put_no_reply(t);
	text_key(t, "unfinished");
	text_str(t, "true");
}

static void
view_json_end(struct model_view *mv, struct call *c,
    const struct trace_record *r)
{
	struct view_json *v = json_of(mv);
	struct text t;

	if (c->note == NULL || !filter_end(&v->conf.filter, c, r))
		return;
	text_init_style(&t, v->line, sizeof(v->line), TEXT_JSON);
	text_bytes(&t, c->note, strlen(c->note));
	t.sep = ",";
	if (r == NULL) {
		if (c->alone)
			put_no_reply(&t);
		else
			put_unfinished(&t);
		object_end(v, &t);
		return;
	}
	put_error(&t, &c->conn->proto, head_error(r->m));
	text_key(&t, "result");
	text_open(&t, '{');
	wire_put_result(&t, &c->conn->proto, &c->expect, r->m);
	put_data(v, &t, c->conn, &c->expect, r);
	text_close(&t, '}');
	put_number(&t, "reply_len", r->m.len);
	put_number(&t, "lat_ns", r->mono_ns - c->mono_ns);
	text_field(&t, "by",
	    r->flags & TRACE_OWN && !(c->flags & TRACE_OWN) ? "relay" :
							      "daemon");
	if (r->flags & TRACE_SPOILT)
		text_field(&t, "spoilt", view_spoilt_words(c));
	object_end(v, &t);
}

static void
put_relay(struct text *t, const struct conn *conn,
    const struct trace_record *r, const struct call *c)
{
	const struct wire_expect *e = model_expect(conn, c, r);
	char name[OP_NAME_MAX];
	const char *why;
	uint32_t opcode = e != NULL ? e->opcode : FUSE_OP_NONE;

	if (r->kind == TRACE_REQUEST)
		opcode = head_opcode(r->m);
	text_field(t, "action",
	    r->flags & TRACE_REPAIRED	   ? "repaired" :
		r->flags & TRACE_DROPPED   ? "dropped" :
		r->flags & TRACE_PART	   ? "part" :
		r->flags & TRACE_REWRITTEN ? "rewritten" :
					     "unmatched");
	text_field(t, "dir",
	    r->kind == TRACE_REQUEST ? "to_daemon" : "to_front");
	put_number(t, "unique", head_unique(r->m));
	if (opcode != FUSE_OP_NONE)
		text_field(t, "op", op_name_of(opcode, name));
	put_number(t, "len", r->m.len);
	if (r->kind == TRACE_REPLY)
		put_error(t, &conn->proto, head_error(r->m));
	if ((why = view_bad_words(conn, e, r)) != NULL)
		text_field(t, "why", why);
	text_key(t, r->kind == TRACE_REQUEST ? "args" : "result");
	text_open(t, '{');
	if (r->kind == TRACE_REQUEST)
		wire_put_args(t, &conn->proto, r->m);
	else if (e != NULL)
		wire_put_result(t, &conn->proto, e, r->m);
	text_close(t, '}');
}

static void
view_json_notification(struct model_view *mv, struct notification *n,
    const struct trace_record *r)
{
	struct view_json *v = json_of(mv);
	const char *name;
	struct text t;

	if (!filter_notification(&v->conf.filter, n))
		return;
	object_begin(v, &t, "notify", n->real_ns, n->conn);
	put_number(&t, "code", (uint32_t)n->code);
	put_number(&t, "len", n->len);
	text_key(&t, "args");
	text_open(&t, '{');
	name = wire_put_notify(&t, &n->conn->proto, r->m);
	put_data(v, &t, n->conn, NULL, r);
	text_close(&t, '}');
	if (name != NULL)
		text_field(&t, "op", name);
	if (n->path != NULL)
		text_name(&t, "path",
		    (struct span){ (uint8_t *)n->path, n->path_len });
	if (!t.full)
		n->note = strdup(v->line);
}

static void
view_json_notification_end(struct model_view *mv, struct notification *n,
    const struct trace_record *r)
{
	struct view_json *v = json_of(mv);
	const struct wire_proto *pr = &n->conn->proto;
	struct text t;

	if (n->note == NULL || !filter_notification_end(&v->conf.filter, n, r))
		return;
	text_init_style(&t, v->line, sizeof(v->line), TEXT_JSON);
	text_bytes(&t, n->note, strlen(n->note));
	t.sep = ",";
	if (r == NULL) {
		put_unfinished(&t);
	} else if (r->kind == TRACE_RESULT) {
		put_error(&t, pr, -(int32_t)r->index);
		put_number(&t, "lat_ns", r->mono_ns - n->mono_ns);
	} else if (r->flags & TRACE_DROPPED) {
		text_field(&t, "action", "dropped");
		text_field(&t, "why",
		    wire_notify_why(wire_check_notify(pr, r->m)));
	}
	object_end(v, &t);
}

static void
view_json_other(struct model_view *mv, struct conn *conn,
    const struct trace_record *r, struct call *c)
{
	static const char *const types[] = {
		[TRACE_REQUEST] = "relay",
		[TRACE_REPLY] = "relay",
		[TRACE_CHUNK] = "chunk",
		[TRACE_LOST] = "lost",
		[TRACE_BEGIN] = "begin",
		[TRACE_END] = "end",
	};
	struct view_json *v = json_of(mv);
	struct text t;

	if (r->kind >= sizeof(types) / sizeof(types[0]) ||
	    types[r->kind] == NULL ||
	    (r->kind == TRACE_CHUNK && !v->conf.full) ||
	    !filter_other(&v->conf.filter, conn, r, c))
		return;
	object_begin(v, &t, types[r->kind], r->real_ns, conn);
	switch (r->kind) {
	case TRACE_CHUNK:
		put_number(&t, "offset", r->offset);
		put_number(&t, "len", r->m.len);
		break;
	case TRACE_LOST:
		put_number(&t, "records", get_u64(r->m, TRACE_LOST_COUNT));
		break;
	case TRACE_BEGIN:
		break;
	case TRACE_END:
		text_name(&t, "why", r->m);
		text_key(&t, "bad");
		text_put(&t, r->flags & TRACE_BAD ? "true" : "false");
		break;
	default:
		put_relay(&t, conn, r, c);
		break;
	}
	object_end(v, &t);
}

struct model_view *
view_json_new(const struct view_conf *conf)
{
	struct view_json *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->conf = *conf;
	v->view.begin = view_json_begin;
	v->view.end = view_json_end;
	v->view.notify_begin = view_json_notification;
	v->view.notify_end = view_json_notification_end;
	v->view.other = view_json_other;
	return &v->view;
}
