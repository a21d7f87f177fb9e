/* SPDX-License-Identifier: ISC */
/* The requests that were sent to the daemon and have no reply yet. */
#ifndef FR_CHANNEL_PENDING_H
#define FR_CHANNEL_PENDING_H

#include "base/table.h"
#include "wire/check.h"

/* A kernel keeps far fewer; beyond it the daemon has stopped answering. */
#define PENDING_MAX 65536

struct pending_call {
	struct table_entry entry;
	uint64_t unique;
	struct wire_expect expect;
	void *user; /* the asker's, given back with the reply */
};

struct pending {
	struct table_entry *table; /* owned calls */
};

/* E_EXISTS (unique already in flight), E_FULL, E_NOMEM. */
int pending_add(struct pending *p, uint64_t unique,
    const struct wire_expect *e, void *user) ERR_MUSTCHECK;

/* The call of this unique, NULL if there is none. */
struct pending_call *pending_find(const struct pending *p, uint64_t unique);

/* Remove and free the call. */
void pending_remove(struct pending *p, struct pending_call *call);

/* Clear `user` in all calls that have it. */
void pending_forget(struct pending *p, const void *user);

unsigned pending_count(const struct pending *p);
void pending_fini(struct pending *p);

#endif
