/* SPDX-License-Identifier: ISC */
#include "cli/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live/output.h"
#include "trace/fragments.h"
#include "trace/model.h"
#include "trace/summary.h"

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
	int opened;		/* any file */
};

static void
decode_put(void *arg, const char *p, size_t n)
{
	struct decode *d = arg;

	fwrite(p, 1, n, d->out);
}

static int
decode_records(struct decode *d, struct reader *rd, const char *name)
{
	char why[READER_WHY_MAX];
	struct trace_record r;
	uint64_t skipped;
	int ret;

	while ((ret = reader_next(rd, &r, why)) == 1)
		trace_pass(&d->trace, &r);
	fflush(d->out);
	if (ret != 0)
		fprintf(stderr, "fuserelay: %s: %s\n", name, why);
	if ((skipped = reader_skipped(rd, why)) > 0)
		fprintf(stderr, "fuserelay: %s: packets passed over: %"
		    PRIu64 ", the first: %s\n", name, skipped, why);
	return ret == 0 && skipped == 0 ? E_OK : E_VALUE;
}

static int
decode_file(struct decode *d, const char *name)
{
	char why[READER_WHY_MAX];
	struct reader *rd;
	FILE *f;
	int r;

	f = strcmp(name, "-") == 0 ? fdopen(dup(0), "rb") : fopen(name, "rbe");
	if (f == NULL) {
		fprintf(stderr, "fuserelay: %s: %s\n", name, strerror(errno));
		return E_SYS;
	}
	r = reader_open(&rd, f, d->opts->from, why);
	if (r != E_OK) {
		fprintf(stderr, "fuserelay: %s: %s\n", name, r == E_NOMEM ?
		    err_text(r) : why);
		return r;
	}
	d->opened = 1;
	r = decode_records(d, rd, name);
	reader_free(rd);
	return r;
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
		    r == E_SYS ? strerror(errno) : err_text(r));
	return r;
}

static int
decode_open_views(struct decode *d)
{
	const struct trace_opts *o = d->opts;
	struct view_conf conf = o->view;

	conf.out.put = decode_put;
	conf.out.arg = d;
	trace_init(&d->trace);
	model_init(&d->model, PATHS_MAX);
	d->model.proto = o->proto;
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
	d->view = o->json ? view_json_new(&conf) : o->perfetto ?
	    view_perfetto_new(&conf) : view_text_new(&conf);
	if (d->view == NULL)
		return E_NOMEM;
	model_add(&d->model, d->view);
	return E_OK;
}

/* Nothing was about the path of -P: say so, since a path can be meant in
 * other ways than it is taken. */
static void
decode_tell_path(const struct decode *d)
{
	const struct trace_opts *o = d->opts;
	const struct conn *conn = d->model.conns;

	if (o->view.filter.path == NULL || o->path_met || !d->opened)
		return;
	fprintf(stderr, "fuserelay: -P %s: no request is about it; paths are "
	    "as seen within the mount", o->path);
	if (conn != NULL && conn->target != NULL)
		fprintf(stderr, ", or begin with its mount point, %s",
		    conn->target);
	fprintf(stderr, "\n");
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
	if (d->opts->summary && d->opened)
		summary_print(&d->summary, &out);
	bad = ferror(d->out);
	bad |= fclose(d->out);
	if (bad)
		fprintf(stderr, "fuserelay: writing: %s\n", strerror(errno));
	output_wait(&d->output);
	return bad;
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
	if (decode_open_output(d) != E_OK) {
		free(d);
		return status;
	}
	if (decode_open_views(d) == E_OK) {
		status = 0;
		for (; *files != NULL; files++)
			if (decode_file(d, *files) != E_OK)
				status = EXIT_BAD_FILE;
	} else {
		fprintf(stderr, "fuserelay: decode: out of memory\n");
	}
	if (decode_finish(d) != 0)
		status = EXIT_FAILURE_OWN;
	model_fini(&d->model);
	summary_fini(&d->summary);
	fragments_free(d->fragments);
	free(d->view);
	free(d);
	return status;
}
