/* SPDX-License-Identifier: ISC */
/*
 * Tell a daemon that its file system was unmounted, in the words of the
 * device: ENODEV from the read() it waits in.
 *
 * No socket can say that.  End of file, all it has, is an error to FUSE
 * libraries ("short read on fuse device"), and not every program takes a
 * signal as a wish to end.  So the threads that wait in a read of the
 * device end are stopped for a moment, as a debugger does, and their read
 * is given the result that it would have had on the real device.
 *
 * Others wait in poll() or the like, and read when they are told to.  They
 * are followed from call to call: where one of them reads end of file, that
 * becomes ENODEV.  They are let go of when one of them wants to be traced by
 * another (PR_SET_PTRACER): the leak checker of a sanitizer does, at the end
 * of a program built with one.
 */
#ifndef FR_ATTACH_UNMOUNTED_H
#define FR_ATTACH_UNMOUNTED_H

#include <stddef.h>
#include <sys/types.h>

#define UNMOUNTED_THREADS_MAX 64

/*
 * Let every thread of pid that waits in a read of the socket with this
 * inode have ENODEV.  Returns how many were told: 0 also where this can't
 * be done (another processor, a process that is traced already).  Takes
 * at most some milliseconds.
 */
unsigned unmounted_tell(pid_t pid, ino_t socket_inode);

/* Threads that are followed. */
struct unmounted {
	struct unmounted_thread {
		pid_t tid;
		ino_t inode; /* of the socket */
		int leave;   /* at its next stop */
	} thread[UNMOUNTED_THREADS_MAX];
	size_t n;
};

/* Follow all threads of pid; returns how many.  Each of their stops must be
 * given to unmounted_stopped(). */
unsigned unmounted_follow(struct unmounted *u, pid_t pid, ino_t socket_inode);

/* Follow no thread for this socket any more. */
void unmounted_leave(struct unmounted *u, ino_t socket_inode);

/*
 * A thread that is traced has stopped, as waitpid() tells: one that is
 * followed goes on and is seen again; others, which took too long to stop
 * for unmounted_tell(), are let go of, with the signal they stopped for.
 */
void unmounted_stopped(struct unmounted *u, pid_t tid, int status);

#endif
