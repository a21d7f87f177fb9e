/* SPDX-License-Identifier: ISC */
#include "trace/fragments.h"

#include <inttypes.h>
#include <stdlib.h>

#include "wire/head.h"
#include "wire/ops.h"

#define BUCKETS 33 /* by the bits of a number */

struct histogram {
	uint64_t count[BUCKETS];
	uint64_t all, sum, most;
};

struct fragments {
	struct trace_sink sink;
	struct view_out out;
	int timeline;
	uint64_t start_ns;
	struct histogram pieces;     /* of a message */
	struct histogram first;	     /* bytes that came first, if cut */
	struct histogram shared;     /* messages that began in one read */
	struct histogram reads;	     /* bytes of a read */
	uint64_t run;		     /* messages of this read so far */
	uint64_t whole, in_head;     /* in one piece; cut in the header */
	struct trace_record largest; /* without its message */
	uint32_t largest_op;
	uint64_t largest_unique;
	uint64_t unknown; /* messages whose pieces are not known */
};

static void
histogram_add(struct histogram *h, uint64_t v)
{
	unsigned bits = 0;

	while (bits < BUCKETS - 1 && v >> bits > 1)
		bits++;
	h->count[bits]++;
	h->all++;
	h->sum += v;
	if (v > h->most)
		h->most = v;
}

static void
histogram_print(const struct fragments *f, const struct histogram *h,
    const char *title)
{
	unsigned i, k, bar;

	if (h->all == 0)
		return;
	view_line(&f->out, "\n%s: %" PRIu64 ", mean %.1f, most %" PRIu64 "\n",
	    title, h->all, (double)h->sum / (double)h->all, h->most);
	for (i = 0; i < BUCKETS; i++) {
		if (h->count[i] == 0)
			continue;
		bar = (unsigned)(40 * h->count[i] / h->all);
		view_line(&f->out,
		    "  %10" PRIu64 " - %-10" PRIu64 " %10" PRIu64 "  ",
		    i == 0 ? 0 : UINT64_C(1) << i, (UINT64_C(2) << i) - 1,
		    h->count[i]);
		for (k = 0; k < bar; k++)
			view_line(&f->out, "#");
		view_line(&f->out, "\n");
	}
}

static void
fragments_timeline(struct fragments *f, const struct trace_record *r)
{
	char name[OP_NAME_MAX];
	uint64_t us = (r->mono_ns - f->start_ns) / 1000;

	view_line(&f->out, "%6" PRIu64 ".%06u ", us / 1000000,
	    (unsigned)(us % 1000000));
	if (r->kind == TRACE_CHUNK) {
		view_line(&f->out,
		    "read     %12" PRIu64 " .. %-12" PRIu64 " %zu "
		    "bytes\n",
		    r->offset, r->offset + r->m.len, r->m.len);
		return;
	}
	view_line(&f->out,
	    "message  %12" PRIu64 " .. %-12" PRIu64 " %zu bytes, ", r->offset,
	    r->offset + r->m.len, r->m.len);
	if (r->pieces > 1)
		view_line(&f->out, "%" PRIu32 " pieces, the first of %" PRIu32,
		    r->pieces, r->first);
	else if (r->index > 0)
		view_line(&f->out, "no. %" PRIu32 " of its read",
		    r->index + 1);
	else
		view_line(&f->out, "whole");
	view_line(&f->out, ": %s unique=%" PRIu64 "\n",
	    op_name_of(head_opcode(r->m), name), head_unique(r->m));
}

static void
fragments_message(struct fragments *f, const struct trace_record *r)
{
	if (r->pieces == 0) {
		f->unknown++;
		return;
	}
	histogram_add(&f->pieces, r->pieces);
	if (r->pieces == 1)
		f->whole++;
	else
		histogram_add(&f->first, r->first);
	if (r->pieces > 1 && r->first < WIRE_REQ_HEADER)
		f->in_head++;
	if (r->index == 0 && f->run > 0) {
		histogram_add(&f->shared, f->run);
		f->run = 0;
	}
	f->run++;
	if (r->m.len > f->largest.m.len) {
		f->largest = *r;
		f->largest.m.p = NULL;
		f->largest_op = head_opcode(r->m);
		f->largest_unique = head_unique(r->m);
	}
}

static void
fragments_record(struct trace_sink *s, const struct trace_record *r)
{
	struct fragments *f = (struct fragments *)(void *)s; /* first member */

	if (f->start_ns == 0)
		f->start_ns = r->mono_ns;
	if (r->kind == TRACE_CHUNK)
		histogram_add(&f->reads, r->m.len);
	else if (r->kind == TRACE_REQUEST && r->m.len >= WIRE_REQ_HEADER &&
	    !(r->flags &
		(TRACE_OWN | TRACE_REWRITTEN | TRACE_PART | TRACE_AGAIN)))
		fragments_message(f, r);
	else
		return;
	if (f->timeline)
		fragments_timeline(f, r);
}

struct fragments *
fragments_new(const struct view_out *out, int timeline)
{
	struct fragments *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->sink.record = fragments_record;
	f->out = *out;
	f->timeline = timeline;
	return f;
}

struct trace_sink *
fragments_sink(struct fragments *f)
{
	return &f->sink;
}

void
fragments_print(const struct fragments *f)
{
	struct histogram shared = f->shared;
	char name[OP_NAME_MAX];

	if (f->run > 0)
		histogram_add(&shared, f->run);
	view_line(&f->out,
	    "%s%" PRIu64 " requests: %" PRIu64 " in one piece, %" PRIu64
	    " in several, %" PRIu64 " of those cut within the "
	    "header\n",
	    f->timeline ? "\n" : "", f->pieces.all, f->whole,
	    f->pieces.all - f->whole, f->in_head);
	if (f->unknown > 0)
		view_line(&f->out,
		    "%" PRIu64 " requests did not come on a stream\n",
		    f->unknown);
	if (f->largest.m.len > 0)
		view_line(&f->out,
		    "largest: %zu bytes, %s unique=%" PRIu64 " at "
		    "byte %" PRIu64 ", %" PRIu32 " pieces\n",
		    f->largest.m.len, op_name_of(f->largest_op, name),
		    f->largest_unique, f->largest.offset, f->largest.pieces);
	histogram_print(f, &f->pieces, "pieces of a request");
	histogram_print(f, &f->first, "bytes of the first piece of several");
	histogram_print(f, &shared, "requests that began in one read");
	histogram_print(f, &f->reads, "bytes of a read");
}

void
fragments_free(struct fragments *f)
{
	free(f);
}
