/* SPDX-License-Identifier: ISC */
/*
 * The parts of a message as fields of a line about it, in the style of the
 * line (text.h).  As the printer, they go on as far as bytes are there and
 * say "malformed" where a check does.
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

/* Append the request's fields.  Names and records: in JSON only. */
void wire_put_args(struct text *t, const struct wire_proto *pr, struct span m);

/*
 * Append what the reply m to the request that expects e says: "-ENOENT",
 * a count, fields; in JSON the fields of a successful one alone.
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
 * Where the message's file data or attribute values begin: what a record
 * without data keeps of it.  Names are not data.  e is what a reply's
 * request expects, NULL if m is a request, or a reply to nobody knows what.
 */
size_t wire_data_offset(const struct wire_proto *pr,
    const struct wire_expect *e, struct span m, int is_request);

#endif
