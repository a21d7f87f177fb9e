/* SPDX-License-Identifier: ISC */
/*
 * How a daemon ends whose front went first: what is done next, as a pure
 * function of how it was told, for how long, and whether a process of ours
 * still holds the device end.
 *
 * A FUSE library takes a bare end of file on a socket for an error and says
 * so.  So the processes of ours are told in the device's own words where that
 * can be done (attach/unmounted.h): those that wait in a read get ENODEV from
 * it, else they are followed to the read that they make next.  Where neither
 * can be done, those that catch SIGTERM are sent it, and see end of file
 * later; if none does, end of file comes first and SIGTERM later.  Whoever is
 * left after that is killed.  Strangers, whom this command did not start, see
 * end of file when ours are gone, and nothing else.
 */
#ifndef FR_SERVE_ENDING_H
#define FR_SERVE_ENDING_H

#define ENDING_SECOND_S 5 /* after the first way, the other one */
#define ENDING_KILL_S 10  /* after the first way, SIGKILL */

/* How the daemon is told first. */
enum ending_way {
	ENDING_BY_READ,	  /* the reads that it waits in fail with ENODEV */
	ENDING_BY_FOLLOW, /* the next read of each of its threads does */
	ENDING_BY_TERM,	  /* it is sent SIGTERM, which it catches */
	ENDING_BY_EOF	  /* it reads end of file */
};

enum ending_stage {
	ENDING_FIRST,  /* the daemon was told in the first way */
	ENDING_SECOND, /* it was told in the other way, too */
	ENDING_LAST,   /* it was sent SIGKILL */
	ENDING_OVER    /* no process of ours holds the device end */
};

/* What is to be done; several at a time, in this order. */
enum ending_act {
	ENDING_NAME_STRANGERS = 1 << 0, /* log those who still hold it */
	ENDING_TELL = 1 << 1,  /* ENODEV to the threads that read only now */
	ENDING_LEAVE = 1 << 2, /* follow nobody any more */
	ENDING_TERM = 1 << 3,  /* SIGTERM to all that are ours */
	ENDING_CLOSE = 1 << 4, /* close our end: they read end of file */
	ENDING_KILL = 1 << 5   /* SIGKILL to all that are ours */
};

struct ending {
	enum ending_way way;
	enum ending_stage stage;
};

/*
 * The way that a daemon takes quietly: `read`, `follow` and `term` are asked
 * in this order, as far as needed, each with arg, and say of how many threads
 * or processes they could make use.
 */
struct ending_ways {
	unsigned (*read)(void *arg);
	unsigned (*follow)(void *arg);
	unsigned (*term)(void *arg); /* to those that catch it */
};
struct ending ending_begin(const struct ending_ways *w, void *arg);

/* What to do now: `age_s` seconds after the beginning, while a process of ours
 * holds the device end, or (`held` is 0) when none does.  ENDING_*, or'ed. */
unsigned ending_step(struct ending *e, long age_s, int held);

/* Are threads of the daemon being followed? */
int ending_follows(const struct ending *e);

#endif
