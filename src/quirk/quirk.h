/* SPDX-License-Identifier: ISC */
/*
 * Quirks: named rewrites of messages for peers that bend the protocol.
 *
 * Each is a row of quirks.def and one function in a file of its own.  It
 * sees every message that passed the checks of wire/check.h, may rewrite it
 * in place and make a reply shorter, and remembers what it must in struct
 * quirks, which is of fixed size.  Nothing here allocates, logs or fails:
 * a message that a quirk does not know is left as it is.
 */
#ifndef FR_QUIRK_QUIRK_H
#define FR_QUIRK_QUIRK_H

#include "wire/ops.h"

enum quirk_id {
#define QUIRK(id, ...) QUIRK_##id,
#include "quirk/quirks.def"
#undef QUIRK
	QUIRK_COUNT
};

/* What the rewriting of a reply must know of its request; kept with the
 * request. */
struct quirk_call {
	const struct op *op; /* NULL: no quirk looks at the reply */
	uint64_t nodeid;
	uint64_t fh;	/* READDIR: as the daemon knows it */
	uint64_t start; /* READDIR: bytes of replies before it */
};

#define QUIRK_DIRS 32	/* directories being read at once */
#define QUIRK_PLACES 16 /* replies of one that are remembered */

/* A directory being read (readdir_offset.c). */
struct quirk_dir {
	uint64_t nodeid, fh;
	uint64_t used;	/* when, in calls; 0: free */
	uint64_t size;	/* bytes of records in the last reply */
	uint64_t total; /* ...and in all since offset 0 */
	uint64_t next;	/* the offset behind its last record */
	uint64_t high;	/* highest offset in all replies so far */
	/* Can size, total be offsets of the daemon, too? */
	uint8_t size_taken, total_taken;
	unsigned places; /* of earlier replies, a ring */
	struct {
		uint64_t total, next;
	} place[QUIRK_PLACES];
};

/* What a front was seen to send as offset. */
enum quirk_offsets {
	OFFSETS_UNKNOWN,
	OFFSETS_RIGHT, /* the daemon's offsets: nothing is rewritten */
	OFFSETS_SIZES, /* sizes, of the last reply or of all */
	OFFSETS_LAST,  /* the size of the last reply */
	OFFSETS_TOTAL  /* the size of all replies */
};

struct quirks {
	unsigned on;		     /* 1u << enum quirk_id */
	uint64_t count[QUIRK_COUNT]; /* messages changed */
	/* private to src/quirk/ */
	int ones_given; /* nonzero_fh.c: the daemon uses ~0 */
	enum quirk_offsets offsets;
	uint64_t clock; /* readdir_offset.c: calls so far */
	struct quirk_dir dir[QUIRK_DIRS];
};

struct quirk_msg {
	const struct wire_proto *proto;
	struct quirk_call *call; /* op, nodeid are set */
	int is_reply;		 /* a good one, without error */
	uint8_t *p;
	size_t len; /* a quirk may make a reply shorter */
};

/* The bits of those that are on for FUSE-T's server. */
unsigned quirk_defaults(void);

/* E_OK and *id, or E_NOTFOUND. */
int quirk_find(const char *name, enum quirk_id *id) ERR_MUSTCHECK;

const char *quirk_name(enum quirk_id id);
const char *quirk_reason(enum quirk_id id);

/* on: bits, as above. */
void quirks_init(struct quirks *q, unsigned on);

/*
 * Rewrite a request that wire_check_request() accepted, and fill *call for
 * its reply.  1 if a byte was changed.
 */
int quirks_request(struct quirks *q, const struct wire_proto *pr,
    const struct op *op, uint8_t *p, size_t len, struct quirk_call *call);

/* The same for a reply that wire_check_reply() found good; *len may become
 * less. */
int quirks_reply(struct quirks *q, const struct wire_proto *pr,
    struct quirk_call *call, uint8_t *p, size_t *len);

/* The quirks: 1 if they changed m. */
#define QUIRK(id, name, function, ...) \
	int function(struct quirks *q, struct quirk_msg *m);
#include "quirk/quirks.def"
#undef QUIRK

#endif
