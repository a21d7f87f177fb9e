/* SPDX-License-Identifier: ISC */
#include "replay/listing.h"

#include <stdlib.h>
#include <string.h>

#include "wire/head.h"

#define HIDDEN ".fuse_hidden"
#define CAP_FIRST 64

struct span
listing_name(const struct listing_entry *e)
{
	return (struct span){ e->bytes + e->head, e->len };
}

struct span
listing_head(const struct listing_entry *e)
{
	return (struct span){ e->bytes, e->head };
}

int
listing_is_dot(const struct listing_entry *e)
{
	return e->len <= 2 && memcmp(e->bytes + e->head, "..", e->len) == 0;
}

int
listing_is_entry(const struct listing_entry *e)
{
	return !listing_is_dot(e) &&
	    (e->len < sizeof(HIDDEN) - 1 ||
		memcmp(e->bytes + e->head, HIDDEN, sizeof(HIDDEN) - 1) != 0);
}

/* Remove all but the first n entries. */
static void
half_cut(struct listing_half *h, size_t n)
{
	struct listing_entry *e;

	while (h->n > n) {
		e = h->entries[--h->n];
		if (e->found)
			HASH_DELETE(hh, h->names, e);
		free(e);
	}
	h->ended = 0;
}

void
listing_fini(struct listing *l)
{
	size_t i;

	for (i = 0; i < LISTING_SIDES; i++) {
		half_cut(&l->half[i], 0);
		free(l->half[i].entries);
		l->half[i].entries = NULL;
	}
}

uint64_t
listing_end(const struct listing *l)
{
	const struct listing_half *h = &l->half[LISTING_IS];

	return h->n == 0 ? 0 : h->entries[h->n - 1]->off;
}

uint64_t
listing_seek(struct listing *l, uint64_t was, uint64_t record)
{
	struct listing_half *h = &l->half[LISTING_WAS];
	struct listing_half *is = &l->half[LISTING_IS];
	size_t n;

	if (was == 0) {
		half_cut(h, 0);
		half_cut(is, 0);
		l->whole = 1;
		l->since = record;
		return 0;
	}
	if (h->n > 0 && h->entries[h->n - 1]->off == was)
		return listing_end(l);
	for (n = h->n; n > 0 && h->entries[n - 1]->off != was; n--)
		;
	if (n == 0) {
		l->whole = 0;
		return was;
	}
	half_cut(h, n);
	if (n < is->n)
		half_cut(is, n);
	return listing_end(l);
}

static int
half_room(struct listing_half *h)
{
	size_t cap = h->cap == 0 ? CAP_FIRST : 2 * h->cap;
	struct listing_entry **p;

	if (h->n < h->cap)
		return E_OK;
	if (h->n >= LISTING_MAX)
		return E_FULL;
	if ((p = realloc(h->entries, cap * sizeof(*p))) == NULL)
		return E_NOMEM;
	h->entries = p;
	h->cap = cap;
	return E_OK;
}

static struct listing_entry *
half_find(const struct listing_half *h, struct span name)
{
	struct listing_entry *e;

	HASH_FIND(hh, h->names, name.p, name.len, e);
	return e;
}

static int
half_put(struct listing_half *h, const struct wire_dirent *d)
{
	struct listing_entry *e;
	int r;

	if ((r = half_room(h)) != E_OK)
		return r;
	e = calloc(1, sizeof(*e) + d->entry.len + d->name.len);
	if (e == NULL)
		return E_NOMEM;
	e->off = d->off;
	e->nodeid = get_u64(d->entry, OFF_fuse_entry_out_nodeid);
	e->type = d->type;
	e->head = (uint16_t)d->entry.len;
	e->len = (uint16_t)d->name.len;
	if (e->head > 0)
		memcpy(e->bytes, d->entry.p, e->head);
	memcpy(e->bytes + e->head, d->name.p, e->len);
	/* If two entries have one name, the first one is found. */
	if (half_find(h, listing_name(e)) == NULL) {
		HASH_ADD_KEYPTR(hh, h->names, e->bytes + e->head, e->len, e);
		if (e->hh.tbl == NULL) {
			free(e);
			return E_NOMEM;
		}
		e->found = 1;
	}
	h->entries[h->n++] = e;
	return E_OK;
}

int
listing_add(struct listing *l, enum listing_side side,
    const struct wire_proto *pr, int plus, struct span body, size_t *first)
{
	struct listing_half *h = &l->half[side];
	struct wire_dirent d;
	int r;

	*first = h->n;
	if (body.len == 0)
		h->ended = 1;
	while ((r = wire_dirent_next(pr, plus, &body, &d)) > 0)
		if ((r = half_put(h, &d)) != E_OK)
			break;
	return r;
}

const struct listing_entry *
listing_find(const struct listing *l, enum listing_side side, struct span name)
{
	return half_find(&l->half[side], name);
}
