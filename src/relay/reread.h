/* SPDX-License-Identifier: ISC */
/*
 * Which READs may be asked for a second time.
 *
 * A reply through a packet socket needs memory in one stretch, the more the
 * larger it is.  When the system has none, the daemon's write fails with
 * ENOBUFS; a library reports that on stderr and forgets the request, and
 * whoever asked would wait for ever.  The session can't see that.  But a large
 * READ that the daemon took, and did not answer for some seconds, can be asked
 * for once more, in parts whose replies are small enough to find memory at any
 * time.  If the daemon was just slow, it reads twice, and the answer that is
 * whole first counts.
 *
 * For a while after such a loss large READs go in small parts from the start.
 * They do not go so always: that takes half of the throughput of large READs
 * away (measured, 128 KiB and 1 MiB).
 *
 * Neither is for files where a READ does more than to look at the contents:
 * which they are is known by the flags that OPEN was answered with.
 *
 * This is the policy alone: what it decides, session_parts.c does.
 */
#ifndef FR_RELAY_REREAD_H
#define FR_RELAY_REREAD_H

#include <time.h>

#include "base/span.h"
#include "wire/ops.h"

#define REREAD_PART \
	(64u * 1024) /* data bytes of one part; no READ of fewer is
				 * asked for again */

struct reread_file;

struct reread {
	/* Open files whose READs may not be repeated, by node and handle
	 * (uthash). */
	struct reread_file *files;
	uint8_t lost;	       /* no memory for one: so may be any */
	uint8_t in_parts;      /* READs go in parts... */
	struct timespec until; /* ...until then (CLOCK_MONOTONIC) */
};

void reread_init(struct reread *t);
void reread_fini(struct reread *t);

/* The daemon's good reply to OPEN of node nodeid, or to CREATE. */
void reread_note_open(struct reread *t, const struct wire_proto *pr,
    uint32_t opcode, uint64_t nodeid, struct span reply);

/* A RELEASE that goes to the daemon. */
void reread_note_release(struct reread *t, uint64_t nodeid, uint64_t fh);

/* A READ's reply was lost: large READs go in parts for the next ms. */
void reread_note_loss(struct reread *t, unsigned ms);

/* Should this request go in parts of REREAD_PART bytes for that reason? */
int reread_wants_parts(struct reread *t, struct span m);

/* Is m a READ that may be asked for again, if its reply does not come? */
int reread_is_allowed(const struct reread *t, struct span m);

#endif
