/* SPDX-License-Identifier: ISC */
/*
 * Messages of which a record keeps only the first bytes, padded with zeros to
 * their length, which functions that read messages need.  The zeros are
 * written once: a buffer of the greatest length keeps them.
 */
#ifndef FR_TRACE_PADDED_H
#define FR_TRACE_PADDED_H

#include "base/err.h"
#include "base/span.h"

/* No message is longer: a session's largest request and a bit. */
#define PADDED_MAX (33u * 1024 * 1024)

struct padded {
	uint8_t *buf; /* PADDED_MAX bytes; from `dirty` on they are zero */
	size_t dirty;
};

/* E_NOMEM. */
int padded_init(struct padded *i) ERR_MUSTCHECK;
void padded_fini(struct padded *i);

/* The message of `len` <= PADDED_MAX bytes that begins with `kept`, which
 * is cut to it.  Lives until the next call. */
struct span padded_message(struct padded *i, struct span kept, size_t len);

/* Append `more` bytes that are kept of the same message; they are cut to its
 * length, `len`. */
void padded_more(struct padded *i, struct span more, size_t len);

#endif
