/* SPDX-License-Identifier: ISC */
/*
 * Where the outgoing stream is cut and joined.
 *
 * Only decisions, no sockets and no clock: the cuts of a message follow
 * from the seed, its number and its length, so that a run can be repeated.
 */
#ifndef FR_CHANNEL_SHAPE_H
#define FR_CHANNEL_SHAPE_H

#include <stddef.h>
#include <stdint.h>

enum shape_kind {
	SHAPE_FUSET, /* as FUSE-T does: head, then data in a few pieces */
	SHAPE_RANGE, /* pieces of random size, whatever is in them */
	SHAPE_WHOLE  /* one message, one write */
};

#define SHAPE_COALESCE_MAX 64 /* messages in one write, at most */

struct shape {
	enum shape_kind kind;
	size_t min, max;   /* SHAPE_RANGE: bytes of a piece, min >= 1 */
	unsigned coalesce; /* messages that may share a write; 1: none */
	uint64_t seed;
};

/* A message on its way out. */
struct shape_msg {
	uint64_t rng;
	size_t len;
	unsigned parts; /* data pieces still to come, SHAPE_FUSET */
	unsigned waits; /* one piece in so many waits; 0: none */
	int head;	/* bytes of the head that leaves first, or 0 */
};

/* As FUSE-T does it: the default. */
void shape_default(struct shape *s);

/* Start message number `ordinal` of this opcode and length. */
void shape_begin(const struct shape *s, struct shape_msg *m, uint64_t ordinal,
    uint32_t opcode, size_t len);

/*
 * How long the next piece is that starts `done` bytes into m: at least 1;
 * it may reach beyond m's end, into the messages behind it (shape_joins()).
 * *wait: let the reader see this piece by itself.
 */
size_t shape_piece(const struct shape *s, struct shape_msg *m, size_t done,
    int *wait);

/*
 * A piece of `want` bytes has come to the end of message a, its n-th
 * (from 1) and has `have` bytes; b waits behind.  The piece's new length
 * if it goes on into b, else `have`.
 */
size_t shape_joins(const struct shape *s, const struct shape_msg *a,
    const struct shape_msg *b, unsigned n, size_t have, size_t want);

#endif
