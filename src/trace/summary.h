/* SPDX-License-Identifier: ISC */
/*
 * A view that counts: per operation, path or caller, how many, how long, what
 * went wrong.  Memory is bounded: among too many paths or callers, those that
 * took least are counted together.
 */
#ifndef FR_TRACE_SUMMARY_H
#define FR_TRACE_SUMMARY_H

#include "base/hash.h"
#include "trace/latency.h"
#include "trace/view.h"

#define SUMMARY_OPS 128	  /* operations with a row of their own */
#define SUMMARY_ROWS 2048 /* paths or callers with a row of their own */
/* Error numbers that are counted each; the last counts all others. */
#define SUMMARY_ERRNOS 160

enum summary_by {
	SUMMARY_BY_OP,
	SUMMARY_BY_PATH,
	SUMMARY_BY_CALLER /* its name */
};

struct summary_row {
	char *name; /* owned */
	size_t name_len;
	int apart; /* INIT, DESTROY: no caller waits for them */
	uint64_t count, errors, unfinished;
	uint64_t bytes; /* of requests and replies */
	uint64_t by_errno[SUMMARY_ERRNOS];
	struct latency latency;
	UT_hash_handle hh;
};

struct summary {
	struct model_view view;
	struct filter filter;
	enum summary_by by;
	struct summary_row *rows;     /* owned, in order of coming */
	struct summary_row *others;   /* owned; NULL: all had room */
	uint64_t bytes_in, bytes_out; /* of requests; of replies */
	uint64_t notifications, dropped, repaired;
	uint64_t in_pieces; /* requests that took more than one read */
};

void summary_init(struct summary *s, const struct filter *f,
    enum summary_by by);
void summary_fini(struct summary *s);

/* Print the table. */
void summary_print(const struct summary *s, const struct view_out *out);

#endif
