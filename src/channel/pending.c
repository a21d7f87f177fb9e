/* SPDX-License-Identifier: ISC */
#include "channel/pending.h"

struct pending_call *
pending_find(const struct pending *p, uint64_t unique)
{
	return table_find(p->table, &unique, sizeof(unique));
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
	call = table_get(&p->table, &unique, sizeof(unique), sizeof(*call));
	if (call == NULL)
		return E_NOMEM;
	call->expect = *e;
	call->user = user;
	return E_OK;
}

void
pending_remove(struct pending *p, struct pending_call *call)
{
	table_drop(&p->table, call);
}

void
pending_forget(struct pending *p, const void *user)
{
	struct pending_call *call = (void *)p->table;

	for (; call != NULL; call = table_next(call))
		if (call->user == user)
			call->user = NULL;
}

unsigned
pending_count(const struct pending *p)
{
	return (unsigned)table_count(p->table);
}

void
pending_fini(struct pending *p)
{
	table_free(&p->table);
}
