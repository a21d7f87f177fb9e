/* SPDX-License-Identifier: ISC */
#include "trace/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/get.h"
#include "wire/ops.h"

static struct summary *
summary_of(struct model_view *v)
{
	return (struct summary *)(void *)v;	/* first member */
}

/* NULL: too many different ones, or no memory. */
static struct summary_op *
summary_op(struct summary *s, uint32_t opcode)
{
	struct summary_op *op;
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->ops[i]->opcode == opcode)
			return s->ops[i];
	if (s->count == SUMMARY_OPS ||
	    (op = calloc(1, sizeof(*op))) == NULL)
		return NULL;
	op->opcode = opcode;
	s->ops[s->count++] = op;
	return op;
}

static void
summary_reply(struct summary *s, struct summary_op *op, const struct call *c,
    const struct trace_record *r)
{
	uint32_t num = 0 - get_u32(r->m, 4);

	latency_add(&op->latency, r->mono_ns > c->mono_ns ?
	    r->mono_ns - c->mono_ns : 0);
	op->bytes += r->m.len;
	s->bytes_out += r->m.len;
	if (num == 0)
		return;
	op->errors++;
	op->by_errno[num < SUMMARY_ERRNOS ? num : SUMMARY_ERRNOS - 1]++;
}

static void
summary_end(struct model_view *v, struct call *c,
    const struct trace_record *r)
{
	struct summary *s = summary_of(v);
	struct summary_op *op;

	if (!filter_begin(&s->filter, c) || !filter_end(&s->filter, c, r) ||
	    (op = summary_op(s, c->opcode)) == NULL)
		return;
	op->count++;
	op->bytes += c->len;
	s->bytes_in += c->len;
	s->in_pieces += c->pieces > 1;
	if (r != NULL)
		summary_reply(s, op, c, r);
	else if (!c->alone)
		op->unfinished++;
}

static void
summary_other(struct model_view *v, struct conn *conn,
    const struct trace_record *r, struct call *c)
{
	struct summary *s = summary_of(v);

	(void)conn;
	(void)c;
	if (r->kind == TRACE_NOTIFY && (r->flags & TRACE_DROPPED) == 0)
		s->notifications++;
	if (r->flags & TRACE_DROPPED)
		s->dropped++;
	if (r->flags & TRACE_REPAIRED)
		s->repaired++;
}

void
summary_init(struct summary *s, const struct filter *f)
{
	memset(s, 0, sizeof(*s));
	s->filter = *f;
	s->view.end = summary_end;
	s->view.other = summary_other;
}

void
summary_fini(struct summary *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->ops[i]);
	s->count = 0;
}

static int
by_time(const void *a, const void *b)
{
	const struct summary_op *x = *(const struct summary_op *const *)a;
	const struct summary_op *y = *(const struct summary_op *const *)b;

	if (x->latency.sum_ns != y->latency.sum_ns)
		return x->latency.sum_ns < y->latency.sum_ns ? 1 : -1;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->opcode < y->opcode ? -1 : x->opcode > y->opcode;
}

static void
put_row(const struct view_out *out, const struct summary_op *op,
    const char *name, uint64_t all_ns)
{
	const struct latency *l = &op->latency;
	double us = 1000, share = 0;
	char line[256];
	int n;

	if (all_ns > 0)
		share = 100.0 * (double)l->sum_ns / (double)all_ns;
	n = snprintf(line, sizeof(line), "%6.2f %10" PRIu64 " %8" PRIu64
	    " %12" PRIu64 " %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f  %s\n",
	    share, op->count, op->errors, op->bytes,
	    (double)l->min_ns / us,
	    l->count > 0 ? (double)l->sum_ns / (double)l->count / us : 0,
	    (double)latency_part(l, .5) / us,
	    (double)latency_part(l, .9) / us,
	    (double)latency_part(l, .99) / us, (double)l->max_ns / us, name);
	out->put(out->arg, line, (size_t)n);
}

static void
put_head(const struct view_out *out)
{
	static const char head[] =
	    "%time       count   errors        bytes    min_us   mean_us"
	    "    p50_us    p90_us    p99_us    max_us  operation\n";

	out->put(out->arg, head, sizeof(head) - 1);
}

void
summary_print(const struct summary *s, const struct view_out *out)
{
	struct summary_op *sorted[SUMMARY_OPS], *all;
	uint64_t unfinished = 0;
	char name[OP_NAME_MAX], line[256];
	size_t i;
	int n;

	if ((all = calloc(1, sizeof(*all))) == NULL)
		return;
	for (i = 0; i < s->count; i++) {
		sorted[i] = s->ops[i];
		all->count += s->ops[i]->count;
		all->errors += s->ops[i]->errors;
		all->bytes += s->ops[i]->bytes;
		unfinished += s->ops[i]->unfinished;
		latency_merge(&all->latency, &s->ops[i]->latency);
	}
	if (s->count > 0)
		qsort(sorted, s->count, sizeof(sorted[0]), by_time);
	put_head(out);
	for (i = 0; i < s->count; i++)
		put_row(out, sorted[i], op_name_of(sorted[i]->opcode, name),
		    all->latency.sum_ns);
	put_row(out, all, "all", all->latency.sum_ns);
	free(all);
	n = snprintf(line, sizeof(line), "%" PRIu64 " without a reply, %"
	    PRIu64 " in pieces, %" PRIu64 " notifications, %" PRIu64
	    " dropped, %" PRIu64 " repaired\n", unfinished, s->in_pieces,
	    s->notifications, s->dropped, s->repaired);
	out->put(out->arg, line, (size_t)n);
}
