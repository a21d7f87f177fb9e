/* SPDX-License-Identifier: ISC */
/*
 * Spinning: after traffic the event loop polls its descriptors for a short
 * while before it sleeps, because to sleep and to be woken often takes longer
 * than the peer needs for its next message.
 *
 * Where that finds nothing several times in a row, only one burst of traffic
 * in 2, 4, ... 64 is followed by it.  Whether a daemon answers soon says
 * nothing about how soon the front asks again: successes are counted for the
 * two apart, by which of them has sent something last.  Without traffic the
 * loop sleeps, and wakes up for nothing.
 *
 * This is the policy alone: it has no clock and no loop.
 */
#ifndef FR_RELAY_SPIN_H
#define FR_RELAY_SPIN_H

#include <stdint.h>

/* Failures in a row that change nothing, and that lead to the last doubling. */
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
