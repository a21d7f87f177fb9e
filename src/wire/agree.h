/* SPDX-License-Identifier: ISC */
/*
 * Do two file systems that show the same files answer a request alike?
 *
 * What belongs to a file system or to a moment is not looked at: times,
 * node ids, file handles, inode numbers, blocks, figures of STATFS, what a
 * directory weighs.  fields.def marks what is.  The entries of directories,
 * which may come in any order and number, are not compared here.
 */
#ifndef FR_WIRE_AGREE_H
#define FR_WIRE_AGREE_H

#include "wire/check.h"
#include "wire/text.h"

/* A good reply with what is known about it. */
struct wire_answer {
	const struct wire_proto *pr;
	const struct wire_expect *e;
	struct span m;
	size_t kept; /* bytes of m that are there; the rest is unknown */
};

/* What may differ. */
#define AGREE_ANY_DATA 0x1u  /* bytes of files, links, attributes' values */
#define AGREE_ANY_ATTR 0x2u  /* all about a file */
#define AGREE_ANY_SIZE 0x4u  /* its size alone */
#define AGREE_ANY_LINKS 0x8u /* its number of links alone */

/*
 * Append in what the reply `is` does not agree with the one that `was`:
 * "size is 6, not 5; ...".  1 if there is something, else 0.
 */
int wire_put_difference(struct text *t, const struct wire_answer *was,
    const struct wire_answer *is, unsigned any);

/* The same for the fuse_entry_out of two READDIRPLUS records. */
int wire_put_entry_difference(struct text *t, const struct wire_proto *pr_was,
    struct span was, const struct wire_proto *pr_is, struct span is,
    unsigned any);

#endif
