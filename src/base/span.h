/* SPDX-License-Identifier: ISC */
/* Borrowed bytes: a view that its holder never frees. */
#ifndef FR_BASE_SPAN_H
#define FR_BASE_SPAN_H

#include <stddef.h>
#include <stdint.h>

struct span {
	const uint8_t *p;
	size_t len;
};

/* Is it the name "." or ".."? */
static inline int
span_is_dots(struct span s)
{
	return (s.len == 1 || s.len == 2) && s.p[0] == '.' &&
	    s.p[s.len - 1] == '.';
}

#endif
