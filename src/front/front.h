/* SPDX-License-Identifier: ISC */
/*
 * Where requests come from.
 *
 * A front is started for one mount and yields one descriptor.  It may be
 * the kernel's own device, mounted by us in the program's stead; FUSE-T's
 * server (or its emulator), started by us and told to mount; or a stream
 * socket of the user's, which mounts nothing.
 */
#ifndef FR_FRONT_FRONT_H
#define FR_FRONT_FRONT_H

#include <event2/event.h>
#include <sys/types.h>

#include "base/err.h"
#include "kmount/made.h"
#include "relay/reaper.h"

enum front_kind {
	FRONT_KERNEL,  /* /dev/fuse: Linux only */
	FRONT_FUSET,   /* FUSE-T's server program */
	FRONT_CONNECT, /* connect to a Unix stream socket at path */
	FRONT_LISTEN,  /* accept one client at path */
	FRONT_FD       /* a descriptor that the user passed */
};

/* How fronts are made; the same for every mount of a run. */
struct front_conf {
	enum front_kind kind;
	const char *path;   /* connect, listen */
	int fd;		    /* the socket of those; -1: none, or used */
	int taken;	    /* listen: by a mount that waits for a client */
	const char *server; /* fuset: program; NULL: as FUSE-T finds it */
	char *const *server_args; /* put before FUSE-T's own; may be NULL */
	int pass_options;    /* server is our emulator: tell it the mount */
	int mounts_nothing;  /* its client is the built-in one */
	const int *keep_fds; /* descriptors the server inherits, -1 ends */
};

struct front_events {
	/* The descriptor is there: fd (non-blocking) is the caller's now.
	 * How messages lie on it is told by front_is_device(). */
	void (*stream)(void *arg, int fd);
	/* The mount is done, or failed with num (0: done).  Not for
	 * sockets, which mount nothing.  Comes again, with num, if it was
	 * done but INIT failed.  made: which one it is, for the kernel's own;
	 * NULL: others are not known so well. */
	void (*mounted)(void *arg, int num, const struct kmount_made *made);
	/* An unmount that was asked for with front_unmount() did not work:
	 * the mount stays, ended() does not come. */
	void (*unmount_failed)(void *arg, int num);
	/* What front_unmount_for() asked for is done, and ended() follows when
	 * nobody uses what was mounted any more.  (Fronts to whom that is one
	 * say ended() alone.) */
	void (*detached)(void *arg);
	/* Nothing of the front is left.  status: waitpid()'s of the server,
	 * 0 for sockets.  Once; front_free() may be called after it. */
	void (*ended)(void *arg, int status);
};

struct front;

/*
 * Start a front for one mount (q->device stays the caller's).  Events come from the loop; stream() maybe
 * from within this call, when *out is already set.  E_SYS with errno and a
 * log line; E_NOTFOUND (no server program); E_FULL (a socket front serves one
 * mount only).
 */
int front_start(struct front **out, struct front_conf *c,
    struct event_base *base, struct reaper *reaper,
    const struct mount_request *q, const struct front_events *ev,
    void *arg) ERR_MUSTCHECK;

/* What a run without --front takes: the kernel, where it was built in. */
enum front_kind front_auto(void);
int front_has(enum front_kind kind);

/* Does stream() bring the kernel's device (else a byte stream)? */
int front_is_device(const struct front *f);

/* Must the program's mount(2) wait for mounted()?  The kernel's mount can
 * fail for good reasons, and is looked for as soon as mount(2) returns.
 * FUSE-T's is asynchronous for its own clients too, and comes only when INIT
 * was answered. */
int front_mounts_first(const struct front *f);

/*
 * Unmount with UNMOUNTFLAG_* or 0; ended() follows, after a server had its
 * time, at the latest when it was killed; or unmount_failed().
 */
void front_unmount(struct front *f, int flags);

/* The same for a process that called umount2(2), which is to be told what the
 * kernel says: unmount_failed(), or detached() or ended(). */
void front_unmount_for(struct front *f, int flags);

/* What stream() brought has come to its end by itself: see to it that
 * ended() comes. */
void front_stream_gone(struct front *f);

/* The daemon is gone.  FUSE-T's mount is then undone; a kernel mount stays
 * where it is, dead, as it does without us: what is written must not end
 * up in the directory below. */
void front_daemon_gone(struct front *f);

/* Kill what there is, at once, and free. */
void front_free(struct front *f);

/*
 * What can be done before the first mount: connect, listen, keep the user's
 * descriptor from the command.  E_SYS, E_VALUE; logged.
 */
int front_prepare(struct front_conf *c) ERR_MUSTCHECK;

/*
 * Bind path for FRONT_LISTEN: mode 0600, in a directory that is ours alone
 * to write; a dead socket of our own there is replaced.  The socket is
 * removed again by front_listen_close().  E_SYS, E_VALUE; logged.
 */
int front_listen_open(struct front_conf *c) ERR_MUSTCHECK;
void front_listen_close(struct front_conf *c);

/*
 * fork() for a child that mounts or unmounts and does not exec: none of the
 * loop's signal handlers runs in it (they would tell the relay of signals
 * that it did not get), and those that ask the relay to end do not touch
 * it: the relay ends it in its own way.  Of the relay's descriptors only the
 * n in `keep` (at most FRONT_FORK_KEEP; -1 is none) and the standard ones stay
 * open there: it may wait for a file system, and a device or socket that it
 * held would keep others waiting when the relay has long ended.
 */
#define FRONT_FORK_KEEP 8
pid_t front_fork(const int *keep, size_t n);

/* A kind's own file: its state and what it does.  See front.c. */
struct front_ops {
	int (*start)(struct front *f, struct front_conf *c,
	    const struct mount_request *q);
	void (*unmount)(struct front *f, int flags);
	void (*unmount_for)(struct front *f, int flags); /* NULL: unmount */
	void (*stream_gone)(struct front *f);		 /* NULL: unmount */
	void (*free)(struct front *f);
	int is_device; /* stream() brings the kernel's device */
};
extern const struct front_ops front_fuset_ops, front_socket_ops,
    front_kernel_ops;

struct front {
	const struct front_ops *ops;
	struct event_base *base;
	struct reaper *reaper;
	const struct front_events *ev;
	void *arg;
	void *own;	  /* the kind's state */
	int mounts_first; /* see front_mounts_first() */
};

#endif
