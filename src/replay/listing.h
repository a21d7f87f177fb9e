/* SPDX-License-Identifier: ISC */
/*
 * A directory as it is read through one handle: the entries that the
 * recorded replies had, and those that come now.
 *
 * Two file systems may list a directory in any order, with offsets of their
 * own, in replies that hold more or fewer entries.  So the listings are
 * compared as sets, when both have come to their end; an offset stands for
 * the number of entries before it.
 */
#ifndef FR_REPLAY_LISTING_H
#define FR_REPLAY_LISTING_H

#include "base/hash.h"
#include "wire/dirent.h"
#include "wire/text.h"

enum listing_side {
	LISTING_WAS,
	LISTING_IS,
	LISTING_SIDES
};

/* Entries of one listing, at most: more is not a directory but a fault. */
#define LISTING_MAX 4000000u

struct listing_entry {
	uint64_t off, nodeid;
	uint32_t type;
	uint16_t head; /* bytes of the fuse_entry_out, or 0 */
	uint16_t len;
	uint8_t found;	   /* by its name in the table */
	UT_hash_handle hh; /* by name */
	uint8_t bytes[];   /* fuse_entry_out, name */
};

struct listing_half {
	struct listing_entry **entries; /* in their order; owned */
	size_t n, cap;
	struct listing_entry *names;
	int ended; /* an empty reply came */
};

struct listing {
	struct listing_half half[LISTING_SIDES];
	uint64_t since; /* record of its first request */
	int whole;	/* read from the start on, without a gap */
};

void listing_fini(struct listing *l);

/*
 * A recorded request, in this record, reads on from offset `was`: the
 * offset to ask for now.
 */
uint64_t listing_seek(struct listing *l, uint64_t was, uint64_t record);

/*
 * A reply's body was added; an empty one ends the half.  *first: the number
 * of its first entry.  E_NOMEM, E_NAME (a bad name ends it), E_FULL.
 */
int listing_add(struct listing *l, enum listing_side side,
    const struct wire_proto *pr, int plus, struct span body,
    size_t *first) ERR_MUSTCHECK;

/* The entry of this name, or NULL. */
const struct listing_entry *listing_find(const struct listing *l,
    enum listing_side side, struct span name);

struct span listing_name(const struct listing_entry *e);
struct span listing_head(const struct listing_entry *e);

/* "." or ".."? */
int listing_is_dot(const struct listing_entry *e);

/* Is it to be compared?  Not those, nor what libfuse makes of open files
 * that are removed. */
int listing_is_entry(const struct listing_entry *e);

/* Where to read on now. */
uint64_t listing_end(const struct listing *l);

#endif
