/* SPDX-License-Identifier: ISC */
#include "trace/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/head.h"
#include "wire/ops.h"
#include "wire/text.h"

#define NAME_ROOM (PATHS_TEXT_MAX + 32) /* with its session */
#define OTHERS "(others)"

static struct summary *
summary_of(struct model_view *v)
{
	return (struct summary *)(void *)v; /* first member */
}

/* ---- rows ---- */

static void
row_free(struct summary_row *row)
{
	if (row == NULL)
		return;
	free(row->name);
	free(row);
}

/* NULL: no memory. */
static struct summary_row *
row_new(const char *name, size_t len)
{
	struct summary_row *row = calloc(1, sizeof(*row));

	if (row == NULL)
		return NULL;
	if ((row->name = malloc(len + 1)) == NULL) {
		free(row);
		return NULL;
	}
	memcpy(row->name, name, len);
	row->name[len] = '\0';
	row->name_len = len;
	return row;
}

/* Most time first. */
static int
by_time(const void *a, const void *b)
{
	const struct summary_row *x = *(const struct summary_row *const *)a;
	const struct summary_row *y = *(const struct summary_row *const *)b;

	if (x->latency.sum_ns != y->latency.sum_ns)
		return x->latency.sum_ns < y->latency.sum_ns ? 1 : -1;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* The rows sorted, to be freed; NULL: there are none, or no memory. */
static struct summary_row **
rows_sorted(const struct summary *s)
{
	size_t n = HASH_COUNT(s->rows), i = 0;
	struct summary_row **sorted, *row;

	if (n == 0 || (sorted = calloc(n, sizeof(*sorted))) == NULL)
		return NULL;
	for (row = s->rows; row != NULL; row = row->hh.next)
		sorted[i++] = row;
	qsort(sorted, n, sizeof(sorted[0]), by_time);
	return sorted;
}

/* Count in `to` what `from` has counted. */
static void
row_merge(struct summary_row *to, const struct summary_row *from)
{
	int i;

	to->count += from->count;
	to->errors += from->errors;
	to->unfinished += from->unfinished;
	to->bytes += from->bytes;
	for (i = 0; i < SUMMARY_ERRNOS; i++)
		to->by_errno[i] += from->by_errno[i];
	latency_merge(&to->latency, &from->latency);
}

/* Count the half of the rows that took less time with the others. */
static void
rows_fold(struct summary *s)
{
	struct summary_row **sorted = rows_sorted(s);
	size_t n = HASH_COUNT(s->rows), i;

	if (sorted == NULL)
		return;
	for (i = n / 2; i < n; i++) {
		if (sorted[i]->apart)
			continue;
		row_merge(s->others, sorted[i]);
		HASH_DELETE(hh, s->rows, sorted[i]);
		row_free(sorted[i]);
	}
	free(sorted);
}

/* May there be one more row?  Rows of operations are never counted with the
 * others, since counters made of them must not sink. */
static int
rows_room(struct summary *s)
{
	size_t max = s->by == SUMMARY_BY_OP ? SUMMARY_OPS : SUMMARY_ROWS;

	if (HASH_COUNT(s->rows) < max)
		return 1;
	if (s->others == NULL)
		s->others = row_new(OTHERS, sizeof(OTHERS) - 1);
	if (s->others != NULL && s->by != SUMMARY_BY_OP)
		rows_fold(s);
	return HASH_COUNT(s->rows) < max;
}

/* NULL: no memory. */
static struct summary_row *
row_get(struct summary *s, const char *name, size_t len)
{
	struct summary_row *row;

	HASH_FIND(hh, s->rows, name, len, row);
	if (row != NULL)
		return row;
	if (!rows_room(s))
		return s->others;
	if ((row = row_new(name, len)) == NULL)
		return NULL;
	HASH_ADD_KEYPTR(hh, s->rows, row->name, len, row);
	if (row->hh.tbl != NULL)
		return row;
	row_free(row);
	return NULL;
}

/* ---- the row of a call ---- */

/* Does it begin or end a session, so that no caller waits for it? */
static int
is_apart(uint32_t opcode)
{
	return opcode == FUSE_OP_INIT || opcode == FUSE_OP_DESTROY ||
	    opcode == FUSE_OP_CUSE_INIT;
}

static size_t
name_path(const struct call *c, char *buf)
{
	char path[PATHS_TEXT_MAX];
	size_t n = call_path(c, 0, path), at = 0;

	if (c->conn->id > 1)
		at = (size_t)snprintf(buf, NAME_ROOM, "[session %" PRIu32 "] ",
		    c->conn->id);
	if (n == 0)
		n = (size_t)snprintf(path, sizeof(path), "(no path)");
	memcpy(buf + at, path, n);
	return at + n;
}

static size_t
name_caller(const struct call *c, char *buf)
{
	if (c->flags & TRACE_OWN)
		return (size_t)snprintf(buf, NAME_ROOM, "fuserelay");
	if (c->pid == 0)
		return (size_t)snprintf(buf, NAME_ROOM, "kernel");
	if (c->comm[0] == '\0')
		return (
		    size_t)snprintf(buf, NAME_ROOM, "[%" PRIu32 "]", c->pid);
	return (size_t)snprintf(buf, NAME_ROOM, "%s", c->comm);
}

/* The path is that of the request: until the reply it may change. */
static void
summary_begin(struct model_view *v, struct call *c,
    const struct trace_record *r)
{
	char buf[NAME_ROOM];

	(void)v;
	(void)r;
	if (!is_apart(c->opcode))
		c->counted = strndup(buf, name_path(c, buf));
}

static struct summary_row *
summary_row(struct summary *s, const struct call *c)
{
	char op[OP_NAME_MAX], buf[NAME_ROOM];
	const char *name = op_name_of(c->opcode, op);
	struct summary_row *row;

	if (is_apart(c->opcode) || s->by == SUMMARY_BY_OP)
		row = row_get(s, name, strlen(name));
	else if (s->by == SUMMARY_BY_CALLER)
		row = row_get(s, buf, name_caller(c, buf));
	else
		row = c->counted == NULL ?
		    NULL :
		    row_get(s, c->counted, strlen(c->counted));
	if (row != NULL && is_apart(c->opcode))
		row->apart = row != s->others;
	return row;
}

static void
summary_reply(struct summary *s, struct summary_row *row, const struct call *c,
    const struct trace_record *r)
{
	uint32_t num = 0 - (uint32_t)head_error(r->m);

	latency_add(&row->latency,
	    r->mono_ns > c->mono_ns ? r->mono_ns - c->mono_ns : 0);
	row->bytes += r->m.len;
	s->bytes_out += r->m.len;
	if (num == 0)
		return;
	row->errors++;
	row->by_errno[num < SUMMARY_ERRNOS ? num : SUMMARY_ERRNOS - 1]++;
}

static void
summary_end(struct model_view *v, struct call *c, const struct trace_record *r)
{
	struct summary *s = summary_of(v);
	struct summary_row *row;

	if (!filter_begin(&s->filter, c) || !filter_end(&s->filter, c, r) ||
	    (row = summary_row(s, c)) == NULL)
		return;
	row->count++;
	row->bytes += c->len;
	s->bytes_in += c->len;
	s->in_pieces += c->pieces > 1;
	if (r != NULL)
		summary_reply(s, row, c, r);
	else if (!c->alone)
		row->unfinished++;
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
summary_init(struct summary *s, const struct filter *f, enum summary_by by)
{
	memset(s, 0, sizeof(*s));
	s->filter = *f;
	s->by = by;
	if (by == SUMMARY_BY_PATH)
		s->view.begin = summary_begin;
	s->view.end = summary_end;
	s->view.other = summary_other;
}

void
summary_fini(struct summary *s)
{
	struct summary_row *row, *next;

	HASH_ITER (hh, s->rows, row, next) {
		HASH_DELETE(hh, s->rows, row);
		row_free(row);
	}
	row_free(s->others);
	s->others = NULL;
}

/* ---- the table ---- */

static void
put_line(const struct view_out *out, const char *share,
    const struct summary_row *row)
{
	static const double us = 1000;
	const struct latency *l = &row->latency;
	char line[256 + 4 * NAME_ROOM];
	struct text t;
	size_t n;

	text_init(&t, line, sizeof(line));
	text_put(&t,
	    "%6s %11.6f %10" PRIu64 " %8" PRIu64 " %12" PRIu64
	    " %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f  ",
	    share, (double)l->sum_ns / 1e9, row->count, row->errors,
	    row->bytes, (double)l->min_ns / us,
	    l->count > 0 ? (double)l->sum_ns / (double)l->count / us : 0,
	    (double)latency_part(l, .5) / us, (double)latency_part(l, .9) / us,
	    (double)latency_part(l, .99) / us, (double)l->max_ns / us);
	text_escape(&t,
	    (struct span){ (const uint8_t *)row->name, row->name_len });
	text_put(&t, "\n");
	n = text_end(&t);
	out->put(out->arg, line, n);
}

static void
put_row(const struct view_out *out, const struct summary_row *row,
    uint64_t all_ns)
{
	char share[32];

	snprintf(share, sizeof(share), "%.2f",
	    all_ns == 0 ?
		0 :
		100.0 * (double)row->latency.sum_ns / (double)all_ns);
	put_line(out, share, row);
}

static void
put_head(const struct view_out *out, enum summary_by by)
{
	static const char *const what[] = { "operation", "path", "caller" };

	view_line(out,
	    "%%time      seconds      count   "
	    "errors        bytes    min_us   mean_us    p50_us    p90_us    "
	    "p99_us    max_us  %s\n",
	    what[by]);
}

/* The sum of the rows, without INIT and DESTROY; NULL: no memory. */
static struct summary_row *
rows_sum(const struct summary *s)
{
	struct summary_row *all = row_new("all", 3);
	const struct summary_row *row;

	if (all == NULL)
		return NULL;
	for (row = s->rows; row != NULL; row = row->hh.next)
		if (!row->apart)
			row_merge(all, row);
	if (s->others != NULL)
		row_merge(all, s->others);
	return all;
}

static uint64_t
rows_unfinished(const struct summary *s)
{
	uint64_t n = s->others != NULL ? s->others->unfinished : 0;
	const struct summary_row *row;

	for (row = s->rows; row != NULL; row = row->hh.next)
		n += row->unfinished;
	return n;
}

void
summary_print(const struct summary *s, const struct view_out *out)
{
	struct summary_row **sorted = rows_sorted(s), *all = rows_sum(s);
	size_t n = sorted == NULL ? 0 : HASH_COUNT(s->rows), i;

	if (all == NULL)
		goto out;
	put_head(out, s->by);
	for (i = 0; i < n; i++)
		if (!sorted[i]->apart)
			put_row(out, sorted[i], all->latency.sum_ns);
	if (s->others != NULL)
		put_row(out, s->others, all->latency.sum_ns);
	put_row(out, all, all->latency.sum_ns);
	for (i = 0; i < n; i++)
		if (sorted[i]->apart)
			put_line(out, "-", sorted[i]);
	view_line(out,
	    "%" PRIu64 " without a reply, %" PRIu64 " in pieces, %" PRIu64
	    " notifications, %" PRIu64 " dropped, %" PRIu64 " repaired\n",
	    rows_unfinished(s), s->in_pieces, s->notifications, s->dropped,
	    s->repaired);
out:
	row_free(all);
	free(sorted);
}
