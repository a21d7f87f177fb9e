/* SPDX-License-Identifier: ISC */
/* What the quirks remember, for their tests. */
#ifndef FR_TESTS_QUIRK_OWN_H
#define FR_TESTS_QUIRK_OWN_H

#include "quirk/quirk.h"

/* What the front was seen to send as offset; and as if it had sent none. */
static inline enum quirk_offsets
quirk_own_offsets(const struct quirks *q)
{
	return q->offsets;
}

static inline void
quirk_own_forget_offsets(struct quirks *q)
{
	q->offsets = OFFSETS_UNKNOWN;
}

/* Directories that are remembered. */
static inline unsigned
quirk_own_dirs(const struct quirks *q)
{
	unsigned i, n = 0;

	for (i = 0; i < QUIRK_DIRS; i++)
		n += q->dir[i].used != 0;
	return n;
}

#endif
