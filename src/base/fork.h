/* SPDX-License-Identifier: ISC */
/*
 * fork(), and the wait for what it made, beside signals that are caught.  Where
 * libevent's handlers do that, they write to a socket, and a child would share
 * it: a signal to both, as Ctrl-C is, would count twice.  Elsewhere they are
 * blocked (relay/caught.h), and a child would not hear of them.
 */
#ifndef FR_BASE_FORK_H
#define FR_BASE_FORK_H

#include <sys/types.h>

/* As fork(), but prepare() runs in the child before any signal comes to it:
 * what it does about them holds from the start.  None is blocked then. */
pid_t fork_prepared(void (*prepare)(void));

/* As fork(), for a child that execs: no handler of ours ever runs in it, every
 * signal that was caught has its default way again, and SIGPIPE has. */
pid_t fork_without_handlers(void);

/* As waitpid(), but no signal ends the wait (EINTR). */
pid_t fork_wait(pid_t pid, int *status, int options);

#endif
