/* SPDX-License-Identifier: ISC */
#include "trace/kept.h"

#include <stdlib.h>
#include <string.h>

#define CAP_LEAST 4096

void
kept_add(struct kept *k, uint64_t record)
{
	size_t want = (size_t)(record / 8) + 1, cap;
	uint8_t *p;

	if (record == KEPT_NONE)
		return;
	if (want > k->cap) {
		cap = want + want / 2 + CAP_LEAST;
		if ((p = realloc(k->bits, cap)) == NULL) {
			k->failed = 1;
			return;
		}
		memset(p + k->cap, 0, cap - k->cap);
		k->bits = p;
		k->cap = cap;
	}
	k->bits[record / 8] |= (uint8_t)(1 << record % 8);
}

void
kept_add_spot(struct kept *k, const struct spot *s)
{
	kept_add(k, s->request);
	kept_add(k, s->reply);
	kept_add(k, s->caller);
}

int
kept_has(const struct kept *k, uint64_t record)
{
	return record / 8 < k->cap && (k->bits[record / 8] >> record % 8 & 1);
}

void
kept_fini(struct kept *k)
{
	free(k->bits);
	k->bits = NULL;
	k->cap = 0;
}
