/* SPDX-License-Identifier: ISC */
/*
 * The next READDIR of a directory has the offset of the last record of the
 * reply before.  FUSE-T sends the number of bytes that it has read instead,
 * which no daemon takes for an offset but those of libfuse's high-level
 * interface.
 *
 * For each directory handle, the sizes of the replies and the offsets of their
 * last records are remembered.  If a READDIR has such a size as its offset,
 * the offset that belongs to the size is written in its place.
 *
 * A front that sends right offsets must not be rewritten.  So nothing is
 * rewritten until the front has shown what it sends:
 * - the offset of the last record, and it is not a size as well: the front is
 *   right, and nothing is rewritten for the rest of the session;
 * - a size, and it can't be an offset: the front sends sizes.  A size can't be
 *   an offset if no record of the reply has it, and if all offsets of earlier
 *   replies are below it.
 * All other requests pass unchanged.
 *
 * "Bytes read" may be the size of the last reply or the sum of all.  After the
 * first reply they are the same, and later requests show which one it is.
 * Until then, a size that may be both is taken for the end of what was read.
 */
#include "quirk/quirk.h"
#include "wire/dirent.h"
#include "wire/get.h"
#include "wire/offsets.h"

static struct quirk_dir *
dir_find(struct quirks *q, const struct quirk_call *call)
{
	struct quirk_dir *d;
	size_t i;

	for (i = 0; i < QUIRK_DIRS; i++) {
		d = &q->dir[i];
		if (d->used == 0 || d->fh != call->fh ||
		    d->nodeid != call->nodeid)
			continue;
		d->used = ++q->clock;
		return d;
	}
	return NULL;
}

/* The directory of this handle; a new one takes the place of the one that was
 * not used for longest. */
static struct quirk_dir *
dir_make(struct quirks *q, const struct quirk_call *call)
{
	struct quirk_dir *d = dir_find(q, call), *oldest = &q->dir[0];
	size_t i;

	if (d != NULL)
		return d;
	for (i = 1; i < QUIRK_DIRS; i++)
		if (q->dir[i].used < oldest->used)
			oldest = &q->dir[i];
	memset(oldest, 0, sizeof(*oldest));
	oldest->nodeid = call->nodeid;
	oldest->fh = call->fh;
	oldest->used = ++q->clock;
	return oldest;
}

static void
dir_forget(struct quirks *q, const struct quirk_call *call)
{
	struct quirk_dir *d = dir_find(q, call);

	if (d != NULL)
		memset(d, 0, sizeof(*d));
}

/* The earlier reply at whose end the sum was `total`: its number in the ring,
 * or -1. */
static int
dir_place(const struct quirk_dir *d, uint64_t total)
{
	unsigned i, n = d->places < QUIRK_PLACES ? d->places : QUIRK_PLACES;

	for (i = 0; i < n; i++)
		if (d->place[i].total == total)
			return (int)i;
	return -1;
}

/* x is the offset of a READDIR.  If it is a size that can't be an offset, it
 * shows what the front sends. */
static void
dir_learn(struct quirks *q, const struct quirk_dir *d, uint64_t x)
{
	if (q->offsets == OFFSETS_LAST || q->offsets == OFFSETS_TOTAL)
		return;
	if (q->offsets == OFFSETS_UNKNOWN &&
	    ((x == d->size && d->size_taken) ||
		(x == d->total && d->total_taken)))
		return;
	if (x == d->total && x != d->size)
		q->offsets = OFFSETS_TOTAL;
	else if (x == d->size && x != d->total && dir_place(d, x) == -1)
		q->offsets = OFFSETS_LAST;
	else if (x == d->size || x == d->total)
		q->offsets = OFFSETS_SIZES;
}

/* The daemon's offset for the front's x; sets call->start. */
static uint64_t
dir_translate(const struct quirks *q, const struct quirk_dir *d, uint64_t x,
    struct quirk_call *call)
{
	int place;

	if (q->offsets < OFFSETS_SIZES)
		return x;
	if ((x == d->size && q->offsets != OFFSETS_TOTAL) ||
	    (x == d->total && q->offsets != OFFSETS_LAST))
		return d->next;
	place = dir_place(d, x);
	if (place == -1 || q->offsets != OFFSETS_TOTAL)
		return x;
	call->start = x;
	return d->place[place].next;
}

static int
readdir_request(struct quirks *q, struct quirk_msg *m)
{
	struct span s = { m->p, m->len };
	uint64_t x = get_u64(s, REQ_OFF(fuse_read_in, offset)), to;
	struct quirk_dir *d;

	if (x == 0) {
		dir_forget(q, m->call);
		return 0;
	}
	if ((d = dir_find(q, m->call)) == NULL || d->size == 0)
		return 0;
	m->call->start = d->total;
	if (x == d->next && dir_place(d, x) == -1) {
		if (x != d->size && x != d->total)
			q->offsets = OFFSETS_RIGHT;
		return 0;
	}
	if (q->offsets != OFFSETS_RIGHT)
		dir_learn(q, d, x);
	to = dir_translate(q, d, x, m->call);
	if (to == x || to == 0) /* 0 would begin again */
		return 0;
	put_u64(m->p, m->len, REQ_OFF(fuse_read_in, offset), to);
	return 1;
}

/* Remember a reply, which is not rewritten. */
static void
readdir_reply(struct quirks *q, struct quirk_msg *m)
{
	struct span rest = { m->p + WIRE_REP_HEADER,
		m->len - WIRE_REP_HEADER };
	int plus = op_code(m->call->op) == FUSE_OP_READDIRPLUS;
	uint64_t size = rest.len, total = m->call->start + size, high;
	struct wire_dirent e = { .off = 0 };
	struct quirk_dir *d;

	if (size == 0)
		return;
	d = dir_make(q, m->call);
	if (d->size != 0) {
		d->place[d->places % QUIRK_PLACES].total = d->total;
		d->place[d->places++ % QUIRK_PLACES].next = d->next;
	}
	high = d->high;
	d->size_taken = size <= high;
	d->total_taken = total <= high;
	while (wire_dirent_next(m->proto, plus, &rest, &e) > 0) {
		d->next = e.off;
		d->size_taken |= e.off == size;
		d->total_taken |= e.off == total;
		if (e.off > d->high)
			d->high = e.off;
	}
	d->size = size;
	d->total = total;
}

int
quirk_readdir_offset(struct quirks *q, struct quirk_msg *m)
{
	struct span s = { m->p, m->len };

	switch (op_code(m->call->op)) {
	case FUSE_OP_OPENDIR:
		if (!m->is_reply)
			return 0;
		m->call->fh = get_u64(s, op_out_fh(m->call->op, m->proto));
		dir_forget(q, m->call);
		return 0;
	case FUSE_OP_RELEASEDIR:
		if (m->is_reply)
			return 0;
		m->call->fh = get_u64(s, REQ_OFF(fuse_release_in, fh));
		dir_forget(q, m->call);
		return 0;
	case FUSE_OP_READDIR:
	case FUSE_OP_READDIRPLUS:
		if (m->is_reply) {
			readdir_reply(q, m);
			return 0;
		}
		m->call->fh = get_u64(s, REQ_OFF(fuse_read_in, fh));
		return readdir_request(q, m);
	default:
		return 0;
	}
}
