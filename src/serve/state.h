/* SPDX-License-Identifier: ISC */
/*
 * The two sides of a mount, each with a state and a table of the moves that
 * are legal in it.
 *
 * A mount ends from one of two sides.  The daemon first (it exits, crashes,
 * unmounts itself): the session has answered what was in flight, the front is
 * told to unmount, and when it has ended the mount is over.  The front first
 * (unmounted from outside, or by the relay on a signal): the session has told
 * the daemon with DESTROY, the processes that hold the device end are ended
 * (ending.h), and when nobody holds it any more the mount is over.
 *
 * A move that is in no row does not matter in that state, and nothing is to be
 * done about it: an unmount of what is being unmounted, say.
 */
#ifndef FR_SERVE_STATE_H
#define FR_SERVE_STATE_H

enum front_state {
	FRONT_STARTING,	  /* it is not known yet whether it can mount */
	FRONT_CANCELLED,  /* to be unmounted as soon as it is mounted */
	FRONT_UP,	  /* mounted; a socket: from the start */
	FRONT_UNMOUNTING, /* told to unmount, which may fail */
	FRONT_DETACHED,	  /* unmounted for a process that asked, but in use */
	FRONT_LEAVING,	  /* detached, and told to end */
	FRONT_FAILED,	  /* it could not mount, or not serve: it is to end */
	FRONT_UNSERVED,	  /* detached before INIT was answered: it is to end */
	FRONT_LOST,	  /* its descriptor has ended */
	FRONT_ENDED	  /* nothing of it is left */
};
#define FRONT_STATES (FRONT_ENDED + 1)

enum front_move {
	FRONT_MOUNT,   /* it has mounted */
	FRONT_UNMOUNT, /* it is told to unmount */
	FRONT_KEEP,    /* it could not unmount */
	FRONT_DETACH, /* it has unmounted, but processes use the mount still */
	FRONT_FAIL,   /* it could not mount, or INIT failed */
	FRONT_LOSE,   /* its descriptor has ended */
	FRONT_END     /* it has ended */
};
#define FRONT_MOVES (FRONT_END + 1)

enum daemon_state {
	DAEMON_WAITING,	 /* it has no device end yet */
	DAEMON_STARTING, /* it has one, and has not answered INIT */
	DAEMON_SERVING,
	DAEMON_ENDING,	 /* the front went first: the daemon is told to end */
	DAEMON_GIVEN_UP, /* killed, but others inherited the device end */
	DAEMON_GONE,
	DAEMON_LEFT /* gone, and others have the device end still */
};
#define DAEMON_STATES (DAEMON_LEFT + 1)

enum daemon_move {
	DAEMON_GRANT,	/* the device end was handed over */
	DAEMON_SERVE,	/* INIT was answered */
	DAEMON_END,	/* it is told to end */
	DAEMON_GIVE_UP, /* its process was killed, others hold the device end */
	DAEMON_GO	/* it has ended, however the relay learnt that */
};
#define DAEMON_MOVES (DAEMON_GO + 1)

/* Make a move: 1, or 0 if it does not matter in this state. */
int front_state_move(enum front_state *s, enum front_move move);
int daemon_state_move(enum daemon_state *s, enum daemon_move move);

/* Has it mounted, and can the mount still be used? */
int front_state_is_seen(enum front_state s);
/* Is it mounted, or will be, and has not been told to unmount? */
int front_state_is_kept(enum front_state s);
/* Is the mount at its path, or will be, as far as the front has told?  Then a
 * umount(2) of that path means it. */
int front_state_is_there(enum front_state s);

int daemon_state_is_gone(enum daemon_state s);

#endif
