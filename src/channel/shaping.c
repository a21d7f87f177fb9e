/* SPDX-License-Identifier: ISC */
#include "channel/shaping.h"

#include <string.h>
#include <sys/random.h>

#include "base/number.h"

#define OPTION_INTO struct shaping
#define SHAPING_DELAY_MAX 10000000 /* us */
#define SHAPING_PIECE_MAX (64u * 1024 * 1024)
#define SHAPING_SEEDS 1000000

/* MIN-MAX, or "none". */
static int
shaping_fragment(void *into, struct option_given *g)
{
	struct shape *s = &((struct shaping *)into)->shape;
	uint64_t min, max;
	const char *end;

	if (strcmp(g->value, "none") == 0) {
		s->kind = SHAPE_WHOLE;
		return E_OK;
	}
	if (number_take(g->value, 1, SHAPING_PIECE_MAX, &min, &end) != E_OK ||
	    *end != '-' ||
	    number_parse(end + 1, min, SHAPING_PIECE_MAX, &max) != E_OK)
		return option_wrong(g, "should be MIN-MAX, 1 to %u, or none",
		    SHAPING_PIECE_MAX);
	s->kind = SHAPE_RANGE;
	s->min = (size_t)min;
	s->max = (size_t)max;
	return E_OK;
}

#define ROW(name, arg, help, ...) \
	OPT(name, 0, arg, OPTION_ALL, help, __VA_ARGS__)

static const struct option_row rows[] = {
	ROW("fragment", "MIN-MAX",
	    "cut what is written into pieces of so many bytes",
	    OPT_CALL(shaping_fragment)),
	ROW("coalesce", "N", "glue up to N waiting requests together",
	    OPT_NUMBER(shape.coalesce, 1, SHAPE_COALESCE_MAX),
	    OPT_GIVEN(coalesced)),
	ROW("delay", "USEC", "wait between pieces",
	    OPT_NUMBER(delay, 0, SHAPING_DELAY_MAX)),
	ROW("short-writes", NULL,
	    "read replies slowly, so that writing them is cut short",
	    OPT_GIVEN(short_writes)),
	ROW("seed", "N", "same seed, same cuts",
	    OPT_NUMBER(shape.seed, 0, UINT64_MAX), OPT_GIVEN(seeded)),
};

struct option_table
shaping_options(struct shaping *s)
{
	return (struct option_table){ rows, sizeof(rows) / sizeof(rows[0]), s,
		NULL };
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
