/* SPDX-License-Identifier: ISC */
/*
 * Replace those numbers in a message that differ between two runs of the same
 * programs: uniques, node ids, handles, process ids, times, and the like.
 */
#ifndef FR_WIRE_RENUMBER_H
#define FR_WIRE_RENUMBER_H

#include "wire/check.h"

enum wire_number {
	WIRE_NUMBER_UNIQUE,
	WIRE_NUMBER_NODE,
	WIRE_NUMBER_GENERATION, /* of a node */
	WIRE_NUMBER_INODE,	/* the number that stat(2) shows */
	WIRE_NUMBER_HANDLE,
	WIRE_NUMBER_PROCESS,
	WIRE_NUMBER_OWNER,    /* of locks */
	WIRE_NUMBER_POLL,     /* the kernel's handle of a poll */
	WIRE_NUMBER_PLACE,    /* an offset in a directory */
	WIRE_NUMBER_TIME,     /* seconds */
	WIRE_NUMBER_FRACTION, /* of such a second, ns */
	WIRE_NUMBER_KINDS
};

/* The number to be put in the place of `was`. */
typedef uint64_t wire_renumber_fn(void *arg, enum wire_number what,
    uint64_t was);

/*
 * Call fn for each of these numbers in the first `kept` bytes of the message
 * m, and put there what fn returns.  The message has len bytes, all of which
 * can be read.  e is what the request of a reply expects, or NULL.
 */
void wire_renumber(const struct wire_proto *pr, const struct wire_expect *e,
    uint8_t *m, size_t len, size_t kept, int is_request, wire_renumber_fn *fn,
    void *arg);

#endif
