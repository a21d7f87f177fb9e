/* SPDX-License-Identifier: ISC */
/*
 * The file handles of the recorded session, and the handles of the new session
 * that stand for them.  A file system may give the same handle to any number
 * of opens.  So a recorded handle is known by its node, too, and has as many
 * new handles as it has opens.
 */
#ifndef FR_REPLAY_HANDLES_H
#define FR_REPLAY_HANDLES_H

#include <sys/queue.h>

#include "base/table.h"
#include "replay/listing.h"

struct handle_open {
	STAILQ_ENTRY(handle_open) link;
	uint64_t is;
};

struct replay_handle {
	struct table_entry entry;
	struct {
		uint64_t was, nodeid; /* as recorded */
	} key;
	uint64_t is;			  /* of the last open, which is used */
	STAILQ_HEAD(, handle_open) opens; /* oldest first; owned */
	struct listing listing;		  /* of a directory */
};

struct replay_handles {
	struct table_entry *table; /* owned */
};

void handles_fini(struct replay_handles *h);

struct replay_handle *handles_find(const struct replay_handles *h,
    uint64_t was, uint64_t nodeid);

/* The handle was opened once more.  E_NOMEM. */
int handles_enter(struct replay_handles *h, uint64_t was, uint64_t nodeid,
    uint64_t is) ERR_MUSTCHECK;

/* The handle is closed once: the new handle of its oldest open, which is to be
 * closed. */
uint64_t handles_close(struct replay_handles *h, struct replay_handle *handle);

#endif
