/* SPDX-License-Identifier: ISC */
/*
 * A session: one front, one daemon, and the requests between them.
 *
 * What holds at any time:
 * - A request that wants a reply is in the in-flight table from the moment
 *   it is read, and is answered exactly once: by the daemon, or by the
 *   session when the daemon is gone, gave an answer that the kernel would
 *   refuse, or can't be given the request at all.  A lost unique would hang
 *   a process in a wait that can't be killed.
 * - FORGET, BATCH_FORGET and NOTIFY_REPLY are never answered; INTERRUPT
 *   may be.  Replies to what is not in the table are dropped and counted.
 * - Messages keep their order in each direction, INTERRUPT excepted; only
 *   a notification that the kernel itself makes wait is overtaken by the
 *   replies after it (notifier.h).
 * - Nothing is forwarded to the front unchecked: FUSE-T's reader trusts
 *   the length word.
 * - INIT is rewritten (init.c); every other byte leaves as it came.
 * - Neither side is trusted.  Memory is bounded: a side is not read while
 *   too much is queued for the other.
 */
#ifndef FR_RELAY_SESSION_H
#define FR_RELAY_SESSION_H

#include "relay/again.h"
#include "relay/devpair.h"
#include "relay/inflight.h"
#include "relay/node_types.h"
#include "relay/relay.h"
#include "relay/split.h"

/* Uniques of requests that the session makes itself: bit 62 is never set by
 * a kernel (which counts up from 2) nor by RESEND (bit 63).  This one is
 * DESTROY's, those above it are of parts of split requests, by twos: bit 0
 * marks the INTERRUPT of a part. */
#define SESSION_OWN_UNIQUE (UINT64_C(1) << 62)

/* A front's request of more bytes than this is taken for a lost stream: the
 * largest buffer of FUSE-T's own library, 32 MiB and a page of headers. */
#define SESSION_REQUEST_MAX (32u * 1024 * 1024 + 4096)

/* So many requests in flight stop the front from being read. */
#define SESSION_INFLIGHT_MAX 65536u

enum session_state {
	SESSION_OPEN,
	SESSION_DESTROY, /* front gone, DESTROY sent to the daemon */
	SESSION_OVER	 /* one side is gone, nothing in flight */
};

struct session_events {
	/* The daemon has accepted INIT.  Once.  May be NULL. */
	void (*ready)(void *arg);
	/* Requests were answered with ETIMEDOUT.  May be NULL. */
	void (*timed_out)(void *arg);
	/* The daemon's end is gone; all its requests were answered.  A front
	 * that is still there has every further request refused.  Once. */
	void (*daemon_gone)(void *arg);
	/* The front is gone (E_EOF) or lost (E_DESYNC, ...), the daemon was
	 * sent DESTROY and answered it or had its time.  Once. */
	void (*front_gone)(void *arg, int r);
};

struct session_stats {
	uint64_t requests, replies, notifications;
	uint64_t dropped;	 /* replies nobody waited for */
	uint64_t repaired;	 /* bad replies answered with EIO */
	uint64_t spoilt;	 /* passed on, but EIO for the kernel */
	uint64_t timed_out;	 /* requests the daemon sat on for too long */
	uint64_t late;		 /* replies to those that came after all */
	uint64_t refused;	 /* requests the device end can't carry */
	uint64_t unanswered;	 /* when the daemon went, and waited for */
	uint64_t again;		 /* READs asked for again */
	uint64_t divided, parts; /* requests too large for one, and in what */
	uint64_t split, joined;	 /* requests that came in pieces, glued */
	uint64_t pieces;	 /* reads of all requests together */
	uint32_t largest;	 /* bytes of the largest request */
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

struct session_conf {
	enum port_kind front_kind; /* PORT_STREAM, or PORT_DEVICE */
	int front_fd;		   /* non-blocking; taken over */
	struct devpair pair;	   /* pair.relay is taken over */
	int device_is_stream;	   /* pair.relay is a byte stream, whose reader
				 * sees how it is cut; else whole packets */
	const struct session_events *ev;
	void *arg;
};

/* E_NOMEM, E_SYS; then the descriptors stay the caller's. */
int session_new(struct session **out, struct relay *r,
    const struct session_conf *c) ERR_MUSTCHECK;

/* Is the kernel still carrying out a notification of the daemon's?  It may
 * need an answer meanwhile. */
int session_is_notifying(const struct session *s);

/* Close both ends.  Not from inside one of its own events. */
void session_free(struct session *s);

/* The daemon is known to be dead although its socket does not say so. */
void session_daemon_died(struct session *s);

/* The front is to be gone now, whatever its descriptor says. */
void session_end_front(struct session *s);

/*
 * What the daemon still reads ends now, if it can be told (port_say_end());
 * E_AGAIN: not yet, its queue is full.
 */
int session_say_end(struct session *s);

/* Close the relay's end of the device: the daemon sees end of file. */
void session_close_device(struct session *s);

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
void session_request(struct session *s, const struct port_msg *m);
void session_reply(struct session *s, const struct port_msg *m);

/* May a reply to what is in flight begin with m, whose length word says that
 * more is to come? */
int session_reply_in_pieces(const struct session *s, struct span m);

/* Look after the ages of requests as long as there are any (watch.c). */
int session_watch_init(struct session *s) ERR_MUSTCHECK;
void session_watch(struct session *s);

/* Answer a request of the front with -num, as the daemon would. */
void session_answer(struct session *s, uint64_t unique, int num);

/* Stop reading the front while the daemon's side is behind, while the front
 * does not take the answers that the session makes itself, or while too much
 * is kept. */
void session_hold(struct session *s);

/* Read the front again, if what it was held for has become less. */
void session_go_on(struct session *s);

/* Take the row out of the table, letting the front go on if it was held. */
void session_done(struct session *s, struct inflight_req *r);

#endif
