/* SPDX-License-Identifier: ISC */
/*
 * Record locks (fcntl) and whole-file locks (flock), taken in the source, so
 * that the mount's users and everybody else see each other's.
 *
 * A flock belongs to an open file: it is taken on the handle's descriptor.
 * A record lock belongs to a process: all its handles of a file share it,
 * and a forked child does not.  That is no property of any descriptor of
 * ours, so each (file, owner) pair that locks gets one descriptor of its
 * own, locked with F_OFD_SETLK; it goes when the owner closes the file, as
 * FLUSH tells, which is when POSIX drops the locks.
 *
 * Nobody blocks in the source: who has to wait is kept in a list, and one
 * thread tries again for them all, at once when a lock is given back here,
 * and from time to time for locks that are held outside.  So a wait can be
 * interrupted, and costs no thread.
 */
#ifndef FR_PASSTHROUGH_LOCK_H
#define FR_PASSTHROUGH_LOCK_H

#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <pthread.h>

#include "base/table.h"
#include "passthrough/handle.h"

/* Requests that may wait at a time; one more is answered with ENOLCK. */
#define LOCK_WAITS_MAX 16384u

struct lock_key {
	uint64_t ino, owner;
};

struct lock_owner {
	struct table_entry entry;
	struct lock_key key;
	int fd;	   /* owned; carries the owner's locks */
	pid_t pid; /* who it was, for F_GETLK */
	unsigned refs;
	int listed; /* in the hash; holds one reference */
};

/* What to try, and what to give back after it. */
struct lock_try {
	int fd;	      /* borrowed from one of the two below */
	int flock_op; /* LOCK_SH, LOCK_EX, LOCK_UN; 0: record */
	struct flock record;
	struct lock_owner *owner; /* or NULL */
	struct handle *handle;	  /* or NULL */
};

struct lock_wait {
	struct lock_wait *prev, *next;
	fuse_req_t req;
	struct lock_try try;
	int armed; /* the request can be interrupted, or tried */
	int interrupted;
};

struct lock_table {
	pthread_mutex_t lock;
	pthread_cond_t kick;
	struct handle_table *handles;
	struct table_entry *owners;
	struct lock_wait *waits;
	unsigned waiting;
	pthread_t thread;
	int started, stop, kicked;
};

void lock_table_init(struct lock_table *t, struct handle_table *handles);

/* Answers every waiter with EINTR and drops all locks. */
void lock_table_fini(struct lock_table *t);

/*
 * The owner's descriptor for the file of handle h, made if need be (through
 * proc_fd, see fs.h) and borrowed until lock_owner_put().  0 or errno.
 */
int lock_owner_get(struct lock_table *t, int proc_fd, const struct handle *h,
    uint64_t owner, pid_t pid, struct lock_owner **out)
    __attribute__((warn_unused_result));
void lock_owner_put(struct lock_table *t, struct lock_owner *o);

/* The owner closed a descriptor of the file: its record locks go. */
void lock_owner_drop(struct lock_table *t, uint64_t ino, uint64_t owner);

/* Which process holds a lock that stands in o's way; 0 if it is not ours. */
pid_t lock_holder(struct lock_table *t, const struct lock_owner *o,
    const struct flock *conflict);

/*
 * Tries, and answers the request with the outcome; later, if it may wait.
 * Takes over what is in *try.
 */
void lock_request(struct lock_table *t, fuse_req_t req, struct lock_try *try,
    int may_wait);

/* Something was unlocked: whoever waits should try again. */
void lock_kick(struct lock_table *t);

#endif
