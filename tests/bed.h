/* SPDX-License-Identifier: ISC */
/*
 * A test bed: one session over real sockets, with the test as its front
 * and as its daemon.  No mount, no child, no clock: everything that can
 * happen has happened when bed_settle() returns.
 */
#ifndef FR_TESTS_BED_H
#define FR_TESTS_BED_H

#include <check.h>

#include "relay/session.h"
#include "wire/build.h"
#include "wire/get.h"

#define BED_ROOM (5u * 1024 * 1024)

struct bed {
	struct event_base *base;
	struct relay relay;
	struct session *s;
	int front;		     /* the front's own end; -1: closed */
	int daemon;		     /* the device end; -1: closed */
	int daemon_gone, front_gone; /* events, counted */
	int front_error;
	int log;     /* what the relay logged */
	int fds;     /* open before it all */
	uint8_t *in; /* what the front has read */
	size_t in_len, in_cap, in_done;
	struct wire_buf b; /* the message built last */
	uint8_t *room;	   /* BED_ROOM bytes of zeros, for the test */
};

extern struct bed bed;

/* The default settings, but with SOCK_SEQPACKET in any build. */
struct relay_conf bed_conf(void);

/* NULL: those settings. */
void bed_open(const struct relay_conf *conf);
void bed_open_default(void);
void bed_open_dgram(void);

/* With marks so low that a test can fill a side. */
#define BED_HIGH 200000
#define BED_LOW 50000
void bed_open_low(void);
void bed_open_low_dgram(void);

/* Also checks that no descriptor was lost. */
void bed_close(void);

void bed_settle(void);

/* Wait for *flag with the loop running; fails when it hangs. */
void bed_wait(const int *flag);

/* The front writes bytes: all of them, letting the relay run when the
 * socket is full; or what the socket takes. */
void bed_send(const void *p, size_t len);
size_t bed_try_send(const void *p, size_t len);

/* Build a message in bed.b. */
struct span bed_build_request(uint32_t op, uint64_t unique, const void *body,
    size_t len);
struct span bed_build_reply(uint64_t unique, int error, const void *body,
    size_t len);

/* The front sends a request, the daemon a reply; then settle. */
void bed_request(uint32_t op, uint64_t unique, const void *body, size_t len);
void bed_reply(uint64_t unique, int error, const void *body, size_t len);
void bed_packet(const void *p, size_t len);

void bed_interrupt(uint64_t unique, uint64_t target);

/* A small SO_SNDBUF. */
void bed_narrow(int fd);

/* Requests 2, 4, ... until some wait in the session, towards the daemon;
 * returns how many. */
unsigned bed_send_until_queued(unsigned want);

/* The next packet for the daemon: its length, 0 if there is none. */
size_t bed_recv(uint8_t *buf, size_t cap);

/* The next message for the front (valid until the next call): 1, or 0. */
int bed_answer(struct span *m);

/* A request is with the daemon: a READ of so many bytes, a STATFS. */
void bed_request_read(uint64_t unique, uint32_t size);
void bed_request_statfs(uint64_t unique);

/* The daemon must get this request next; the front this answer. */
void bed_expect_request(uint32_t op, uint64_t unique);
void bed_expect_answer(uint64_t unique, int error);

/* The daemon must get the session's own DESTROY, maybe after a while. */
void bed_expect_destroy(void);

/* Nothing waits at either end. */
void bed_expect_quiet(void);

/* INIT, so that DESTROY is due at the end; the front's unique is 2. */
void bed_init(void);

/* Close an end, then settle. */
void bed_close_front(void);
void bed_close_daemon(void);

/* How often the log has this text. */
int bed_logged(const char *text);

/* ---- inside the session (bed_own.c) ---- */

/* Changes whenever the session has done something. */
uint64_t bed_progress(void);

/* The session's own ends. */
int bed_front_fd(void);
int bed_device_fd(void);

/* Is the front not read for now, or the daemon? */
int bed_front_is_held(void);
int bed_device_is_held(void);

/* What waits to be sent: messages for the daemon, and bytes for either. */
size_t bed_queued_requests(void);
size_t bed_queued_for_daemon(void);
size_t bed_queued_for_front(void);

/* Does an end wait on a timer, after a call that failed? */
int bed_is_backing_off(void);

/* Bytes of the buffer for the front's stream. */
size_t bed_front_buffer(void);

/* Send a request that did not come from the front. */
void bed_put_request(struct span m);

/* Was INIT accepted?  Is all as usual; or has the front gone, and is DESTROY
 * due or sent? */
int bed_is_ready(void);
int bed_is_open(void);
int bed_is_destroying(void);

/* Bytes that INIT may promise; of the longest request that the daemon has room
 * for; of the longest that the device end carries, which can be set. */
size_t bed_data_max(void);
size_t bed_request_max(void);
size_t bed_carries(void);
void bed_carry_at_most(size_t bytes);

/* Rows of answered requests that wait for a late reply. */
size_t bed_answered_kept(void);

/* Bytes kept for requests in parts. */
size_t bed_kept_of_writes(void);
size_t bed_kept_for_reads(void);

/* The next part's unique is the one after this. */
void bed_set_part_unique(uint64_t unique);

/* ---- */

/* Small reproducible pseudo-random numbers. */
uint32_t bed_random(uint64_t *state, uint32_t below);

/* Reproducible contents. */
void bed_fill(uint8_t *p, size_t len, uint64_t seed);

int bed_fds(void);

/* Add the tests that add() names twice, for either kind of device end. */
void bed_transports(Suite *s, void (*open)(void), void (*open_dgram)(void),
    void (*close)(void), void (*add)(TCase *tc, int dgram));

#endif
