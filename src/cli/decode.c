/* SPDX-License-Identifier: ISC */
#include "cli/decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/decode_files.h"
#include "live/output.h"
#include "trace/anonymize.h"
#include "trace/cut.h"
#include "trace/fragments.h"
#include "trace/model.h"
#include "trace/normalize.h"
#include "trace/summary.h"
#include "wire/head.h"

#define EXIT_BAD_FILE 1
#define EXIT_FAILURE_OWN 125
#define PATHS_MAX (1u << 20)

struct decode {
	const struct trace_opts *opts;
	FILE *out;
	struct output output;
	struct trace trace;
	struct model model;
	struct model_view *view;
	struct summary summary;
	struct fragments *fragments;
	struct decode_files files;
	struct filter filter;
	/* Of records that do not go on as they were read: */
	int changes;
	struct cut *cut;	 /* those to be written, or NULL: all */
	uint64_t nth;		 /* that comes next */
	struct model source;	 /* of what was read */
	struct wire_proto proto; /* the one at hand is of */
	struct wire_expect expect;
	struct anonymizer *anonymizer;
	struct normalizer *normalizer;
	struct capture *capture;
	int failed; /* E_NOMEM, while a record was changed */
};

static void
decode_put(void *arg, const char *p, size_t n)
{
	struct decode *d = arg;

	fwrite(p, 1, n, d->out);
}

/* ---- the first times through the files ---- */

static int
first_time(void *arg, struct trace_record *r)
{
	*(uint64_t *)arg = r->real_ns;
	return 1;
}

/* What --since and --until mean, which may hang on the day. */
static int
decode_times(struct decode *d)
{
	const struct trace_opts *o = d->opts;
	uint64_t begin_ns = 0;
	int r;

	if (o->since.kind == TRACE_TIME_DAY ||
	    o->until.kind == TRACE_TIME_DAY) {
		if ((r = decode_files_keep(&d->files)) != E_OK)
			return r;
		/* (What can't be read is told of when it is printed.) */
		r = decode_files_read(&d->files, 0, first_time, &begin_ns);
	}
	d->filter.since_ns = trace_time_real(&o->since, begin_ns, 0);
	d->filter.until_ns = trace_time_real(&o->until, begin_ns, 1);
	return E_OK;
}

static int
cut_one(void *arg, struct trace_record *r)
{
	trace_pass(arg, r);
	return 0;
}

/* Find out which records are to be written. */
static int
decode_cut(struct decode *d)
{
	struct model m;
	struct trace t;
	int r;

	if ((r = decode_files_keep(&d->files)) != E_OK)
		return r;
	if ((d->cut = cut_new(&d->filter)) == NULL)
		return E_NOMEM;
	model_init(&m, PATHS_MAX);
	m.proto = d->opts->proto;
	model_add(&m, cut_view(d->cut));
	trace_init(&t);
	trace_add(&t, cut_sink(d->cut));
	trace_add(&t, &m.sink);
	r = decode_files_read(&d->files, 0, cut_one, &t);
	model_end(&m);
	model_fini(&m);
	return cut_result(d->cut);
}

/* ---- the last one ---- */

/* What a record lacks that was known when it was made. */
static void
decode_complete(struct decode *d, struct trace_record *r)
{
	struct conn *conn = model_conn(&d->source, r->session);
	const struct wire_expect *e;

	if (r->kind != TRACE_REQUEST && r->kind != TRACE_REPLY &&
	    r->kind != TRACE_NOTIFY && r->kind != TRACE_RESULT)
		return;
	if (conn != NULL && r->proto == NULL) {
		d->proto = conn->proto;
		r->proto = &d->proto;
	}
	if (conn == NULL || r->kind != TRACE_REPLY ||
	    r->m.len < WIRE_REP_HEADER)
		return;
	e = model_expect(conn,
	    model_call(&d->source, r->session, head_unique(r->m)), r);
	if (e == NULL)
		return;
	d->expect = *e;
	r->expect = &d->expect;
}

