/* SPDX-License-Identifier: ISC */
/*
 * A READ or WRITE that is too large for the device end, or for what the daemon
 * said in INIT, is given to the daemon in parts, and the replies to the parts
 * make one reply: FUSE-T's server has backends that do not ask what max_write
 * is.
 *
 * This is the arithmetic of it, without a session: a request comes in, requests
 * of parts go out, replies to them come in, the reply to the whole goes out.
 *
 * One part at a time.  Parts of one request side by side would be faster by
 * a round trip each, but a short part must end the whole: what was written
 * behind a short WRITE could not be taken back, and O_APPEND would depend on
 * the order in which a daemon with threads happens to work.
 *
 * - WRITE: the sizes are added up; READ: the data is put together.
 * - A part that is answered with less than it asked for is the last one.
 * - An error ends it too; it is the answer if it came before any byte,
 *   else the bytes before it are.
 * - File offset, handle, flags and lock owner go to each part; no part
 *   begins behind the largest offset that a file can have.
 */
#ifndef FR_RELAY_SPLIT_H
#define FR_RELAY_SPLIT_H

#include <stddef.h>

#include "base/err.h"
#include "wire/offsets.h"

/* Most bytes of data that one message may carry, by what INIT said. */
struct split_limits {
	size_t write; /* of a WRITE; 0: INIT is not done */
	size_t read;  /* of a READ's reply; same */
};

/* What INIT settled, at most data_max bytes. */
void split_limits_learn(struct split_limits *l, const struct wire_proto *pr,
    size_t data_max);

/* The limit for this request, which passed wire_check_request(); 0: none, it
 * is neither READ nor WRITE, or INIT is not done. */
size_t split_limit(const struct split_limits *l, struct span request);

/* Does it ask for more than that? */
int split_is_needed(const struct split_limits *l, struct span request);

/* Bytes of data that a READ in parts may ask for. */
#define SPLIT_READ_MAX (32u * 1024 * 1024)

/* What follows from a step; more than 0 is an errno: the answer to the whole
 * is that error. */
#define SPLIT_MORE (-1) /* another part is to be sent */
#define SPLIT_DONE 0	/* split_answer() is the answer to the whole */

struct split {
	uint64_t unique;     /* of the whole request */
	uint64_t offset;     /* of its data in the file */
	size_t total, done;  /* bytes of data: asked for, good so far */
	size_t asked;	     /* same of the part that was sent last */
	size_t most;	     /* same of any part */
	int is_write, ended; /* ended: the part sent last is the last one */
	uint8_t head[WIRE_WRITE_HEAD]; /* the request without its data */
	size_t head_len;
	size_t len; /* bytes of the whole request */
	/* Owned.  WRITE: the request.  READ: space for one part's request. */
	uint8_t *out;
	uint8_t *in; /* owned; READ: the reply that is put together */
	/* WRITE: the reply. */
	uint8_t wrote[WIRE_REP_HEADER + SIZE_fuse_write_out];
};

/*
 * Begin with a request that passed wire_check_request(), of which a copy is
 * kept; `most` bytes of data in a part, not 0.  E_NOMEM; E_BIG: it asks for
 * more data than a READ can be answered with.
 */
int split_init(struct split *sp, struct span request,
    size_t most) ERR_MUSTCHECK;
void split_fini(struct split *sp);

/* Bytes that are kept for it: of a WRITE all its data, of a READ those that
 * its reply may have. */
size_t split_kept(const struct split *sp);

/*
 * The request of the next part, with this unique; valid until the next call,
 * and it may be rewritten.  A WRITE's data is not copied for it: the head is
 * laid right before the data, over data that was sent before.
 */
struct span split_next(struct split *sp, uint64_t unique);

/* A good reply without error to the part that was sent last: SPLIT_MORE, or
 * SPLIT_DONE. */
int split_reply(struct split *sp, struct span reply);

/* The same with an error: SPLIT_DONE, or num, the answer to the whole. */
int split_failed(const struct split *sp, int num);

/* The part that was sent last shall be the last one. */
void split_end(struct split *sp);

/* The answer to the whole, valid until split_fini(). */
struct span split_answer(struct split *sp);

#endif
