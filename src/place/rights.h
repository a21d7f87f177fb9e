/* SPDX-License-Identifier: ISC */
/* The rights of a thread, as /proc/TID/status tells them. */
#ifndef FR_PLACE_RIGHTS_H
#define FR_PLACE_RIGHTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Real, effective, saved, of the file system. */
struct place_ids {
	uid_t uid[4];
	gid_t gid[4];
};

struct place_rights {
	struct place_ids ids; /* as our user namespace numbers them */
	gid_t *groups;	      /* owned */
	size_t ngroups;
	uint64_t caps; /* in effect, in the thread's user namespace */
};

/* Fill in *r from the status below the thread's /proc directory.  E_SYS,
 * E_NOMEM, E_VALUE (no such text). */
int rights_read(int proc, struct place_rights *r) ERR_MUSTCHECK;

/* The same from a text; for tests. */
int rights_parse(const char *text, struct place_rights *r) ERR_MUSTCHECK;

/* Free the groups. */
void rights_fini(struct place_rights *r);

#endif
