/* SPDX-License-Identifier: ISC */
/* The options about tracing, of a live session and of "decode". */
#ifndef FR_LIVE_TRACE_OPTS_H
#define FR_LIVE_TRACE_OPTS_H

#include "base/option.h"
#include "live/trace_time.h"
#include "trace/capture.h"
#include "trace/reader.h"
#include "trace/summary.h"
#include "trace/view.h"

#define TRACE_LABELS_MAX 512

/* Commands that have options: bits of struct option_row. */
enum {
	IN_RUN = 1, /* "emulate", too */
	IN_EMULATE = 2,
	IN_DECODE = 4,
	IN_REPLAY = 8,
	IN_CLEANUP = 16,
	IN_RELAY = IN_RUN | IN_REPLAY,
	IN_TRACE = IN_RELAY | IN_DECODE
};

struct trace_opts {
	struct view_conf view;
	int lines; /* anything asked for lines */
	int json;
	int summary;	    /* the table... */
	int summary_only;   /* ...and no lines */
	enum summary_by by; /* what has a row of it... */
	int by_given;
	int append;
	int line_buffered, packet_buffered;
	enum writer_pace pace; /* of lines */
	int filtered;	       /* some calls are not wanted */
	int clock, relative;   /* how often -t, and -r, were given */
	const char *output;    /* NULL: stderr, or decode's stdout */
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
	char why[OPTION_WHY_MAX];  /* what is wrong with an option */
};

void trace_opts_init(struct trace_opts *t);

/* The options about tracing, of "run", "emulate" and "replay" (IN_RELAY) and
 * "decode" (IN_DECODE); fuset-relay has IN_RELAY's. */
struct option_table trace_opts_table(struct trace_opts *t);

/* After all options: set what follows from them, and check that none
 * contradicts another or lacks one that it needs.  E_VALUE: t->why says
 * which. */
int trace_opts_check(struct trace_opts *t) ERR_MUSTCHECK;

/* Is there an option about how lines look, where they go, or about a table? */
int trace_opts_styled(const struct trace_opts *t);

#endif
