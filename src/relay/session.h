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
 *   may be.  A reply whose request is not in the table is dropped and counted.
 * - Messages keep their order in each direction, with two exceptions: an
 *   INTERRUPT overtakes requests, and replies overtake a notification that the
 *   kernel does not finish (notifier.h).
 * - No message is sent to the front unchecked: FUSE-T's reader trusts the
 *   length word.
 * - INIT is rewritten (init.c), and so is what quirks are for (quirk/quirk.h);
 *   every other byte leaves as it came.
 * - Neither side is trusted.  Memory is bounded: a side is not read while
 *   too much is queued for the other.
 */
#ifndef FR_RELAY_SESSION_H
#define FR_RELAY_SESSION_H

#include "quirk/quirk.h"
#include "relay/devpair.h"
#include "relay/relay.h"

/* Uniques of requests that the session makes itself: bit 62 is never set by
 * a kernel (which counts up from 2) nor by RESEND (bit 63).  This one is
 * DESTROY's, those above it are of parts of split requests, by twos: bit 0
 * marks the INTERRUPT of a part. */
#define SESSION_OWN_UNIQUE (UINT64_C(1) << 62)

/* Bytes of the largest request of a front: 32 MiB and a page of headers, which
 * is the largest buffer of FUSE-T's own library.  A larger length word means
 * that the stream is out of step. */
#define SESSION_REQUEST_MAX (32u * 1024 * 1024 + 4096)

/* The front is not read while so many requests are in flight. */
#define SESSION_INFLIGHT_MAX 65536u

/* READs in parts may have space for so many times the bytes that are kept of
 * WRITEs in parts before the front is not read any more: of a READ's space
 * only what has come is memory, and a few slow READs must not stop all other
 * requests. */
#define SESSION_PARTS_READING 32

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
	uint64_t dropped;	 /* replies and notifications not passed on */
	uint64_t repaired;	 /* bad replies answered with EIO */
	uint64_t spoilt;	 /* replies passed on that the kernel
				  * makes EIO of */
	uint64_t timed_out;	 /* requests answered with ETIMEDOUT */
	uint64_t late;		 /* replies of the daemon to requests
				  * that were answered before */
	uint64_t refused;	 /* requests the device end can't carry */
	uint64_t unanswered;	 /* requests in flight when the daemon
				  * went */
	uint64_t repeated;	 /* READs sent to the daemon again */
	uint64_t divided, parts; /* requests too large for one message,
				  * and the parts they went in */
	uint64_t split, joined;	 /* requests that took several reads to
				  * arrive; that came in one read with
				  * the request before */
	uint64_t pieces;	 /* reads of all requests together */
	uint32_t largest;	 /* bytes of the largest request */
};

struct session;

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

/* The trace is told: the session serves the mount at `target` from now on. */
void session_trace_begin(struct session *s, const char *target);

/* The same, when one side is gone.  Only the first call counts. */
void session_trace_end(struct session *s);

/* ---- what is known of it ---- */

/* Counted so far; borrowed, it goes on counting. */
const struct session_stats *session_stats(const struct session *s);

/* Messages that this quirk has changed. */
uint64_t session_quirked(const struct session *s, enum quirk_id id);

/* Its number, as the log and the trace have it. */
unsigned session_id(const struct session *s);

/* Does the front's descriptor give and take nothing any more?  (The session
 * may still wait for the daemon's answer to DESTROY.) */
int session_front_closed(const struct session *s);

/* Requests that wait for an answer now, and the most that ever did. */
size_t session_in_flight(const struct session *s);
size_t session_most_in_flight(const struct session *s);

struct session_waiting {
	uint64_t unique, nodeid;
	uint32_t opcode, pid;
	long long age_ms;
};

/* The requests that have waited longest, the oldest first, at most max; returns
 * how many. */
size_t session_waiting(const struct session *s, struct session_waiting *out,
    size_t max);

#endif
