/* SPDX-License-Identifier: ISC */
#include "replay/nodes.h"

#include <stdlib.h>

#include "wire/proto.h"

int
nodes_init(struct replay_nodes *n)
{
	n->table = NULL;
	return nodes_enter(n, WIRE_ROOT_ID, WIRE_ROOT_ID);
}

void
nodes_fini(struct replay_nodes *n)
{
	numbered_free(&n->table);
}

struct replay_node *
nodes_find(const struct replay_nodes *n, uint64_t was)
{
	return numbered_find(n->table, was);
}

int
nodes_enter(struct replay_nodes *n, uint64_t was, uint64_t is)
{
	struct replay_node *node = nodes_find(n, was);

	if (node == NULL) {
		if ((node = calloc(1, sizeof(*node))) == NULL)
			return E_NOMEM;
		node->was.number = was;
		if (numbered_add(&n->table, &node->was) != E_OK) {
			free(node);
			return E_NOMEM;
		}
	}
	node->is = is;
	node->refs++;
	return E_OK;
}

/* Forgotten, and nobody needs it. */
static void
nodes_check(struct replay_nodes *n, struct replay_node *node)
{
	if (node->refs > 0 || node->pins > 0)
		return;
	numbered_remove(&n->table, &node->was);
	free(node);
}

void
nodes_forget(struct replay_nodes *n, uint64_t was, uint64_t count)
{
	struct replay_node *node = nodes_find(n, was);

	if (node == NULL || was == WIRE_ROOT_ID)
		return;
	node->refs = node->refs > count ? node->refs - count : 0;
	nodes_check(n, node);
}

void
nodes_pin(struct replay_node *node)
{
	node->pins++;
}

void
nodes_unpin(struct replay_nodes *n, struct replay_node *node)
{
	node->pins--;
	nodes_check(n, node);
}
