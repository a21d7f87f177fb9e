/* SPDX-License-Identifier: ISC */
/*
 * Where a caller stands, and with which rights.
 *
 * A process that waits in a trapped call named a path.  Its root and working
 * directory are held from then on, so that the same string, looked up from
 * them, means what it meant to the caller, whatever is renamed meanwhile; and
 * it is looked up with the caller's own rights, so that the relay, which
 * may have more, opens nothing that the caller could not.
 *
 * Nothing here looks at a path of the caller's in this process: that may have
 * to wait for a file system which this process serves.  place_enter() is for
 * a child that may wait.  No mount namespace is held, since a held one keeps
 * its mounts when its last process is gone.
 */
#ifndef FR_PLACE_PLACE_H
#define FR_PLACE_PLACE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "place/rights.h"

/* A namespace, as its file below /proc/PID/ns is known. */
struct place_ns {
	dev_t dev;
	ino_t ino;
};

struct place {
	int proc;		/* /proc/TID: of this thread, never of a later
				 * one with its number */
	int root, cwd;		/* O_PATH */
	struct place_ns mounts; /* its mount namespace */
	int shares_mounts;	/* that is ours, too */
	int shares_user;	/* its user namespace is ours */
	struct place_rights rights;
};

/* Hold the place of thread tid, which waits in a trapped call.  E_SYS (the
 * thread is gone, or /proc does not show its place), E_NOMEM; nothing is held
 * then. */
int place_hold(struct place *p, pid_t tid) ERR_MUSTCHECK;
void place_let_go(struct place *p);

/* Is its root that of its mount namespace, as ours is? */
int place_shares_root(const struct place *p);

/* Does the caller have CAP_SYS_ADMIN in its user namespace? */
int place_may_mount(const struct place *p);

/*
 * In a child process: become as the caller is: its root, working directory,
 * namespaces of users and mounts, numbers, groups, and the capabilities that
 * it has in effect.  What else this child may have is kept aside for
 * place_regain().  E_SYS: a step of it is not allowed to us.
 */
int place_enter(const struct place *p) ERR_MUSTCHECK;

/*
 * In that child: open what a string of the caller's names, close-on-exec.
 * "/proc/self/fd/N" and its like is the caller's descriptor, which for every
 * other process would be another one.  -1 and errno.
 */
int place_open(const struct place *p, const char *path, int flags);
int place_is_descriptor(const char *path);

/* In that child: take back all capabilities that are permitted to it. */
int place_regain(void) ERR_MUSTCHECK;

/* The mount namespace of a process, seen through a descriptor of its /proc
 * directory, without holding it; or that which a descriptor is of.  E_SYS. */
int place_ns_of(int proc, struct place_ns *out) ERR_MUSTCHECK;
int place_ns_of_file(int fd, struct place_ns *out) ERR_MUSTCHECK;

static inline int
place_ns_same(const struct place_ns *a, const struct place_ns *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/*
 * In a child process: go into a mount namespace, by way of any process that
 * lives in it; to stay where we are if it is ours.  The root and working
 * directory are the namespace's own root then.  E_NOTFOUND: no process is in
 * it, so it and its mounts are gone.  E_SYS.
 */
int place_enter_ns(const struct place_ns *ns) ERR_MUSTCHECK;

/* The table of mounts of that namespace, for mountinfo_walk(): a descriptor,
 * or -1 (errno is ESRCH if no process is in it). */
int place_mountinfo(const struct place_ns *ns);

#endif
