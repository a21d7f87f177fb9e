/* SPDX-License-Identifier: ISC */
#include "trace/paths.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "wire/proto.h"

#define DEPTH_MAX 256 /* a path goes up so far; breaks circles */
#define NAME_LONGEST 4095

/* An entry's key: the directory, then the name. */
struct key {
	uint64_t parent;
	char name[];
};

struct node {
	struct table_entry entry;
	uint64_t id, lookups;
	struct key *key; /* owned; NULL: never named */
	size_t name_len;
	int listed;    /* in by_key: its name still leads to it */
	unsigned file; /* the last file that has it, by paths.file */
	UT_hash_handle by_key;
};

struct paths {
	struct table_entry *by_id;
	struct node *by_key;
	size_t max;
	unsigned file; /* number of the file that is being written */
};

struct paths *
paths_new(size_t max)
{
	struct paths *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->max = max;
	return p;
}

static unsigned
key_len(size_t name_len)
{
	return (unsigned)(sizeof(struct key) + name_len);
}

static struct key *
key_new(uint64_t parent, struct span name)
{
	struct key *k;

	if (name.len == 0 || name.len > NAME_LONGEST ||
	    (k = malloc(sizeof(*k) + name.len + 1)) == NULL)
		return NULL;
	k->parent = parent;
	memcpy(k->name, name.p, name.len);
	return k;
}

static struct node *
node_find(const struct paths *p, uint64_t id)
{
	return table_find(p->by_id, &id, sizeof(id));
}

static struct node *
entry_find(const struct paths *p, uint64_t parent, struct span name)
{
	struct key *k = key_new(parent, name);
	struct node *n;

	if (k == NULL)
		return NULL;
	HASH_FIND(by_key, p->by_key, k, key_len(name.len), n);
	free(k);
	return n;
}

static void
node_unname(struct paths *p, struct node *n)
{
	if (n->listed)
		HASH_DELETE(by_key, p->by_key, n);
	n->listed = 0;
}

static void
node_free(struct paths *p, struct node *n)
{
	node_unname(p, n);
	free(n->key);
	table_drop(&p->by_id, n);
}

/* Give n the name; another node that had it has none then. */
static void
node_name(struct paths *p, struct node *n, uint64_t parent, struct span name)
{
	struct node *old = entry_find(p, parent, name);
	struct key *k;

	if (old == n)
		return;
	if (old != NULL)
		node_unname(p, old);
	node_unname(p, n);
	if ((k = key_new(parent, name)) == NULL)
		return;
	free(n->key);
	n->key = k;
	n->name_len = name.len;
	HASH_ADD_KEYPTR(by_key, p->by_key, k, key_len(name.len), n);
	n->listed = n->by_key.tbl != NULL; /* else: no memory */
}

static struct node *
node_new(struct paths *p, uint64_t id)
{
	struct node *n;

	/* The table's own order is that of coming in. */
	while (p->by_id != NULL && table_count(p->by_id) >= p->max)
		node_free(p, (void *)p->by_id);
	n = table_get(&p->by_id, &id, sizeof(id), sizeof(*n));
	if (n != NULL)
		n->file = p->file; /* a reader of this file enters it, too */
	return n;
}

void
paths_enter(struct paths *p, uint64_t parent, struct span name, uint64_t id)
{
	struct node *n;

	if (id == 0 || id == WIRE_ROOT_ID || id == parent ||
	    span_is_dots(name))
		return;
	if ((n = node_find(p, id)) == NULL && (n = node_new(p, id)) == NULL)
		return;
	n->lookups++;
	node_name(p, n, parent, name);
}

void
paths_forget(struct paths *p, uint64_t id, uint64_t count)
{
	struct node *n = node_find(p, id);

	if (n == NULL)
		return;
	if (n->lookups > count)
		n->lookups -= count;
	else
		node_free(p, n);
}

void
paths_remove(struct paths *p, uint64_t parent, struct span name)
{
	struct node *n = entry_find(p, parent, name);

	if (n != NULL)
		node_unname(p, n);
}

