/* SPDX-License-Identifier: ISC */
/*
 * The data channel: requests leave through the sender, replies come back
 * cut into messages and judged.
 *
 * The judge is strict, because this end is: FUSE-T trusts every length it
 * reads and the kernel refuses what does not fit.  One reply that is wrong
 * in any way is reported with its bytes, and ends the channel.
 */
#ifndef FR_CHANNEL_CHANNEL_H
#define FR_CHANNEL_CHANNEL_H

#include "base/table.h"
#include "channel/sender.h"
#include "frame/frame.h"
#include "wire/check.h"

/* FUSE-T's C library takes 32 MiB of data in one message, and a page. */
#define CHANNEL_DATA_MAX (32u * 1024 * 1024)
#define CHANNEL_REPLY_MAX (CHANNEL_DATA_MAX + 4096)

struct channel_conf {
	struct shape shape;
	unsigned delay;	   /* us between pieces, see sender.h */
	int slow;	   /* read replies in small bits, with pauses */
	unsigned patience; /* ms for the rest of a begun reply */
};

struct channel_calls {
	/* A good reply; the span ends with the call.  user as given to
	 * channel_ask(), NULL for an answer to an INTERRUPT. */
	void (
	    *reply)(void *arg, void *user, uint32_t opcode, struct span reply);
	/* The sender takes more requests again. */
	void (*room)(void *arg);
	/* Nothing comes any more: E_EOF, E_DESYNC or E_PROTO (bad reply,
	 * already reported), E_SYS, E_NOMEM.  Called once. */
	void (*end)(void *arg, int r);
};

struct channel {
	int fd; /* owned */
	struct event in, pause;
	struct event stuck; /* a begun reply does not go on */
	struct sender sender;
	struct frame frame;
	struct table_entry *pending; /* owned: requests without a reply */
	struct wire_proto proto;
	struct wire_buf *init; /* the INIT request, until answered */
	const struct channel_calls *calls;
	void *arg;
	int slow, ended;
	unsigned patience;   /* ms */
	uint64_t rng;	     /* of the slow reader */
	size_t to_stall;     /* bytes until its next long pause */
	uint64_t interrupts; /* sent, may be answered or not */
	uint64_t replies, notifications;
};

/*
 * Take over fd: made non-blocking and close-on-exec, closed by _fini, also
 * when this fails.  E_SYS, E_NOMEM.
 */
int channel_init(struct channel *c, struct event_base *base, int fd,
    const struct channel_conf *conf, const struct channel_calls *calls,
    void *arg) ERR_MUSTCHECK;
void channel_fini(struct channel *c);

/*
 * Send request m (copied).  E_EOF (channel has ended), E_EXISTS (unique in
 * flight), E_FULL, E_NOMEM.
 */
int channel_ask(struct channel *c, struct span m, void *user) ERR_MUSTCHECK;

/* `user` waits for no reply any more: those that come for it are checked and
 * then dropped. */
void channel_forget(struct channel *c, const void *user);

/* How many requests wait for a reply. */
size_t channel_pending(const struct channel *c);

/* Is every request sent and answered? */
int channel_is_idle(const struct channel *c);

#endif
