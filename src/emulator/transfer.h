/* SPDX-License-Identifier: ISC */
/*
 * Large files: contents that follow from seed, file and offset, written and
 * read back with several messages in flight, and compared byte by byte.
 */
#ifndef FR_EMULATOR_TRANSFER_H
#define FR_EMULATOR_TRANSFER_H

#include "emulator/calls.h"

#define TRANSFER_WINDOW_MAX 32 /* messages in flight */

struct transfer {
	uint64_t seed;	 /* of this file's contents */
	uint64_t size;	 /* bytes */
	unsigned window; /* messages in flight, 1..TRANSFER_WINDOW_MAX */
	unsigned laps;	 /* how often it is read, at least 1 */
	uint64_t bad;	 /* offset of the first wrong byte read */
};

/* Contents of the file from offset on. */
void transfer_fill(uint64_t seed, uint64_t offset, uint8_t *p, size_t len);

/* Write all of it; results as in client.h. */
int transfer_write(struct transfer *t, struct client *c,
    const struct calls_file *f) ERR_MUSTCHECK;

/*
 * Read all of it and compare: results as in client.h, and E_VALUE for
 * other contents, E_SHORT for a file that ends at t->bad already, E_LONG
 * for one that goes on behind its size.
 */
int transfer_verify(struct transfer *t, struct client *c,
    const struct calls_file *f) ERR_MUSTCHECK;

#endif
