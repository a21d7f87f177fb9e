/* SPDX-License-Identifier: ISC */
/* The inside of a replay; private to src/replay/. */
#ifndef FR_REPLAY_PLAYER_H
#define FR_REPLAY_PLAYER_H

#include "channel/channel.h"
#include "replay/replay.h"
#include "wire/build.h"

/* From one unique to the next: those between are for INTERRUPTs. */
#define PLAYER_UNIQUE_STEP 2

struct replay {
	struct replay_conf conf;
	struct replay_totals totals;
	struct script *script;
	struct replay_maps maps;
	struct channel channel;
	struct event *timer, *finish;
	struct wire_buf buf;	  /* a request of our own */
	struct replay_call *due;  /* whose reply is waited for */
	struct replay_call *held; /* to be sent when there is room */
	uint64_t unique;
	int open, done, gone; /* of the channel; of the script */
};

/*
 * Before a recorded READDIR counts as answered, the replay may have to send a
 * request of its own, to read on or to look a name up.  1: it has sent one,
 * and c waits again; 0: there is nothing to ask.
 */
int player_asks(struct replay *r, struct replay_call *c);

/* Learn from the reply to that request, which is c->reply_is.  E_NOMEM,
 * E_VALUE. */
int player_asked(struct replay *r, struct replay_call *c) ERR_MUSTCHECK;

#endif
