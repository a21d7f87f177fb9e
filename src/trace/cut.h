/* SPDX-License-Identifier: ISC */
/*
 * Which records of a capture a cut of it has: those of the calls that pass a
 * filter, and what these build on, so that the cut can be read alone: begins
 * and ends, INIT, the calls by which their nodes got and changed their names,
 * those that gave them their handles, and the names of their callers.
 *
 * That is known when all was read; so the capture is read twice, first into
 * this, then for those records that it keeps.
 */
#ifndef FR_TRACE_CUT_H
#define FR_TRACE_CUT_H

#include "trace/filter.h"

struct cut;

/* NULL: no memory. */
struct cut *cut_new(const struct filter *f);
void cut_free(struct cut *c);

/* Every record goes to the sink first, then to a model with the view. */
struct trace_sink *cut_sink(struct cut *c);
struct model_view *cut_view(struct cut *c);

/* When all was read: E_OK or E_NOMEM. */
int cut_result(const struct cut *c) ERR_MUSTCHECK;

/* Is the nth record, from 0, in it? */
int cut_keeps(const struct cut *c, uint64_t nth);

#endif
