/* SPDX-License-Identifier: ISC */
/*
 * What is measured: a program that answers FUSE requests on a stream, a
 * patched daemon alone or the relay with an unpatched one behind it.  This
 * starts and ends it, and reads what the process costs.
 */
#ifndef FR_BENCH_PEER_H
#define FR_BENCH_PEER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct peer {
	pid_t pid; /* the relay, or the daemon alone */
	int fd;	   /* our end of its stream, blocking */
};

/*
 * Start argv[] with its end of a new stream at the descriptor `at`, which
 * argv names; sndbuf > 0 sets the send buffer of our own end.  E_SYS.
 */
int peer_start(struct peer *p, char *const argv[], int at,
    int sndbuf) ERR_MUSTCHECK;

/*
 * Close the stream and wait for the program to end by itself; it is killed
 * after some seconds.  E_TIMEOUT then, E_PROTO if its status is not 0.
 */
int peer_stop(struct peer *p) ERR_MUSTCHECK;

/* CPU seconds that the process has used so far; < 0 if not known. */
double peer_cpu(const struct peer *p);

/*
 * Count the system calls of the process: a descriptor for peer_calls(), or
 * -1 where that is not possible (it needs tracefs and the right to trace).
 */
int peer_calls_open(const struct peer *p);
uint64_t peer_calls(int counter);

#endif
