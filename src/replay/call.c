/* SPDX-License-Identifier: ISC */
#include "replay/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/head.h"

#define O_TRUNC_LINUX 01000u
#define O_TRUNC_DARWIN 02000u
#define WHENCE_END 2u /* those beyond ask for data and holes */

int
maps_init(struct replay_maps *maps)
{
	memset(maps, 0, sizeof(*maps));
	return nodes_init(&maps->nodes);
}

void
maps_fini(struct replay_maps *maps)
{
	handles_fini(&maps->handles);
	nodes_fini(&maps->nodes);
}

int
call_keep(struct call_bytes *b, struct span m, size_t kept)
{
	uint8_t *p = malloc(m.len);

	if (p == NULL)
		return E_NOMEM;
	memcpy(p, m.p, m.len);
	free(b->p);
	*b = (struct call_bytes){ p, m.len, kept };
	return E_OK;
}

struct span
call_span(const struct call_bytes *b)
{
	return (struct span){ b->p, b->len };
}

struct replay_call *
call_new(struct span m, size_t kept, uint64_t record)
{
	struct replay_call *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	STAILQ_INIT(&c->lookups);
	c->record = record;
	c->opcode = head_opcode(m);
	c->was = head_unique(m);
	c->nodeid = head_nodeid(m);
	c->op = op_find(c->opcode);
	if (call_keep(&c->request, m, kept) != E_OK) {
		free(c);
		return NULL;
	}
	return c;
}

void
call_free(struct replay_call *c, struct replay_maps *maps)
{
	struct call_lookup *l;
	unsigned i;

	for (i = 0; i < c->nnodes; i++)
		nodes_unpin(&maps->nodes, c->node[i]);
	while ((l = STAILQ_FIRST(&c->lookups)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->lookups, link);
		free(l);
	}
	free(c->request.p);
	free(c->reply_was.p);
	free(c->reply_is.p);
	free(c->label);
	free(c);
}

/* ---- other requests in flight ---- */

static unsigned
call_class(const struct replay_call *c, const struct wire_proto *pr)
{
	unsigned flags = c->op != NULL ? op_flags(c->op) : 0, changes = 0;
	uint32_t trunc = pr->dialect == WIRE_LINUX ? O_TRUNC_LINUX :
						     O_TRUNC_DARWIN;

	if ((flags & OP_CHANGES) &&
	    (c->opcode != FUSE_OP_OPEN ||
		(get_u32(call_span(&c->request),
		     REQ_OFF(fuse_open_in, flags)) &
		    trunc)))
		changes |= CALL_CHANGES;
	if (flags & OP_NAMES)
		changes |= CALL_NAMES | CALL_LINKS;
	if (flags & OP_LOCKS)
		changes |= CALL_LOCKS;
	/* The last close of a removed file may be what removes it. */
	if (c->opcode == FUSE_OP_RELEASE)
		changes |= CALL_LINKS;
	return changes;
}

/* Is the ith node also an earlier one of c, as in a RENAME within a
 * directory? */
static int
call_is_again(const struct replay_call *c, unsigned i)
{
	unsigned j;

	for (j = 0; j < i; j++)
		if (c->node[j] == c->node[i])
			return 1;
	return 0;
}

void
call_begin_changes(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr)
{
	unsigned i;

	c->changes = call_class(c, pr);
	for (i = 0; i < c->nnodes; i++) {
		if (call_is_again(c, i))
			continue;
		if (c->changes & CALL_CHANGES)
			race_begin(&c->node[i]->changes);
		if (c->changes & CALL_NAMES)
			race_begin(&c->node[i]->names);
		if (c->changes & CALL_LOCKS)
			race_begin(&c->node[i]->locks);
	}
	if (c->changes & CALL_LINKS)
		race_begin(&maps->links);
}

void
call_end_changes(struct replay_call *c, struct replay_maps *maps)
{
	uint64_t record = c->answered;
	unsigned i;

	for (i = 0; i < c->nnodes; i++) {
		if (call_is_again(c, i))
			continue;
		if (c->changes & CALL_CHANGES)
			race_end(&c->node[i]->changes, record);
		if (c->changes & CALL_NAMES)
			race_end(&c->node[i]->names, record);
		if (c->changes & CALL_LOCKS)
			race_end(&c->node[i]->locks, record);
	}
	if (c->changes & CALL_LINKS)
		race_end(&maps->links, record);
	c->changes = 0;
}

/* Does the result depend on the entries of its directories? */
static int
call_asks_names(const struct replay_call *c)
{
	return c->names == WIRE_NAMES_ENTRY || c->names == WIRE_NAMES_RENAME ||
	    c->names == WIRE_NAMES_TARGET;
}

static int
call_asks_xattr(const struct replay_call *c)
{
	return c->names == WIRE_NAMES_XATTR || c->opcode == FUSE_OP_LISTXATTR;
}

static int
call_asks_locks(const struct replay_call *c)
{
	return c->opcode == FUSE_OP_GETLK || c->opcode == FUSE_OP_SETLK ||
	    c->opcode == FUSE_OP_SETLKW;
}

/* Did one of the two file systems not find what the other found, while some
 * request in flight changed entries?  (Where nodes are paths, any request may
 * fail for that.) */
