/* SPDX-License-Identifier: ISC */
#include "live/trace_opts.h"

#include <stdio.h>
#include <string.h>

#include "trace/prometheus.h"
#include "trace/pseudonym.h"

#define OPTION_INTO struct trace_opts
#define NS_PER_MS 1000000
#define SLOWER_MAX 1e9 /* ms */
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
opt_expr(void *into, struct option_given *g)
{
	struct trace_opts *t = into;
	const char *bad;

	if (filter_parse(&t->view.filter, g->value, &bad) == E_OK)
		return E_OK;
	snprintf(g->why, OPTION_WHY_MAX, "-e %.100s: what is \"%.*s\"?",
	    g->value, (int)strcspn(bad, ","), bad);
	return E_VALUE;
}

static int
opt_slower(void *into, struct option_given *g)
{
	struct trace_opts *t = into;
	double ms;
	int r;

	if ((r = option_decimal(g, "milliseconds", SLOWER_MAX, &ms)) == E_OK)
		t->view.filter.slower_ns = (uint64_t)(ms * NS_PER_MS);
	return r;
}

static int
opt_time(struct trace_time *out, struct option_given *g)
{
	if (trace_time_parse(out, g->value) == E_OK)
		return E_OK;
	return option_wrong(g,
	    "should be HH:MM:SS, \"YYYY-MM-DD HH:MM:SS\" or seconds since "
	    "1970");
}

static int
opt_since(void *into, struct option_given *g)
{
	return opt_time(&((struct trace_opts *)into)->since, g);
}

static int
opt_until(void *into, struct option_given *g)
{
	return opt_time(&((struct trace_opts *)into)->until, g);
}

static int
opt_dialect(void *into, struct option_given *g)
{
	struct trace_opts *t = into;

	if (wire_proto_named(&t->proto, g->value) == E_OK)
		return E_OK;
	return option_wrong(g, "should be auto, linux, darwin or darwin3");
}

static int
opt_label(void *into, struct option_given *g)
{
	struct trace_opts *t = into;

	if (prometheus_label(t->labels, sizeof(t->labels), g->value) == E_OK)
		return E_OK;
	return option_wrong(g, "should be NAME=VALUE, and not too long");
}

static int
opt_keep(void *into, struct option_given *g)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = {
		{ "length", PSEUDONYM_KEEPS_LENGTH },
		{ "extension", PSEUDONYM_KEEPS_EXTENSION },
	};
	struct trace_opts *t = into;
	const char *p;
	size_t i, n;

	for (p = g->value; *p != '\0'; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		for (i = 0; i < 2; i++)
			if (strlen(words[i].word) == n &&
			    strncmp(p, words[i].word, n) == 0)
				break;
		if (i == 2)
			return option_wrong(g,
			    "should be length, extension or both");
		t->anonymize_keeps |= words[i].bit;
	}
	return E_OK;
}

/* Take the path without "." and doubled slashes; one without a slash in front
 * begins at the mount point. */
static int
opt_path(void *into, struct option_given *g)
{
	struct trace_opts *t = into;

	switch (filter_path_tidy(g->value, t->path)) {
	case E_OK:
		t->view.filter.path = t->path;
		t->view.filter.path_met = &t->path_met;
		return E_OK;
	case E_BIG:
		return option_wrong(g, "longer than any path");
	default:
		return option_wrong(g,
		    "no path looks so; give one without \"..\", as seen "
		    "within the mount or behind the mount point");
	}
}

