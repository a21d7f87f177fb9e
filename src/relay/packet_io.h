/* SPDX-License-Identifier: ISC */
/*
 * Many packets with one call, where the system has such calls, else one after
 * the other.
 */
#ifndef FR_RELAY_PACKET_IO_H
#define FR_RELAY_PACKET_IO_H

#include <stddef.h>
#include <sys/uio.h>

/* Packets of one call, at most. */
#define PACKET_IO_MAX 32

/*
 * Receive up to `want` packets, each into one row of iov, its length into
 * len; of one that fills its row the rest may be lost.  Returns how many;
 * fewer than wanted with *num the errno that ended it, or 0.  Does not wait.
 */
unsigned packet_io_recv(int fd, struct iovec *iov, size_t *len, unsigned want,
    int *num);

/* Send n packets, a row each.  Returns how many left; fewer than n with *num
 * the errno of the next one, EPROTO if that left in part (which no system
 * should do).  Does not wait. */
size_t packet_io_send(int fd, struct iovec *iov, size_t n, int *num);

#endif
