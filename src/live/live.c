/* SPDX-License-Identifier: ISC */
#include "live/live.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "live/metrics.h"
#include "live/output.h"
#include "config.h"
#include "trace/lines.h"
#include "trace/prometheus.h"
#include "trace/ring.h"
#include "trace/summary.h"

#define TICK_MS 250
#define LAST_WRITES_MS 2000 /* for a slow reader at the end */
#define PATHS_MAX 65536

struct live {
	struct trace trace;
	struct ring ring;
	struct caller_cache *callers;
	struct model *model; /* NULL: nobody needs it */
	struct model_view *view;
	struct summary *summary;
	struct lines *lines;
	struct output output;
	struct capture *capture;
	struct event *tick;
	const struct trace_opts *opts;
	struct summary *all; /* unfiltered, for the metrics */
	struct metrics *metrics;
};

static void
live_put(void *arg, const char *p, size_t n)
{
	struct live *l = arg;

	lines_put(l->lines, p, n);
}

/* ---- the last messages ---- */

static void
live_log_line(void *arg, const char *p, size_t n)
{
	(void)arg;
	while (n > 0 && p[n - 1] == '\n')
		n--;
	log_warn("  %.*s", (int)n, p);
}

static void
live_log_ring(void *arg)
{
	struct live *l = arg;
	struct view_conf conf = { .out = { live_log_line, NULL },
		.time = VIEW_TIME_DAY_US,
		.latency = 1 };
	struct model_view *view;
	struct model m;

	filter_init(&conf.filter);
	if ((view = view_text_new(&conf)) == NULL)
		return;
	view->slow = NULL; /* whole lines only */
	log_warn("the last messages, at most %d:", RING_SLOTS);
	model_init(&m, RING_SLOTS);
	model_add(&m, view);
	if (trace_replay(&l->trace, &m.sink) != E_OK)
		log_warn("out of memory");
	model_end(&m);
	model_fini(&m);
	free(view);
}

/* ---- opening ---- */

static void
live_tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct live *l = arg;

	(void)fd;
	(void)what;
	model_advance(l->model, trace_clock());
}

static int
live_open_model(struct live *l, struct event_base *base)
{
	struct timeval tv = { 0, TICK_MS * 1000 };

	if ((l->model = calloc(1, sizeof(*l->model))) == NULL)
		return E_NOMEM;
	model_init(l->model, PATHS_MAX);
	l->model->proto = l->opts->proto;
	trace_add(&l->trace, &l->model->sink);
	l->tick = event_new(base, -1, EV_PERSIST, live_tick_cb, l);
	if (l->tick == NULL || event_add(l->tick, &tv) == -1)
		return E_NOMEM;
	return E_OK;
}

static int
live_open_views(struct live *l, const struct trace_opts *o)
{
	struct view_conf conf = o->view;
	int fd = -1, r;

	if ((r = output_open(&l->output, o->output, o->append, 2, &fd)) !=
	    E_OK)
		return r;
	if ((r = lines_new(&l->lines, fd, o->pace,
		 o->json ? "{\"v\":1,\"type\":"
			   "\"lost\",\"lines\":" :
			   "+++ ",
		 o->json ? "}" : " lines lost +++")) != E_OK) {
		close(fd);
		return r;
	}
	conf.out.put = live_put;
	conf.out.arg = l;
	if (o->lines && !o->summary_only) {
		l->view = o->json ? view_json_new(&conf) :
				    view_text_new(&conf);
		if (l->view == NULL)
			return E_NOMEM;
		model_add(l->model, l->view);
	}
	if (o->summary) {
		if ((l->summary = malloc(sizeof(*l->summary))) == NULL)
			return E_NOMEM;
		summary_init(l->summary, &o->view.filter, o->by);
		model_add(l->model, &l->summary->view);
	}
	return E_OK;
}

static int
live_open_capture(struct live *l, const struct trace_opts *o)
{
	struct capture_conf conf = o->capture;
	int r;

	/* Nothing else may write to a capture's standard output: what the
	 * command prints goes to stderr instead. */
	if (strcmp(conf.path, "-") == 0 &&
	    ((conf.fd = fcntl(1, F_DUPFD_CLOEXEC, 3)) == -1 ||
		dup2(2, 1) == -1))
		return E_SYS;
	if ((r = capture_open(&l->capture, &conf)) != E_OK)
		return r;
	trace_add(&l->trace, capture_sink(l->capture));
	return E_OK;
}

static void
live_print_metrics(void *arg, const struct view_out *out)
{
	struct live *l = arg;
	struct capture_result res = { 0 };
	struct prometheus p = { .model = l->model,
		.summary = l->all,
		.labels = l->opts->labels,
		.version = PACKAGE_VERSION,
		.now_ns = trace_clock() };

	if (l->capture != NULL)
		capture_progress(l->capture, &res);
	p.lost = res.lost + (l->lines != NULL ? lines_lost(l->lines) : 0);
	prometheus_print(&p, out);
}

