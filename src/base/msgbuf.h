/* SPDX-License-Identifier: ISC */
/*
 * Buffers for messages, put where the kernel copies them fast.
 *
 * Linux copies between a program and itself with "rep movsb".  AMD's Zen 3
 * does that at a tenth of its speed or less while the destination lies 1 to
 * 31 bytes behind the source, both modulo 4096: measured, 2 GB/s instead of
 * 26 to 45.  The kernel's side of a socket's packet or of a file's page
 * begins at 0, and data in a message at 16 (a reply) or 80 (a WRITE), so that
 * buffers at the start of a page meet it for each READ, and malloc()'s large
 * ones, which begin at 16, for each WRITE.  Messages that begin 64 bytes into
 * a page do not.
 */
#ifndef FR_BASE_MSGBUF_H
#define FR_BASE_MSGBUF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MSGBUF_PAGE 4096u
#define MSGBUF_SHIFT 64u /* where in a page a buffer begins */
#define MSGBUF_SLOW 32u	 /* from 1 to here it should not */

/* n bytes, freed with msgbuf_free(); NULL if there is no memory. */
uint8_t *msgbuf_new(size_t n);

/* NULL is legal. */
void msgbuf_free(void *buf);

/*
 * As read() of one message from a socket, into a buffer that somebody else
 * has placed: where that is a slow place, it is read a little further on and
 * moved.  The buffer must have MSGBUF_SHIFT bytes more than any message has.
 */
ssize_t msgbuf_read(int fd, void *buf, size_t len);

#endif
