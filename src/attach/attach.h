/* SPDX-License-Identifier: ISC */
/*
 * How a program gets its device end.
 *
 * The mount trap (trap.c): the program runs under a small seccomp filter
 * and its mount(2) of a fuse file system becomes an event here.  Whoever
 * handles the event grants it by handing over a descriptor, which is put
 * over the program's own /dev/fuse, and mount(2) returns 0.
 *
 * By descriptor (byfd.c): for programs that take /dev/fd/N as their mount
 * point; "{}" in an argument becomes that path.
 */
#ifndef FR_ATTACH_ATTACH_H
#define FR_ATTACH_ATTACH_H

#include <event2/event.h>
#include <sys/types.h>

#include "base/err.h"
#include "place/request.h"

struct attach;
struct attach_call; /* a trapped call that waits for its answer */

/* A umount2(2). */
struct attach_unmount {
	const char *target; /* absolute, as the caller sees it */
	const char *given;
	int flags; /* UNMOUNTFLAG_* and others of the kernel */
	const struct place *place;
};

struct attach_events {
	/* Of a fuse type; q->options are without fd=, and q->device and
	 * q->by_helper are not settled yet.  Answer with attach_grant() or
	 * attach_deny(), now or later. */
	void (*mount)(void *arg, struct attach_call *c,
	    const struct mount_request *q);
	/* Answer with attach_done(), attach_deny() or attach_go_on(), now
	 * or later. */
	void (*unmount)(void *arg, struct attach_call *c,
	    const struct attach_unmount *u);
	/* No process runs under the trap any more. */
	void (*gone)(void *arg);
};

/* Is there a mount trap in this program?  Else attach_trap() says E_UNSUP,
 * and nothing here but attach_byfd() does anything. */
int attach_has_trap(void);

/*
 * Start argv[0] (found in PATH) under the mount trap.  stand_in: give it a
 * private mount namespace in which /dev/fuse is a thing it can open.
 * E_SYS with errno if the program could not be executed (ENOENT, EACCES,
 * ...); E_UNSUP if the trap could not be set up, which is logged with the
 * step that failed.
 */
int attach_trap(struct attach **out, struct event_base *base,
    char *const argv[], int stand_in, const struct attach_events *ev,
    void *arg) ERR_MUSTCHECK;

/* Start argv[0] with device_fd (inherited, stays the caller's) as /dev/fd/N
 * wherever an argument holds "{}".  Errors as attach_trap(). */
int attach_byfd(pid_t *pid, char *const argv[], int device_fd) ERR_MUSTCHECK;

/* The first process of the program. */
pid_t attach_pid(const struct attach *a);

/* The process that calls; 0 if it is gone. */
pid_t attach_caller(const struct attach_call *c);

/* Put fd over the caller's device, under all numbers that the calling process
 * has it by, and let mount(2) return 0.  fd stays ours.  E_SYS (logged, with
 * errno), E_NOTFOUND (the program is gone): the call still waits, for
 * attach_deny(). */
int attach_grant(struct attach_call *c, int fd) ERR_MUSTCHECK;

/*
 * Other processes of the program that have the caller's device, too: one of
 * them, and one that waits to read from it; 0: none.  They keep what they
 * have when the call is granted.
 */
void attach_find_copies(const struct attach_call *c, pid_t *holder,
    pid_t *reader);

/* Send a signal to all processes below this one that have the device which is
 * our descriptor, too; returns to how many. */
unsigned attach_signal_copies(int device, int sig);

/* A copy of what the caller opened as its device.  E_SYS. */
int attach_take_device(const struct attach_call *c, int *fd) ERR_MUSTCHECK;

/* Let the call return 0, or fail with num, or let the kernel do it as if it
 * had not been trapped. */
void attach_done(struct attach_call *c);
void attach_deny(struct attach_call *c, int num);
void attach_go_on(struct attach_call *c);

/* Stop listening; calls that still wait fail with ENOSYS. */
void attach_free(struct attach *a);

/* Can this process open /dev/fuse? */
int attach_device_usable(void);

#endif
