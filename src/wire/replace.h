/* SPDX-License-Identifier: ISC */
/*
 * Put other names in the place of those in a message.  All places that have a
 * name are known here and nowhere else: names of files and of attributes, and
 * the targets of links.
 */
#ifndef FR_WIRE_REPLACE_H
#define FR_WIRE_REPLACE_H

#include "wire/build.h"
#include "wire/check.h"

enum wire_text {
	WIRE_TEXT_ENTRY, /* of a directory */
	WIRE_TEXT_PATH,	 /* a link's target, or another name: may hold
				 * slashes */
	WIRE_TEXT_XATTR
};

/* The name to be put in the place of `was`: not longer, and not empty unless
 * that is.  Borrowed until the next call. */
typedef struct span wire_replace_fn(void *arg, enum wire_text what,
    struct span was);

/*
 * Write to `out` the bytes of m before its data (wire_data_offset()), with the
 * names that fn returns.  *len is the length that the whole message has then,
 * and its length word.  Of a message that is not understood or is malformed
 * only the header is written.  e is what the request of a reply expects, or
 * NULL.  E_NOMEM.
 */
int wire_replace(struct wire_buf *out, const struct wire_proto *pr,
    const struct wire_expect *e, struct span m, int is_request,
    wire_replace_fn *fn, void *arg, size_t *len) ERR_MUSTCHECK;

#endif
