/* SPDX-License-Identifier: ISC */
/* A small seeded generator: the same numbers on every machine. */
#ifndef FR_CHANNEL_RNG_H
#define FR_CHANNEL_RNG_H

#include <stdint.h>

/* The next number of the sequence that starts at *state. */
static inline uint64_t
rng_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A number from min to max, both possible. */
static inline uint64_t
rng_range(uint64_t *state, uint64_t min, uint64_t max)
{
	uint64_t n = rng_next(state);

	return max - min == UINT64_MAX ? n : min + n % (max - min + 1);
}

#endif
