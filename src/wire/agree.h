/* SPDX-License-Identifier: ISC */
/*
 * Do two file systems that show the same files answer a request alike?
 *
 * Only the fields that fields.def marks are compared.  What depends on the
 * file system or on the time is not: times, node ids, file handles, inode
 * numbers, blocks, the figures of STATFS, the size of a directory.  The
 * entries of directories, of which replies may have any number in any order,
 * are compared elsewhere (replay/listing.h).
 */
#ifndef FR_WIRE_AGREE_H
#define FR_WIRE_AGREE_H

#include "wire/check.h"
#include "wire/text.h"

/* A good reply, and what is known about it. */
struct wire_answer {
	const struct wire_proto *pr;
	const struct wire_expect *e;
	struct span m;
	size_t kept; /* bytes of m that are known, from its first on */
};

/* What may differ. */
#define AGREE_ANY_DATA 0x1u  /* bytes of files, links, attributes' values */
#define AGREE_ANY_ATTR 0x2u  /* all attributes of a file */
#define AGREE_ANY_SIZE 0x4u  /* of them its size */
#define AGREE_ANY_LINKS 0x8u /* of them its number of links */

/*
 * Compare the reply `is`, which came now, with the reply `was`, which was
 * recorded, and append where they differ: "size is 6, not 5; ...".  1 if they
 * differ, else 0.
 */
int wire_put_difference(struct text *t, const struct wire_answer *was,
    const struct wire_answer *is, unsigned any);

/* The same for the fuse_entry_out of two READDIRPLUS records. */
int wire_put_entry_difference(struct text *t, const struct wire_proto *pr_was,
    struct span was, const struct wire_proto *pr_is, struct span is,
    unsigned any);

#endif
