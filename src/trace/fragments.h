/* SPDX-License-Identifier: ISC */
/*
 * How a byte stream cut the messages: a sink that counts pieces and reads,
 * and prints where each message began and ended.
 */
#ifndef FR_TRACE_FRAGMENTS_H
#define FR_TRACE_FRAGMENTS_H

#include "trace/trace.h"
#include "trace/view.h"

struct fragments;

/* With a timeline: a line for each message (and each read, if they were
 * recorded) as they come.  NULL: no memory. */
struct fragments *fragments_new(const struct view_out *out, int timeline);
struct trace_sink *fragments_sink(struct fragments *f);

/* Print the counts. */
void fragments_print(const struct fragments *f);
void fragments_free(struct fragments *f);

#endif
