/* SPDX-License-Identifier: ISC */
/*
 * fork(), and the wait for what it made, beside signal handlers.  Those of
 * libevent write to a socket, and a child would share it: a signal to both,
 * as Ctrl-C is, would count twice.
 */
#ifndef FR_BASE_FORK_H
#define FR_BASE_FORK_H

#include <sys/types.h>

/* As fork(), but prepare() runs in the child before any signal comes to it:
 * what it does about them holds from the start. */
pid_t fork_prepared(void (*prepare)(void));

/* As fork(), for a child that execs: no handler of ours ever runs in it, every
 * signal that was caught has its default way again, SIGPIPE has, and none is
 * blocked. */
pid_t fork_without_handlers(void);

/* As waitpid(), but no signal ends the wait (EINTR). */
pid_t fork_wait(pid_t pid, int *status, int options);

#endif
