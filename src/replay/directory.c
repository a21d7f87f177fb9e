/* SPDX-License-Identifier: ISC */
#include "replay/directory.h"

#include <stdlib.h>
#include <string.h>

#include "wire/head.h"

/* A listing that has so many entries more than the recorded one is taken for
 * endless. */
#define EXTRA_MAX 100000

static struct listing *
directory_listing(const struct replay_call *c, const struct replay_maps *maps)
{
	struct replay_handle *h;

	if (c->opcode != FUSE_OP_READDIR && c->opcode != FUSE_OP_READDIRPLUS)
		return NULL;
	h = handles_find(&maps->handles, c->fh, c->nodeid);
	return h == NULL ? NULL : &h->listing;
}

/* Each entry of the new READDIRPLUS, from this one on, gave a lookup. */
static int
directory_give(struct replay_maps *maps, const struct listing *l, size_t first)
{
	const struct listing_half *is = &l->half[LISTING_IS];
	int r = E_OK;
	size_t i;

	for (i = first; i < is->n && r == E_OK; i++)
		if (is->entries[i]->nodeid != 0 &&
		    !listing_is_dot(is->entries[i]))
			r = nodes_give(&maps->nodes, is->entries[i]->nodeid);
	return r;
}

/* Add to c->lookups: look the name up in the new directory. */
static int
directory_ask(struct replay_call *c, const struct listing_entry *e)
{
	struct span name = listing_name(e);
	struct call_lookup *l = malloc(sizeof(*l) + name.len);

	if (l == NULL)
		return E_NOMEM;
	l->was = e->nodeid;
	l->len = name.len;
	memcpy(l->name, name.p, name.len);
	STAILQ_INSERT_TAIL(&c->lookups, l, link);
	return E_OK;
}

static int
directory_nodes(struct replay_call *c, struct replay_maps *maps,
    const struct listing *l, size_t first)
{
	const struct listing_half *was = &l->half[LISTING_WAS];
	const struct listing_entry *e, *is;
	int r = E_OK;
	size_t i;

	for (i = first; i < was->n && r == E_OK; i++) {
		e = was->entries[i];
		if (e->nodeid == 0 || listing_is_dot(e))
			continue;
		is = listing_find(l, LISTING_IS, listing_name(e));
		if (is != NULL && is->nodeid != 0)
			r = nodes_enter(&maps->nodes, e->nodeid, is->nodeid);
		else
			r = directory_ask(c, e);
	}
	return r;
}

int
directory_learn(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_was, const struct wire_proto *pr_is)
{
	struct listing *l = directory_listing(c, maps);
	int plus = c->opcode == FUSE_OP_READDIRPLUS, r;
	size_t first, other;

	if (l == NULL)
		return E_OK;
	r = listing_add(l, LISTING_WAS, pr_was, plus,
	    span_from(call_span(&c->reply_was), WIRE_REP_HEADER), &first);
	if (r == E_OK)
		r = listing_add(l, LISTING_IS, pr_is, plus,
		    span_from(call_span(&c->reply_is), WIRE_REP_HEADER),
		    &other);
	if (r == E_OK)
		r = directory_give(maps, l, other);
	if (r != E_OK)
		l->whole = 0;
	return r == E_OK ? directory_nodes(c, maps, l, first) : r;
}

int
directory_goes_on(const struct replay_call *c, const struct replay_maps *maps,
    uint64_t *offset)
{
	const struct listing *l = directory_listing(c, maps);

	if (l == NULL || !l->whole || !l->half[LISTING_WAS].ended ||
	    l->half[LISTING_IS].ended ||
	    l->half[LISTING_IS].n > l->half[LISTING_WAS].n + EXTRA_MAX)
		return 0;
	*offset = listing_end(l);
	return 1;
}

int
directory_read_on(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_is, struct span reply)
{
	struct listing *l = directory_listing(c, maps);
	size_t first;
	int r = E_VALUE;

	if (l == NULL)
		return E_OK;
	if (head_error(reply) == 0)
		r = listing_add(l, LISTING_IS, pr_is,
		    c->opcode == FUSE_OP_READDIRPLUS,
		    span_from(reply, WIRE_REP_HEADER), &first);
	if (r == E_OK)
		r = directory_give(maps, l, first);
	if (r != E_OK)
		l->whole = 0;
	return r;
}

static void
put_entry(struct text *t, const struct listing_entry *e, const char *what)
{
	text_put(t, "%s", t->sep);
	text_quote(t, listing_name(e));
	text_put(t, " is %s", what);
	t->sep = "; ";
}

/* Compare an entry that both listings have. */
static void
put_both(struct text *t, const struct listing_entry *was,
    const struct listing_entry *is, const struct wire_proto *pr_was,
    const struct wire_proto *pr_is, unsigned any)
{
	char buf[512];
	struct text d;

	/* Not all file systems fill in the type. */
	if (was->type != is->type && was->type != 0 && is->type != 0) {
		text_put(t, "%s", t->sep);
		text_quote(t, listing_name(was));
		text_put(t, " is of type %u, not %u", is->type, was->type);
		t->sep = "; ";
		return;
	}
	if (was->nodeid == 0 || is->nodeid == 0)
		return;
	text_init(&d, buf, sizeof(buf));
	if (!wire_put_entry_difference(&d, pr_was, listing_head(was), pr_is,
		listing_head(is), any))
		return;
	text_end(&d);
	text_put(t, "%s", t->sep);
	text_quote(t, listing_name(was));
	text_put(t, ": %s", buf);
	t->sep = "; ";
}

/* What of an entry may differ, since it is not known when a file system
 * looked at it. */
static unsigned
entry_may_differ(const struct replay_maps *maps, const struct listing *l,
    const struct listing_entry *was)
{
	const struct replay_node *node = nodes_find(&maps->nodes, was->nodeid);
	unsigned any = 0;

	if (node == NULL || race_since(&node->changes, l->since, 0))
		any |= AGREE_ANY_ATTR;
	else if (node->data_unknown)
		any |= AGREE_ANY_SIZE;
	if (race_since(&maps->links, l->since, 0))
		any |= AGREE_ANY_LINKS;
	return any;
}

int
directory_difference(const struct replay_call *c,
    const struct replay_maps *maps, const struct wire_proto *pr_was,
    const struct wire_proto *pr_is, struct text *t)
{
	const struct listing *l = directory_listing(c, maps);
	const struct replay_node *dir = nodes_find(&maps->nodes, c->nodeid);
	const struct listing_half *half;
	const struct listing_entry *e, *o;
	size_t i;

	if (l == NULL || !l->whole || !l->half[LISTING_WAS].ended ||
	    dir == NULL || race_since(&dir->names, l->since, 0))
		return 0;
	t->sep = "";
	half = &l->half[LISTING_WAS];
	for (i = 0; i < half->n; i++) {
		e = half->entries[i];
		if (!e->found || !listing_is_entry(e))
			continue;
		if ((o = listing_find(l, LISTING_IS, listing_name(e))) == NULL)
			put_entry(t, e, "missing");
		else
			put_both(t, e, o, pr_was, pr_is,
			    entry_may_differ(maps, l, e));
	}
	half = &l->half[LISTING_IS];
	for (i = 0; i < half->n; i++) {
		e = half->entries[i];
		if (e->found && listing_is_entry(e) &&
		    listing_find(l, LISTING_WAS, listing_name(e)) == NULL)
			put_entry(t, e, "new");
	}
	return t->sep[0] != '\0';
}
