/* SPDX-License-Identifier: ISC */
/*
 * Records without what is private to users: files, attributes, targets of
 * links, programs and mount points get other names, and data is left out.
 * Sizes, times, numbers and the order of the records remain.
 */
#ifndef FR_TRACE_ANONYMIZE_H
#define FR_TRACE_ANONYMIZE_H

#include "trace/record.h"

struct anonymizer;

/* keeps: PSEUDONYM_KEEPS_*.  NULL: no memory. */
struct anonymizer *anonymizer_new(unsigned keeps);
void anonymizer_free(struct anonymizer *a);

/* Change r, whose proto and expect are set as far as they are known; its
 * message is borrowed until the next call.  E_NOMEM. */
int anonymize(struct anonymizer *a, struct trace_record *r) ERR_MUSTCHECK;

#endif
