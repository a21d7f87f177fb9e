/* SPDX-License-Identifier: ISC */
/*
 * Mounting for another process, the caller, and unmounting it later.
 *
 * The mount is made from the caller's place with the caller's rights
 * (place.h).  From then on it is known by its id, not by its path: directories
 * are renamed, and a mount over it has the same path.  To unmount it, the
 * directory that it is in at that time is opened, and the mount that is on top
 * under its name there is compared with it.  (To hold that directory open all
 * the time would keep the file system busy that it lies on.)
 *
 * Nothing here accesses the mount or what is below it: its daemon would have
 * to answer, and may be waiting for this process.  Functions that look up a
 * path may block all the same; they are for a child process that does nothing
 * else.  They return 0 or an errno, and the child's answer goes through a
 * socket (kmount_tell()).
 */
#ifndef FR_KMOUNT_MADE_H
#define FR_KMOUNT_MADE_H

#include "place/request.h"

#define KMOUNT_POINT_MAX 256

struct kmount_made {
	int id;		       /* of the mount; the kernel uses it again when
				 * the mount is gone, so: */
	unsigned major, minor; /* device number of its file system */
	struct place_ns ns;    /* that it is in */
	char point[KMOUNT_POINT_MAX]; /* the end of its path when it was made,
				 * as its maker saw it */
};

/* How a child answers. */
struct kmount_answer {
	int num; /* 0 or an errno */
	struct kmount_made made;
	int device;   /* owned, or -1 */
	int comm;     /* fusermount3's, see kmount_helper_fini(), owned,
				 * or -1 */
	int self;     /* in the child that made it: its /proc/self, from
				 * before it went to the caller's place */
	int is_mount; /* kmount_look(): is a mount there at all? */
	int is_fuse;  /* of FUSE's type? */
};

void kmount_answer_init(struct kmount_answer *a);
/* Close what it owns. */
void kmount_answer_fini(struct kmount_answer *a);

/* ---- in a child process ---- */

/*
 * Mount for the caller, from its place and at its own string, with mount(2) as
 * it asked for it and on q->device, which is there.  With q->by_helper through
 * fusermount3, from the caller's working directory, waiting for it; then
 * a->device and a->comm are filled in, too.  Fills in a->made.
 */
int kmount_make(const struct mount_request *q, struct kmount_answer *a);

/*
 * Unmount it, with UNMOUNTFLAG_* or 0.  EINVAL: it is unmounted already.
 * EBUSY: it is in use, or something is mounted over it.
 */
int kmount_undo(const struct kmount_made *m, int flags, int by_helper);

/* The same for what kmount_make() made in this very process, which is in the
 * caller's place: no /proc may be there, or not ours. */
int kmount_unmake(const struct kmount_answer *a, int flags, int by_helper);

/* Find out which mount is on top at a path that is the caller's string.  With
 * nofollow, a symbolic link at its end is not followed. */
int kmount_look(const struct place *p, const char *path, int nofollow,
    struct kmount_answer *a);

/* Send the answer, with its descriptors, over a socket.  0 or an errno. */
int kmount_tell(int sock, const struct kmount_answer *a);

/* ---- in any process ---- */

/* Receive the answer.  E_AGAIN (it is not there yet), E_EOF (the child ended
 * without one), E_SYS, E_PROTO. */
int kmount_hear(int sock, struct kmount_answer *a) ERR_MUSTCHECK;

/* Is the mount still in its namespace's table of mounts?  (The end of its path
 * is compared, too: another mount may have got its id and device number.) */
int kmount_is_there(const struct kmount_made *m);

#endif
