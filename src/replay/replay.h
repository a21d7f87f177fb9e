/* SPDX-License-Identifier: ISC */
/*
 * Send the requests of a capture to another file system, as the front of
 * it, and compare what it replies with what was replied.
 *
 * A request is sent when every request has been answered whose reply comes
 * before it in the capture.  So requests that were in flight together are in
 * flight together again, and a request that followed from a reply follows it
 * again.
 */
#ifndef FR_REPLAY_REPLAY_H
#define FR_REPLAY_REPLAY_H

#include <event2/event.h>
#include <stdio.h>

#include "channel/shaping.h"
#include "replay/script.h"

struct replay_conf {
	struct script_conf script;
	struct shaping shaping;
	unsigned timeout_ms; /* for one reply */
	FILE *out;	     /* differences go here, a line each */
};

struct replay_totals {
	uint64_t recorded; /* requests whose replies could be compared */
	uint64_t requests; /* that were sent */
	uint64_t compared; /* replies */
	uint64_t differences;
	uint64_t skipped[SKIP_COUNT];
	uint64_t undecided; /* replies that depend on requests in flight */
	uint64_t in_part;   /* replies that are cut in the capture */
};

struct replay;

/* Which requests are skipped: "those that ...". */
const char *replay_skip_text(enum replay_skip skip);

/* Are requests of this kind never sent, whatever the capture has and the file
 * system replies?  (Nothing is lost by that: other requests show the same.) */
int replay_skip_is_natural(enum replay_skip skip);

/* Open the capture.  As script_open(). */
int replay_new(struct replay **out,
    const struct replay_conf *conf) ERR_MUSTCHECK;

/* Begin to send on fd, a stream socket that is the replay's from now on,
 * also when this fails.  It is closed at the end.  E_NOMEM, E_SYS. */
int replay_start(struct replay *r, struct event_base *base,
    int fd) ERR_MUSTCHECK;

/* Stop using the event base. */
void replay_stop(struct replay *r);

/* E_OK if the capture was replayed to its end; E_EOF: the file system went
 * before, or was never there; E_VALUE: the capture can't be read. */
int replay_result(const struct replay *r,
    struct replay_totals *totals) ERR_MUSTCHECK;

void replay_free(struct replay *r);

#endif
