/* SPDX-License-Identifier: ISC */
/*
 * A line being written to a buffer that may be too short for it; private to
 * src/wire/.  What does not fit is left out and the line ends in "...".
 */
#ifndef FR_WIRE_TEXT_H
#define FR_WIRE_TEXT_H

#include "base/span.h"

struct text {
	char *buf;
	size_t cap, len;	/* len < cap; the NUL is not counted */
	int full;
};

void text_init(struct text *t, char *buf, size_t cap);

/* Append, as printf. */
void text_put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append the bytes in quotes, all but plain ASCII escaped. */
void text_quote(struct text *t, struct span s);

/* End the line; its length. */
size_t text_end(struct text *t);

#endif
