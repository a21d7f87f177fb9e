/* SPDX-License-Identifier: ISC */
/* Which calls a view shows. */
#ifndef FR_TRACE_FILTER_H
#define FR_TRACE_FILTER_H

#include "trace/model.h"

#define FILTER_OPCODES 4104 /* opcodes below this have a bit each */

struct filter {
	uint8_t hidden[FILTER_OPCODES / 8]; /* a bit per opcode */
	uint8_t others_hidden; /* opcodes from FILTER_OPCODES on */
	uint8_t notify_hidden; /* notifications */
	uint8_t want_failed, want_successful, want_unfinished;
	const char *path;  /* borrowed; NULL: any */
	uint8_t *path_met; /* borrowed, or NULL: set when a call has it */
	int has_pid;
	uint32_t pid;
	uint64_t slower_ns;
	uint64_t since_ns, until_ns; /* since 1970; 0: any */
};

/* Everything passes. */
void filter_init(struct filter *f);

/*
 * Take an expression of -e: "trace=SET" (or a bare SET) or "status=SET",
 * a SET being words with commas between them.  trace: operations in any
 * case, %class, "notify", "all", "none"; with '!' in front the word, or as
 * the SET's first character the whole, is left out.  status: failed,
 * successful, unfinished.  E_VALUE: *bad points to the word not understood.
 */
int filter_parse(struct filter *f, const char *expr,
    const char **bad) ERR_MUSTCHECK;

/*
 * Write to buf (PATHS_TEXT_MAX) what -P means: a path as views have them, with
 * a slash in front (or "#NODEID") and none that says nothing.  E_VALUE: no
 * path can be it: it is empty, or has a ".."; E_BIG.
 */
int filter_path_tidy(const char *path, char *buf) ERR_MUSTCHECK;

/* Does the operation as such pass? */
int filter_op(const struct filter *f, uint32_t opcode);

/*
 * Does a record pass that neither begins nor ends a call, and belongs to c
 * or (NULL) to none?  Asked for a caller, a path, an outcome or a time, only
 * those of a call that fit; begins, ends and losses pass always.
 */
int filter_other(const struct filter *f, const struct conn *conn,
    const struct trace_record *r, const struct call *c);

/* Does a read of the stream pass?  Not where calls are chosen otherwise than
 * by their time: it is of none. */
int filter_stream(const struct filter *f, const struct trace_record *r);

/* Could the call pass, as far as its request shows? */
int filter_begin(const struct filter *f, const struct call *c);

/* Does it pass now that its reply (or NULL) is here? */
int filter_end(const struct filter *f, const struct call *c,
    const struct trace_record *r);

/* The same two for a notification. */
int filter_notification(const struct filter *f, const struct notification *n);
int filter_notification_end(const struct filter *f,
    const struct notification *n, const struct trace_record *r);

#endif
