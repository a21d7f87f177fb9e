/* SPDX-License-Identifier: ISC */
/*
 * Other names in a message: every place where one is, of files, of
 * attributes, in the target of a link, is found here, and nowhere else.
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
 * Write to `out` what a record of m without data keeps (wire_data_offset()),
 * with the names that fn gives; *len is what the whole message has then, and
 * its length word.  Of what nobody knows, and of a list of names that is not
 * in order, only the header is kept.  e is what a reply's request expects, or
 * NULL.  E_NOMEM.
 */
int wire_replace(struct wire_buf *out, const struct wire_proto *pr,
    const struct wire_expect *e, struct span m, int is_request,
    wire_replace_fn *fn, void *arg, size_t *len) ERR_MUSTCHECK;

#endif
