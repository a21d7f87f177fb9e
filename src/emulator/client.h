/* SPDX-License-Identifier: ISC */
/*
 * A FUSE client without a kernel: sends requests as Linux would, keeps many
 * in flight, and waits for one by running the event loop.
 *
 * Results: 0; a positive errno that the daemon answered; or a negative code
 * (E_TIMEOUT, E_EOF, E_PROTO, E_NOMEM, ...) when there was no good answer,
 * in which case client_why() tells more.
 */
#ifndef FR_EMULATOR_CLIENT_H
#define FR_EMULATOR_CLIENT_H

#include "base/table.h"
#include "channel/channel.h"
#include "wire/build.h"

#define CLIENT_WHY_MAX 200

/* Faults of FUSE-T's servers that the client can have. */
enum {
	CLIENT_IGNORES_MAX = 1,	   /* max_write and max_pages of INIT */
	CLIENT_REFUSES_FH0 = 2,	   /* a file handle of 0 is no handle: EBADF */
	CLIENT_SIZE_AS_OFFSET = 4, /* READDIR goes on at the size of the
				 * reply before, as if that were an offset */
	CLIENT_TAKES_INO0 = 8	   /* a negative entry is found, as the root */
};

/* One request and its answer; the caller's memory, zeroed at first. */
struct client_call {
	uint32_t opcode;
	uint64_t unique;
	uint64_t deadline; /* ms of CLOCK_MONOTONIC */
	int r;		   /* E_AGAIN while it waits, else as above */
	uint8_t *reply;	   /* owned: the whole reply message */
	size_t len;
};

struct client {
	struct event_base *base;
	struct channel *channel;
	struct event timer;
	struct wire_buf buf; /* the request being built */
	uint64_t unique;
	uint64_t nodeid;	    /* of the request being built */
	unsigned timeout;	    /* s, for each call */
	size_t max_write, max_read; /* bytes of data in one message */
	unsigned minor;		    /* agreed on */
	unsigned quirks;	    /* CLIENT_*; set after client_init() */
	struct table_entry *nodes;  /* owned; to be forgotten */
	int ended; /* 0, or why nothing is answered any more */
	char why[CLIENT_WHY_MAX];
};

/* E_SYS. */
int client_init(struct client *c, struct event_base *base,
    struct channel *channel, unsigned timeout) ERR_MUSTCHECK;
void client_fini(struct client *c);

/*
 * The INIT exchange: offers 7.minor and requests of up to max_data bytes
 * of data, and keeps what was agreed on.
 */
int client_start(struct client *c, unsigned minor,
    size_t max_data) ERR_MUSTCHECK;

/* Begin a request; its body is then put into c->buf... */
void client_begin(struct client *c, uint32_t opcode, uint64_t nodeid);
/* ...after the fixed part this brings it to the size of the dialect and
 * minor agreed on... */
void client_fit(struct client *c, uint32_t opcode);
/* ...and sent; client_wait() waits for the reply.  An error is kept in the
 * call. */
void client_send(struct client *c, struct client_call *call);

/* A request that has no answer. */
int client_tell(struct client *c) ERR_MUSTCHECK;

/*
 * Run the event loop until call is answered; its result.  The reply stays
 * in call until client_done(), which must follow, also on an error.
 */
int client_wait(struct client *c, struct client_call *call) ERR_MUSTCHECK;
void client_done(struct client *c, struct client_call *call);

/* The reply as a span; empty without one. */
struct span client_reply(const struct client_call *call);

/* Count one more lookup of a node; give all lookups back by FORGETs. */
int client_ref(struct client *c, uint64_t nodeid) ERR_MUSTCHECK;
int client_forget_all(struct client *c) ERR_MUSTCHECK;

/* For the channel's owner: m is the reply to the call. */
void client_answer(struct client *c, struct client_call *call, struct span m);
/* The channel has ended, or the user wants the end: all calls fail with r. */
void client_stop(struct client *c, int r);

/* A message about the result r of the call `what`. */
const char *client_why(struct client *c, int r, const char *what);

#endif
