/* SPDX-License-Identifier: ISC */
#include "channel/shaping.h"

#include <string.h>
#include <sys/random.h>

#include "base/number.h"

#define SHAPING_DELAY_MAX 10000000 /* us */
#define SHAPING_PIECE_MAX (64u * 1024 * 1024)
#define SHAPING_SEEDS 1000000

/* MIN-MAX, or "none". */
static int
shaping_fragment(struct shape *s, const char *text)
{
	uint64_t min, max;
	const char *end;

	if (strcmp(text, "none") == 0) {
		s->kind = SHAPE_WHOLE;
		return E_OK;
	}
	if (number_take(text, 1, SHAPING_PIECE_MAX, &min, &end) != E_OK ||
	    *end != '-' ||
	    number_parse(end + 1, min, SHAPING_PIECE_MAX, &max) != E_OK)
		return E_VALUE;
	s->kind = SHAPE_RANGE;
	s->min = (size_t)min;
	s->max = (size_t)max;
	return E_OK;
}

int
shaping_take(struct shaping *s, const char *name, const char *value)
{
	if (strcmp(name, "fragment") == 0)
		return shaping_fragment(&s->shape, value);
	if (strcmp(name, "coalesce") == 0) {
		s->coalesced = 1;
		return number_unsigned(value, 1, SHAPE_COALESCE_MAX,
		    &s->shape.coalesce);
	}
	if (strcmp(name, "delay") == 0)
		return number_unsigned(value, 0, SHAPING_DELAY_MAX, &s->delay);
	if (strcmp(name, "short-writes") == 0) {
		s->short_writes = 1;
		return E_OK;
	}
	if (strcmp(name, "seed") == 0) {
		s->seeded = 1;
		return number_parse(value, 0, UINT64_MAX, &s->shape.seed);
	}
	return E_UNSUP;
}

void
shaping_settle(struct shaping *s)
{
	if (s->shape.kind != SHAPE_FUSET && !s->coalesced)
		s->shape.coalesce = 1;
}

void
shaping_draw_seed(struct shaping *s)
{
	if (s->seeded)
		return;
	if (getentropy(&s->shape.seed, sizeof(s->shape.seed)) == -1)
		s->shape.seed = 1;
	s->shape.seed %= SHAPING_SEEDS;
}
