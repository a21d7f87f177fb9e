/* SPDX-License-Identifier: ISC */
/* The inside of a mount, for the files that are one module with mount.c. */
#ifndef FR_SERVE_MOUNT_OWN_H
#define FR_SERVE_MOUNT_OWN_H

#include <time.h>

#include "relay/session.h"
#include "serve/ending.h"
#include "serve/mount.h"
#include "serve/note.h"
#include "serve/state.h"

#define MOUNT_UNMOUNTS 8 /* umount calls that may wait at a time */

struct mount {
	const struct mount_env *env;
	void *arg;
	char *target;
	char *given; /* the target as it was written */

	/* The front's side. */
	enum front_state front_state;
	struct front *front;
	struct note note;	   /* of a kernel mount */
	struct kmount_made made;   /* by the kernel; id 0: none, or not yet */
	struct place_ns caller_ns; /* mount namespace of who mounts */
	pid_t caller;		   /* who mounts, or 0 */
	enum mount_goal {
		MOUNT_TO_STAY,
		MOUNT_TO_END
	} goal; /* what the relay wants; MOUNT_TO_END once it is to end */
	struct attach_call *unmounts[MOUNT_UNMOUNTS];
	size_t nunmounts;
	pid_t unmounters[MOUNT_UNMOUNTS]; /* whose umount of it was trapped */
	size_t nunmounters;
	unsigned unmounts_failed;

	/* Between the two. */
	struct session *session; /* NULL: none yet, no more, or `direct` */
	int no_session;		 /* errno, why one could not be begun */
	struct devpair pair;
	unsigned looks; /* whether the session may go */

	/* The daemon's side. */
	enum daemon_state daemon_state;
	struct attach_call *call; /* the mount(2) that waits, or NULL */
	int denied; /* errno for it, when what there is of the mount is undone */
	ino_t device_inode;
	unsigned inits; /* that daemons have answered */
	struct {
		pid_t pid[HOLDERS_MAX]; /* 0: it has ended */
		size_t n;
	} servers;	   /* who held the device end when INIT was answered */
	pid_t holder;	   /* seen last, or 0 */
	struct ending end; /* how it ends, once it is DAEMON_ENDING */
	struct timespec end_at; /* when that began */

	struct event *tick;  /* while the daemon is being ended */
	struct event *grace; /* after its process was killed */
	/* From the start, since memory may be short at the end. */
	struct event *reap; /* it is freed */
	struct event *bury; /* it stays up, dead */
	struct event *undo; /* nobody serves it; or tries again */
};

/*
 * All moves of the two states are made by these, with what follows from any
 * such move.  1, or 0 if it does not matter in the present state.
 */
int mount_move_front(struct mount *m, enum front_move move);
int mount_move_daemon(struct mount *m, enum daemon_move move);

extern const struct session_events mount_session_events;
extern const struct front_events mount_front_events;

void mount_report(struct mount *m, enum mount_event what);

/* Report MOUNT_READY, if INIT was answered and the front has mounted. */
void mount_check_ready(struct mount *m);

/* Report MOUNT_ORPHANED: the front went before the daemon, if there is one that
 * is not ending already. */
void mount_orphan(struct mount *m);

/* Give the device end to the program whose mount(2) waits.  0 or an errno; the
 * call waits on then. */
int mount_grant(struct mount *m);

/* The mount(2) that waits, if one does, fails. */
void mount_deny(struct mount *m, int num);

/* The note for "fuserelay cleanup" was written or, if r is an error, not: say
 * so, and go on without. */
void mount_noted(struct mount *m, int r);

/* Of a socket; 0 if that can't be told. */
ino_t mount_inode(int fd);

/* Have both sides ended?  Then it is freed soon. */
int mount_is_over(const struct mount *m);

/*
 * Is a mount of the kernel's still there, dead?  One that was not undone, or
 * that was forced or aborted from outside, which may have ended for the device
 * alone.  It is looked for, where it is known: whoever undoes it may be faster
 * than word of it.
 */
int mount_is_left(const struct mount *m);

/* Answer the umount(2) calls that wait: the mount is gone, or they fail with
 * num.  EINVAL means that others have just unmounted it: a process that served
 * the mount is not told that. */
void mount_grant_unmounts(struct mount *m);
void mount_refuse_unmounts(struct mount *m, int num);

/* Unmounting failed: 1 if it is to be tried again in a moment. */
int mount_unmount_again(struct mount *m, int num);

/* INIT was answered: note the processes that serve.  Is pid one of them, and
 * has not ended? */
void mount_note_servers(struct mount *m);
int mount_is_served_by(const struct mount *m, pid_t pid);

/* The daemon is to end: begin. */
void mount_begin_ending(struct mount *m);

/* Its timers. */
int mount_timers_init(struct mount *m) ERR_MUSTCHECK;
void mount_timers_fini(struct mount *m);

#endif
