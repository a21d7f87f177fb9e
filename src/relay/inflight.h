/* SPDX-License-Identifier: ISC */
/*
 * Requests that wait for their reply, keyed by unique.
 *
 * Every request that wants a reply is in here from the moment it is read
 * to the moment it is answered, and is taken out exactly once: that is what
 * makes "each request is answered exactly once" hold.  Oldest first in a
 * list, so that ages are cheap to look at.
 */
#ifndef FR_RELAY_INFLIGHT_H
#define FR_RELAY_INFLIGHT_H

#include <sys/queue.h>
#include <time.h>

#include "base/hash.h"
#include "quirk/quirk.h"
#include "wire/check.h"

struct parts;

#define INFLIGHT_READ_LEN 80 /* bytes of a READ */

/* May it be asked for again? */
enum reread_state {
	REREAD_NO,
	REREAD_ALLOWED,
	REREAD_ASKED
};

struct inflight_req {
	uint64_t unique; /* the key */
	uint64_t nodeid;
	uint64_t interrupt; /* unique of the INTERRUPT for it, or 0 */
	uint32_t opcode, pid;
	uint32_t len;	     /* bytes of the request */
	uint8_t own;	     /* the relay has made the request */
	uint8_t expired;     /* the relay has answered it, the daemon's
			      * reply may come late */
	uint8_t warned;	     /* the log has a line about its age */
	uint8_t reread;	     /* enum reread_state */
	struct parts *parts; /* of the request that goes in parts, or
			      * that this is a part of */
	struct wire_expect expect;
	struct quirk_call quirk;
	struct timespec since; /* CLOCK_MONOTONIC */
	TAILQ_ENTRY(inflight_req) age;
	UT_hash_handle hh;
	uint8_t
	    read[INFLIGHT_READ_LEN]; /* the READ; set with `reread` alone */
};

TAILQ_HEAD(inflight_list, inflight_req);

/* Rows of answered requests that are kept for their late replies. */
#define INFLIGHT_EXPIRED_MAX 16384u

struct inflight {
	struct inflight_req *by_unique; /* uthash */
	struct inflight_list oldest, expired, spare;
	size_t count, peak; /* of those that wait */
	size_t nexpired;
};

void inflight_init(struct inflight *t);
void inflight_fini(struct inflight *t);

/* Add a request; *out is the row to fill (unique is set, the rest zero
 * but for `read`).
 * E_EXISTS if that unique waits already, E_NOMEM. */
int inflight_add(struct inflight *t, uint64_t unique,
    struct inflight_req **out) ERR_MUSTCHECK;

/* The row, still in the table, or NULL. */
struct inflight_req *inflight_find(const struct inflight *t, uint64_t unique);

/* Take a row out.  It may be read until the next inflight_add(). */
void inflight_done(struct inflight *t, struct inflight_req *r);

/*
 * The request was answered without the daemon.  Its row stays, so that the
 * daemon's late reply is known for what it is, but is not among the waiting
 * ones any more.  With too many of them, the oldest is forgotten.
 */
void inflight_expire(struct inflight *t, struct inflight_req *r);

/* Milliseconds that r has waited at `now`. */
long long inflight_age_ms(const struct inflight_req *r,
    const struct timespec *now);

/* The request that has waited longest, or NULL; with TAILQ_NEXT(r, age)
 * the next one. */
struct inflight_req *inflight_oldest(const struct inflight *t);

#endif
