/* SPDX-License-Identifier: ISC */
/*
 * A recorded request that is sent again, from its record until its two
 * replies, the recorded one and the new one, have been compared.
 */
#ifndef FR_REPLAY_CALL_H
#define FR_REPLAY_CALL_H

#include <sys/queue.h>

#include "replay/handles.h"
#include "replay/nodes.h"
#include "wire/agree.h"
#include "wire/describe.h"

#define CALL_NODES 3 /* that one request can name */

/* Why a request is not sent. */
enum replay_skip {
	SKIP_NOT,
	SKIP_DATA,   /* the capture does not have all its bytes */
	SKIP_AFTER,  /* it reads what a SKIP_DATA would have written */
	SKIP_NODE,   /* its node has no number in the new session */
	SKIP_HANDLE, /* its handle has none */
	SKIP_TARGET, /* an INTERRUPT of a request that was not sent */
	SKIP_NOTIFY, /* the answer to a notification */
	SKIP_FORGET, /* a FORGET of lookups that the new session lacks */
	SKIP_FAULTY, /* it is malformed */
	SKIP_COUNT
};

enum call_state {
	CALL_SENT,
	CALL_ANSWERED,
	CALL_LATE, /* not answered in time */
	CALL_SKIPPED
};

/* What a request may change while it is in flight. */
enum {
	CALL_CHANGES = 1, /* its nodes */
	CALL_NAMES = 2,	  /* entries of its nodes */
	CALL_LOCKS = 4,	  /* locks on its nodes */
	CALL_LINKS = 8	  /* numbers of links anywhere */
};

struct call_bytes {
	uint8_t *p; /* owned */
	size_t len, kept;
};

/* A node of a recorded READDIRPLUS that the new one did not name. */
struct call_lookup {
	STAILQ_ENTRY(call_lookup) link;
	uint64_t was;
	size_t len;
	uint8_t name[];
};

struct replay_call {
	struct table_entry entry;
	uint64_t was;		   /* its unique as recorded... */
	uint64_t unique;	   /* ...and as sent */
	uint64_t record, answered; /* of the request, of its reply */
	uint32_t opcode;
	uint64_t nodeid, fh; /* as recorded */
	const struct op *op; /* NULL: unknown */
	enum wire_names names;
	struct replay_node *node[CALL_NODES]; /* pinned */
	unsigned nnodes, changes;
	enum call_state state;
	int interrupted;
	struct call_bytes request, reply_was, reply_is;
	struct wire_expect expect_was, expect_is;
	STAILQ_HEAD(, call_lookup) lookups;
	uint32_t asks; /* opcode of the replay's own request for c, or 0 */
	char *label;   /* how messages name the call; owned */
};

/* Which numbers of the new session stand for the recorded ones. */
struct replay_maps {
	struct replay_nodes nodes;
	struct replay_handles handles;
	struct race links;
	/* The recorded file system answered OPEN, OPENDIR with ENOSYS: handles
	 * are 0. */
	int no_open, no_opendir;
};

/* E_NOMEM. */
int maps_init(struct replay_maps *maps) ERR_MUSTCHECK;
void maps_fini(struct replay_maps *maps);

/* A call for the request m of this record, of which `kept` bytes are known;
 * it is copied.  NULL: no memory. */
struct replay_call *call_new(struct span m, size_t kept, uint64_t record);
/* Frees c; its nodes are unpinned. */
void call_free(struct replay_call *c, struct replay_maps *maps);

/* Replace what b holds by a copy of m.  E_NOMEM. */
int call_keep(struct call_bytes *b, struct span m, size_t kept) ERR_MUSTCHECK;

struct span call_span(const struct call_bytes *b);

/*
 * Write the new session's numbers into the request, in place.  Of a FORGET,
 * the records of nodes that the new file system has not given are cut out.
 * SKIP_NOT, or why the request can't be sent.
 */
enum replay_skip call_translate(struct replay_call *c,
    struct replay_maps *maps, const struct wire_proto *pr);

/* By the capture, the call begins to be in flight, and it ends to be. */
void call_begin_changes(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr);
void call_end_changes(struct replay_call *c, struct replay_maps *maps);

/*
 * What may differ between the two replies, because of other requests that were
 * in flight: AGREE_ANY_*, or CALL_UNDECIDED for all of it.
 */
#define CALL_UNDECIDED 0x100u
unsigned call_may_differ(const struct replay_call *c,
    const struct replay_maps *maps);

/* Learn from the two replies, both good, which numbers stand for which.
 * E_NOMEM. */
int call_learn(struct replay_call *c, struct replay_maps *maps,
    const struct wire_proto *pr_was,
    const struct wire_proto *pr_is) ERR_MUSTCHECK;

#endif
