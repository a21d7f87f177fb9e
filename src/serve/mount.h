/* SPDX-License-Identifier: ISC */
/*
 * One mount: a front, a session, a device end, and the order in which they go
 * (state.h).
 *
 * A mount knows its surroundings, which do not change, and nothing of the
 * command that it is made for: what happens is told upward as events.
 */
#ifndef FR_SERVE_MOUNT_H
#define FR_SERVE_MOUNT_H

#include "attach/attach.h"
#include "attach/unmounted.h"
#include "front/front.h"
#include "live/live.h"
#include "relay/relay.h"
#include "serve/holders.h"

struct mount;

enum mount_event {
	/* The front's descriptor came, and a session was begun. */
	MOUNT_CONNECTED,
	/* The daemon has answered INIT. */
	MOUNT_SERVED,
	/* It has, and the front has mounted.  May come twice. */
	MOUNT_READY,
	/* The session answered requests with ETIMEDOUT. */
	MOUNT_TIMED_OUT,
	/* The mount has left its path; the daemon may not know that:
	 * mount_unaware(). */
	MOUNT_UNMOUNTED,
	/* The front went before the daemon, which is ended now. */
	MOUNT_ORPHANED,
	/* The daemon was killed; the processes that hold its device end do not
	 * serve: mount_holders(). */
	MOUNT_KILLED,
	/* The session has lost its daemon. */
	MOUNT_DAEMON_GONE,
	/* The front's program ended with status `value`, which is not 0. */
	MOUNT_SERVER_ENDED,
	/* The relay could not do its part, and has logged why. */
	MOUNT_FAILED,
	/* Nothing may happen to it any more: mount_rest(). */
	MOUNT_RESTS,
	/* It has just been freed. */
	MOUNT_OVER
};

/* What all mounts of a relay have in common.  Borrowed. */
struct mount_env {
	struct event_base *base;
	struct relay *relay;
	struct reaper *reaper;
	struct unmounted *unmounted; /* the threads that are followed */
	struct front_conf *front;
	int direct; /* the daemon gets the raw stream, there is no session */
	int stats;  /* report on each session when it has ended */
	void (*event)(void *arg, enum mount_event what, int value);
};

/*
 * Start a front and a session for a mount.  Anything but E_OK and E_NOTFOUND
 * (of a program that is gone) was told.  With call: it is granted or
 * denied here.  Without: the device end is left in *device_fd for the
 * caller to hand to the command and close.  Events have this arg, and may come
 * before this returns, when *out is already set.
 */
int mount_start(struct mount **out, const struct mount_env *env, void *arg,
    struct attach_call *call, const struct mount_request *q,
    int *device_fd) ERR_MUSTCHECK;

/* Drop all at once.  (MOUNT_OVER does not come.) */
void mount_free(struct mount *m);

const char *mount_target(const struct mount *m);
/* The target as it was written. */
const char *mount_given(const struct mount *m);
/* The mount namespace of whoever mounted. */
const struct place_ns *mount_ns(const struct mount *m);

/* Does a call that unmounts this path mean it? */
int mount_is_at(const struct mount *m, const char *target);
/* Is it that mount of the kernel's, and not gone? */
int mount_is_made(const struct mount *m, const struct kmount_made *made);

/* ---- its end ---- */

/* Unmount, as a lazy umount from outside; what follows comes by events. */
void mount_unmount(struct mount *m);

/* Unmount for a trapped umount: it is answered when the mount is gone. */
int mount_unmount_for(struct mount *m, struct attach_call *c,
    int flags) ERR_MUSTCHECK;

/* A umount of it by process pid was trapped. */
void mount_note_unmounter(struct mount *m, pid_t pid);
/* Was any? */
int mount_has_unmounter(const struct mount *m);

/* The relay is to end, and so is the mount, whoever else unmounts it.  (Still
 * to be followed by mount_unmount().) */
void mount_stop(struct mount *m);

/* The relay ends at once: those of ours who wait for requests shall take that
 * for an unmount. */
void mount_abandon(struct mount *m);

/* Does anything still happen to it? */
enum mount_rest {
	MOUNT_GOES_ON,
	MOUNT_IS_DEAD, /* a kernel mount without its daemon: a process of the
			* program may unmount it, the relay does not */
	MOUNT_IS_LEFT  /* the same, and no process of the program will */
};
enum mount_rest mount_rest(const struct mount *m);

/* Unmount what is dead and still there: 1 if that is under way or was begun;
 * not once it has failed. */
int mount_undo_dead(struct mount *m);

/* ---- its daemon ---- */

int mount_has_daemon(const struct mount *m);
/* Was INIT ever answered? */
int mount_was_served(const struct mount *m);
/* Is it mounted, or will be, and has nobody unmounted it or is about to? */
int mount_is_kept(const struct mount *m);

/*
 * The processes of that kin that hold the device end; returns how many.  If
 * none is seen to, those count that can't be looked at: of those that were
 * seen when INIT was answered, or of all that were started by the command.
 */
size_t mount_holders(const struct mount *m, enum holders_kin kin,
    pid_t out[HOLDERS_MAX]);

/* Is process pid its daemon, or may it be?  The daemon is who held the device
 * end when INIT was answered; before that, who holds it now.  Without a session
 * nobody can tell: then it may be. */
int mount_may_be_served_by(const struct mount *m, pid_t pid);

/* The processes that serve it and did not unmount it themselves; returns how
 * many. */
size_t mount_unaware(const struct mount *m, pid_t out[HOLDERS_MAX]);

/*
 * A process ended.  If it served the mount and was killed, and others hold
 * the device end without serving it (it was inherited), the daemon is taken
 * for gone after a moment.
 */
void mount_process_ended(struct mount *m, pid_t pid, int status);

/* Processes ended: if none holds the device end, the daemon is gone. */
void mount_check(struct mount *m);

/* Log its figures, and what is in flight. */
void mount_tell(const struct mount *m, struct live *live);

#endif
