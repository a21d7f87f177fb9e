/* SPDX-License-Identifier: ISC */
/*
 * Things that are found by a number: structs whose first member is one of
 * these.  A set of them is a pointer, NULL while it has none.
 */
#ifndef FR_BASE_NUMBERED_H
#define FR_BASE_NUMBERED_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct numbered {
	uint64_t number; /* set before it is added */
	UT_hash_handle hh;
};

/* The one of this number, NULL if there is none. */
void *numbered_find(const struct numbered *set, uint64_t number);

/* No other in the set may have its number.  E_NOMEM: it is not in the set. */
int numbered_add(struct numbered **set, struct numbered *one) ERR_MUSTCHECK;

/* Take it out; it is its owner's then. */
void numbered_remove(struct numbered **set, struct numbered *one);

/* Take all out and free() them. */
void numbered_free(struct numbered **set);

unsigned numbered_count(const struct numbered *set);

/* Iterate: from the set itself, which is its first, until NULL. */
struct numbered *numbered_next(const struct numbered *one);

#endif
