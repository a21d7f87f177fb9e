/* SPDX-License-Identifier: ISC */
#include "channel/pending.h"

#include <stdlib.h>

struct pending_call *
pending_find(const struct pending *p, uint64_t unique)
{
	return numbered_find(p->table, unique);
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
	call->unique.number = unique;
	call->expect = *e;
	call->user = user;
	if (numbered_add(&p->table, &call->unique) != E_OK) {
		free(call);
		return E_NOMEM;
	}
	return E_OK;
}

void
pending_remove(struct pending *p, struct pending_call *call)
{
	numbered_remove(&p->table, &call->unique);
	free(call);
}

void
pending_forget(struct pending *p, const void *user)
{
	struct numbered *one;
	struct pending_call *call;

	for (one = p->table; one != NULL; one = numbered_next(one)) {
		call = (void *)one;
		if (call->user == user)
			call->user = NULL;
	}
}

unsigned
pending_count(const struct pending *p)
{
	return numbered_count(p->table);
}

void
pending_fini(struct pending *p)
{
	numbered_free(&p->table);
}
