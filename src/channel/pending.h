/* SPDX-License-Identifier: ISC */
/* The requests that the daemon has and has not answered. */
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

/* Take it out; it is freed. */
void pending_remove(struct pending *p, struct pending_call *call);

/* No call has this asker any more. */
void pending_forget(struct pending *p, const void *user);

unsigned pending_count(const struct pending *p);
void pending_fini(struct pending *p);

#endif