static int
call_finds_by_chance(const struct replay_call *c,
    const struct replay_maps *maps)
{
	int was = head_error(call_span(&c->reply_was)) == -ENOENT;
	int is = head_error(call_span(&c->reply_is)) == -ENOENT;

	return was != is && c->nnodes > 0 &&
	    race_since(&maps->links, c->record,
		(c->changes & CALL_LINKS) != 0);
}

/* Can the result be another one each time? */
static int
call_is_undecided(const struct replay_call *c, const struct replay_maps *maps)
{
	struct span was = call_span(&c->reply_was);
	struct span is = call_span(&c->reply_is);
	const struct replay_node *n;
	unsigned i;

	if (c->interrupted &&
	    (head_error(was) == -EINTR || head_error(is) == -EINTR))
		return 1;
	/* File systems have holes at different places. */
	if (c->opcode == FUSE_OP_LSEEK &&
	    get_u32(call_span(&c->request), REQ_OFF(fuse_lseek_in, whence)) >
		WHENCE_END)
		return 1;
	if (call_finds_by_chance(c, maps))
		return 1;
	if (c->opcode == FUSE_OP_RMDIR &&
	    race_since(&maps->links, c->record,
		(c->changes & CALL_LINKS) != 0))
		return 1;
	for (i = 0; i < c->nnodes; i++) {
		n = c->node[i];
		if (call_asks_names(c) &&
		    race_since(&n->names, c->record,
			(c->changes & CALL_NAMES) != 0))
			return 1;
		if (call_asks_locks(c) &&
		    race_since(&n->locks, c->record,
			(c->changes & CALL_LOCKS) != 0))
			return 1;
		if (call_asks_xattr(c) &&
		    race_since(&n->changes, c->record,
			(c->changes & CALL_CHANGES) != 0))
			return 1;
	}
	return 0;
}

/* The node that a recorded reply found or made, or NULL. */
static const struct replay_node *
call_child(const struct replay_call *c, const struct replay_maps *maps)
{
	if (c->op == NULL || !(op_flags(c->op) & OP_ENTRY))
		return NULL;
	return nodes_find(&maps->nodes,
	    get_u64(call_span(&c->reply_was),
		REP_OFF(fuse_entry_out, nodeid)));
}

unsigned
call_may_differ(const struct replay_call *c, const struct replay_maps *maps)
{
	const struct replay_node *child;
	unsigned any = 0, i;

	if (call_is_undecided(c, maps))
		return CALL_UNDECIDED;
	for (i = 0; i < c->nnodes; i++) {
		if (race_since(&c->node[i]->changes, c->record,
			(c->changes & CALL_CHANGES) != 0))
			any |= AGREE_ANY_DATA | AGREE_ANY_ATTR;
		if (c->node[i]->data_unknown)
			any |= AGREE_ANY_SIZE;
	}
	if ((child = call_child(c, maps)) != NULL) {
		if (race_since(&child->changes, c->record, 0))
			any |= AGREE_ANY_ATTR;
		if (child->data_unknown)
			any |= AGREE_ANY_SIZE;
	}
	if (race_since(&maps->links, c->record,
		(c->changes & CALL_LINKS) != 0))
		any |= AGREE_ANY_LINKS;
	return any;
}

/* ---- learning from the replies ---- */

static int
learn_entry(struct replay_call *c, struct replay_maps *maps)
{
	uint64_t was = get_u64(call_span(&c->reply_was),
	    REP_OFF(fuse_entry_out, nodeid));
	uint64_t is = get_u64(call_span(&c->reply_is),
	    REP_OFF(fuse_entry_out, nodeid));

	if (was == 0 || is == 0)
		return E_OK;
	return nodes_enter(&maps->nodes, was, is);
}

/* The new file system gave a lookup, whether the recorded one did or not. */
static int
learn_given(struct replay_call *c, struct replay_maps *maps)
{
	uint64_t is = get_u64(call_span(&c->reply_is),
	    REP_OFF(fuse_entry_out, nodeid));

	if (c->op == NULL || !(op_flags(c->op) & OP_ENTRY) || is == 0)
		return E_OK;
	return nodes_give(&maps->nodes, is);
}

static int
learn_handle(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_was, const struct wire_proto *pr_is)
{
	size_t was = op_out_fh(c->op, pr_was), is = op_out_fh(c->op, pr_is);
	struct span m = call_span(&c->reply_was);
	uint64_t node = op_flags(c->op) & OP_ENTRY ?
	    get_u64(m, REP_OFF(fuse_entry_out, nodeid)) :
	    c->nodeid;

	if (was == 0 || is == 0)
		return E_OK;
	return handles_enter(&maps->handles, get_u64(m, was), node,
	    get_u64(call_span(&c->reply_is), is));
}

int
call_learn(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_was, const struct wire_proto *pr_is)
{
	int32_t was = head_error(call_span(&c->reply_was));
	int32_t is = head_error(call_span(&c->reply_is));
	int r = E_OK;

	if (was == -ENOSYS && c->opcode == FUSE_OP_OPEN)
		maps->no_open = 1;
	if (was == -ENOSYS && c->opcode == FUSE_OP_OPENDIR)
		maps->no_opendir = 1;
	if (is == 0)
		r = learn_given(c, maps);
	if (r != E_OK || was != 0 || is != 0 || c->op == NULL)
		return r;
	if (op_flags(c->op) & OP_ENTRY)
		r = learn_entry(c, maps);
	return r == E_OK ? learn_handle(c, maps, pr_was, pr_is) : r;
}
