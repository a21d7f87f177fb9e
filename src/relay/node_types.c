/* SPDX-License-Identifier: ISC */
#include "relay/node_types.h"

#include <stdlib.h>
#include <string.h>

#include "wire/errors.h"
#include "wire/node_type.h"

#define PLACES_BITS 14

struct node_place {
	uint64_t nodeid;  /* 0: empty */
	uint32_t type;	  /* S_IFMT bits */
	uint32_t lookups; /* less what FORGETs took back; at least */
};

void
node_types_init(struct node_types *t)
{
	/* (Places that are not used take no memory.) */
	t->places = calloc((size_t)1 << PLACES_BITS, sizeof(*t->places));
}

void
node_types_fini(struct node_types *t)
{
	free(t->places);
	t->places = NULL;
}

static struct node_place *
place_of(struct node_types *t, uint64_t nodeid)
{
	/* (Ids are numbers in a row, or addresses.) */
	return &t->places[nodeid * UINT64_C(0x9e3779b97f4a7c15) >>
	    (64 - PLACES_BITS)];
}

void
node_types_request(struct node_types *t, uint32_t opcode, struct span m)
{
	struct node_place *p;
	struct op_forget f;
	size_t at = 0;

	if (t->places == NULL ||
	    (opcode != FUSE_OP_FORGET && opcode != FUSE_OP_BATCH_FORGET))
		return;
	while (op_forget_next(m, &at, &f)) {
		p = place_of(t, f.nodeid);
		if (p->nodeid != f.nodeid)
			continue;
		if (p->lookups > f.nlookup)
			p->lookups -= (uint32_t)f.nlookup;
		else
			memset(p, 0, sizeof(*p));
	}
}

/* 1: the kernel has another type of the node.  It takes the new one with an
 * entry only; else it keeps what it has. */
static int
place_learn(struct node_place *p, const struct wire_node_type *n)
{
	int known = p->nodeid == n->nodeid;
	int other = known && p->type != n->type;

	if (!known) {
		p->nodeid = n->nodeid;
		p->lookups = 0;
	}
	if (!known || n->entry)
		p->type = n->type;
	p->lookups += n->entry && p->lookups < UINT32_MAX;
	return other;
}

int
node_types_reply(struct node_types *t, const struct wire_proto *pr,
    uint32_t opcode, uint64_t nodeid, struct span reply)
{
	struct wire_node_type n;
	int other = 0;
	size_t at = 0;

	if (t->places == NULL || wire_proto_system(pr) != WIRE_ON_LINUX)
		return 0;
	while (wire_node_type_next(pr, opcode, nodeid, reply, &at, &n))
		other |= place_learn(place_of(t, n.nodeid), &n);
	return other;
}
