/* SPDX-License-Identifier: ISC */
/* Where replies have a file's attributes; private to src/wire/. */
#ifndef FR_WIRE_ATTR_H
#define FR_WIRE_ATTR_H

#include "wire/get.h"
#include "wire/proto.h"

#define ENTRY_ATTR 40 /* offset of the attr in an entry */
#define ATTR_OUT_ATTR 16
#define STATX_OUT_STAT 32
#define STATX_AT_MODE 28 /* in a stat, valid with SX_TYPE */
#define SX_TYPE 0x1u
#define SX_SIZE 0x200u

static inline uint32_t
attr_mode(const struct wire_proto *pr, struct span attr)
{
	return get_u32(attr, pr->dialect == WIRE_LINUX ? 60 : 72);
}

#endif
