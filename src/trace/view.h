/* SPDX-License-Identifier: ISC */
/* What the views that print have in common. */
#ifndef FR_TRACE_VIEW_H
#define FR_TRACE_VIEW_H

#include "trace/filter.h"

/* Where printed text goes; never fails. */
struct view_out {
	void (*put)(void *arg, const char *p, size_t n);
	void *arg;
};

/* Put a line of text, of 1023 bytes at most. */
void view_line(const struct view_out *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

enum view_time {
	VIEW_TIME_NONE,
	VIEW_TIME_DAY,	   /* 13:14:15 */
	VIEW_TIME_DAY_US,  /* 13:14:15.000001 */
	VIEW_TIME_EPOCH,   /* 1790000000.000001 */
	VIEW_TIME_RELATIVE /* seconds since the line before */
};

struct view_conf {
	struct view_out out;
	struct filter filter;
	enum view_time time;
	int latency;   /* show how long each call took */
	int full;      /* all fields, unique, nodeid, pieces */
	uint32_t data; /* bytes of file data that are shown */
};

#define VIEW_LINE_MAX (256u * 1024)

/* Views that print; each is freed with free().  NULL: no memory. */
struct model_view *view_text_new(const struct view_conf *conf);
struct model_view *view_json_new(const struct view_conf *conf);
struct model_view *view_perfetto_new(const struct view_conf *conf);

/* Append a call that has just begun: "OP(path, arguments". */
void view_put_call(struct text *t, const struct call *c,
    const struct trace_record *r);

/* What the kernel does to a reply of c that is TRACE_SPOILT, and why. */
const char *view_spoilt_words(const struct call *c);

/* What is wrong with a reply that is TRACE_REPAIRED; NULL: not known. */
const char *view_bad_words(const struct conn *conn,
    const struct wire_expect *e, const struct trace_record *r);

/* The data in r's message from its data offset on, at most `max` bytes of
 * those that are there; *whole is all that there was. */
struct span view_data(const struct conn *conn, const struct wire_expect *e,
    const struct trace_record *r, size_t max, size_t *whole);

#endif
