/* SPDX-License-Identifier: ISC */
/*
 * fork() and waitpid() in programs that catch signals.  A signal handler of
 * libevent writes to a socket, which a child would share: a signal to both
 * processes, as Ctrl-C is, would count twice.  Where signals are blocked and
 * read from a descriptor instead (relay/caught.h), a child would keep them
 * blocked.
 */
#ifndef FR_BASE_FORK_H
#define FR_BASE_FORK_H

#include <sys/types.h>

/* As fork(), but prepare() runs in the child before any signal is delivered
 * there, so that it can set signal handlers in time.  No signal is blocked
 * when the child goes on. */
pid_t fork_prepared(void (*prepare)(void));

/* As fork(), for a child that calls exec: no signal handler of this program
 * ever runs in it, and each signal that was caught, and SIGPIPE, has its
 * default action again. */
pid_t fork_without_handlers(void);

/* As waitpid(), but no signal ends the wait (EINTR). */
pid_t fork_wait(pid_t pid, int *status, int options);

#endif