static int
decode_one(void *arg, struct trace_record *r)
{
	struct decode *d = arg;
	struct trace_record as_read = *r;
	int keep = d->cut == NULL || cut_keeps(d->cut, d->nth);

	d->nth++;
	if (!d->changes) {
		trace_pass(&d->trace, r);
		return 0;
	}
	if (keep)
		decode_complete(d, r);
	d->source.sink.record(&d->source.sink, &as_read);
	if (!keep)
		return 0;
	if (d->anonymizer != NULL)
		d->failed = anonymize(d->anonymizer, r);
	if (d->failed == E_OK && d->normalizer != NULL)
		d->failed = normalize(d->normalizer, r);
	if (d->failed == E_OK)
		trace_pass(&d->trace, r);
	return d->failed != E_OK;
}

static int
decode_open_output(struct decode *d)
{
	int fd, r;

	r = output_open(&d->output, d->opts->output, d->opts->append, 1, &fd);
	if (r == E_OK && (d->out = fdopen(fd, "w")) == NULL)
		r = E_NOMEM;
	if (r == E_OK && d->opts->pace == WRITER_AT_ONCE)
		setvbuf(d->out, NULL, _IOLBF, BUFSIZ);
	if (r != E_OK)
		fprintf(stderr, "fuserelay: %s: %s\n", d->opts->output,
		    err_why(r));
	return r;
}

static int
decode_open_views(struct decode *d)
{
	const struct trace_opts *o = d->opts;
	struct view_conf conf = o->view;

	conf.filter = d->filter;
	conf.out.put = decode_put;
	conf.out.arg = d;
	trace_add(&d->trace, &d->model.sink);
	summary_init(&d->summary, &conf.filter, o->by);
	if (o->summary)
		model_add(&d->model, &d->summary.view);
	if (o->fragments) {
		d->fragments = fragments_new(&conf.out, conf.full);
		if (d->fragments == NULL)
			return E_NOMEM;
		trace_add(&d->trace, fragments_sink(d->fragments));
	}
	if (o->summary_only || o->fragments)
		return E_OK;
	d->view = o->json ? view_json_new(&conf) :
	    o->perfetto	  ? view_perfetto_new(&conf) :
			    view_text_new(&conf);
	if (d->view == NULL)
		return E_NOMEM;
	model_add(&d->model, d->view);
	return E_OK;
}

/* OUT of -w. */
static int
decode_open_capture(struct decode *d)
{
	struct capture_conf conf = d->opts->capture;
	const char *same = decode_files_same(&d->files, conf.path);
	int r;

	if (trace_opts_styled(d->opts)) {
		fprintf(stderr,
		    "fuserelay: -w: writes no lines and no table; "
		    "decode %s for them\n",
		    conf.path);
		return E_VALUE;
	}
	if (same != NULL) {
		fprintf(stderr,
		    "fuserelay: -w %s: that is %s, which is to be "
		    "read\n",
		    conf.path, same);
		return E_VALUE;
	}
	conf.waits = 1;
	if (!d->opts->snaplen_given)
		conf.snaplen = UINT32_MAX;
	conf.chunks = 1;
	if (strcmp(conf.path, "-") == 0 && (conf.fd = dup(1)) == -1)
		return E_SYS;
	if ((r = capture_open(&d->capture, &conf)) == E_OK)
		trace_add(&d->trace, capture_sink(d->capture));
	return r;
}

/* What records go through before anybody sees them. */
static int
decode_open_changes(struct decode *d)
{
	const struct trace_opts *o = d->opts;
	int r;

	if (o->anonymize &&
	    (d->anonymizer = anonymizer_new(o->anonymize_keeps)) == NULL)
		return E_NOMEM;
	if (o->normalize && (d->normalizer = normalizer_new()) == NULL)
		return E_NOMEM;
	d->changes = o->capture.path != NULL || o->anonymize || o->normalize;
	if (!d->changes || !o->filtered)
		return E_OK;
	if ((r = decode_cut(d)) != E_OK)
		return r;
	/* Paths, numbers and times were those of what was read.  What is
	 * left has passed, or is what that builds on. */
	d->filter.path = NULL;
	d->filter.has_pid = 0;
	d->filter.since_ns = d->filter.until_ns = d->filter.slower_ns = 0;
	return E_OK;
}

