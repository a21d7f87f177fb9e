/* SPDX-License-Identifier: ISC */
/*
 * INIT flags that the library does not know, or knows and forgets.
 *
 * libfuse 3.14 answers INIT without parallel directory operations, without
 * HANDLE_KILLPRIV_V2, and without anything newer.  These two functions see
 * what the session reads and writes: they look at INIT and its reply and add
 * what both sides can do; every other message passes untouched.  With a
 * library that sets the flags itself nothing changes.
 */
#ifndef FR_PASSTHROUGH_NEGOTIATE_H
#define FR_PASSTHROUGH_NEGOTIATE_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Bits 32 and up are those of flags2. */
#define NEGOTIATE_PARALLEL_DIROPS ((uint64_t)1 << 18)
#define NEGOTIATE_HANDLE_KILLPRIV_V2 ((uint64_t)1 << 28)
#define NEGOTIATE_DIRECT_IO_ALLOW_MMAP ((uint64_t)1 << 36)
#define NEGOTIATE_NO_EXPORT_SUPPORT ((uint64_t)1 << 38)

struct negotiate {
	atomic_int done;  /* INIT was answered */
	uint64_t unique;  /* of INIT */
	uint64_t offered; /* by the kernel */
	uint64_t want;	  /* set before the reply; what is not offered
				   is left out */
};

/* A request was read: remembers what INIT offers. */
void negotiate_request(struct negotiate *n, const void *m, size_t len);

/* As writev() of one reply; adds the flags to INIT's. */
ssize_t negotiate_writev(struct negotiate *n, int fd, struct iovec *iov,
    int count);

#endif
