/* SPDX-License-Identifier: ISC */
/*
 * One mount of the command: a front, a session, a device end, and the
 * order in which they go.
 */
#ifndef FR_CLI_MOUNT_H
#define FR_CLI_MOUNT_H

#include <time.h>

#include "serve/ending.h"
#include "serve/holders.h"
#include "cli/run.h"
#include "serve/note.h"

#define MOUNT_UNMOUNTS 8 /* umount calls that may wait at a time */

struct mount {
	LIST_ENTRY(mount) link;
	struct run *run;
	char *target;
	char *given; /* the target as it was written */
	struct front *front;
	struct session *session; /* NULL: none yet, or --direct */
	struct devpair pair;
	struct attach_call *call; /* the mount(2) that waits, or NULL */
	int denied; /* errno for it, when what there is of the mount is undone */
	ino_t device_inode;
	struct note note;	   /* of a kernel mount */
	pid_t caller;		   /* who mounts, or 0 */
	pid_t copy;		   /* who has a copy of its device, or 0 */
	struct place_ns caller_ns; /* its mount namespace */
	struct kmount_made made;   /* by the kernel; id 0: none, or not yet */
	struct attach_call *unmounts[MOUNT_UNMOUNTS];
	size_t nunmounts;
	pid_t unmounters[MOUNT_UNMOUNTS]; /* whose umount of it was trapped */
	size_t nunmounters;
	int noted;	     /* run_note_served() was here */
	int refused;	     /* with the kernel's errno: the program
					 * has a status for that */
	struct event *tick;  /* while the daemon is being ended */
	struct event *grace; /* after its process was killed */
	/* From the start, since memory may be short at the end. */
	struct event *reap; /* it is freed */
	struct event *bury; /* it stays up, dead */
	struct event *undo; /* nobody serves it; or tries again */
	unsigned unmounts_failed;
	int unserved;		    /* errno, why there is no session */
	unsigned looks;		    /* whether the session may go */
	pid_t servers[HOLDERS_MAX]; /* who held the device end when
					 * INIT was answered */
	size_t nservers;
	pid_t holder;		 /* seen last, or 0 */
	struct timespec told_at; /* when the daemon's end began */
	struct ending how;	 /* it ends, if it is ending */
	uint8_t front_ended, front_gone, daemon_gone, ending, closed;
	uint8_t crashed, unmounting, dead, init_done, mounted;
	uint8_t seen;	  /* there were such servers */
	uint8_t undone;	  /* mount_undo_dead() was here */
	uint8_t detached; /* for a process that asked for it */
};

/*
 * Start a front and a session for a mount.  Anything but E_OK and E_NOTFOUND
 * (of a program that is gone) was told.  With call: it is granted or
 * denied here.  Without: the device end is left in *device_fd for the
 * caller to hand to the command and close.
 */
int mount_start(struct mount **out, struct run *run, struct attach_call *call,
    const struct front_mount *fm, int *device_fd) ERR_MUSTCHECK;

/* Unmount, as a lazy umount from outside; what follows comes by events. */
void mount_unmount(struct mount *m);

/* The relay was told to end, and will unmount: what the program that serves
 * the mount then chooses as its status does not count. */
void mount_note_stop(struct mount *m);

/* Unmount what is settled, dead and still there: 1 if that is under way or
 * was begun; it is tried once. */
int mount_undo_dead(struct mount *m);

/*
 * Is a mount of the kernel's still there, dead?  One that was not undone, or
 * that was forced or aborted from outside, which may have ended for the device
 * alone.  It is looked for, where it is known: whoever undoes it may be faster
 * than word of it.
 */
int mount_is_left(const struct mount *m);

/* Did the kernel unmount it for a process that called umount2(2)?  The device
 * may not have told of it yet. */
int mount_is_undone(const struct mount *m);

/* Unmount for a trapped umount: it is answered when the mount is gone. */
int mount_unmount_for(struct mount *m, struct attach_call *c,
    int flags) ERR_MUSTCHECK;

/* Those calls can't have what they want, num; but EINVAL, of a mount that others
 * undid just now, is not for who served it (run_note_served()). */
void mount_refuse_unmounts(struct mount *m, int num);

/*
 * The processes of that kin that hold the device end; returns how many.  If
 * none is seen to, those count that can't be looked at: of those that were
 * seen when INIT was answered, or of all that were started by the command.
 */
size_t mount_holders(const struct mount *m, enum holders_kin kin,
    pid_t out[HOLDERS_MAX]);

/* Nothing is left to do for this mount, or by anybody but the user: the
 * daemon of a kernel mount died. */
int mount_is_settled(const struct mount *m);

/*
 * A process ended.  If it served the mount and was killed, and others hold
 * the device end without serving it (it was inherited), the daemon is taken
 * for gone after a moment.
 */
void mount_process_ended(struct mount *m, pid_t pid, int status);

/* Processes ended: if none holds the device end, the daemon is gone. */
void mount_check(struct mount *m);

/* The front is gone: end the daemon in the way it takes quietly.  Not for
 * one that ended already.  (mount_end.c) */
void mount_end_daemon(struct mount *m);

/* Unmounting failed: 1 if it is to be tried again in a moment. */
int mount_unmount_again(struct mount *m, int num);

/* The relay ends at once: those of ours who wait for requests shall take that
 * for an unmount.  (mount_end.c) */
void mount_abandon(struct mount *m);

/* What mount_end.c keeps. */
int mount_end_init(struct mount *m) ERR_MUSTCHECK;
void mount_end_fini(struct mount *m);

/* The daemon is gone: if it never served, and another process had a copy of its
 * device, that one can't serve either.  Says so and unmounts.
 * (run_copies.c) */
void mount_check_copies(struct mount *m);

/* The daemon has ended, however that was learnt. */
void mount_daemon_is_gone(struct mount *m);

/* Drop all at once. */
void mount_free(struct mount *m);

#endif
