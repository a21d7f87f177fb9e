/* SPDX-License-Identifier: ISC */
#include "base/numbered.h"

#include <stdlib.h>

void *
numbered_find(const struct numbered *set, uint64_t number)
{
	struct numbered *one;

	HASH_FIND(hh, set, &number, sizeof(number), one);
	return one;
}

int
numbered_add(struct numbered **set, struct numbered *one)
{
	HASH_ADD(hh, *set, number, sizeof(one->number), one);
	return one->hh.tbl == NULL ? E_NOMEM : E_OK;
}

void
numbered_remove(struct numbered **set, struct numbered *one)
{
	HASH_DEL(*set, one);
}

void
numbered_free(struct numbered **set)
{
	struct numbered *one, *next;

	HASH_ITER (hh, *set, one, next) {
		HASH_DEL(*set, one);
		free(one);
	}
}

unsigned
numbered_count(const struct numbered *set)
{
	return HASH_COUNT(set);
}

struct numbered *
numbered_next(const struct numbered *one)
{
	return one->hh.next;
}
