/* SPDX-License-Identifier: ISC */
/* The inside of the view that writes lines for people. */
#ifndef FR_TRACE_VIEW_TEXT_H
#define FR_TRACE_VIEW_TEXT_H

#include "trace/view.h"
#include "wire/text.h"

struct view_text {
	struct model_view view;
	struct view_conf conf;
	const struct call *open; /* its line has no end yet */
	uint64_t last_ns;	 /* time of the line before */
	char line[VIEW_LINE_MAX];
};

/* What is kept of a request that passes the filter. */
struct note {
	int shown;
	char text[]; /* operation and arguments, no ')' */
};

static inline struct view_text *
view_text_of(struct model_view *v)
{
	return (struct view_text *)(void *)v; /* first member */
}

/* Begin a line in v->line. */
void view_line_begin(struct view_text *v, struct text *t);

/* Write the line; first end the one that lies open, unless it is c's. */
void view_line_end(struct view_text *v, struct text *t, const struct call *c);

/* Append the time, and the session if there are several. */
void view_line_prefix(struct view_text *v, struct text *t, uint64_t real_ns,
    const struct conn *conn);

/* Append file data of r, as much as is to be shown. */
void view_line_data(struct view_text *v, struct text *t,
    const struct conn *conn, const struct wire_expect *e,
    const struct trace_record *r);

/* Append how long r took, from `begin_ns` on. */
void view_line_latency(struct view_text *v, struct text *t, uint64_t begin_ns,
    const struct trace_record *r);

/* Keep the text of what was begun.  NULL: no memory. */
struct note *view_note_new(const char *text, size_t len);

/* What takes long is begun early only if it will be shown in any case. */
int view_wants_slow(const struct filter *f);

/* Let the view print notifications. */
void view_text_notifications(struct model_view *mv);

#endif
