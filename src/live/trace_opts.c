/* SPDX-License-Identifier: ISC */
#include "live/trace_opts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/trace_option.h"
#include "trace/prometheus.h"
#include "trace/pseudonym.h"

#define NS_PER_MS 1000000
#define ROTATE_LEAST 4096

void
trace_opts_init(struct trace_opts *t)
{
	memset(t, 0, sizeof(*t));
	filter_init(&t->view.filter);
	t->capture.fd = -1;
	t->proto = wire_proto_unknown;
}

static int
opt_wrong(struct trace_opts *t, const char *name, const char *value,
    const char *want)
{
	snprintf(t->why, sizeof(t->why), "--%s=%s: %s", name, value, want);
	return E_VALUE;
}

static int
opt_range(struct trace_opts *t, const char *name, const char *value,
    uint64_t min, uint64_t max)
{
	char want[80];

	snprintf(want, sizeof(want), "not a number from %llu to %llu",
	    (unsigned long long)min, (unsigned long long)max);
	return opt_wrong(t, name, value, want);
}

/* A number with an optional K, M or G behind it. */
static int
opt_number(struct trace_opts *t, const char *name, const char *value,
    uint64_t min, uint64_t max, uint64_t *out)
{
	unsigned long long n;
	unsigned shift = 0;
	char *end;

	errno = 0;
	n = strtoull(value, &end, 10);
	if (end != value && *end != '\0') {
		shift = *end == 'K' || *end == 'k' ? 10 :
		    *end == 'M' || *end == 'm'	   ? 20 :
		    *end == 'G' || *end == 'g'	   ? 30 :
						     0;
		end += shift != 0;
	}
	if (errno != 0 || end == value || value[0] == '-' || *end != '\0' ||
	    n > max >> shift || n << shift < min)
		return opt_range(t, name, value, min, max);
	*out = n << shift;
	return E_OK;
}

static int
opt_number32(struct trace_opts *t, const char *name, const char *value,
    uint32_t *out)
{
	uint64_t n;
	int r;

	if ((r = opt_number(t, name, value, 0, UINT32_MAX, &n)) == E_OK)
		*out = (uint32_t)n;
	return r;
}

static int
opt_expr(struct trace_opts *t, const char *value)
{
	const char *bad;

	if (filter_parse(&t->view.filter, value, &bad) == E_OK)
		return E_OK;
	snprintf(t->why, sizeof(t->why), "-e %s: what is \"%.*s\"?", value,
	    (int)strcspn(bad, ","), bad);
	return E_VALUE;
}

static int
opt_slower(struct trace_opts *t, const char *value)
{
	char *end;
	double ms = strtod(value, &end);

	if (end == value || *end != '\0' || !(ms >= 0) || ms > 1e9)
		return opt_wrong(t, "slower", value,
		    "not a number of "
		    "milliseconds");
	t->view.filter.slower_ns = (uint64_t)(ms * NS_PER_MS);
	return E_OK;
}

static int
opt_time(struct trace_opts *t, const char *name, const char *value,
    struct trace_time *out)
{
	t->lines = t->filtered = 1;
	if (trace_time_parse(out, value) == E_OK)
		return E_OK;
	return opt_wrong(t, name, value,
	    "should be HH:MM:SS, "
	    "\"YYYY-MM-DD HH:MM:SS\" or seconds since 1970");
}

static int
opt_from(struct trace_opts *t, const char *value)
{
	if (strcmp(value, "capture") == 0)
		t->from = READER_CAPTURE;
	else if (strcmp(value, "fusedump") == 0)
		t->from = READER_FUSEDUMP;
	else
		return opt_wrong(t, "from", value,
		    "should be capture or "
		    "fusedump");
	return E_OK;
}

static int
opt_by(struct trace_opts *t, const char *value)
{
	static const char *const words[] = { [SUMMARY_BY_OP] = "op",
		[SUMMARY_BY_PATH] = "path",
		[SUMMARY_BY_CALLER] = "caller" };
	size_t i;

	t->by_given = 1;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i]) != 0)
			continue;
		t->by = (enum summary_by)i;
		return E_OK;
	}
	return opt_wrong(t, "by", value, "should be op, path or caller");
}

