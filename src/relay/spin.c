/* SPDX-License-Identifier: ISC */
#include "relay/spin.h"

#include <string.h>

void
spin_init(struct spin *sp, unsigned limit_usec)
{
	memset(sp, 0, sizeof(*sp));
	sp->limit_ns = (uint64_t)limit_usec * 1000;
}

void
spin_traffic(struct spin *sp, enum spin_side side)
{
	/* A look that was under way has found something. */
	if (sp->until_ns != 0)
		memset(&sp->luck[sp->spoke], 0, sizeof(sp->luck[0]));
	sp->until_ns = 0;
	sp->spoke = side;
	sp->traffic = 1;
}

static enum spin_answer
spin_missed(struct spin *sp, struct spin_luck *l)
{
	sp->until_ns = 0;
	if (l->misses < SPIN_MISSES_MAX)
		l->misses++;
	if (l->misses > SPIN_MISSES_FREE)
		l->skip = (1u << (l->misses - SPIN_MISSES_FREE)) - 1;
	return SPIN_SLEEP;
}

enum spin_answer
spin_again(struct spin *sp, uint64_t now_ns)
{
	struct spin_luck *l = &sp->luck[sp->spoke];

	if (sp->traffic) {
		sp->traffic = 0;
		if (sp->limit_ns == 0)
			return SPIN_SLEEP;
		if (l->skip > 0) {
			l->skip--;
			return SPIN_SLEEP;
		}
		sp->until_ns = now_ns + sp->limit_ns;
		return SPIN_LOOK;
	}
	if (sp->until_ns == 0)
		return SPIN_SLEEP;
	if (now_ns < sp->until_ns)
		return SPIN_LOOK_ON;
	return spin_missed(sp, l);
}
