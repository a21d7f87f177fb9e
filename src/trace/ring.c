/* SPDX-License-Identifier: ISC */
#include "trace/ring.h"

#include <stdlib.h>
#include <string.h>

#include "trace/padded.h"
#include "wire/describe.h"
#include "wire/head.h"
#include "wire/ops.h"

#define CUT "..." /* the end of a name that was too long to be kept */

/* A record, without the members that are not printed of the last messages. */
struct ring_slot {
	uint64_t mono_ns;
	uint64_t proto_flags;
	uint32_t session, len, first, index;
	uint16_t flags;
	uint8_t kind, kept;
	uint8_t has_proto, dialect, minor, on_darwin;
	uint8_t bytes[RING_KEEP];
};

_Static_assert(RING_KEEP <= UINT8_MAX, "ring_slot.kept");
_Static_assert(WIRE_MINOR_NEWEST <= UINT8_MAX, "ring_slot.minor");

/* Bytes of the record's message in front of file data. */
static size_t
ring_head(const struct trace_record *r)
{
	if (r->kind == TRACE_REQUEST && r->m.len >= WIRE_REQ_HEADER &&
	    head_opcode(r->m) == FUSE_OP_WRITE)
		return WIRE_WRITE_HEAD;
	if (r->kind == TRACE_REPLY && r->expect != NULL &&
	    r->expect->opcode == FUSE_OP_READ)
		return WIRE_REP_HEADER;
	return RING_KEEP;
}

void
ring_put(struct ring *g, const struct trace_record *r)
{
	struct ring_slot *slot;
	size_t kept = ring_head(r);

	if (r->kind == TRACE_CHUNK)
		return;
	slot = &g->slots[g->count++ & (RING_SLOTS - 1)];
	if (kept > r->kept)
		kept = r->kept;
	slot->mono_ns = r->mono_ns;
	slot->session = r->session;
	slot->len = (uint32_t)r->m.len;
	slot->first = r->first;
	slot->index = r->index;
	slot->flags = r->flags;
	slot->kind = r->kind;
	slot->kept = (uint8_t)kept;
	memcpy(slot->bytes, r->m.p, kept);
	slot->has_proto = r->proto != NULL;
	if (r->proto != NULL) {
		slot->dialect = (uint8_t)r->proto->dialect;
		slot->minor = (uint8_t)r->proto->minor;
		slot->on_darwin = r->proto->on_darwin;
		slot->proto_flags = r->proto->flags;
	}
	if (r->kind == TRACE_END && (r->flags & TRACE_BAD) &&
	    g->ended_badly != NULL)
		g->ended_badly(g->arg);
}

int
ring_init(struct ring *g)
{
	memset(g, 0, sizeof(*g));
	g->slots = calloc(RING_SLOTS, sizeof(*g->slots));
	return g->slots == NULL ? E_NOMEM : E_OK;
}

void
ring_fini(struct ring *g)
{
	free(g->slots);
	g->slots = NULL;
}

/* Mark a name whose end was not kept, so that it does not look whole. */
static void
ring_mark_cut(struct padded *i, const struct trace_record *r)
{
	const size_t n = sizeof(CUT) - 1;
	struct span name[2];
	size_t end;
	int k;

	if (r->kind != TRACE_REQUEST || r->kept == r->m.len)
		return;
	wire_request_names(r->proto, r->m, name);
	for (k = 0; k < 2; k++) {
		if (name[k].len <= n)
			continue;
		end = (size_t)(name[k].p - r->m.p) + name[k].len;
		if (end == r->kept)
			memcpy(i->buf + end - n, CUT, n);
	}
}

int
ring_replay(const struct ring *g, uint64_t real_minus_mono,
    void (*record)(void *arg, const struct trace_record *r), void *arg)
{
	uint64_t i = g->count > RING_SLOTS ? g->count - RING_SLOTS : 0;
	struct padded padded;
	int ret;

	if ((ret = padded_init(&padded)) != E_OK)
		return ret;
	for (; i < g->count; i++) {
		const struct ring_slot *slot = &g->slots[i & (RING_SLOTS - 1)];
		struct wire_proto proto = { .dialect = slot->dialect,
			.minor = slot->minor,
			.flags = slot->proto_flags,
			.on_darwin = slot->on_darwin };
		struct trace_record r = { .kind = slot->kind,
			.flags = slot->flags,
			.session = slot->session,
			.mono_ns = slot->mono_ns,
			.real_ns = slot->mono_ns + real_minus_mono,
			.first = slot->first,
			.index = slot->index,
			.kept = slot->kept,
			.proto = slot->has_proto ? &proto : NULL };

		r.dir = r.kind == TRACE_REQUEST ? TRACE_TO_DAEMON :
						  TRACE_TO_FRONT;
		r.m = padded_message(&padded,
		    (struct span){ slot->bytes, slot->kept },
		    slot->len > PADDED_MAX ? PADDED_MAX : slot->len);
		if (slot->has_proto)
			ring_mark_cut(&padded, &r);
		record(arg, &r);
	}
	padded_fini(&padded);
	return E_OK;
}