static const struct option_row rows[] = {
	OPT("trace", 0, NULL, IN_RELAY,
	    "write a line for each request, to stderr unless -o is given",
	    OPT_GIVEN(lines)),
	OPT("output", 'o', "FILE", IN_TRACE,
	    "write the lines to FILE, or to a command: '|COMMAND'",
	    OPT_TEXT(output)),
	OPT("append", 'A', NULL, IN_TRACE, "with -o: append to FILE",
	    OPT_GIVEN(append)),
	OPT("line-buffered", 'l', NULL, IN_TRACE, "write each line at once",
	    OPT_GIVEN(line_buffered)),
	OPT("time", 't', NULL, IN_TRACE,
	    "begin lines with the time; -tt: with microseconds; -ttt: in "
	    "seconds since 1970",
	    OPT_COUNT(clock)),
	OPT("relative", 'r', NULL, IN_TRACE,
	    "begin lines with the time since the line before",
	    OPT_GIVEN(relative)),
	OPT("latency", 'T', NULL, IN_TRACE,
	    "end lines with the time until the reply",
	    OPT_GIVEN(view.latency)),
	OPT("data", 's', "N", IN_TRACE,
	    "show up to N bytes of file data and attribute values (default 0)",
	    OPT_SIZE(view.data, 0, UINT32_MAX), OPT_GIVEN(lines)),
	OPT("full", 0, NULL, IN_TRACE,
	    "show every field, and the numbers of request and node",
	    OPT_GIVEN(view.full)),
	OPT("expr", 'e', "EXPR", IN_TRACE,
	    "trace=OP,%CLASS,!OP...: these operations; "
	    "status=failed|successful| unfinished: these outcomes",
	    OPT_CALL(opt_expr), OPT_GIVEN(filtered)),
	OPT("path", 'P', "PATH", IN_TRACE,
	    "only what is about PATH or something below it; PATH is as seen "
	    "within the mount, or begins with the mount point",
	    OPT_CALL(opt_path), OPT_GIVEN(filtered)),
	OPT("caller-pid", 'p', "PID", IN_TRACE,
	    "only requests of this process",
	    OPT_NUMBER(view.filter.pid, 0, UINT32_MAX),
	    OPT_GIVEN(view.filter.has_pid)),
	OPT("slower", 0, "MS", IN_TRACE,
	    "only requests whose reply took so many milliseconds",
	    OPT_CALL(opt_slower), OPT_GIVEN(filtered)),
	OPT("since", 0, "TIME", IN_DECODE,
	    "only requests from TIME on: HH:MM:SS, a date before it or not, "
	    "or seconds since 1970; with a fraction if wanted",
	    OPT_CALL(opt_since), OPT_GIVEN(filtered)),
	OPT("until", 0, "TIME", IN_DECODE, "only requests before TIME",
	    OPT_CALL(opt_until), OPT_GIVEN(filtered)),
	OPT("json", 0, NULL, IN_TRACE, "write JSON objects, one per line",
	    OPT_GIVEN(json)),
	OPT("summary", 'c', NULL, IN_TRACE,
	    "no lines: at the end, a table of counts, errors and latencies",
	    OPT_GIVEN(summary_only)),
	OPT("summary-too", 'C', NULL, IN_TRACE, "lines and the table",
	    OPT_GIVEN(summary)),
	OPT("by", 0, "op|path|caller", IN_TRACE,
	    "with -c or -C: what has a row of the table (default op)",
	    OPT_WORD(by), OPT_GIVEN(by_given)),
	OPT("capture", 'w', "FILE", IN_TRACE,
	    "record all messages (decode: those that pass the filters, and "
	    "what they build on) in FILE (pcap), or on standard output: -",
	    OPT_TEXT(capture.path)),
	OPT("packet-buffered", 'U', NULL, IN_RELAY,
	    "with -w: write each record at once", OPT_GIVEN(packet_buffered)),
	OPT("snaplen", 0, "N", IN_TRACE,
	    "with -w: keep N bytes of file data of a message (default 0; "
	    "decode: what is there)",
	    OPT_SIZE(capture.snaplen, 0, UINT32_MAX),
	    OPT_GIVEN(snaplen_given)),
	OPT("rotate-size", 0, "BYTES", IN_RELAY,
	    "with -w: go on in FILE.1, FILE.2... when a file has so many "
	    "bytes",
	    OPT_SIZE(capture.rotate_size, ROTATE_LEAST, INT64_MAX)),
	OPT("rotate-count", 0, "N", IN_RELAY,
	    "with --rotate-size: leave only the last N files",
	    OPT_NUMBER(capture.rotate_count, 1, 1000000)),
	OPT("chunks", 0, NULL, IN_RELAY,
	    "with -w: record each read of the stream, too",
	    OPT_GIVEN(capture.chunks)),
	OPT("metrics", 0, "WHERE", IN_RELAY,
	    "figures for Prometheus at http://WHERE/metrics: ADDRESS:PORT of "
	    "the loopback, or unix:PATH",
	    OPT_TEXT(metrics)),
	OPT("label", 0, "NAME=VALUE", IN_RELAY,
	    "a label for all of them (may be repeated)", OPT_CALL(opt_label)),
	OPT("perfetto", 0, NULL, IN_DECODE,
	    "write a trace for Perfetto (or chrome://tracing)",
	    OPT_GIVEN(perfetto)),
	OPT("fragments", 0, NULL, IN_DECODE,
	    "tell how the stream was cut: counts; with --full, each message",
	    OPT_GIVEN(fragments)),
	OPT("anonymize", 0, NULL, IN_DECODE,
	    "other names of files, attributes, programs, mount points; no "
	    "data",
	    OPT_GIVEN(anonymize)),
	OPT("anonymize-keep", 0, "WHAT", IN_DECODE,
	    "with --anonymize: keep of names what WHAT says: length, "
	    "extension or both, with a comma",
	    OPT_CALL(opt_keep)),
	OPT("normalize", 0, NULL, IN_DECODE,
	    "numbers and times by the order in which they appear, to compare "
	    "runs",
	    OPT_GIVEN(normalize)),
	OPT("from", 0, "capture|fusedump", IN_DECODE,
	    "what the files are: capture (default), or fusedump, as glusterfs "
	    "writes it",
	    OPT_WORD(from)),
	OPT("dialect", 0, "NAME", IN_TRACE,
	    "which layouts messages have: linux, darwin (macFUSE, FUSE-T) or "
	    "darwin3 (libfuse 3 there); auto (default): what INIT and lengths "
	    "tell",
	    OPT_CALL(opt_dialect)),
};

struct option_table
trace_opts_table(struct trace_opts *t)
{
	return (struct option_table){ rows, sizeof(rows) / sizeof(rows[0]), t,
		NULL };
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

/* What follows from what was given. */
static void
opts_settle(struct trace_opts *t)
{
	if (t->line_buffered)
		t->pace = WRITER_AT_ONCE;
	if (t->packet_buffered)
		t->capture.pace = WRITER_AT_ONCE;
	if (t->relative)
		t->view.time = VIEW_TIME_RELATIVE;
	else if ((unsigned)t->clock < VIEW_TIME_EPOCH)
		t->view.time = (enum view_time)t->clock;
	else
		t->view.time = VIEW_TIME_EPOCH;
	/* All that changes lines asks for them. */
	t->filtered |= t->view.filter.has_pid;
	t->lines |= t->filtered || opts_style_lines(t) || t->view.full ||
	    t->json || t->output != NULL || t->append || t->summary;
	t->summary |= t->summary_only;
}

/* Has each something to do beside the others? */
static int
opts_rules(struct trace_opts *t)
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

int
trace_opts_check(struct trace_opts *t)
{
	opts_settle(t);
	return opts_rules(t);
}