static int
opt_keep(struct trace_opts *t, const char *value)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = {
		{ "length", PSEUDONYM_KEEPS_LENGTH },
		{ "extension", PSEUDONYM_KEEPS_EXTENSION },
	};
	const char *p;
	size_t i, n;

	for (p = value; *p != '\0'; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		for (i = 0; i < 2; i++)
			if (strlen(words[i].word) == n &&
			    strncmp(p, words[i].word, n) == 0)
				break;
		if (i == 2)
			return opt_wrong(t, "anonymize-keep", value,
			    "should be length, extension or both");
		t->anonymize_keeps |= words[i].bit;
	}
	return E_OK;
}

static int
opt_rotate_count(struct trace_opts *t, const char *value)
{
	uint64_t n;
	int r = opt_number(t, "rotate-count", value, 1, 1000000, &n);

	if (r == E_OK)
		t->capture.rotate_count = (unsigned)n;
	return r;
}

/* Take the path without "." and doubled slashes; one without a slash in front
 * begins at the mount point. */
static int
opt_path(struct trace_opts *t, const char *value)
{
	switch (filter_path_tidy(value, t->path)) {
	case E_OK:
		t->view.filter.path = t->path;
		t->view.filter.path_met = &t->path_met;
		return E_OK;
	case E_BIG:
		return opt_wrong(t, "path", "...", "longer than any path");
	default:
		return opt_wrong(t, "path", value,
		    "no path looks so; give "
		    "one without \"..\", as seen within the mount or behind "
		    "the mount point");
	}
}

/* Options about the capture; they ask for no lines. */
static int
opts_take_capture(struct trace_opts *t, int id, const char *value)
{
	switch (id) {
	case OPTION_CAPTURE:
		t->capture.path = value;
		return E_OK;
	case OPTION_PACKETS:
		t->capture.pace = WRITER_AT_ONCE;
		return E_OK;
	case OPTION_SNAPLEN:
		t->snaplen_given = 1;
		return opt_number32(t, "snaplen", value, &t->capture.snaplen);
	case OPTION_ROTATE_SIZE:
		return opt_number(t, "rotate-size", value, ROTATE_LEAST,
		    INT64_MAX, &t->capture.rotate_size);
	case OPTION_ROTATE_COUNT:
		return opt_rotate_count(t, value);
	case OPTION_CHUNKS:
		t->capture.chunks = 1;
		return E_OK;
	case OPTION_FROM:
		return opt_from(t, value);
	case OPTION_DIALECT:
		if (wire_proto_named(&t->proto, value) == E_OK)
			return E_OK;
		return opt_wrong(t, "dialect", value,
		    "should be auto, linux, "
		    "darwin or darwin3");
	case OPTION_METRICS:
		t->metrics = value;
		return E_OK;
	case OPTION_LABEL:
		if (prometheus_label(t->labels, sizeof(t->labels), value) ==
		    E_OK)
			return E_OK;
		return opt_wrong(t, "label", value,
		    "should be NAME=VALUE, "
		    "and not too long");
	case OPTION_PERFETTO:
		t->perfetto = 1;
		return E_OK;
	case OPTION_FRAGMENTS:
		t->fragments = 1;
		return E_OK;
	case OPTION_ANONYMIZE:
		t->anonymize = 1;
		return E_OK;
	case OPTION_NORMALIZE:
		t->normalize = 1;
		return E_OK;
	case OPTION_ANONYMIZE_KEEP:
		return opt_keep(t, value);
	default:
		return E_UNSUP;
	}
}

