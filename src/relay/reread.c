/* SPDX-License-Identifier: ISC */
#include "relay/reread.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "wire/head.h"

/* open_flags in the reply, behind the handle. */
#define OPEN_DIRECT_IO (1u << 0)
#define OPEN_NONSEEKABLE (1u << 2)
#define OPEN_STREAM (1u << 4)
#define OPEN_ONCE (OPEN_DIRECT_IO | OPEN_NONSEEKABLE | OPEN_STREAM)

struct reread_key {
	uint64_t nodeid, fh;
};

struct reread_file {
	struct reread_key key;
	unsigned opens; /* daemons without handles answer all with 0 */
	UT_hash_handle hh;
};

void
reread_init(struct reread *t)
{
	memset(t, 0, sizeof(*t));
}

void
reread_fini(struct reread *t)
{
	struct reread_file *f, *next;

	HASH_ITER (hh, t->files, f, next) {
		HASH_DEL(t->files, f);
		free(f);
	}
}

static struct reread_file *
reread_find(const struct reread *t, uint64_t nodeid, uint64_t fh)
{
	struct reread_key key = { nodeid, fh };
	struct reread_file *f;

	HASH_FIND(hh, t->files, &key, sizeof(key), f);
	return f;
}

static void
reread_add(struct reread *t, uint64_t nodeid, uint64_t fh)
{
	struct reread_file *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		t->lost = 1;
		return;
	}
	f->key.nodeid = nodeid;
	f->key.fh = fh;
	f->opens = 1;
	HASH_ADD(hh, t->files, key, sizeof(f->key), f);
	if (f->hh.tbl == NULL) { /* uthash found no memory */
		free(f);
		t->lost = 1;
	}
}

void
reread_note_open(struct reread *t, const struct wire_proto *pr,
    uint32_t opcode, uint64_t nodeid, struct span reply)
{
	size_t at = op_out_fh(op_find(opcode), pr);
	struct reread_file *f;
	uint64_t fh;

	if (at == 0 ||
	    !span_holds(reply, at + OFF_fuse_open_out_open_flags,
		sizeof(uint32_t)))
		return;
	if (opcode != FUSE_OP_OPEN) /* with an entry */
		nodeid = get_u64(reply, REP_OFF(fuse_entry_out, nodeid));
	fh = get_u64(reply, at);
	if ((f = reread_find(t, nodeid, fh)) != NULL)
		f->opens++;
	else if ((get_u32(reply, at + OFF_fuse_open_out_open_flags) &
		     OPEN_ONCE) != 0)
		reread_add(t, nodeid, fh);
}

void
reread_note_release(struct reread *t, uint64_t nodeid, uint64_t fh)
{
	struct reread_file *f = reread_find(t, nodeid, fh);

	if (f == NULL || --f->opens > 0)
		return;
	HASH_DEL(t->files, f);
	free(f);
}

/* A READ that is larger than a part. */
static int
reread_is_large(struct span m)
{
	return head_opcode(m) == FUSE_OP_READ &&
	    get_u32(m, REQ_OFF(fuse_read_in, size)) > REREAD_PART;
}

/* May this READ be done more than once, or bit by bit? */
static int
reread_is_free(const struct reread *t, struct span m)
{
	return !t->lost &&
	    reread_find(t, head_nodeid(m),
		get_u64(m, REQ_OFF(fuse_read_in, fh))) == NULL;
}

void
reread_note_loss(struct reread *t, unsigned ms)
{
	t->in_parts = 1;
	clock_gettime(CLOCK_MONOTONIC, &t->until);
	t->until.tv_sec += ms / 1000 + 1;
}

int
reread_wants_parts(struct reread *t, struct span m)
{
	struct timespec now;

	if (!t->in_parts || !reread_is_large(m))
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	t->in_parts = now.tv_sec < t->until.tv_sec;
	return t->in_parts && reread_is_free(t, m);
}

int
reread_is_allowed(const struct reread *t, struct span m)
{
	return reread_is_large(m) && reread_is_free(t, m);
}
