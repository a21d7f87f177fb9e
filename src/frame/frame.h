/* SPDX-License-Identifier: ISC */
/*
 * Cut a byte stream into messages by their length word.
 *
 * Knows the 32-bit length that every message starts with and nothing else:
 * no opcodes, no sockets, no logging.  A length is judged before anything
 * is allocated for it.  Every byte is looked at once and moved at most
 * once, however finely the stream is cut.
 */
#ifndef FR_FRAME_FRAME_H
#define FR_FRAME_FRAME_H

#include "base/err.h"
#include "base/span.h"

/* One read() of the stream asks for so many bytes... */
#define FRAME_READ (256u * 1024)
/* ...unless the message at the end lacks more than this: then exactly its
 * remainder is asked for, so that nothing has to be moved afterwards. */
#define FRAME_IN_PLACE (32u * 1024)

struct frame_stats {
	uint64_t bytes, reads; /* of the stream so far */
	uint64_t messages;
	uint64_t split;	  /* messages that took more than one read */
	uint64_t joined;  /* messages that shared a read with another */
	uint32_t largest; /* bytes of the largest message */
};

/*
 *	0 ...... taken ........ have ........ cap
 *	 given out   | waiting    | free
 */
struct frame {
	uint64_t offset; /* stream offset of the first byte that waits */
	struct frame_stats stats;
	/* private */
	uint8_t *buf; /* owned; of msgbuf_new() */
	size_t cap, taken, have;
	size_t min, max; /* legal message length, inclusive */
	unsigned pieces; /* reads that the first message has had */
	size_t first;	 /* bytes that came with the first of them */
	unsigned index;	 /* of the first message, as in frame_msg */
};

/* Lengths from min (>= 4) to max are legal.  E_NOMEM. */
int frame_init(struct frame *f, size_t min, size_t max) ERR_MUSTCHECK;
void frame_fini(struct frame *f);

/*
 * Where to read into, and in *len how much to ask for (> 0).  Call it only
 * after frame_next() answered 0.  Ends the life of every span handed out.
 * NULL: no memory; nothing is lost, try again later.
 */
uint8_t *frame_room(struct frame *f, size_t *len);

/* n bytes were read to where frame_room() said. */
void frame_commit(struct frame *f, size_t n);

struct frame_msg {
	uint8_t *p; /* may be rewritten in place, same length */
	size_t len;
	uint64_t offset; /* stream offset of its first byte */
	unsigned pieces; /* reads it took to arrive */
	size_t first;	 /* of its bytes, how many the first had */
	unsigned index;	 /* how many came before it in the read that
				 * brought its first byte, in part or whole */
};

/*
 * The next whole message: 1 and *m, valid until frame_room(); 0 if more
 * bytes are needed; E_DESYNC if the length word is below min or above max.
 * After E_DESYNC the stream is lost: f->offset is the offset of the bad
 * length word, and every further call answers E_DESYNC.
 */
int frame_next(struct frame *f, struct frame_msg *m) ERR_MUSTCHECK;

/* Bytes of an unfinished message that are here; *want its length if known,
 * else 0.  For the report at end of file. */
size_t frame_partial(const struct frame *f, size_t *want);

/* The bytes that are here and not given out, as long as frame_next()'s. */
struct span frame_waiting(const struct frame *f);

#endif
