/* SPDX-License-Identifier: ISC */
/*
 * READs that are asked for again.
 *
 * A reply through a packet socket needs memory in one stretch, the more the
 * larger it is.  When the system has none, the daemon's write fails with
 * ENOBUFS; a library tells so on stderr and forgets the request, and whoever
 * asked would wait for ever.  The session can't see that.  But a large READ
 * that the daemon took, and did not answer for some seconds, can be asked for
 * once more, in parts whose replies are small enough to find memory at any
 * time.  If the daemon was just slow, it reads twice, and the answer that is
 * whole first counts.
 *
 * For a while after such a loss large READs go in small parts from the start.
 *
 * Neither is for files where reading is more than looking: which they are is
 * known by the flags that OPEN was answered with.
 */
#ifndef FR_RELAY_AGAIN_H
#define FR_RELAY_AGAIN_H

#include <time.h>

#include "base/span.h"
#include "wire/ops.h"

#define AGAIN_READ_LEN 80 /* bytes of a READ */
#define AGAIN_PART \
	(64u * 1024) /* data bytes of one part; no READ of fewer is
				 * asked for again */

struct session;
struct inflight_req;
struct again_file;

struct again {
	/* Open files that are read once only, by node and handle (uthash). */
	struct again_file *files;
	uint8_t lost;	       /* no memory for one: so may be any */
	uint8_t careful;       /* READs go in parts... */
	struct timespec until; /* ...until then (CLOCK_MONOTONIC) */
};

void again_init(struct again *t);
void again_fini(struct again *t);

/* The daemon's good reply to OPEN of node nodeid, or to CREATE. */
void again_note_open(struct again *t, const struct wire_proto *pr,
    uint32_t opcode, uint64_t nodeid, struct span reply);

/* A RELEASE that goes to the daemon. */
void again_note_release(struct again *t, uint64_t nodeid, uint64_t fh);

/* The parts were answered, and the whole was not. */
void again_note_loss(struct session *s);

/* Should this READ, of a session that is careful, go in parts? */
int again_wants_parts(struct session *s, struct span m);

/* Keep m, as it goes to the daemon, if r may have to be asked again. */
void again_keep(struct session *s, struct inflight_req *r, struct span m);

/* Ask again for what waits since `age` ms, if it is time and of use.  1: it
 * was, and the session may have come to its end, its rows with it. */
int again_ask(struct session *s, struct inflight_req *r, long long age);

#endif
