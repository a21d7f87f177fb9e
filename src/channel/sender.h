/* SPDX-License-Identifier: ISC */
/*
 * The outgoing side of the data channel: a queue of messages that leave in
 * the pieces that shape.h decides.
 *
 * Between two pieces of one message the sender waits, for a bounded time,
 * until the reader has taken the first, so that a cut is seen as a cut.
 * Nothing blocks: waiting is a timer, a full socket is an event.
 */
#ifndef FR_CHANNEL_SENDER_H
#define FR_CHANNEL_SENDER_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/err.h"
#include "base/span.h"
#include "channel/shape.h"

/* Bytes in the queue at which the owner should stop putting messages, and at
 * which it may go on. */
#define SENDER_HIGH (4u * 1024 * 1024)
#define SENDER_LOW (1u * 1024 * 1024)

struct sender_stats {
	uint64_t messages, pieces;
	uint64_t joined; /* messages that shared a write with another */
	uint64_t shorts; /* writes that the socket took in part */
	size_t largest;	 /* bytes of the largest message */
};

struct sender_calls {
	/* The queue fell below SENDER_LOW, or became empty. */
	void (*room)(void *arg);
	/* The socket is gone; nothing is sent any more.  Called once. */
	void (*gone)(void *arg);
};

struct sender_msg;

struct sender {
	struct event_base *base;
	int fd; /* borrowed */
	struct event run, wait;
	struct shape shape;
	unsigned delay; /* us between pieces; 0: until read */
	const struct sender_calls *calls;
	void *arg;
	struct sender_msg *head, *tail;
	size_t waiting; /* bytes */
	uint64_t ordinal;
	size_t piece; /* bytes of the piece under way */
	int piece_wait, was_full, is_gone, holding;
	unsigned waited; /* us, for the piece that just left */
	struct sender_stats stats;
};

/* A base for senders: waits of some 20 us need precise timers.  NULL: no
 * memory. */
struct event_base *sender_base_new(void);

/* fd is non-blocking and outlives the sender.  E_SYS. */
int sender_init(struct sender *s, struct event_base *base, int fd,
    const struct shape *shape, unsigned delay,
    const struct sender_calls *calls, void *arg) ERR_MUSTCHECK;

/* Frees what still waits. */
void sender_fini(struct sender *s);

/* Queue a copy of m.  It leaves when the event loop runs next, so that
 * messages put in one turn can be joined.  E_NOMEM. */
int sender_put(struct sender *s, struct span m) ERR_MUSTCHECK;

/* Are there so many bytes in the queue that no more should be put? */
int sender_is_full(const struct sender *s);

/* Is the queue empty, or the socket gone? */
int sender_is_idle(const struct sender *s);

#endif
