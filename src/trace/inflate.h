/* SPDX-License-Identifier: ISC */
/*
 * A record keeps a message without its data; what reads messages wants them
 * at full length.  Here the kept bytes get zeros behind them again, at no
 * cost for the zeros.
 */
#ifndef FR_TRACE_INFLATE_H
#define FR_TRACE_INFLATE_H

#include "base/err.h"
#include "base/span.h"

/* No message is longer: a session's largest request and a bit. */
#define INFLATE_MAX (33u * 1024 * 1024)

struct inflate {
	uint8_t *buf; /* INFLATE_MAX bytes, zero from dirty on */
	size_t dirty;
};

/* E_NOMEM. */
int inflate_init(struct inflate *i) ERR_MUSTCHECK;
void inflate_fini(struct inflate *i);

/* The message of `len` <= INFLATE_MAX bytes that begins with `kept`, which
 * is cut to it.  Lives until the next call. */
struct span inflate_message(struct inflate *i, struct span kept, size_t len);

/* `more` is kept of that message, too, and follows; it is cut to its
 * length, `len`. */
void inflate_more(struct inflate *i, struct span more, size_t len);

#endif