static int
opts_take_view(struct trace_opts *t, int id, const char *value)
{
	switch (id) {
	case OPTION_TRACE:
		break;
	case OPTION_TRACE_OUTPUT:
		t->output = value;
		break;
	case OPTION_TRACE_APPEND:
		t->append = 1;
		break;
	case OPTION_TRACE_LINES:
		t->pace = WRITER_AT_ONCE;
		break;
	case OPTION_TRACE_TIME:
		t->clock = 1;
		if (t->view.time < VIEW_TIME_EPOCH)
			t->view.time++;
		break;
	case OPTION_TRACE_RELATIVE:
		t->relative = 1;
		t->view.time = VIEW_TIME_RELATIVE;
		break;
	case OPTION_TRACE_LATENCY:
		t->view.latency = 1;
		break;
	case OPTION_TRACE_DATA:
		t->lines = 1;
		return opt_number32(t, "data", value, &t->view.data);
	case OPTION_TRACE_FULL:
		t->view.full = 1;
		break;
	case OPTION_TRACE_EXPR:
		t->lines = t->filtered = 1;
		return opt_expr(t, value);
	case OPTION_TRACE_PATH:
		t->lines = t->filtered = 1;
		return opt_path(t, value);
	case OPTION_TRACE_PID:
		t->lines = t->filtered = t->view.filter.has_pid = 1;
		return opt_number32(t, "caller-pid", value,
		    &t->view.filter.pid);
	case OPTION_TRACE_SLOWER:
		t->lines = t->filtered = 1;
		return opt_slower(t, value);
	case OPTION_SINCE:
		return opt_time(t, "since", value, &t->since);
	case OPTION_UNTIL:
		return opt_time(t, "until", value, &t->until);
	case OPTION_TRACE_JSON:
		t->json = 1;
		break;
	case OPTION_TRACE_SUMMARY:
		t->summary = t->summary_only = 1;
		return E_OK;
	case OPTION_TRACE_BY:
		return opt_by(t, value);
	case OPTION_TRACE_BOTH:
		t->summary = 1;
		break;
	default:
		return E_UNSUP;
	}
	t->lines = 1;
	return E_OK;
}

int
trace_opts_take(struct trace_opts *t, int id, const char *value)
{
	int r = opts_take_capture(t, id, value);

	return r == E_UNSUP ? opts_take_view(t, id, value) : r;
}

/* Is anything asked for that only lines of text have? */
static int
opts_style_text(const struct trace_opts *t)
{
	return t->clock || t->relative || t->view.latency;
}

/* The same of what lines of text and JSON have. */
static int
opts_style_lines(const struct trace_opts *t)
{
	return opts_style_text(t) || t->view.data != 0 ||
	    t->pace != WRITER_NAPS;
}

int
trace_opts_styled(const struct trace_opts *t)
{
	return opts_style_lines(t) || t->view.full || t->json || t->perfetto ||
	    t->fragments || t->summary || t->output != NULL;
}

int
trace_opts_check(struct trace_opts *t)
{
	const struct capture_conf *c = &t->capture;
	const struct {
		int wrong;
		const char *why;
	} rules[] = {
		{ t->json + t->perfetto + t->fragments > 1,
		    "--fragments, --json, --perfetto: only one at a time" },
		{ t->fragments &&
			(opts_style_lines(t) || (t->filtered && !t->summary)),
		    "--fragments: writes no lines, and filters are for -c" },
		{ t->clock && t->relative, "-t, -r: only one at a time" },
		{ t->json && opts_style_text(t),
		    "-t, -r, -T: JSON has all times in any case" },
		{ t->perfetto && (opts_style_lines(t) || t->view.full),
		    "-t, -r, -T, -s, --full, -l: not with --perfetto" },
		{ t->summary_only &&
			(opts_style_lines(t) ||
			    (t->view.full && !t->fragments)),
		    "-t, -r, -T, -s, --full, -l: -c writes no lines; -C "
		    "does" },
		{ t->summary_only && (t->json || t->perfetto),
		    "-c: writes no lines, as JSON or otherwise; -C does" },
		{ t->by_given && !t->summary,
		    "--by: is about the table of -c or -C" },
		{ t->append && t->output == NULL, "-A: needs -o" },
		{ c->path == NULL &&
			(t->snaplen_given || c->chunks ||
			    c->pace != WRITER_NAPS || c->rotate_size != 0 ||
			    c->rotate_count != 0),
		    "--snaplen, --rotate-size, --rotate-count, --chunks, "
		    "-U: need -w" },
		{ c->rotate_count != 0 && c->rotate_size == 0,
		    "--rotate-count: needs --rotate-size" },
		{ t->anonymize && (t->view.data != 0 || t->snaplen_given),
		    "-s, --snaplen: --anonymize leaves no data" },
		{ t->anonymize_keeps != 0 && !t->anonymize,
		    "--anonymize-keep: needs --anonymize" },
		{ t->labels[0] != '\0' && t->metrics == NULL,
		    "--label: needs --metrics" },
	};
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].wrong)
			continue;
		snprintf(t->why, sizeof(t->why), "%s", rules[i].why);
		return E_VALUE;
	}
	return E_OK;
}
