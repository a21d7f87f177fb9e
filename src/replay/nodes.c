/* SPDX-License-Identifier: ISC */
#include "replay/nodes.h"

#include "wire/proto.h"

int
nodes_init(struct replay_nodes *n)
{
	n->table = n->given = NULL;
	return nodes_enter(n, WIRE_ROOT_ID, WIRE_ROOT_ID);
}

void
nodes_fini(struct replay_nodes *n)
{
	table_free(&n->table);
	table_free(&n->given);
}

struct replay_node *
nodes_find(const struct replay_nodes *n, uint64_t was)
{
	return table_find(n->table, &was, sizeof(was));
}

int
nodes_enter(struct replay_nodes *n, uint64_t was, uint64_t is)
{
	struct replay_node *node;

	node = table_get(&n->table, &was, sizeof(was), sizeof(*node));
	if (node == NULL)
		return E_NOMEM;
	node->is = is;
	node->refs++;
	return E_OK;
}

int
nodes_give(struct replay_nodes *n, uint64_t is)
{
	struct replay_given *g;

	if ((g = table_get(&n->given, &is, sizeof(is), sizeof(*g))) == NULL)
		return E_NOMEM;
	g->lookups++;
	return E_OK;
}

/* Take back up to `count` lookups, but leave `rest`. */
static uint64_t
nodes_take(struct replay_nodes *n, uint64_t is, uint64_t count, uint64_t rest)
{
	struct replay_given *g = table_find(n->given, &is, sizeof(is));

	if (g == NULL || g->lookups <= rest)
		return 0;
	if (count > g->lookups - rest)
		count = g->lookups - rest;
	g->lookups -= count;
	if (g->lookups == 0)
		table_drop(&n->given, g);
	return count;
}

/* Is the node forgotten, and no request in flight has it? */
static void
nodes_check(struct replay_nodes *n, struct replay_node *node)
{
	if (node->refs == 0 && node->pins == 0)
		table_drop(&n->table, node);
}

uint64_t
nodes_forget(struct replay_nodes *n, uint64_t was, uint64_t count)
{
	struct replay_node *node = nodes_find(n, was);

	if (node == NULL || was == WIRE_ROOT_ID)
		return 0;
	node->refs = node->refs > count ? node->refs - count : 0;
	count = nodes_take(n, node->is, count, node->refs > 0);
	nodes_check(n, node);
	return count;
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
