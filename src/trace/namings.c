/* SPDX-License-Identifier: ISC */
#include "trace/namings.h"

#include <stdlib.h>

#include "base/table.h"
#include "wire/dirent.h"
#include "wire/head.h"
#include "wire/ops.h"

struct naming {
	struct spot spot;
	uint64_t parent;
	int kept;
	struct naming *before; /* owned */
};

struct node_id { /* without padding: it is a key */
	uint64_t session, number;
};

struct named_node {
	struct table_entry entry;
	struct node_id id;
	uint64_t lookups;
	struct naming *last;	 /* owned; a kept one has kept ones before */
	struct named_node *todo; /* borrowed: a list while keeping */
	int is_todo;
};

static struct named_node *
node_find(struct namings *g, uint64_t session, uint64_t id)
{
	const struct node_id key = { session, id };

	return table_find(g->nodes, &key, sizeof(key));
}

static void
node_push(struct named_node **todo, struct named_node *n)
{
	if (n == NULL || n->is_todo)
		return;
	n->is_todo = 1;
	n->todo = *todo;
	*todo = n;
}

void
namings_keep(struct namings *g, uint64_t session, uint64_t id)
{
	struct named_node *todo = NULL, *n;
	struct naming *w;

	node_push(&todo, node_find(g, session, id));
	while ((n = todo) != NULL) {
		todo = n->todo;
		n->is_todo = 0;
		for (w = n->last; w != NULL && !w->kept; w = w->before) {
			w->kept = 1;
			kept_add_spot(g->kept, &w->spot);
			node_push(&todo, node_find(g, session, w->parent));
		}
	}
}

static void
node_free(struct namings *g, struct named_node *n)
{
	struct naming *w;

	while ((w = n->last) != NULL) {
		n->last = w->before;
		free(w);
	}
	table_drop(&g->nodes, n);
}

static struct named_node *
name_node(struct namings *g, uint64_t session, uint64_t id, uint64_t parent,
    const struct spot *spot)
{
	struct naming *w = malloc(sizeof(*w));
	const struct node_id key = { session, id };
	struct named_node *n;

	n = table_get(&g->nodes, &key, sizeof(key), sizeof(*n));
	if (w == NULL || n == NULL) {
		free(w);
		g->kept->failed = 1;
		return NULL;
	}
	*w = (struct naming){ .spot = *spot,
		.parent = parent,
		.before = n->last };
	n->last = w;
	return n;
}

/* An entry that a reply has. */
static void
learn_entry(struct namings *g, const struct call *call, struct span name,
    uint64_t id, const struct spot *spot)
{
	struct named_node *n;

	if (id == 0 || id == WIRE_ROOT_ID)
		return;
	if (paths_find(call->conn->paths, call->nodeid, name) != id)
		name_node(g, call->conn->id, id, call->nodeid, spot);
	if ((n = node_find(g, call->conn->id, id)) != NULL)
		n->lookups++;
}

static void
learn_listing(struct namings *g, const struct call *call, struct span m,
    const struct spot *spot)
{
	struct span rest = span_from(m, WIRE_REP_HEADER);
	struct wire_dirent d;

	while (wire_dirent_next(&call->conn->proto, 1, &rest, &d) > 0)
		learn_entry(g, call, d.name,
		    get_u64(d.entry, OFF_fuse_entry_out_nodeid), spot);
}

/* The entry is gone, or goes to `parent`. */
static void
learn_move(struct namings *g, const struct call *call, uint64_t dir,
    struct span name, uint64_t parent, const struct spot *spot)
{
	uint64_t id = paths_find(call->conn->paths, dir, name);

	if (id != 0)
		name_node(g, call->conn->id, id, parent, spot);
}

/* Learn the same as learn_reply(), which is called after this. */
void
namings_learn(struct namings *g, const struct call *call, struct span m,
    const struct spot *spot)
{
	switch (call->opcode) {
	case FUSE_OP_READDIRPLUS:
		learn_listing(g, call, m, spot);
		break;
	case FUSE_OP_UNLINK:
	case FUSE_OP_RMDIR:
		learn_move(g, call, call->nodeid, call->name[0], call->nodeid,
		    spot);
		break;
	case FUSE_OP_RENAME:
	case FUSE_OP_RENAME2:
	case FUSE_OP_EXCHANGE:
		learn_move(g, call, call->nodeid, call->name[0], call->newdir,
		    spot);
		learn_move(g, call, call->newdir, call->name[1], call->nodeid,
		    spot);
		break;
	default:
		if (op_flags(op_find(call->opcode)) & OP_ENTRY)
			learn_entry(g, call, call->name[0],
			    get_u64(m, REP_OFF(fuse_entry_out, nodeid)), spot);
		break;
	}
}

void
namings_note_node(struct namings *g, uint64_t session,
    const struct paths_node *node, uint64_t record)
{
	const struct spot spot = { record, KEPT_NONE, KEPT_NONE };
	struct named_node *n;

	/* A node that is known was read from the earlier file. */
	if (node->id == 0 || node->id == WIRE_ROOT_ID ||
	    node_find(g, session, node->id) != NULL)
		return;
	n = name_node(g, session, node->id, node->parent, &spot);
	if (n != NULL)
		n->lookups = node->lookups;
}

void
namings_forget(struct namings *g, const struct call *call, struct span m)
{
	struct named_node *n;
	struct op_forget f;
	size_t at = 0;

	while (op_forget_next(m, &at, &f)) {
		n = node_find(g, call->conn->id, f.nodeid);
		if (n != NULL && n->lookups > f.nlookup)
			n->lookups -= f.nlookup;
		else if (n != NULL)
			node_free(g, n);
	}
}

void
namings_init(struct namings *g, struct kept *kept)
{
	g->nodes = NULL;
	g->kept = kept;
}

void
namings_fini(struct namings *g)
{
	while (g->nodes != NULL)
		node_free(g, (void *)g->nodes);
}
