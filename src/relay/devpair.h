/* SPDX-License-Identifier: ISC */
/*
 * The socket pair that stands in for /dev/fuse, and how much one message
 * over it may carry.
 *
 * The size of a message on an AF_UNIX packet socket has two limits: the
 * sender's SO_SNDBUF (less 32 bytes that the kernel keeps), and a limit that
 * does not depend on buffers.  Both were measured on Linux 6.18.  Sizes that
 * were asked for are read back, because wmem_max cuts them silently.
 */
#ifndef FR_RELAY_DEVPAIR_H
#define FR_RELAY_DEVPAIR_H

#include "base/err.h"
#include "relay/conf.h"

#define DEVPAIR_BUFFER (4 * 1024 * 1024) /* asked for, each way */
#define DEVPAIR_REPLIES \
	(1600 * 1024) /* waiting ones, bytes; what waits with
				 * more has left the processor's caches when
				 * its turn comes: measured, a tenth */
#define DEVPAIR_CEILING \
	4263616 /* largest message on any AF_UNIX packet
				 * socket */

struct devpair {
	int relay;	/* our end, non-blocking, close-on-exec */
	int daemon;	/* the device end, blocking, close-on-exec */
	size_t request; /* bytes the largest request may have */
	size_t reply;	/* bytes the largest reply may have */
};

/*
 * For replies of up to max_data bytes of data: no larger one has to pass,
 * unless it finds room in DEVPAIR_REPLIES.  E_SYS.  Both descriptors are the
 * caller's.
 */
int devpair_make(struct devpair *d, enum relay_transport t,
    size_t max_data) ERR_MUSTCHECK;

/* Ask for large buffers both ways on any socket; best effort. */
void devpair_enlarge(int fd);

/* Give both ends buffers of `bytes`, and so a smaller largest message. */
void devpair_limit(struct devpair *d, size_t bytes);

/*
 * Let the reads of fd's peer end, if closing fd would not tell it (a
 * datagram socket): with empty datagrams, which read as end of file.
 * E_AGAIN: its queue is full, no end is in it.
 */
int devpair_say_end(int fd);

/* Largest message that can be sent from fd, bytes. */
size_t devpair_capacity(int fd);

#endif
