/* SPDX-License-Identifier: ISC */
/*
 * The file handles of the recorded session and what they are now.  A file
 * system may give one handle to any number of opens, so that a handle is
 * known by its node too, and stands for as many of today's.
 */
#ifndef FR_REPLAY_HANDLES_H
#define FR_REPLAY_HANDLES_H

#include <sys/queue.h>

#include "replay/listing.h"

struct handle_open {
	STAILQ_ENTRY(handle_open) link;
	uint64_t is;
};

struct replay_handle {
	struct {
		uint64_t was, nodeid; /* as recorded */
	} key;
	uint64_t is;			  /* of the last open, which is used */
	STAILQ_HEAD(, handle_open) opens; /* oldest first; owned */
	struct listing listing;		  /* of a directory */
	UT_hash_handle hh;
};

struct replay_handles {
	struct replay_handle *table; /* owned */
};

void handles_fini(struct replay_handles *h);

struct replay_handle *handles_find(const struct replay_handles *h,
    uint64_t was, uint64_t nodeid);

/* Opened once more.  E_NOMEM. */
int handles_enter(struct replay_handles *h, uint64_t was, uint64_t nodeid,
    uint64_t is) ERR_MUSTCHECK;

/* Closed once: today's handle of the oldest open, which is to be closed. */
uint64_t handles_close(struct replay_handles *h, struct replay_handle *handle);

#endif
