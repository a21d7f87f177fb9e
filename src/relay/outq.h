/* SPDX-License-Identifier: ISC */
/*
 * The queue of messages that could not be sent at once, in order.  It holds
 * copies: the buffers in which the messages were read are used again.  The
 * bytes that wait are counted, so that the side they come from can be stopped.
 */
#ifndef FR_RELAY_OUTQ_H
#define FR_RELAY_OUTQ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/uio.h>

#include "base/err.h"
#include "base/span.h"

struct outq_msg {
	TAILQ_ENTRY(outq_msg) link;
	size_t len, done; /* done: bytes already sent (stream only) */
	uint8_t data[];
};

struct outq {
	TAILQ_HEAD(outq_list, outq_msg) list;
	size_t bytes; /* not sent yet */
	size_t count;
};

void outq_init(struct outq *q);
void outq_fini(struct outq *q);

/* Add a copy of m, of which `done` bytes are sent already.  E_NOMEM. */
int outq_add(struct outq *q, struct span m, size_t done) ERR_MUSTCHECK;

/* Add a copy in front of all messages of which nothing is sent.  E_NOMEM. */
int outq_add_first(struct outq *q, struct span m) ERR_MUSTCHECK;

/* The first messages' unsent bytes, up to max; returns how many. */
size_t outq_peek(const struct outq *q, struct iovec *iov, size_t max);

/* The first n bytes were sent; messages that were sent whole are freed. */
void outq_sent(struct outq *q, size_t n);

/* Drop the first message. */
void outq_drop_first(struct outq *q);

/* Take out the messages of which nothing is sent and for which match() is
 * true; returns how many. */
size_t outq_remove(struct outq *q, int (*match)(struct span m, void *arg),
    void *arg);

#endif
