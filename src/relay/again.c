/* SPDX-License-Identifier: ISC */
#include "relay/again.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/hash.h"
#include "relay/session_own.h"
#include "wire/get.h"

#define AT_NODEID 16 /* of a request */
#define AT_FH 40     /* of a READ or RELEASE */
#define AT_READ_SIZE 56

/* open_flags in the reply, behind the handle. */
#define OPEN_DIRECT_IO (1u << 0)
#define OPEN_NONSEEKABLE (1u << 2)
#define OPEN_STREAM (1u << 4)
#define OPEN_ONCE (OPEN_DIRECT_IO | OPEN_NONSEEKABLE | OPEN_STREAM)

struct again_key {
	uint64_t nodeid, fh;
};

struct again_file {
	struct again_key key;
	unsigned opens; /* daemons without handles answer all with 0 */
	UT_hash_handle hh;
};

void
again_init(struct again *t)
{
	memset(t, 0, sizeof(*t));
}

void
again_fini(struct again *t)
{
	struct again_file *f, *next;

	HASH_ITER (hh, t->files, f, next) {
		HASH_DEL(t->files, f);
		free(f);
	}
}

static struct again_file *
again_find(const struct again *t, uint64_t nodeid, uint64_t fh)
{
	struct again_key key = { nodeid, fh };
	struct again_file *f;

	HASH_FIND(hh, t->files, &key, sizeof(key), f);
	return f;
}

static void
again_add(struct again *t, uint64_t nodeid, uint64_t fh)
{
	struct again_file *f = calloc(1, sizeof(*f));

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
again_note_open(struct again *t, const struct wire_proto *pr, uint32_t opcode,
    uint64_t nodeid, struct span reply)
{
	size_t at = op_out_fh(op_find(opcode), pr);
	struct again_file *f;
	uint64_t fh;

	if (at == 0 || !span_holds(reply, at, 12))
		return;
	if (opcode != FUSE_OP_OPEN) /* with an entry */
		nodeid = get_u64(reply, WIRE_REP_HEADER);
	fh = get_u64(reply, at);
	if ((f = again_find(t, nodeid, fh)) != NULL)
		f->opens++;
	else if ((get_u32(reply, at + 8) & OPEN_ONCE) != 0)
		again_add(t, nodeid, fh);
}

void
again_note_release(struct again *t, uint64_t nodeid, uint64_t fh)
{
	struct again_file *f = again_find(t, nodeid, fh);

	if (f == NULL || --f->opens > 0)
		return;
	HASH_DEL(t->files, f);
	free(f);
}

/* May this READ be done more than once, or bit by bit? */
static int
again_is_free(const struct session *s, struct span m)
{
	return !s->again.lost &&
	    again_find(&s->again, get_u64(m, AT_NODEID), get_u64(m, AT_FH)) ==
	    NULL;
}

void
again_note_loss(struct session *s)
{
	unsigned ms = s->relay->conf.careful_ms;

	s->again.careful = 1;
	clock_gettime(CLOCK_MONOTONIC, &s->again.until);
	s->again.until.tv_sec += ms / 1000 + 1;
	if (log_allow(&s->limit))
		log_warn(
		    "session %u: a READ's reply was lost, the system may "
		    "be short of memory in one stretch: READs go in parts of "
		    "%u bytes for %u s",
		    s->id, AGAIN_PART, ms / 1000);
}

int
again_wants_parts(struct session *s, struct span m)
{
	struct timespec now;

	if (!s->again.careful || get_u32(m, 4) != FUSE_OP_READ ||
	    get_u32(m, AT_READ_SIZE) <= AGAIN_PART)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	s->again.careful = now.tv_sec < s->again.until.tv_sec;
	return s->again.careful && again_is_free(s, m);
}

void
again_keep(struct session *s, struct inflight_req *r, struct span m)
{
	if (r->opcode != FUSE_OP_READ || m.len != sizeof(r->read) ||
	    get_u32(m, AT_READ_SIZE) <= AGAIN_PART ||
	    s->splits.read_max == 0 || s->dev.ops == &port_stream_ops ||
	    !again_is_free(s, m))
		return;
	memcpy(r->read, m.p, m.len);
	r->again = AGAIN_MAY;
}

/* Has the daemon read all that it was sent? */
static int
again_is_taken(struct session *s)
{
#ifdef TIOCOUTQ
	int bytes;

	if (ioctl(s->dev.fd, TIOCOUTQ, &bytes) == 0 && bytes > 0)
		return 0;
#endif
	return port_pending(&s->dev) == 0;
}

int
again_ask(struct session *s, struct inflight_req *r, long long age)
{
	if (r->again != AGAIN_MAY || r->split != NULL || r->interrupt != 0 ||
	    age < s->relay->conf.again_ms || !again_is_taken(s) ||
	    s->splits.reading / SPLIT_READING > s->relay->conf.low_mark)
		return 0;
	r->again = AGAIN_ASKED;
	s->stats.again++;
	if (log_allow(&s->limit))
		log_info(
		    "session %u: READ unique=%llu of %u bytes waits for "
		    "%lld ms: asked for again in parts, in case its reply "
		    "found no memory",
		    s->id, (unsigned long long)r->unique,
		    get_u32((struct span){ r->read, sizeof(r->read) },
			AT_READ_SIZE),
		    age);
	split_again(s, r);
	return 1;
}
