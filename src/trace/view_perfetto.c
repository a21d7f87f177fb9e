/* SPDX-License-Identifier: ISC */
/*
 * The Trace Event format that Perfetto and Chrome open: each call is an
 * asynchronous span, since calls overlap, under the process that made it.  A
 * call without a reply is a span without an end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/view.h"
#include "wire/errors.h"
#include "wire/head.h"
#include "wire/ops.h"
#include "wire/text.h"

#define NS_PER_US 1000
#define NAMED_SLOTS 1024 /* a power of two */

struct view_perfetto {
	struct model_view view;
	struct view_conf conf;
	uint64_t spans; /* number of the next one */
	int started;
	struct { /* processes whose name has been printed */
		uint32_t pid;
		char comm[CALLER_NAME_MAX];
	} named[NAMED_SLOTS];
	char line[VIEW_LINE_MAX];
	char result[VIEW_LINE_MAX];
};

static struct view_perfetto *
perfetto_of(struct model_view *v)
{
	return (struct view_perfetto *)(void *)v; /* first member */
}

/* Microseconds with three more digits. */
static void
put_time(struct text *t, uint64_t ns)
{
	text_key(t, "ts");
	text_put(t, "%" PRIu64 ".%03u", ns / NS_PER_US,
	    (unsigned)(ns % NS_PER_US));
}

static void
event_begin(struct view_perfetto *v, struct text *t, const char *phase,
    const char *name, uint64_t ns, uint32_t pid)
{
	static const char head[] = "{\"displayTimeUnit\":\"ns\","
				   "\"traceEvents\":[";

	text_init_style(t, v->line, sizeof(v->line), TEXT_JSON);
	text_put(t, "%s\n", v->started ? "," : head);
	v->started = 1;
	text_open(t, '{');
	text_field(t, "ph", phase);
	text_field(t, "name", name);
	put_time(t, ns);
	text_key(t, "pid");
	text_put(t, "%" PRIu32, pid);
	text_key(t, "tid");
	text_put(t, "%" PRIu32, pid);
}

static void
event_end(struct view_perfetto *v, struct text *t)
{
	text_close(t, '}');
	if (!t->full)
		v->conf.out.put(v->conf.out.arg, v->line, t->len);
}

/* Print the caller's name, unless it has been printed. */
static void
put_process(struct view_perfetto *v, const struct call *c)
{
	const char *comm = c->pid == 0 ? "kernel" : c->comm;
	size_t slot = c->pid & (NAMED_SLOTS - 1);
	struct text t;

	if (comm[0] == '\0' ||
	    (v->named[slot].pid == c->pid &&
		(call_comm_doubt(c) ||
		    strcmp(v->named[slot].comm, comm) == 0)))
		return;
	v->named[slot].pid = c->pid;
	snprintf(v->named[slot].comm, sizeof(v->named[slot].comm), "%s", comm);
	event_begin(v, &t, "M", "process_name", c->mono_ns, c->pid);
	text_key(&t, "args");
	text_open(&t, '{');
	text_field(&t, "name", comm);
	text_close(&t, '}');
	event_end(v, &t);
}

static void
view_perfetto_begin(struct model_view *mv, struct call *c,
    const struct trace_record *r)
{
	struct view_perfetto *v = perfetto_of(mv);
	char path[PATHS_TEXT_MAX], name[OP_NAME_MAX];
	struct text t;
	size_t n;

	if (c->alone || !filter_begin(&v->conf.filter, c))
		return;
	text_init_style(&t, v->line, sizeof(v->line), TEXT_JSON);
	text_open(&t, '{');
	text_field(&t, "op", op_name_of(c->opcode, name));
	if (c->conn->target != NULL)
		text_name(&t, "mount",
		    (struct span){ (const uint8_t *)c->conn->target,
			strlen(c->conn->target) });
	if ((n = call_path(c, 0, path)) > 0)
		text_name(&t, "path", (struct span){ (uint8_t *)path, n });
	text_key(&t, "unique");
	text_u64(&t, c->key.unique);
	text_key(&t, "nodeid");
	text_u64(&t, c->nodeid);
	if (call_comm_doubt(c)) {
		text_key(&t, "comm_certain");
		text_str(&t, "false");
	}
	text_key(&t, "len");
	text_u64(&t, c->len);
	if (c->flags & TRACE_OWN)
		text_field(&t, "from", "relay");
	wire_put_args(&t, &c->conn->proto, r->m);
	if (!t.full)
		c->note = strdup(v->line);
}

static void
put_edge(struct view_perfetto *v, const struct call *c, const char *phase,
    uint64_t ns, const char *args)
{
	char name[OP_NAME_MAX];
	struct text t;

	event_begin(v, &t, phase, op_name_of(c->opcode, name), ns, c->pid);
	text_field(&t, "cat", "fuse");
	text_key(&t, "id");
	text_u64(&t, v->spans);
	text_key(&t, "args");
	text_bytes(&t, args, strlen(args));
	text_bytes(&t, "}", 1);
	event_end(v, &t);
}

/* The result, as the arguments of the span's end. */
static void
put_result(struct text *t, const struct call *c, const struct trace_record *r)
{
	int32_t error = head_error(r->m);
	const char *name = wire_reply_errno(&c->conn->proto, error);

	text_open(t, '{');
	text_field(t, "errno", error == 0 ? "0" : name != NULL ? name : "?");
	text_key(t, "reply_len");
	text_u64(t, r->m.len);
	text_field(t, "by",
	    r->flags & TRACE_OWN && !(c->flags & TRACE_OWN) ? "relay" :
							      "daemon");
	wire_put_result(t, &c->conn->proto, &c->expect, r->m);
}

static void
view_perfetto_end(struct model_view *mv, struct call *c,
    const struct trace_record *r)
{
	struct view_perfetto *v = perfetto_of(mv);
	struct text t;

	if (c->note == NULL || !filter_end(&v->conf.filter, c, r))
		return;
	put_process(v, c);
	v->spans++;
	put_edge(v, c, "b", c->mono_ns, c->note);
	if (r == NULL) /* the span stays open */
		return;
	text_init_style(&t, v->result, sizeof(v->result), TEXT_JSON);
	put_result(&t, c, r);
	put_edge(v, c, "e", r->mono_ns, t.full ? "{" : v->result);
}

static void
view_perfetto_finish(struct model_view *mv)
{
	struct view_perfetto *v = perfetto_of(mv);
	static const char nothing[] = "{\"traceEvents\":[";
	static const char end[] = "\n]}\n";

	if (!v->started)
		v->conf.out.put(v->conf.out.arg, nothing, sizeof(nothing) - 1);
	v->conf.out.put(v->conf.out.arg, end, sizeof(end) - 1);
}

struct model_view *
view_perfetto_new(const struct view_conf *conf)
{
	struct view_perfetto *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->conf = *conf;
	v->view.begin = view_perfetto_begin;
	v->view.end = view_perfetto_end;
	v->view.finish = view_perfetto_finish;
	return &v->view;
}
