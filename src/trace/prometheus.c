/* SPDX-License-Identifier: ISC */
#include "trace/prometheus.h"

#include <inttypes.h>
#include <string.h>

#include "wire/errors.h"
#include "wire/ops.h"

/* The bounds of a histogram in seconds, as they have always been written. */
static const char *const bounds[LATENCY_BOUNDS] = {
	"0.00001",
	"0.000025",
	"0.00005",
	"0.0001",
	"0.00025",
	"0.0005",
	"0.001",
	"0.0025",
	"0.005",
	"0.01",
	"0.025",
	"0.05",
	"0.1",
	"0.25",
	"0.5",
	"1",
	"2.5",
	"5",
	"10",
};

static void
put_head(const struct view_out *out, const char *name, const char *type,
    const char *help)
{
	view_line(out, "# HELP fuserelay_%s %s\n# TYPE fuserelay_%s %s\n",
	    name, help, name, type);
}

/* A figure without labels of its own. */
static void
put_one(const struct prometheus *p, const struct view_out *out,
    const char *name, const char *type, const char *help, double v)
{
	put_head(out, name, type, help);
	view_line(out, "fuserelay_%s%s%s%s %.9g\n", name,
	    *p->labels ? "{" : "", p->labels, *p->labels ? "}" : "", v);
}

static const char *
comma(const struct prometheus *p)
{
	return *p->labels ? "," : "";
}

static void
put_errors(const struct prometheus *p, const struct view_out *out,
    const struct summary_row *row)
{
	const char *error;
	int i;

	for (i = 1; i < SUMMARY_ERRNOS; i++) {
		if (row->by_errno[i] == 0)
			continue;
		error = wire_errno_name(WIRE_ON_HOST, i);
		view_line(out,
		    "fuserelay_request_errors_total{%s%sop=\"%s\","
		    "errno=\"%s\"} %" PRIu64 "\n",
		    p->labels, comma(p), row->name,
		    error != NULL ? error : "other", row->by_errno[i]);
	}
}

static void
put_durations(const struct prometheus *p, const struct view_out *out,
    const struct summary_row *row)
{
	static const char metric[] = "fuserelay_request_duration_seconds";
	const struct latency *l = &row->latency;
	unsigned i;

	for (i = 0; i < LATENCY_BOUNDS; i++)
		view_line(out,
		    "%s_bucket{%s%sop=\"%s\",le=\"%s\"} %" PRIu64 "\n", metric,
		    p->labels, comma(p), row->name, bounds[i],
		    latency_upto(l, i));
	view_line(out, "%s_bucket{%s%sop=\"%s\",le=\"+Inf\"} %" PRIu64 "\n",
	    metric, p->labels, comma(p), row->name, l->count);
	view_line(out, "%s_sum{%s%sop=\"%s\"} %.9f\n", metric, p->labels,
	    comma(p), row->name, (double)l->sum_ns / 1e9);
	view_line(out, "%s_count{%s%sop=\"%s\"} %" PRIu64 "\n", metric,
	    p->labels, comma(p), row->name, l->count);
}

/* The row that comes after `row`, from NULL until NULL: the others last. */
static const struct summary_row *
next_row(const struct summary *s, const struct summary_row *row)
{
	if (row == NULL)
		return s->rows != NULL ? s->rows : s->others;
	if (row == s->others)
		return NULL;
	return row->hh.next != NULL ? row->hh.next : s->others;
}

static void
put_ops(const struct prometheus *p, const struct view_out *out)
{
	const struct summary *s = p->summary;
	const struct summary_row *row;

	put_head(out, "requests_total", "counter", "Requests that ended.");
	for (row = NULL; (row = next_row(s, row)) != NULL;)
		view_line(out,
		    "fuserelay_requests_total{%s%sop=\"%s\"} %" PRIu64 "\n",
		    p->labels, comma(p), row->name, row->count);
	put_head(out, "request_errors_total", "counter",
	    "Requests that ended with an error.");
	for (row = NULL; (row = next_row(s, row)) != NULL;)
		put_errors(p, out, row);
	put_head(out, "request_duration_seconds", "histogram",
	    "Time from a request to its reply.");
	for (row = NULL; (row = next_row(s, row)) != NULL;)
		if (row->latency.count > 0)
			put_durations(p, out, row);
}

static double
oldest_age(const struct prometheus *p)
{
	const struct call *c = TAILQ_FIRST(&p->model->slow);

	if (c == NULL)
		c = TAILQ_FIRST(&p->model->waiting);
	if (c == NULL || p->now_ns < c->mono_ns)
		return 0;
	return (double)(p->now_ns - c->mono_ns) / 1e9;
}

void
prometheus_print(const struct prometheus *p, const struct view_out *out)
{
	const struct summary *s = p->summary;

	put_head(out, "build_info", "gauge", "What is running.");
	view_line(out, "fuserelay_build_info{%s%sversion=\"%s\"} 1\n",
	    p->labels, comma(p), p->version);
	put_ops(p, out);
	put_head(out, "bytes_total", "counter",
	    "Bytes of the messages of requests that ended.");
	view_line(out,
	    "fuserelay_bytes_total{%s%sdirection=\"request\"} %" PRIu64 "\n",
	    p->labels, comma(p), s->bytes_in);
	view_line(out,
	    "fuserelay_bytes_total{%s%sdirection=\"reply\"} %" PRIu64 "\n",
	    p->labels, comma(p), s->bytes_out);
	put_one(p, out, "inflight_requests", "gauge",
	    "Requests that wait for a reply.",
	    (double)table_count(p->model->calls));
	put_one(p, out, "oldest_request_age_seconds", "gauge",
	    "How long the oldest of them has waited.", oldest_age(p));
	put_one(p, out, "reassembled_messages_total", "counter",
	    "Requests that came in several pieces.", (double)s->in_pieces);
	put_one(p, out, "notifications_total", "counter",
	    "Notifications of the daemon.", (double)s->notifications);
	put_one(p, out, "dropped_replies_total", "counter",
	    "Replies that were not passed on.", (double)s->dropped);
	put_one(p, out, "repaired_replies_total", "counter",
	    "Bad replies that were replaced.", (double)s->repaired);
	put_one(p, out, "trace_dropped_total", "counter",
	    "Parts of traces and captures that were left out.",
	    (double)p->lost);
}

int
prometheus_label(char *labels, size_t cap, const char *arg)
{
	const char *eq = strchr(arg, '='), *p;
	size_t n = strlen(labels), i, name;

	if (eq == NULL || eq == arg)
		return E_VALUE;
	name = (size_t)(eq - arg);
	for (i = 0; i < name; i++)
		if (!(arg[i] == '_' || (arg[i] >= 'a' && arg[i] <= 'z') ||
			(arg[i] >= 'A' && arg[i] <= 'Z') ||
			(i > 0 && arg[i] >= '0' && arg[i] <= '9')))
			return E_VALUE;
	/* (Each byte of the value takes at most two.) */
	if (name + 2 * strlen(eq) + 8 > cap - n)
		return E_FULL;
	if (n > 0)
		labels[n++] = ',';
	memcpy(labels + n, arg, name);
	n += name;
	labels[n++] = '=';
	labels[n++] = '"';
	for (p = eq + 1; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\' || *p == '\n')
			labels[n++] = '\\';
		labels[n++] = *p == '\n' ? 'n' : *p;
	}
	labels[n++] = '"';
	labels[n] = '\0';
	return E_OK;
}
