/* SPDX-License-Identifier: ISC */
#include "attach/unmounted.h"

#if defined(__linux__) && defined(__x86_64__)

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attach/proc.h"

/* Kernel-internal result of a call that a signal or stop interrupted. */
#define ERESTARTSYS 512

#define STOP_TRIES 400		/* times 50 us for a thread to stop */

/* Is descriptor fd of this thread the socket? */
static int
unmounted_is_device(pid_t tid, unsigned long fd, ino_t inode)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd/%lu", (long)tid, fd);
	return proc_is_socket(AT_FDCWD, path, inode);
}

static int
unmounted_is_read(long nr)
{
	return nr == SYS_read || nr == SYS_readv || nr == SYS_recvfrom ||
	    nr == SYS_recvmsg || nr == SYS_splice;
}

/* Does it wait in a call that reads the socket? */
static int
unmounted_is_reading(pid_t tid, ino_t inode)
{
	char path[64], line[256];
	unsigned long fd;
	FILE *f;
	long nr;
	int n;

	snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)tid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	n = fgets(line, sizeof(line), f) != NULL ?
	    sscanf(line, "%ld %lx", &nr, &fd) : 0;
	fclose(f);
	if (n != 2)
		return 0;		/* "running" */
	return unmounted_is_read(nr) && unmounted_is_device(tid, fd, inode);
}

/* *sig: the signal that it stopped for, or 0. */
static int
unmounted_wait_stop(pid_t tid, long *sig)
{
	const struct timespec nap = { 0, 50000 };
	int i, status;
	pid_t got;

	*sig = 0;
	for (i = 0; i < STOP_TRIES; i++) {
		got = waitpid(tid, &status, __WALL | WNOHANG);
		if (got == tid && WIFSTOPPED(status) && status >> 16 == 0)
			*sig = WSTOPSIG(status);
		if (got == tid)
			return WIFSTOPPED(status);
		if (got == -1 && errno != EINTR)
			return 0;
		nanosleep(&nap, NULL);
	}
	return 0;
}

/*
 * Stop the thread, and replace the result if its read was interrupted.  It
 * may have gone on to another call since it was looked at: what it waits in
 * now is what its registers say.
 */
static unsigned
unmounted_tell_thread(pid_t tid, ino_t inode)
{
	struct user_regs_struct regs;
	unsigned told = 0;
	long sig = 0;

	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) == -1)
		return 0;
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0 &&
	    unmounted_wait_stop(tid, &sig) &&
	    ptrace(PTRACE_GETREGS, tid, NULL, &regs) == 0 &&
	    (long long)regs.rax == -ERESTARTSYS &&
	    unmounted_is_read((long)regs.orig_rax) &&
	    unmounted_is_device(tid, (unsigned long)regs.rdi, inode)) {
		regs.rax = (unsigned long long)-ENODEV;
		regs.orig_rax = ~0ull;	/* nothing to restart */
		told = ptrace(PTRACE_SETREGS, tid, NULL, &regs) == 0;
	}
	/* A thread that has not stopped yet can't be let go of: the reaper
	 * does that when it hears of the stop. */
	ptrace(PTRACE_DETACH, tid, NULL, sig);
	return told;
}

unsigned
unmounted_tell(pid_t pid, ino_t socket_inode)
{
	struct dirent *e;
	unsigned told = 0;
	char path[64];
	pid_t tid;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	if ((d = opendir(path)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL) {
		tid = (pid_t)strtol(e->d_name, NULL, 10);
		if (tid > 0 && unmounted_is_reading(tid, socket_inode))
			told += unmounted_tell_thread(tid, socket_inode);
	}
	closedir(d);
	return told;
}

#else

unsigned
unmounted_tell(pid_t pid, ino_t socket_inode)
{
	(void)pid;
	(void)socket_inode;
	return 0;
}

#endif
