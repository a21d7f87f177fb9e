/* SPDX-License-Identifier: ISC */
/*
 * fork() for a child that execs.  libevent's handlers write to a socket that
 * the child shares: a signal to both, as Ctrl-C is, would count twice here.
 */
#ifndef FR_BASE_FORK_H
#define FR_BASE_FORK_H

#include <sys/types.h>

/* As fork(), but no handler of ours ever runs in the child, where every signal
 * that was caught has its default way again, SIGPIPE has, and none is
 * blocked. */
pid_t fork_without_handlers(void);

#endif
