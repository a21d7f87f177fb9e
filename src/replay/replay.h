/* SPDX-License-Identifier: ISC */
/*
 * Send the requests of a capture to another file system, as the front of
 * it, and compare what it replies with what was replied.
 *
 * A request is sent when every request has been answered whose recorded
 * reply came before it: what was in flight together is so again, and what
 * followed from a reply does, too.
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
	uint64_t undecided; /* replies that depend on what raced */
	uint64_t in_part;   /* replies that the capture has not whole */
};

struct replay;

/* Which requests are skipped: "those that ...". */
const char *replay_skip_text(enum replay_skip skip);

/* Is it skipped because of what it is, whatever the capture has and the file
 * system replies?  (What it would have shown is shown otherwise.) */
int replay_skip_is_natural(enum replay_skip skip);

/* Open the capture.  As script_open(). */
int replay_new(struct replay **out,
    const struct replay_conf *conf) ERR_MUSTCHECK;

/* Begin to send on fd, a stream socket that is the replay's from now on,
 * also when this fails.  It is closed at the end.  E_NOMEM, E_SYS. */
int replay_start(struct replay *r, struct event_base *base,
    int fd) ERR_MUSTCHECK;

/* Let go of the event base. */
void replay_stop(struct replay *r);

/* Was everything done, up to the end of the capture?  Else E_EOF: the file
 * system was gone before, or never there; E_VALUE: the capture can't be
 * read. */
int replay_result(const struct replay *r,
    struct replay_totals *totals) ERR_MUSTCHECK;

void replay_free(struct replay *r);

#endif
