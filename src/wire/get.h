/* SPDX-License-Identifier: ISC */
/*
 * Bounded reads and in-place writes of host-order words in a message.
 * Offsets count from the first byte of the span.  For a word that is not
 * wholly inside it, get_*() return 0 and put_*() do nothing; callers that must
 * know whether it is inside ask span_holds() first.
 */
#ifndef FR_WIRE_GET_H
#define FR_WIRE_GET_H

#include <string.h>

#include "base/span.h"

static inline int
span_holds(struct span m, size_t off, size_t size)
{
	return off <= m.len && m.len - off >= size;
}

#define WIRE_GET(name, type)                               \
	static inline type name(struct span m, size_t off) \
	{                                                  \
		type v = 0;                                \
                                                           \
		if (span_holds(m, off, sizeof(v)))         \
			memcpy(&v, m.p + off, sizeof(v));  \
		return v;                                  \
	}

WIRE_GET(get_u16, uint16_t)
WIRE_GET(get_u32, uint32_t)
WIRE_GET(get_u64, uint64_t)
WIRE_GET(get_i32, int32_t)
WIRE_GET(get_i64, int64_t)
#undef WIRE_GET

#define WIRE_PUT(name, type)                                                \
	static inline void name(uint8_t *p, size_t len, size_t off, type v) \
	{                                                                   \
		if (off <= len && len - off >= sizeof(v))                   \
			memcpy(p + off, &v, sizeof(v));                     \
	}

WIRE_PUT(put_u16, uint16_t)
WIRE_PUT(put_u32, uint32_t)
WIRE_PUT(put_u64, uint64_t)
#undef WIRE_PUT

/* The part of m from off on; empty when off is beyond its end. */
static inline struct span
span_from(struct span m, size_t off)
{
	if (off > m.len)
		off = m.len;
	return (struct span){ m.p + off, m.len - off };
}

/* Take the name at the front of *rest, which goes on behind its NUL. */
static inline struct span
get_name(struct span *rest)
{
	struct span name = *rest;
	const uint8_t *nul = NULL;

	if (name.len > 0)
		nul = memchr(name.p, '\0', name.len);
	if (nul != NULL)
		name.len = (size_t)(nul - name.p);
	*rest = span_from(*rest, name.len + 1);
	return name;
}

#endif
