/* SPDX-License-Identifier: ISC */
/* What a session is made of, for its own files. */
#ifndef FR_RELAY_SESSION_OWN_H
#define FR_RELAY_SESSION_OWN_H

#include "relay/again.h"
#include "relay/inflight.h"
#include "relay/node_types.h"
#include "relay/session.h"
#include "relay/split.h"

enum session_state {
	SESSION_OPEN,
	SESSION_DESTROY, /* front gone, DESTROY sent to the daemon */
	SESSION_OVER	 /* one side is gone, nothing in flight */
};

#define SESSION_INTERRUPTS 32 /* whose answer may come late */

struct session {
	struct relay *relay;
	struct trace *trace; /* relay's; NULL: nobody looks on */
	unsigned id;
	enum session_state state;
	const struct session_events *ev;
	void *arg;
	struct port front, dev;
	struct inflight inflight;
	struct wire_proto proto;
	size_t carry_request, carry_reply; /* bytes, from the device pair */
	size_t request_max; /* bytes that the daemon surely reads at once */
	size_t data_max;    /* bytes of file data in one message */
	uint8_t init[128];  /* the INIT request as the front sent it */
	size_t init_len;
	uint8_t init_done, destroy_seen, held, daemon_gone, watching;
	uint8_t end_traced;
	uint8_t told_last;    /* the last message has no reply */
	uint64_t own_unique;  /* of our DESTROY; 0: not sent */
	uint64_t part_unique; /* of the part sent last */
	uint64_t
	    interrupts[SESSION_INTERRUPTS]; /* uniques of those sent last */
	unsigned ninterrupts;
	struct splits splits;
	struct again again;
	struct quirks quirks;
	struct node_types types;
	int front_error;
	struct event *deadline, *watch;
	struct log_limit limit;
	struct session_stats stats;
};

/* The number by which m, that goes to the daemon, is answered; 0: it is not.  A
 * NOTIFY_REPLY has a number of the daemon's own. */
uint64_t session_unique_of(struct span m);

/* The daemon is sent an INTERRUPT with this unique. */
static inline void
session_note_interrupt(struct session *s, uint64_t unique)
{
	s->interrupts[s->ninterrupts++ % SESSION_INTERRUPTS] = unique;
}

/* INIT was asked for, and has not been accepted. */
static inline int
session_starting(const struct session *s)
{
	return s->init_len > 0 && !s->init_done;
}

/* Parts of the session with a file of their own. */
void session_request(void *session, const struct frame_msg *m);
void session_reply(void *session, const struct frame_msg *m);

/* May a reply to what is in flight begin with m, whose length word says that
 * more is to come? */
int session_reply_in_pieces(void *session, struct span m);

/* Look after the ages of requests as long as there are any (watch.c). */
int session_watch_init(struct session *s) ERR_MUSTCHECK;
void session_watch(struct session *s);

/* Answer a request of the front with -num, as the daemon would: one that is
 * not in the table, or that has the row r there, which stays. */
void session_answer(struct session *s, uint64_t unique, int num);
void session_answer_row(struct session *s, const struct inflight_req *r,
    int num);

/* Stop reading the front while the daemon's side is behind, while the front
 * does not take the answers that the session makes itself, or while too much
 * is kept. */
void session_hold(struct session *s);

/* Read the front again, if what it was held for has become less. */
void session_go_on(struct session *s);

/* Take the row out of the table, letting the front go on if it was held. */
void session_done(struct session *s, struct inflight_req *r);

#endif