void
paths_move(struct paths *p, uint64_t parent, struct span name,
    uint64_t newparent, struct span newname, int swap)
{
	struct node *n = entry_find(p, parent, name);
	struct node *other = entry_find(p, newparent, newname);

	if (n == other)
		return;
	if (n != NULL)
		node_unname(p, n);
	if (other != NULL)
		node_unname(p, other);
	if (n != NULL)
		node_name(p, n, newparent, newname);
	if (swap && other != NULL)
		node_name(p, other, parent, name);
}

/* Write s before the text that buf has from *at on.  0: buf has no space. */
static int
put_before(char *buf, size_t *at, const char *s, size_t len)
{
	if (len > *at)
		return 0;
	*at -= len;
	memcpy(buf + *at, s, len);
	return 1;
}

static int
put_entry(char *buf, size_t *at, const char *name, size_t len)
{
	return put_before(buf, at, name, len) && put_before(buf, at, "/", 1);
}

size_t
paths_get(const struct paths *p, uint64_t id, struct span name, char *buf)
{
	static const char dots[] = "...", gone[] = PATHS_GONE;
	size_t at = PATHS_TEXT_MAX - 1, len;
	const struct node *n = node_find(p, id);
	int depth = 0, ok = 1;
	char unknown[24];

	if (name.len > 0)
		ok = put_entry(buf, &at, (const char *)name.p, name.len);
	if (n != NULL && n->key != NULL && !n->listed && name.len == 0)
		ok = put_before(buf, &at, gone, sizeof(gone) - 1);
	for (; ok && n != NULL && n->key != NULL && depth < DEPTH_MAX;
	     depth++) {
		ok = put_entry(buf, &at, n->key->name, n->name_len);
		id = n->key->parent;
		n = node_find(p, id);
	}
	if (ok && depth < DEPTH_MAX && id != WIRE_ROOT_ID) {
		snprintf(unknown, sizeof(unknown), "#%" PRIu64, id);
		ok = put_before(buf, &at, unknown, strlen(unknown));
	}
	if (!ok || depth == DEPTH_MAX) {
		if (at < sizeof(dots) - 1)
			at = sizeof(dots) - 1;
		put_before(buf, &at, dots, sizeof(dots) - 1);
	} else if (at == PATHS_TEXT_MAX - 1) {
		put_before(buf, &at, "/", 1);
	}
	len = PATHS_TEXT_MAX - 1 - at;
	memmove(buf, buf + at, len);
	buf[len] = '\0';
	return len;
}

uint64_t
paths_find(const struct paths *p, uint64_t parent, struct span name)
{
	const struct node *n = entry_find(p, parent, name);

	return n == NULL ? 0 : n->id;
}

/* ---- repeating in a later file ---- */

void
paths_next_file(struct paths *p)
{
	p->file++;
}

void
paths_repeat(struct paths *p, uint64_t id, int mark, paths_node_fn *fn,
    void *arg)
{
	struct paths_node t;
	struct node *n;
	int depth;

	for (depth = 0; depth < DEPTH_MAX; depth++) {
		if ((n = node_find(p, id)) == NULL || n->key == NULL)
			return;
		id = n->key->parent;
		if (n->file == p->file)
			continue;
		t.id = n->id;
		t.parent = id;
		t.lookups = n->lookups;
		t.name.p = (const uint8_t *)n->key->name;
		t.name.len = n->name_len;
		t.gone = !n->listed;
		fn(arg, &t);
		if (mark)
			n->file = p->file;
	}
}

void
paths_enter_node(struct paths *p, const struct paths_node *t)
{
	struct node *n = node_find(p, t->id);

	if (t->id == 0 || t->id == WIRE_ROOT_ID || t->id == t->parent ||
	    span_is_dots(t->name))
		return;
	if (n != NULL && n->lookups < t->lookups)
		n->lookups = t->lookups;
	if (n != NULL || (n = node_new(p, t->id)) == NULL)
		return;
	n->lookups = t->lookups;
	if (!t->gone) {
		node_name(p, n, t->parent, t->name);
	} else if ((n->key = key_new(t->parent, t->name)) != NULL) {
		n->name_len = t->name.len;
	}
}

size_t
paths_count(const struct paths *p)
{
	return table_count(p->by_id);
}

void
paths_free(struct paths *p)
{
	if (p == NULL)
		return;
	while (p->by_id != NULL)
		node_free(p, (void *)p->by_id);
	free(p);
}
