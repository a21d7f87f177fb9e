/* SPDX-License-Identifier: ISC */
/*
 * Which path a nodeid stands for, as far as the messages tell: replies name
 * the node of an entry, FORGETs take it back, entries are removed and move.
 *
 * A node with several names has the one that was looked up last.  The table
 * is bounded; when it is full the node that was named longest ago goes, and
 * what lies below it is shown as "#NODEID/rest".
 */
#ifndef FR_TRACE_PATHS_H
#define FR_TRACE_PATHS_H

#include "base/err.h"
#include "base/span.h"

#define PATHS_TEXT_MAX 4096	/* longest path with its NUL */
#define PATHS_GONE " (deleted)" /* behind that of a node without a name */

struct paths;

/* max: nodes at most.  NULL: no memory. */
struct paths *paths_new(size_t max);
void paths_free(struct paths *p);

/* The entry `name` of directory `parent` is `nodeid`: counts as a lookup. */
void paths_enter(struct paths *p, uint64_t parent, struct span name,
    uint64_t nodeid);

/* n lookups of nodeid are taken back. */
void paths_forget(struct paths *p, uint64_t nodeid, uint64_t n);

/* The entry is gone; its node may live on. */
void paths_remove(struct paths *p, uint64_t parent, struct span name);

/* The entry moves, over another one if there is one; or the two swap. */
void paths_move(struct paths *p, uint64_t parent, struct span name,
    uint64_t newparent, struct span newname, int swap);

/*
 * The path of a node, or with name of its entry, to buf (PATHS_TEXT_MAX):
 * "/a/b", "#7/b" below an unknown node 7.  Not a string that is printed as
 * it is: names may hold any byte but NUL and '/'.  The length.
 */
size_t paths_get(const struct paths *p, uint64_t nodeid, struct span name,
    char *buf);

/* The node of an entry; 0: not known. */
uint64_t paths_find(const struct paths *p, uint64_t parent, struct span name);

/* What the table has of a node; a file of a capture repeats it for readers
 * who do not have the files before. */
struct paths_node {
	uint64_t id, parent, lookups;
	struct span name; /* in the table; valid until it changes */
	int gone;	  /* the name does not lead to the node any more */
};

typedef void paths_node_fn(void *arg, const struct paths_node *n);

/*
 * Call fn for nodeid and for each directory above it, except for nodes that a
 * reader of the current file already knows: those for which fn was called with
 * mark != 0, and those that messages entered, since paths_next_file().
 */
void paths_repeat(struct paths *p, uint64_t nodeid, int mark,
    paths_node_fn *fn, void *arg);

/* Another file begins: its readers know no node yet. */
void paths_next_file(struct paths *p);

/* Enter a node that a file repeats.  If the node is known, only its lookups
 * are taken. */
void paths_enter_node(struct paths *p, const struct paths_node *n);

/* Nodes in the table. */
size_t paths_count(const struct paths *p);

#endif