static int
live_open_metrics(struct live *l, const char *where, struct event_base *base)
{
	struct filter everything;

	filter_init(&everything);
	if ((l->all = malloc(sizeof(*l->all))) == NULL) {
		log_error("metrics: out of memory");
		return E_NOMEM;
	}
	summary_init(l->all, &everything, SUMMARY_BY_OP);
	model_add(l->model, &l->all->view);
	return metrics_open(&l->metrics, base, where, live_print_metrics, l);
}

static int
live_open_all(struct live *l, const struct trace_opts *o,
    struct event_base *base)
{
	const char *what = o->output != NULL ? o->output : "stderr";
	int wants_views = o->lines || o->summary, r;

	if ((r = ring_init(&l->ring)) != E_OK)
		goto fail;
	l->ring.ended_badly = live_log_ring;
	l->ring.arg = l;
	l->trace.ring = &l->ring;
	if (wants_views || o->capture.path != NULL) {
		r = E_NOMEM;
		if ((l->callers = caller_cache_new()) == NULL)
			goto fail;
		l->trace.callers = l->callers;
	}
	if (o->capture.path != NULL && (r = live_open_capture(l, o)) != E_OK) {
		what = o->capture.path;
		goto fail;
	}
	if (!wants_views && o->metrics == NULL)
		return E_OK;
	if ((r = live_open_model(l, base)) == E_OK && wants_views)
		r = live_open_views(l, o);
	if (r == E_OK && o->metrics != NULL)
		return live_open_metrics(l, o->metrics, base);
	if (r == E_OK)
		return E_OK;
fail:
	log_error("trace: %s: %s", what, err_why(r));
	return r;
}

int
live_open(struct live **out, const struct trace_opts *opts,
    struct event_base *base)
{
	struct live *l;
	int r;

	*out = NULL;
	if ((l = calloc(1, sizeof(*l))) == NULL) {
		log_error("trace: out of memory");
		return E_NOMEM;
	}
	trace_init(&l->trace);
	l->opts = opts;
	if ((r = live_open_all(l, opts, base)) != E_OK) {
		live_close(l);
		return r;
	}
	*out = l;
	return E_OK;
}

struct trace *
live_trace(struct live *l)
{
	return &l->trace;
}

struct model *
live_look(struct live *l)
{
	struct model *m = l->model;

	if (m != NULL || (m = malloc(sizeof(*m))) == NULL)
		return m;
	model_init(m, RING_SLOTS);
	if (trace_replay(&l->trace, &m->sink) == E_OK)
		return m;
	model_fini(m);
	free(m);
	return NULL;
}

void
live_look_end(struct live *l, struct model *m)
{
	if (m == NULL || m == l->model)
		return;
	model_fini(m);
	free(m);
}

/* ---- the end ---- */

/* Why not all was written. */
static const char *
live_error_text(int error)
{
	return error == ETIMEDOUT ? "its reader is stuck, what was left for "
				    "it is not written" :
				    strerror(error);
}

static void
live_close_capture(struct live *l)
{
	struct capture_result res;

	if (l->capture == NULL)
		return;
	capture_close(l->capture, LAST_WRITES_MS, &res);
	if (res.error != 0)
		log_warn("capture: %s", live_error_text(res.error));
	if (res.lost > 0)
		log_warn("capture: %llu records, %llu more lost",
		    (unsigned long long)res.records,
		    (unsigned long long)res.lost);
	else
		log_info("capture: %llu records",
		    (unsigned long long)res.records);
}

static void
live_close_lines(struct live *l)
{
	const struct trace_opts *o = l->opts;
	struct lines_result res;

	if (l->lines == NULL)
		return;
	if (o->view.filter.path != NULL && !o->path_met)
		log_warn("trace: no request was about %s; paths are as seen "
			 "within the mount, or begin with the mount point",
		    o->path);
	lines_close(l->lines, LAST_WRITES_MS, &res);
	if (res.error != 0)
		log_warn("trace: %s", live_error_text(res.error));
	if (res.lost > 0)
		log_warn("trace: %llu lines lost",
		    (unsigned long long)res.lost);
	output_wait(&l->output);
}

void
live_close(struct live *l)
{
	struct view_out out = { live_put, l };

	if (l == NULL)
		return;
	metrics_close(l->metrics);
	if (l->model != NULL)
		model_end(l->model);
	if (l->summary != NULL && l->lines != NULL)
		summary_print(l->summary, &out);
	live_close_lines(l);
	live_close_capture(l);
	if (l->model != NULL)
		model_fini(l->model);
	if (l->summary != NULL)
		summary_fini(l->summary);
	if (l->all != NULL)
		summary_fini(l->all);
	free(l->all);
	free(l->summary);
	free(l->model);
	free(l->view);
	if (l->tick != NULL)
		event_free(l->tick);
	caller_cache_free(l->callers);
	ring_fini(&l->ring);
	free(l);
}
