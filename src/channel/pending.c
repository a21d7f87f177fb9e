/* SPDX-License-Identifier: ISC */
/* A failed insertion must tell, not end the program. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->unique = 0)

#include "channel/pending.h"

#include <stdlib.h>

struct pending_call *
pending_find(const struct pending *p, uint64_t unique)
{
	struct pending_call *call;

	HASH_FIND(hh, p->table, &unique, sizeof(unique), call);
	return call;
}

int
pending_add(struct pending *p, uint64_t unique, const struct wire_expect *e,
    void *user)
{
	struct pending_call *call;

	if (pending_find(p, unique) != NULL)
		return E_EXISTS;
	if (pending_count(p) >= PENDING_MAX)
		return E_FULL;
	if ((call = calloc(1, sizeof(*call))) == NULL)
		return E_NOMEM;
	call->unique = unique;
	call->expect = *e;
	call->user = user;
	HASH_ADD(hh, p->table, unique, sizeof(call->unique), call);
	if (call->unique != unique) {
		free(call);
		return E_NOMEM;
	}
	return E_OK;
}

void
pending_remove(struct pending *p, struct pending_call *call)
{
	HASH_DEL(p->table, call);
	free(call);
}

unsigned
pending_count(const struct pending *p)
{
	return HASH_COUNT(p->table);
}

void
pending_fini(struct pending *p)
{
	struct pending_call *call, *next;

	HASH_ITER(hh, p->table, call, next) {
		HASH_DEL(p->table, call);
		free(call);
	}
}
