/* SPDX-License-Identifier: ISC */
/*
 * Tell a daemon that its file system was unmounted as the device does: the
 * read() that it waits in fails with ENODEV.
 *
 * A socket can't do that.  It has only an end of file, which FUSE libraries
 * take for an error ("short read on fuse device"), and not every daemon ends
 * at a signal.  So the threads that wait in a read of the device end are
 * stopped for a moment, as a debugger does it, and the result of their read is
 * set to what it would have been on the real device.
 *
 * Other threads wait in poll() or the like, and read afterwards.  They are
 * traced from call to call: where one of them reads end of file, the result
 * becomes ENODEV.  Tracing ends when one of them allows another process to
 * trace it (PR_SET_PTRACER), as the leak checker of a sanitizer does at the
 * end of a program.
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
