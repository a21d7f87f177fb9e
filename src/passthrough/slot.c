/* SPDX-License-Identifier: ISC */
#include "passthrough/slot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_FIRST_CAP 64u

void
slot_init(struct slot_table *t, uint32_t max, uint32_t seed)
{
	memset(t, 0, sizeof(*t));
	t->max = max < SLOT_MAX ? max : SLOT_MAX;
	t->free = SLOT_MAX;
	t->first = seed % (UINT32_MAX - 1) + 1;
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
	if (++s->generation == UINT32_MAX)
		s->generation = 1;
	s->next = t->free;
	t->free = (uint32_t)id;
	t->used--;
	return object;
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
