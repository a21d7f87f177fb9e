/* SPDX-License-Identifier: ISC */
#include "serve/ending.h"

/* What is done at each step of a stage, by the way that was taken first. */
static const unsigned ending_always[][ENDING_LAST + 1] = {
	[ENDING_BY_READ] = { ENDING_TELL, ENDING_TELL, ENDING_TELL },
	[ENDING_BY_FOLLOW] = { ENDING_CLOSE, ENDING_CLOSE, ENDING_CLOSE },
	[ENDING_BY_TERM] = { 0, 0, 0 },
	[ENDING_BY_EOF] = { ENDING_CLOSE, ENDING_CLOSE, ENDING_CLOSE },
};

/* What is done once, when it did not end by that. */
static const unsigned ending_then[] = {
	[ENDING_BY_READ] = ENDING_TERM | ENDING_CLOSE,
	[ENDING_BY_FOLLOW] = ENDING_LEAVE | ENDING_TERM | ENDING_CLOSE,
	[ENDING_BY_TERM] = ENDING_CLOSE,
	[ENDING_BY_EOF] = ENDING_TERM | ENDING_CLOSE,
};

struct ending
ending_begin(const struct ending_ways *w, void *arg)
{
	struct ending e = { .stage = ENDING_FIRST };

	if (w->read(arg) > 0)
		e.way = ENDING_BY_READ;
	else if (w->follow(arg) > 0)
		e.way = ENDING_BY_FOLLOW;
	else if (w->term(arg) > 0)
		e.way = ENDING_BY_TERM;
	else
		e.way = ENDING_BY_EOF;
	return e;
}

int
ending_follows(const struct ending *e)
{
	return e->way == ENDING_BY_FOLLOW && e->stage == ENDING_FIRST;
}

unsigned
ending_step(struct ending *e, long age_s, int held)
{
	unsigned acts;

	if (e->stage == ENDING_OVER)
		return 0;
	if (!held) {
		acts = ENDING_NAME_STRANGERS | ENDING_CLOSE |
		    (ending_follows(e) ? ENDING_LEAVE : 0);
		e->stage = ENDING_OVER;
		return acts;
	}
	acts = ending_always[e->way][e->stage];
	if (e->stage == ENDING_FIRST && age_s >= ENDING_SECOND_S) {
		e->stage = ENDING_SECOND;
		acts |= ending_then[e->way];
	} else if (e->stage == ENDING_SECOND && age_s >= ENDING_KILL_S) {
		e->stage = ENDING_LAST;
		acts |= ENDING_KILL;
	}
	return acts;
}
