/* SPDX-License-Identifier: ISC */
/* Linux on x86-64; elsewhere nounmounted.c. */
#include "attach/unmounted.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attach/proc.h"
#include "base/file.h"

/* Kernel-internal result of a call that a signal or stop interrupted. */
#define ERESTARTSYS 512

#define STOP_TRIES 400 /* times 50 us for a thread to stop */
#define LET_TRIES 8

/* Is descriptor fd of this thread the socket? */
static int
unmounted_is_device(pid_t tid, unsigned long fd, ino_t inode)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd/%lu", (long)tid, fd);
	return proc_is_socket(AT_FDCWD, path, inode);
}

/* Does it wait in a call that reads the socket? */
static int
unmounted_is_reading(pid_t tid, ino_t inode)
{
	unsigned long fd;
	long nr;

	return proc_waits_in(tid, &nr, &fd) == E_OK && proc_is_read(nr) &&
	    unmounted_is_device(tid, fd, inode);
}

/* *sig: the signal that it stopped for, or 0. */
static int
unmounted_wait_stop(pid_t tid, long *sig)
{
	const struct timespec nap = { 0, 50000 };
	siginfo_t si;
	int i;

	*sig = 0;
	/* (Its end is not taken here: the reaper waits for that.) */
	for (i = 0; i < STOP_TRIES; i++) {
		si.si_pid = 0;
		if (waitid(P_PID, (id_t)tid, &si,
			WSTOPPED | __WALL | WNOHANG) == -1 &&
		    errno != EINTR)
			return 0;
		if (si.si_pid == tid) {
			/* (The event of a stop is above its signal.) */
			*sig = si.si_status >> 8 == 0 ? si.si_status : 0;
			return 1;
		}
		nanosleep(&nap, NULL);
	}
	return 0;
}

/* Let a stopped thread go, or go on: nobody else can, while we live.  ESRCH:
 * it has not stopped. */
static void
unmounted_let(enum __ptrace_request how, pid_t tid, long sig)
{
	int tries;

	for (tries = 0; tries < LET_TRIES; tries++)
		if (ptrace(how, tid, NULL, sig) == 0 || errno == ESRCH)
			break;
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
	    proc_is_read((long)regs.orig_rax) &&
	    unmounted_is_device(tid, (unsigned long)regs.rdi, inode)) {
		regs.rax = (unsigned long long)-ENODEV;
		regs.orig_rax = ~0ull; /* nothing to restart */
		told = ptrace(PTRACE_SETREGS, tid, NULL, &regs) == 0;
	}
	/* A thread that has not stopped yet can't be let go of:
	 * unmounted_stopped() does that. */
	unmounted_let(PTRACE_DETACH, tid, sig);
	return told;
}

/* The threads of a process that have the socket. */
struct unmounted_walk {
	struct unmounted *u;
	ino_t inode;
	unsigned n; /* how many something was done to */
};

static int
unmounted_tell_cb(void *arg, pid_t tid)
{
	struct unmounted_walk *w = arg;

	if (unmounted_is_reading(tid, w->inode))
		w->n += unmounted_tell_thread(tid, w->inode);
	return 0;
}

unsigned
unmounted_tell(pid_t pid, ino_t socket_inode)
{
	struct unmounted_walk w = { NULL, socket_inode, 0 };

	proc_each_thread(pid, unmounted_tell_cb, &w);
	return w.n;
}

/* ---- threads that are followed ---- */

static int
unmounted_follow_cb(void *arg, pid_t tid)
{
	struct unmounted_walk *w = arg;
	struct unmounted *u = w->u;

	if (u->n == UNMOUNTED_THREADS_MAX ||
	    ptrace(PTRACE_SEIZE, tid, NULL, PTRACE_O_TRACESYSGOOD) == -1)
		return 0;
	u->thread[u->n].tid = tid;
	u->thread[u->n].inode = w->inode;
	u->thread[u->n].leave = 0;
	u->n++;
	/* It stops, and is followed from there on. */
	w->n += ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0;
	return 0;
}

unsigned
unmounted_follow(struct unmounted *u, pid_t pid, ino_t socket_inode)
{
	struct unmounted_walk w = { u, socket_inode, 0 };

	proc_each_thread(pid, unmounted_follow_cb, &w);
	return w.n;
}

/* Its place, or u->n. */
static size_t
unmounted_find(const struct unmounted *u, pid_t tid)
{
	size_t i;

	for (i = 0; i < u->n; i++)
		if (u->thread[i].tid == tid)
			break;
	return i;
}

void
unmounted_leave(struct unmounted *u, ino_t socket_inode)
{
	size_t i = 0;

	while (i < u->n) {
		if (u->thread[i].inode != socket_inode) {
			i++;
		} else if (ptrace(PTRACE_INTERRUPT, u->thread[i].tid, NULL,
			       NULL) == -1) {
			u->thread[i] = u->thread[--u->n]; /* it ended */
		} else {
			u->thread[i++].leave = 1;
		}
	}
}

/* It comes out of a call: a read of the socket, at its end?  Then ENODEV. */
static void
unmounted_tell_leaving(pid_t tid, ino_t inode)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &regs) == -1 ||
	    !proc_is_read((long)regs.orig_rax) ||
	    !unmounted_is_device(tid, (unsigned long)regs.rdi, inode))
		return;
	regs.rax = (unsigned long long)-ENODEV;
	ptrace(PTRACE_SETREGS, tid, NULL, &regs);
}

/*
 * A thread that is followed stands at the beginning or end of a call.  One
 * that asks to be traced by another process (a leak checker at its
 * program's end, say) shall not find us there.
 */
static void
unmounted_at_call(struct unmounted *u, pid_t tid, ino_t inode)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && info.exit.rval == 0)
		unmounted_tell_leaving(tid, inode);
	else if (info.op == PTRACE_SYSCALL_INFO_ENTRY &&
	    info.entry.nr == SYS_prctl && info.entry.args[0] == PR_SET_PTRACER)
		unmounted_leave(u, inode);
}

void
unmounted_stopped(struct unmounted *u, pid_t tid, int status)
{
	const int event = status >> 16, what = WSTOPSIG(status);
	const int in_call = event == 0 && what == (SIGTRAP | 0x80);
	const long sig = event == 0 && !in_call ? what : 0;
	size_t i = unmounted_find(u, tid);

	if (i < u->n && in_call) {
		unmounted_at_call(u, tid, u->thread[i].inode);
		i = unmounted_find(u, tid); /* others may be gone */
	}
	if (i == u->n || u->thread[i].leave) {
		unmounted_let(PTRACE_DETACH, tid, sig);
		if (i < u->n)
			u->thread[i] = u->thread[--u->n];
	} else if (event != 0 && what != SIGTRAP) {
		unmounted_let(PTRACE_LISTEN, tid, 0); /* a stopped process */
	} else {
		unmounted_let(PTRACE_SYSCALL, tid, sig);
	}
}
