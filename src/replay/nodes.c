/* SPDX-License-Identifier: ISC */
#define HASH_NONFATAL_OOM 1
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
	struct replay_node *node, *next;

	HASH_ITER(hh, n->table, node, next) {
		HASH_DEL(n->table, node);
		free(node);
	}
}

struct replay_node *
nodes_find(const struct replay_nodes *n, uint64_t was)
{
	struct replay_node *node;

	HASH_FIND(hh, n->table, &was, sizeof(was), node);
	return node;
}

int
nodes_enter(struct replay_nodes *n, uint64_t was, uint64_t is)
{
	struct replay_node *node = nodes_find(n, was);

	if (node == NULL) {
		if ((node = calloc(1, sizeof(*node))) == NULL)
			return E_NOMEM;
		node->was = was;
		HASH_ADD(hh, n->table, was, sizeof(node->was), node);
		if (node->hh.tbl == NULL) {
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
	HASH_DEL(n->table, node);
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
