/* SPDX-License-Identifier: ISC */
/*
 * Append parts of a message to a line about it, as fields in the style of the
 * line (text.h).  They print as many fields as the message has bytes for, and
 * "malformed" where a check finds something wrong.
 */
#ifndef FR_WIRE_DESCRIBE_H
#define FR_WIRE_DESCRIBE_H

#include "wire/check.h"
#include "wire/text.h"

/* What the names in a request are. */
enum wire_names {
	WIRE_NAMES_NONE,
	WIRE_NAMES_ENTRY,  /* an entry of the directory nodeid */
	WIRE_NAMES_RENAME, /* that, and one of the directory newdir */
	WIRE_NAMES_TARGET, /* an entry, and what a link points to */
	WIRE_NAMES_XATTR,  /* an attribute's name */
	WIRE_NAMES_OTHER   /* a name of something else */
};

/* Find them, without their NULs; name[i].len is 0 where there is none. */
enum wire_names wire_request_names(const struct wire_proto *pr, struct span m,
    struct span name[2]);

/* Append the request's fields; names and records in JSON and in a line about
 * the message alone (TEXT_LINE) only. */
void wire_put_args(struct text *t, const struct wire_proto *pr, struct span m);

/*
 * Append the result in the reply m, whose request expects e: "-ENOENT", a
 * count, or fields; in JSON only the fields of a successful reply.
 */
void wire_put_result(struct text *t, const struct wire_proto *pr,
    const struct wire_expect *e, struct span m);

/* Append a notification's fields; its name, or NULL for an unknown code. */
const char *wire_put_notify(struct text *t, const struct wire_proto *pr,
    struct span m);

/* The node that a notification is about, or with a name the directory whose
 * entry it is about; 0: none, or several. */
uint64_t wire_notify_about(const struct wire_proto *pr, struct span m,
    struct span *name);

/*
 * Where the message's file data or attribute values begin: a record without
 * data keeps the bytes before.  Names are not data.  e is what the request of
 * a reply expects; NULL if m is a request, or if the request is not known.
 */
size_t wire_data_offset(const struct wire_proto *pr,
    const struct wire_expect *e, struct span m, int is_request);

#endif
