/* SPDX-License-Identifier: ISC */
#include "trace/ring.h"

#include <stdlib.h>
#include <string.h>

static void
ring_record(struct trace_sink *s, const struct trace_record *r)
{
	struct ring *g = (struct ring *)(void *)s; /* first member */
	struct ring_slot *slot;

	if (r->kind == TRACE_CHUNK)
		return;
	slot = &g->slots[g->count++ & (RING_SLOTS - 1)];
	slot->r = *r;
	if (slot->r.kept > RING_KEEP)
		slot->r.kept = RING_KEEP;
	memcpy(slot->kept, r->m.p, slot->r.kept);
	if (r->proto != NULL)
		slot->proto = *r->proto;
}

int
ring_init(struct ring *g)
{
	memset(g, 0, sizeof(*g));
	g->sink.record = ring_record;
	g->slots = calloc(RING_SLOTS, sizeof(*g->slots));
	return g->slots == NULL ? E_NOMEM : E_OK;
}

void
ring_fini(struct ring *g)
{
	free(g->slots);
	g->slots = NULL;
}

int
ring_replay(const struct ring *g, struct trace_sink *to)
{
	uint64_t i = g->count > RING_SLOTS ? g->count - RING_SLOTS : 0;
	const struct ring_slot *slot;
	struct trace_record r;
	struct inflate inflate;
	int ret;

	if ((ret = inflate_init(&inflate)) != E_OK)
		return ret;
	for (; i < g->count; i++) {
		slot = &g->slots[i & (RING_SLOTS - 1)];
		r = slot->r;
		if (r.m.len > INFLATE_MAX)
			r.m.len = INFLATE_MAX;
		r.m = inflate_message(&inflate,
		    (struct span){ slot->kept, r.kept }, r.m.len);
		if (r.proto != NULL)
			r.proto = &slot->proto;
		r.expect = NULL;
		to->record(to, &r);
	}
	inflate_fini(&inflate);
	return E_OK;
}
