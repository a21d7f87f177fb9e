/* SPDX-License-Identifier: ISC */
/* What a port is made of, for the files of its kinds. */
#ifndef FR_RELAY_PORT_OWN_H
#define FR_RELAY_PORT_OWN_H

#include <sys/uio.h>

#include "base/log.h"
#include "relay/outq.h"
#include "relay/port.h"

#define PORT_BATCH 32		/* messages that leave with one system call */
#define PORT_LARGE (16u * 1024) /* from here on one at a time is better */

struct port_stats {
	uint64_t in, out; /* messages */
	uint64_t in_bytes, out_bytes;
	uint64_t queued; /* messages that had to wait */
	uint64_t read;	 /* bytes of messages that were not whole, too */
};

/* What a kind of descriptor does its own way. */
struct port_ops {
	size_t size; /* of the kind's struct, which begins with its port */
	int tells_notified; /* events.notified() comes */
	/* Make and free what the kind has beside the port.  E_NOMEM; fini()
	 * takes what init() left half made.  May be NULL. */
	int (*init)(struct port *p, const struct port_conf *c);
	void (*fini)(struct port *p);
	/* The port is closed: nothing more is to happen.  May be NULL. */
	void (*closed)(struct port *p);
	/* Read once or a few times; hand up what came. */
	void (*fill)(struct port *p);
	/* Send up to n messages; *sent whole ones left, *part bytes of the
	 * next too.  E_OK, E_AGAIN, E_EOF, E_SYS, E_BIG (the next one),
	 * E_HELD (the kind itself calls port_drain() when it is time). */
	int (*send)(struct port *p, struct iovec *iov, size_t n, size_t *sent,
	    size_t *part);
	/* As port_say_end(); NULL where closing is enough. */
	int (*say_end)(struct port *p);
	/* As port_where() and port_is_notifying(); NULL: never. */
	void (*where)(const struct port *p, struct port_where *w);
	int (*is_notifying)(const struct port *p);
};

/* What all kinds have in common. */
struct port {
	int fd; /* owned */
	const struct port_ops *ops;
	const struct port_events *ev;
	void *arg;
	const struct relay_conf *conf;
	struct event *rd, *wr, *retry, *held;
	struct outq out;
	struct iovec batch[PORT_BATCH];
	uint8_t small[PORT_BATCH][PORT_SMALL];
	size_t batched;
	unsigned backoff_ms, waited_ms; /* after ENOBUFS */
	unsigned failed_reads;		/* in a row */
	uint8_t paused, dead, above_high;
	uint8_t resuming; /* still paused: it could not be waited for */
	uint8_t left;	  /* paused, with whole messages that were read */
	uint8_t ending;	  /* the peer is gone, what it sent is read out */
	struct log_limit limit;
	struct port_stats stats;
};

/* A byte stream. */
struct port_stream {
	struct port port; /* first member */
	struct frame frame;
};

extern const struct port_ops port_stream_ops, port_packet_ops;
extern const struct port_ops port_device_ops;

/* A read failed with the errno num, which does not mean the end of the peer: it
 * is tried again in the next turn of the loop, a few times. */
void port_read_failed(struct port *p, int num);

/* The peer is gone; what it sent before is read out. */
void port_end(struct port *p);

/* Send what is queued, as far as the descriptor takes it. */
void port_drain(struct port *p);
void port_hand_up(struct port *p, const struct frame_msg *m);

#endif
