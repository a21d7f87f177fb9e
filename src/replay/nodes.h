/* SPDX-License-Identifier: ISC */
/*
 * The nodes of the recorded session, the node ids that they have in the new
 * session, and the lookups that the recorded front has not taken back.
 */
#ifndef FR_REPLAY_NODES_H
#define FR_REPLAY_NODES_H

#include "base/table.h"
#include "replay/race.h"

struct replay_node {
	struct table_entry entry;
	uint64_t was;
	uint64_t is;
	uint64_t refs; /* recorded lookups, not taken back */
	unsigned pins; /* requests in flight that name it */
	struct race changes, names, locks;
	uint8_t data_unknown;  /* a WRITE to it had no data... */
	uint8_t xattr_unknown; /* ...or a SETXATTR no value */
};

/* A node of the new session, by its number. */
struct replay_given {
	struct table_entry entry;
	uint64_t is;
	uint64_t lookups; /* that were given and not taken back */
};

struct replay_nodes {
	struct table_entry *table; /* owned nodes */
	struct table_entry *given; /* owned */
};

/* The root is known.  E_NOMEM. */
int nodes_init(struct replay_nodes *n) ERR_MUSTCHECK;
void nodes_fini(struct replay_nodes *n);

/* NULL: not known. */
struct replay_node *nodes_find(const struct replay_nodes *n, uint64_t was);

/* A recorded reply has the node: one more lookup.  E_NOMEM. */
int nodes_enter(struct replay_nodes *n, uint64_t was,
    uint64_t is) ERR_MUSTCHECK;

/* A reply of the new session has this new node: one more lookup.  E_NOMEM. */
int nodes_give(struct replay_nodes *n, uint64_t is) ERR_MUSTCHECK;

/*
 * The recorded front takes back `count` lookups.  Returns how many lookups of
 * the new node are to be taken back, and counts them as taken: not more than
 * were given, and one is left while the recorded front still has the node.
 */
uint64_t nodes_forget(struct replay_nodes *n, uint64_t was, uint64_t count);

/* Keep it as long as a request is in flight. */
void nodes_pin(struct replay_node *node);
void nodes_unpin(struct replay_nodes *n, struct replay_node *node);

#endif
