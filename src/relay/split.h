/* SPDX-License-Identifier: ISC */
/*
 * READs and WRITEs that are too large for the device end, or for what the
 * daemon said in INIT: FUSE-T's server has backends that do not ask what
 * max_write is.  Such a request is given to the daemon in parts, with
 * uniques of the session's own range, and the parts' replies make one.
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
 * - So does an INTERRUPT, which is passed on to the part in flight.
 * - File offset, handle, flags and lock owner go to each part; no part
 *   begins behind the largest offset that a file can have.
 *
 * A WRITE is kept until its last part is sent, a READ's data until the last
 * part has come.  The front is not read while too much is kept.  Of a READ's
 * room only what has come is memory, and a few slow ones shall not hold up
 * everything else: they may have SPLIT_READING times as much.
 */
#ifndef FR_RELAY_SPLIT_H
#define FR_RELAY_SPLIT_H

#include <stddef.h>
#include <sys/queue.h>

#include "base/span.h"

#define SPLIT_READING 32

struct session;
struct inflight_req;
struct split;

/* A session's requests in parts. */
struct splits {
	TAILQ_HEAD(split_list, split) list;
	size_t bytes;	  /* kept of WRITEs */
	size_t reading;	  /* room for what READs asked for */
	size_t write_max; /* bytes of data in one WRITE; 0: no INIT */
	size_t read_max;  /* same of a READ's reply */
};

void splits_init(struct splits *t);

/* Forget all, answering nothing. */
void splits_fini(struct splits *t);

/* What INIT's reply, as the daemon sent it, lets a request have; at most
 * data_max bytes. */
void splits_learn(struct splits *t, struct span request, struct span reply,
    size_t data_max);

/* Must this request, which passed wire_check_request(), go in parts?  Bytes of
 * data in the largest of them, or 0. */
size_t split_part(struct session *s, struct span request);

/* Send it in such parts; r is its row in the table.  It is answered. */
void split_start(struct session *s, struct inflight_req *r,
    struct span request, size_t part);

/* Ask for the READ that is kept in r's row a second time: in parts of at most
 * AGAIN_PART bytes.  The session may end meanwhile. */
void split_again(struct session *s, struct inflight_req *r);

/* The daemon's own reply to r came after all: what was asked again is given
 * up. */
void split_drop(struct session *s, struct inflight_req *r);

/* A part was answered, or never reached the daemon because of num. */
void split_reply(struct session *s, struct inflight_req *part,
    struct span reply);
void split_refused(struct session *s, struct inflight_req *part, int num);

/* The front sent INTERRUPT m for r; the daemon answered the part's. */
void split_interrupt(struct session *s, struct inflight_req *r, struct span m);
void split_interrupt_reply(struct session *s, struct inflight_req *part,
    struct span reply);

#endif
