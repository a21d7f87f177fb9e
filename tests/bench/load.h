/* SPDX-License-Identifier: ISC */
/*
 * The side of FUSE-T in a measurement: writes requests to a byte stream,
 * keeps a number of them in flight, reads the replies by their length word
 * and checks each one.  Blocking calls, one thread: it must stay cheaper
 * than what it measures.
 */
#ifndef FR_BENCH_LOAD_H
#define FR_BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A kind of message, all requests and replies of it equally long. */
struct load_kind {
	const char *name;
	uint32_t opcode;
	uint32_t data;	  /* bytes of file data, 0: none */
	uint32_t request; /* bytes of a whole request */
	uint32_t reply;	  /* bytes of a whole reply */
};

#define LOAD_DEPTH_MAX 64

/* small, w128k, w1M, r128k, r1M: NULL behind the last. */
const struct load_kind *load_kind(size_t i);

struct load {
	int fd;		 /* borrowed, blocking stream socket */
	uint64_t unique; /* of the next request */
	uint8_t *data;	 /* owned: what is written and read */
};

/* E_NOMEM. */
int load_init(struct load *l, int fd) ERR_MUSTCHECK;
void load_fini(struct load *l);

/* Do the INIT exchange.  E_SYS, E_EOF, E_PROTO. */
int load_handshake(struct load *l) ERR_MUSTCHECK;

struct load_result {
	uint64_t messages; /* answered in the measured time */
	double seconds;	   /* measured time */
	uint64_t all;	   /* with those before and after it */
};

/*
 * Keep `depth` (1..LOAD_DEPTH_MAX) requests in flight for `warmup` and then
 * `seconds`, then wait for the last replies.  E_SYS (errno EAGAIN: nothing
 * moved for too long), E_EOF, E_PROTO for a reply that does not fit.
 */
int load_run(struct load *l, const struct load_kind *k, unsigned depth,
    double warmup, double seconds, struct load_result *res) ERR_MUSTCHECK;

#endif
