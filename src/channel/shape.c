/* SPDX-License-Identifier: ISC */
#include "channel/shape.h"

#include <string.h>

#include "channel/rng.h"
#include "wire/ops.h"

/* FUSE-T's habits: data above the first size leaves in several pieces. */
#define SHAPE_SPLIT (128u * 1024)
#define SHAPE_SMALL 4096 /* requests up to this size are joined */
#define SHAPE_COALESCE 8

/* Waiting for the reader costs some 50 us: not for each of a million
 * pieces, but so often in a message. */
#define SHAPE_WAITS 16

void
shape_default(struct shape *s)
{
	memset(s, 0, sizeof(*s));
	s->kind = SHAPE_FUSET;
	s->coalesce = SHAPE_COALESCE;
	s->min = s->max = 1;
}

void
shape_begin(const struct shape *s, struct shape_msg *m, uint64_t ordinal,
    uint32_t opcode, size_t len)
{
	uint64_t mix = ordinal, pieces = 1;

	memset(m, 0, sizeof(*m));
	m->rng = s->seed ^ rng_next(&mix);
	m->len = len;
	if (s->kind == SHAPE_RANGE)
		pieces = 2 * len / (s->min + s->max) + 1;
	m->waits = (unsigned)(pieces / SHAPE_WAITS) + 1;
	if (s->kind != SHAPE_FUSET)
		return;
	if (opcode == FUSE_OP_WRITE && len > WIRE_WRITE_HEAD)
		m->head = WIRE_WRITE_HEAD;
	m->parts = 1;
	if (m->head != 0 && len > SHAPE_SPLIT)
		m->parts = (unsigned)rng_range(&m->rng, 2, 3);
}

/* The rest of the message is `left` bytes: cut off 1/5 to 3/5 of it. */
static size_t
shape_uneven(struct shape_msg *m, size_t left)
{
	if (m->parts <= 1 || left < 8)
		return left;
	m->parts--;
	return (size_t)rng_range(&m->rng, left / 5, left / 5 * 3);
}

size_t
shape_piece(const struct shape *s, struct shape_msg *m, size_t done, int *wait)
{
	size_t left = m->len - done;

	switch (s->kind) {
	case SHAPE_RANGE:
		*wait = rng_next(&m->rng) % m->waits == 0;
		return (size_t)rng_range(&m->rng, s->min, s->max);
	case SHAPE_FUSET:
		*wait = 1;
		if (done == 0 && m->head != 0)
			return (size_t)m->head;
		return shape_uneven(m, left);
	case SHAPE_WHOLE:
		break;
	}
	*wait = 0;
	return left;
}

/* Small requests that wait together are what FUSE-T joins. */
static int
shape_small(const struct shape_msg *m)
{
	return m->head == 0 && m->len <= SHAPE_SMALL;
}

size_t
shape_joins(const struct shape *s, const struct shape_msg *a,
    const struct shape_msg *b, unsigned n, size_t have, size_t want)
{
	if (n >= s->coalesce)
		return have;
	if (s->kind == SHAPE_RANGE)
		return want > have ? want : have;
	if (shape_small(a) && shape_small(b))
		return have + b->len;
	return have;
}
