/* SPDX-License-Identifier: ISC */
/*
 * Names of the values in flag words (flags.def, init_flags.def); private
 * to src/wire/.
 */
#ifndef FR_WIRE_NAMES_H
#define FR_WIRE_NAMES_H

#include "wire/proto.h"
#include "wire/text.h"

enum flag_table {
	TABLE_none,
	TABLE_access,
	TABLE_at,
	TABLE_attr,
	TABLE_bsd,
	TABLE_cuse,
	TABLE_dtype,
	TABLE_events,
	TABLE_expire,
	TABLE_fallocate,
	TABLE_fopen,
	TABLE_fsync,
	TABLE_getattr,
	TABLE_init,
	TABLE_init2,
	TABLE_ioctl,
	TABLE_lk,
	TABLE_lktype,
	TABLE_mapping,
	TABLE_open,
	TABLE_open_in,
	TABLE_poll,
	TABLE_read,
	TABLE_release,
	TABLE_rename,
	TABLE_setattr,
	TABLE_setxattr,
	TABLE_statx,
	TABLE_whence,
	TABLE_write,
	TABLE_xattr
};

/* Sets of dialects, as rows name them. */
enum dialect_set {
	IN_LINUX = 1 << WIRE_LINUX,
	IN_DARWIN2 = 1 << WIRE_DARWIN,
	IN_DARWIN3 = 1 << WIRE_DARWIN3,
	IN_DARWIN = IN_DARWIN2 | IN_DARWIN3,
	IN_ALL = IN_LINUX | IN_DARWIN,
	IN_BOTH = IN_ALL,
	IN_NOT_DARWIN2 = IN_LINUX | IN_DARWIN3,
	IN_NOT_DARWIN3 = IN_LINUX | IN_DARWIN2
};

/* Append the names joined by '|', unknown bits in hex, 0 as "0" if it has
 * no name. */
void names_put(struct text *t, enum flag_table table, enum wire_dialect d,
    uint64_t v);

#endif
