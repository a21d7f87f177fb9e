/* SPDX-License-Identifier: ISC */
/* The options about tracing, of a live session and of "decode". */
#ifndef FR_LIVE_TRACE_OPTS_H
#define FR_LIVE_TRACE_OPTS_H

#include "live/trace_time.h"
#include "trace/capture.h"
#include "trace/reader.h"
#include "trace/summary.h"
#include "trace/view.h"

#define TRACE_LABELS_MAX 512

struct trace_opts {
	int lines; /* anything asked for lines */
	int json;
	int summary;	    /* the table... */
	int summary_only;   /* ...and no lines */
	enum summary_by by; /* what has a row of it... */
	int by_given;
	int append;
	enum writer_pace pace; /* of lines */
	int filtered;	       /* some calls are not wanted */
	int clock, relative;   /* -t, -r were given */
	const char *output;    /* NULL: stderr, or decode's stdout */
	struct view_conf view;
	struct trace_time since, until;
	struct capture_conf capture; /* path NULL: none */
	int snaplen_given;
	int anonymize, normalize;
	unsigned anonymize_keeps; /* PSEUDONYM_KEEPS_* */
	enum reader_format from;
	struct wire_proto proto; /* before INIT: a dialect may be given */
	int perfetto, fragments;
	const char *metrics; /* where; NULL: nowhere */
	char labels[TRACE_LABELS_MAX];
	char path[PATHS_TEXT_MAX]; /* that filter.path is... */
	uint8_t path_met;	   /* ...and a call was about */
	char why[256];		   /* what is wrong with an option */
};

void trace_opts_init(struct trace_opts *t);

/* Take an option, enum trace_option; the value is borrowed.  E_VALUE: t->why
 * says what is wrong; E_UNSUP: it is not one of these. */
int trace_opts_take(struct trace_opts *t, int id,
    const char *value) ERR_MUSTCHECK;

/* When all are taken: do they have something to do, each beside the others?
 * E_VALUE: t->why names what has not. */
int trace_opts_check(struct trace_opts *t) ERR_MUSTCHECK;

/* Is anything asked for but lines as they are, and which of them? */
int trace_opts_styled(const struct trace_opts *t);

#endif
