/* SPDX-License-Identifier: ISC */
#include "passthrough/slot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_FIRST_CAP 64u

/* Generations that there are, 1 .. GENERATIONS. */
#define GENERATIONS (UINT32_MAX - 1)

void
slot_init(struct slot_table *t, uint32_t max, uint32_t seed)
{
	memset(t, 0, sizeof(*t));
	t->max = max < SLOT_MAX ? max : SLOT_MAX;
	t->free = SLOT_MAX;
	t->first = seed % GENERATIONS + 1;
}

void
slot_fini(struct slot_table *t)
{
	free(t->v);
	t->v = NULL;
	t->cap = t->used = 0;
	t->free = SLOT_MAX;
}

/* Twice the places, all new ones free, lowest first. */
static int
slot_grow(struct slot_table *t)
{
	uint32_t cap = t->cap == 0 ? SLOT_FIRST_CAP : t->cap * 2, i;
	struct slot *v;

	if (cap > t->max)
		cap = t->max;
	if ((v = realloc(t->v, cap * sizeof(*v))) == NULL)
		return ENOMEM;
	for (i = cap; i-- > t->cap;) {
		v[i].object = NULL;
		v[i].generation = t->first;
		v[i].next = t->free;
		t->free = i;
	}
	t->v = v;
	t->cap = cap;
	return 0;
}

int
slot_add(struct slot_table *t, void *object, uint64_t *id)
{
	struct slot *s;
	uint32_t i;
	int r;

	*id = 0;
	if (t->used >= t->max)
		return ENFILE;
	if (t->free == SLOT_MAX && (r = slot_grow(t)) != 0)
		return r;
	i = t->free;
	s = &t->v[i];
	t->free = s->next;
	s->object = object;
	t->used++;
	*id = (uint64_t)s->generation << 32 | i;
	return 0;
}

static struct slot *
slot_of(const struct slot_table *t, uint64_t id)
{
	uint32_t i = (uint32_t)id;
	struct slot *s;

	if (i >= t->cap)
		return NULL;
	s = &t->v[i];
	if (s->object == NULL || s->generation != id >> 32)
		return NULL;
	return s;
}

void *
slot_find(const struct slot_table *t, uint64_t id)
{
	const struct slot *s = slot_of(t, id);

	return s == NULL ? NULL : s->object;
}

void *
slot_take(struct slot_table *t, uint64_t id)
{
	struct slot *s = slot_of(t, id);
	void *object;

	if (s == NULL)
		return NULL;
	object = s->object;
	s->object = NULL;
	if (s->generation++ == GENERATIONS)
		s->generation = 1;
	s->next = t->free;
	t->free = (uint32_t)id;
	t->used--;
	return object;
}

/*
 * How many generations a place is ahead of one never used.  What looks like
 * more than half of all is behind: held since before `first` was raised.
 */
static uint32_t
slot_age(const struct slot_table *t, const struct slot *s)
{
	uint32_t age = s->generation - t->first;

	if (s->generation < t->first)
		age += GENERATIONS;
	return age > GENERATIONS / 2 ? 0 : age;
}

void
slot_shrink(struct slot_table *t)
{
	uint32_t cap = t->cap, age = 0, i;
	struct slot *v;

	while (cap > SLOT_FIRST_CAP && t->v[cap - 1].object == NULL)
		cap--;
	if (cap == t->cap)
		return;
	/* A place that comes back starts where the oldest of them ended. */
	for (i = cap; i < t->cap; i++)
		if (slot_age(t, &t->v[i]) > age)
			age = slot_age(t, &t->v[i]);
	t->first = (uint32_t)(((uint64_t)t->first - 1 + age) % GENERATIONS) +
	    1;
	t->cap = cap;
	if ((v = realloc(t->v, cap * sizeof(*v))) != NULL)
		t->v = v;
	t->free = SLOT_MAX;
	for (i = cap; i-- > 0;)
		if (t->v[i].object == NULL) {
			t->v[i].next = t->free;
			t->free = i;
		}
}

void *
slot_each(const struct slot_table *t, uint32_t *at)
{
	while (*at < t->cap) {
		void *object = t->v[(*at)++].object;

		if (object != NULL)
			return object;
	}
	return NULL;
}
