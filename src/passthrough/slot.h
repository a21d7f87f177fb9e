/* SPDX-License-Identifier: ISC */
/*
 * Numbers for pointers: a growable, bounded table whose 64-bit ids are an
 * index and a generation.
 *
 * An id names one object for ever: when the object leaves, its place gets
 * the next generation, so a stale or invented id finds nothing.  Every
 * operation is O(1).  Ids are above 2^32 and below 2^64 - 1: never 0, never
 * the root's node id 1, never ~0.
 *
 * No lock inside: the owner of the table holds its own around every call.
 */
#ifndef FR_PASSTHROUGH_SLOT_H
#define FR_PASSTHROUGH_SLOT_H

#include <stddef.h>
#include <stdint.h>

/* No table can be larger: the index must fit the lower half of an id. */
#define SLOT_MAX (1u << 30)

struct slot {
	void *object;	     /* NULL: free */
	uint32_t generation; /* 1 .. UINT32_MAX - 1 */
	uint32_t next;	     /* next free place, while free */
};

struct slot_table {
	uint32_t cap;  /* places allocated */
	uint32_t used; /* of them, those that hold an object */
	/* private */
	struct slot *v; /* owned */
	uint32_t max;	/* bound of used */
	uint32_t free;	/* first free place, SLOT_MAX if none */
	uint32_t first; /* generation of a place to be added */
};

/*
 * At most max objects (clamped to SLOT_MAX).  `seed` makes the generations
 * of two tables differ, so that ids of a former life are stale too.
 */
void slot_init(struct slot_table *t, uint32_t max, uint32_t seed);

/* Frees the table; the objects are their owner's to free before. */
void slot_fini(struct slot_table *t);

/* Takes the object in and puts its id to *id.  0, ENFILE or ENOMEM. */
int slot_add(struct slot_table *t, void *object, uint64_t *id)
    __attribute__((warn_unused_result));

/* The object, or NULL if the id names none (any more). */
void *slot_find(const struct slot_table *t, uint64_t id);

/* As slot_find(), and the id names nothing from now on. */
void *slot_take(struct slot_table *t, uint64_t id);

/*
 * Gives back memory of places above the last one in use.  Ids that were
 * given out there stay stale for ever all the same.
 */
void slot_shrink(struct slot_table *t);

/* Walks the objects: NULL after the last.  *at starts at 0. */
void *slot_each(const struct slot_table *t, uint32_t *at);

#endif
