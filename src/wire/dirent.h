/* SPDX-License-Identifier: ISC */
/*
 * The records of a READDIR or READDIRPLUS reply.
 */
#ifndef FR_WIRE_DIRENT_H
#define FR_WIRE_DIRENT_H

#include "wire/proto.h"

struct wire_dirent {
	struct span entry; /* READDIRPLUS: its fuse_entry_out, else empty */
	uint64_t ino, off;
	uint32_t type;
	struct span name; /* without a NUL */
};

/* Longest name that this session's kernel takes. */
size_t wire_name_max(const struct wire_proto *pr);

/*
 * Take the next record off the front of *rest.  1 and *d, 0 at the end (a
 * record that is cut short ends it, as in the kernel), E_NAME for a name
 * that is empty, too long or has a slash.
 */
int wire_dirent_next(const struct wire_proto *pr, int plus, struct span *rest,
    struct wire_dirent *d) ERR_MUSTCHECK;

#endif
