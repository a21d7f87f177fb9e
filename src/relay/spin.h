/* SPDX-License-Identifier: ISC */
/*
 * Should the loop look again at once, or sleep until something happens?
 *
 * Going to sleep and being woken takes longer than the other side often
 * needs for its next message, so after traffic the loop looks again for a
 * short while.  Where that finds nothing several times running, only one
 * burst in 2, 4, ... 64 is followed by a look.  Whether a daemon answers
 * soon says nothing about how soon the front asks again: the two are judged
 * apart, by who spoke last.  Without traffic the loop sleeps, at no cost.
 *
 * Policy alone: no clock, no loop.
 */
#ifndef FR_RELAY_SPIN_H
#define FR_RELAY_SPIN_H

#include <stdint.h>

/* Looks in vain that are taken for bad luck, and the last doubling. */
#define SPIN_MISSES_FREE 3
#define SPIN_MISSES_MAX (SPIN_MISSES_FREE + 6)

enum spin_side {
	SPIN_FRONT,
	SPIN_DEVICE
};

enum spin_answer {
	SPIN_SLEEP,  /* wait until something happens */
	SPIN_LOOK,   /* look at once, there was traffic just now */
	SPIN_LOOK_ON /* look once more; give others the processor first */
};

struct spin {
	uint64_t limit_ns;    /* how long to look; 0: never */
	uint64_t until_ns;    /* looking until then; 0: not looking */
	enum spin_side spoke; /* last, that is whose peer is waited for */
	int traffic;	      /* since the last answer */
	struct spin_luck {
		unsigned misses; /* looks in vain in a row */
		unsigned skip;	 /* bursts to let pass without a look */
	} luck[2];
};

void spin_init(struct spin *sp, unsigned limit_usec);

/* Messages, or a part of one, were read from this side. */
void spin_traffic(struct spin *sp, enum spin_side side);

/* Ask after each turn of the loop.  now_ns is any clock that only goes
 * forward, never 0. */
enum spin_answer spin_again(struct spin *sp, uint64_t now_ns);

#endif
