/* SPDX-License-Identifier: ISC */
/*
 * The numbers in a message that mean nothing by themselves: each run of the
 * same programs has others.
 */
#ifndef FR_WIRE_RENUMBER_H
#define FR_WIRE_RENUMBER_H

#include "wire/check.h"

enum wire_number {
	WIRE_NUMBER_UNIQUE,
	WIRE_NUMBER_NODE,
	WIRE_NUMBER_GENERATION, /* of a node */
	WIRE_NUMBER_INODE,	/* that users see */
	WIRE_NUMBER_HANDLE,
	WIRE_NUMBER_PROCESS,
	WIRE_NUMBER_OWNER,    /* of locks */
	WIRE_NUMBER_POLL,     /* who waits */
	WIRE_NUMBER_PLACE,    /* in a directory */
	WIRE_NUMBER_TIME,     /* seconds */
	WIRE_NUMBER_FRACTION, /* of such a second, ns */
	WIRE_NUMBER_KINDS
};

/* The number to be put in the place of `was`. */
typedef uint64_t wire_renumber_fn(void *arg, enum wire_number what,
    uint64_t was);

/*
 * Change them in the first `kept` bytes of the message m of len bytes, the
 * others of which are there, too.  e is what a reply's request expects, or
 * NULL.
 */
void wire_renumber(const struct wire_proto *pr, const struct wire_expect *e,
    uint8_t *m, size_t len, size_t kept, int is_request, wire_renumber_fn *fn,
    void *arg);

#endif
