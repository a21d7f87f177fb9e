/* SPDX-License-Identifier: ISC */
/* A view that counts: per operation, how many, how long, what went wrong. */
#ifndef FR_TRACE_SUMMARY_H
#define FR_TRACE_SUMMARY_H

#include "trace/latency.h"
#include "trace/view.h"

#define SUMMARY_OPS 128		/* operations told apart */
#define SUMMARY_ERRNOS 160	/* error numbers told apart, the last: all
				   others */

struct summary_op {
	uint32_t opcode;
	uint64_t count, errors, unfinished;
	uint64_t bytes;		/* of requests and replies */
	uint64_t by_errno[SUMMARY_ERRNOS];
	struct latency latency;
};

struct summary {
	struct model_view view;
	struct filter filter;
	struct summary_op *ops[SUMMARY_OPS];	/* owned, in order of coming */
	size_t count;
	uint64_t bytes_in, bytes_out;	/* of requests; of replies */
	uint64_t notifications, dropped, repaired;
	uint64_t in_pieces;	/* requests that took more than one read */
};

void summary_init(struct summary *s, const struct filter *f);
void summary_fini(struct summary *s);

/* Print the table. */
void summary_print(const struct summary *s, const struct view_out *out);

#endif