/* All that is to become of the records.  Anything but E_OK was told. */
static int
decode_open(struct decode *d)
{
	const char *what = "decode";
	int r;

	if ((r = decode_times(d)) == E_OK && d->opts->capture.path != NULL) {
		what = d->opts->capture.path;
		r = decode_open_capture(d);
	}
	if (r == E_OK)
		r = decode_open_changes(d);
	if (r == E_OK && d->opts->capture.path == NULL)
		r = decode_open_views(d);
	if (r != E_OK && r != E_VALUE)
		fprintf(stderr, "fuserelay: %s: %s\n", what, err_why(r));
	return r;
}

/* Nothing was about the path of -P: say so, since a path can be meant in
 * other ways than it is taken. */
static void
decode_tell_path(const struct decode *d)
{
	const struct trace_opts *o = d->opts;
	const struct conn *conn = (void *)d->model.conns;

	if (o->view.filter.path == NULL || o->path_met || !d->files.opened)
		return;
	fprintf(stderr,
	    "fuserelay: -P %s: no request is about it; paths are "
	    "as seen within the mount",
	    o->path);
	if (conn != NULL && conn->target != NULL)
		fprintf(stderr, ", or begin with its mount point, %s",
		    conn->target);
	fprintf(stderr, "\n");
}

/* 0 if all of it was written. */
static int
decode_close_capture(struct decode *d)
{
	struct capture_result res;

	if (d->capture == NULL)
		return 0;
	capture_close(d->capture, 0, &res);
	if (res.error != 0)
		fprintf(stderr, "fuserelay: %s: %s\n", d->opts->capture.path,
		    strerror(res.error));
	return res.error != 0;
}

/* The last words; 0 if all of it was written. */
static int
decode_finish(struct decode *d)
{
	struct view_out out = { decode_put, d };
	int bad;

	model_end(&d->model);
	decode_tell_path(d);
	if (d->fragments != NULL)
		fragments_print(d->fragments);
	if (d->opts->summary && d->files.opened)
		summary_print(&d->summary, &out);
	bad = ferror(d->out);
	bad |= fclose(d->out);
	if (bad)
		fprintf(stderr, "fuserelay: writing: %s\n", strerror(errno));
	output_wait(&d->output);
	return bad | decode_close_capture(d);
}

static void
decode_free(struct decode *d)
{
	model_fini(&d->source);
	model_fini(&d->model);
	summary_fini(&d->summary);
	fragments_free(d->fragments);
	cut_free(d->cut);
	anonymizer_free(d->anonymizer);
	normalizer_free(d->normalizer);
	decode_files_fini(&d->files);
	free(d->view);
	free(d);
}

int
decode_command(const struct trace_opts *o, char *const *files)
{
	struct decode *d = calloc(1, sizeof(*d));
	int status = EXIT_FAILURE_OWN;

	if (d == NULL) {
		fprintf(stderr, "fuserelay: decode: out of memory\n");
		return status;
	}
	d->opts = o;
	d->filter = o->view.filter;
	decode_files_init(&d->files, files, o->from);
	trace_init(&d->trace);
	model_init(&d->model, PATHS_MAX);
	model_init(&d->source, PATHS_MAX);
	d->model.proto = d->source.proto = o->proto;
	if (decode_open_output(d) != E_OK)
		goto out;
	if (decode_open(d) == E_OK)
		status = decode_files_read(&d->files, 1, decode_one, d) ==
			E_OK ?
		    0 :
		    EXIT_BAD_FILE;
	if (d->failed != E_OK) {
		fprintf(stderr, "fuserelay: decode: %s\n",
		    err_text(d->failed));
		status = EXIT_FAILURE_OWN;
	}
	if (decode_finish(d) != 0)
		status = EXIT_FAILURE_OWN;
out:
	decode_free(d);
	return status;
}
