/* SPDX-License-Identifier: ISC */
/* Where replies have a file's attributes; private to src/wire/. */
#ifndef FR_WIRE_ATTR_H
#define FR_WIRE_ATTR_H

#include "wire/get.h"
#include "wire/offsets.h"

/* Bits of a struct fuse_statx's mask: what of it is valid. */
#define SX_TYPE 0x1u
#define SX_SIZE 0x200u

/* The attributes in an entry, and in the reply to a GETATTR. */
static inline struct span
attr_of_entry(const struct wire_proto *pr, struct span entry)
{
	return span_from(entry, dialect_off(pr, fuse_entry_out, attr));
}

static inline struct span
attr_of_attr_out(const struct wire_proto *pr, struct span body)
{
	return span_from(body, dialect_off(pr, fuse_attr_out, attr));
}

static inline uint32_t
attr_mode(const struct wire_proto *pr, struct span attr)
{
	return get_u32(attr, dialect_off(pr, fuse_attr, mode));
}

#endif
