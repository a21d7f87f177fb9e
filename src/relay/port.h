/* SPDX-License-Identifier: ISC */
/*
 * One end of a session: a descriptor on which whole messages come and go.
 *
 * Kinds differ in how a message lies on the descriptor (port_kind); all of
 * them read whole messages in batches, send batches with as few system
 * calls as the kind allows, and queue what the descriptor does not take.
 * A message handed up or down is borrowed: it lives until the batch it came
 * in is over, and may be rewritten in place.  One that is handed up is told of
 * as frame.h does; where the descriptor knows whole messages it is one piece
 * at offset 0.
 *
 * Everything is driven by the event loop; no call here blocks.
 */
#ifndef FR_RELAY_PORT_H
#define FR_RELAY_PORT_H

#include <event2/event.h>

#include "frame/frame.h"
#include "relay/conf.h"

#define PORT_SMALL 96 /* bytes of a message made by the relay itself */

enum port_kind {
	PORT_STREAM, /* bytes; cut by length word */
	PORT_PACKET, /* one packet, one message */
	PORT_DEVICE  /* the kernel's device: one read, one message */
};

struct notifier_head;

struct port_events {
	/* A whole message.  p and len as far as the kind can tell. */
	void (*message)(void *arg, const struct frame_msg *m);
	/* A stream's read gave n bytes from offset on.  May be NULL. */
	void (*chunk)(void *arg, uint64_t offset, size_t n);
	/* All messages of one read were handed up; they are valid until this
	 * returns. */
	void (*batch_end)(void *arg);
	/* No more messages: E_EOF, E_SYS (errno), E_DESYNC, E_NOMEM. Once. */
	void (*closed)(void *arg, int r);
	/* The queue fell below the low mark after it was above the high. */
	void (*drained)(void *arg);
	/* The descriptor will never take m: E_BIG, E_NOMEM. */
	void (*refused)(void *arg, struct span m, int r);
	/* m can't be sent: the peer was gone before.  (Not for what waited
	 * in the queue.)  May be NULL; puts nothing into this port. */
	void (*came_late)(void *arg, struct span m);
	/* PORT_DEVICE: what the kernel said to a notification that was put,
	 * errno or 0.  May be NULL; puts nothing into this port. */
	void (*notified)(void *arg, const struct notifier_head *h, int error);
	/* PORT_PACKET: m, whose length word says more than came, may begin
	 * a message that comes in pieces. */
	int (*in_pieces)(void *arg, struct span m);
};

/* Buffers for one turn of reading whole messages, shared by all ports of a
 * relay. */
struct port_scratch {
	uint8_t *slots; /* mapped, untouched pages cost nothing;
				 * placed as base/msgbuf.h says */
	size_t slot_size, count;
	unsigned touched; /* slots past the first that were used */
};

int port_scratch_init(struct port_scratch *s) ERR_MUSTCHECK;
void port_scratch_fini(struct port_scratch *s);

struct port;

struct port_conf {
	enum port_kind kind;
	int fd;		 /* non-blocking; becomes the port's */
	size_t min, max; /* message lengths that may come in */
	struct event_base *base;
	const struct relay_conf *conf;
	struct port_scratch *scratch;
	const struct port_events *ev;
	void *arg;
};

/* Start reading.  E_NOMEM, E_SYS; then fd stays the caller's. */
int port_new(struct port **out, const struct port_conf *c) ERR_MUSTCHECK;

/* Close the descriptor; no event comes afterwards, and nothing can be sent. */
void port_close(struct port *p);

/* The same, and free the port.  NULL is legal. */
void port_free(struct port *p);

/* Free the port, but leave the descriptor open: it is the caller's. */
void port_free_but_fd(struct port *p);

/* Shut the descriptor down, so that no call of the peer waits on it. */
void port_shut(struct port *p);

/* Send m, after what was put before.  It leaves with port_flush(). */
void port_put(struct port *p, struct span m);

/* The same for a message of at most PORT_SMALL bytes, copied at once. */
void port_put_small(struct port *p, const void *m, size_t len);

/* The same, ahead of all that still waits (INTERRUPT). */
void port_put_first(struct port *p, struct span m);

void port_flush(struct port *p);

/* Take out of the queue the messages of which nothing was sent and for which
 * match() is true; returns how many. */
size_t port_take_back(struct port *p, int (*match)(struct span m, void *arg),
    void *arg);

/*
 * Let the peer's reads end where closing does not do that by itself (a
 * datagram socket).  E_AGAIN: its queue is full of messages, no end is in
 * it.  port_close() tries once, too.
 */
int port_say_end(struct port *p);

/* Stop and resume handing messages up: a stream stops at once, other kinds
 * after the messages they have read.  If the peer goes meanwhile, what it sent
 * before is handed up, and closed() comes. */
void port_pause(struct port *p);
void port_resume(struct port *p);

/* Hand up all that has come, paused or not: the peer is known to be gone. */
void port_read_out(struct port *p);

/* Is so much queued that its producer should stop? */
int port_full(const struct port *p);

/* Bytes and messages that are not sent yet. */
size_t port_pending(const struct port *p);

/* Has the peer read all that was sent, as far as that can be known? */
int port_is_taken(const struct port *p);

/* Does port_events.notified() tell what the kernel makes of a notification? */
int port_tells_notified(const struct port *p);

/* PORT_DEVICE: has the kernel not finished a notification, or do messages wait
 * that were put after it? */
int port_is_notifying(const struct port *p);

/* Was closed() told, or port_close() called? */
int port_is_closed(const struct port *p);

/* Where a stream stands: in front of a message that is not whole yet. */
struct port_where {
	uint64_t offset;   /* bytes of the stream before it */
	struct span start; /* what is here of it; borrowed */
	size_t len;	   /* of the message, 0: not known yet */
};

/* All zero where the descriptor knows whole messages. */
void port_where(const struct port *p, struct port_where *w);

/* Close it for the reason r: the event closed() comes, once. */
void port_closed(struct port *p, int r);

#endif
