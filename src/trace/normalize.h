/* SPDX-License-Identifier: ISC */
/*
 * Records with numbers that do not depend on the run: processes, requests,
 * nodes, handles, offsets in directories and times are numbered in the order
 * of their first records.  Then the records of two runs of the same programs
 * differ only where the programs did different things.
 */
#ifndef FR_TRACE_NORMALIZE_H
#define FR_TRACE_NORMALIZE_H

#include "trace/record.h"

struct normalizer;

/* NULL: no memory. */
struct normalizer *normalizer_new(void);
void normalizer_free(struct normalizer *n);

/* Change r, whose proto and expect are set as far as they are known; its
 * message is borrowed until the next call.  E_NOMEM. */
int normalize(struct normalizer *n, struct trace_record *r) ERR_MUSTCHECK;

#endif
