/* SPDX-License-Identifier: ISC */
/*
 * Records without what they tell of users: other names of files, attributes,
 * links' targets, programs and mount points, no data.  Sizes, times, numbers
 * and the order of all remain.
 */
#ifndef FR_TRACE_ANONYMIZE_H
#define FR_TRACE_ANONYMIZE_H

#include "trace/record.h"

struct anonymizer;

/* keeps: PSEUDONYM_KEEPS_*.  NULL: no memory. */
struct anonymizer *anonymizer_new(unsigned keeps);
void anonymizer_free(struct anonymizer *a);

/* Change r, whose proto and expect are as far as known set; its message is
 * borrowed until the next call.  E_NOMEM. */
int anonymize(struct anonymizer *a, struct trace_record *r) ERR_MUSTCHECK;

#endif
