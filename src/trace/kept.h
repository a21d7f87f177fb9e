/* SPDX-License-Identifier: ISC */
/* A set of records, by their numbers, that are to be kept. */
#ifndef FR_TRACE_KEPT_H
#define FR_TRACE_KEPT_H

#include <stddef.h>
#include <stdint.h>

#define KEPT_NONE UINT64_MAX /* no record */

struct kept {
	uint8_t *bits; /* owned */
	size_t cap;    /* bytes */
	int failed;    /* there was no memory for one */
};

/* The records of a call, or KEPT_NONE. */
struct spot {
	uint64_t request, reply, caller;
};

/* All zeros is an empty one. */
void kept_fini(struct kept *k);

void kept_add(struct kept *k, uint64_t record);
void kept_add_spot(struct kept *k, const struct spot *s);
int kept_has(const struct kept *k, uint64_t record);

#endif
