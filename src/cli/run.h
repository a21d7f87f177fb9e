/* SPDX-License-Identifier: ISC */
/*
 * "fuserelay run": one command, its mounts, and when it is all over.
 */
#ifndef FR_CLI_RUN_H
#define FR_CLI_RUN_H

#include <sys/queue.h>

#include "attach/attach.h"
#include "base/wish.h"
#include "cli/ready.h"
#include "relay/caught.h"
#include "relay/reaper.h"
#include "serve/mount.h"
#include "serve/spared.h"

/* Exit statuses of our own; else the command's, or 128 + its signal. */
#define RUN_EXIT_TIMEOUT 124
#define RUN_EXIT_FAILURE 125
#define RUN_EXIT_NOT_EXECUTABLE 126
#define RUN_EXIT_NOT_FOUND 127

#define RUN_DAEMONS_MAX 32
#define RUN_COPIES_MAX 8

/* A front in our own loop, at the other end of a socket (FRONT_FD). */
struct run_client {
	/* The session is there.  E_*. */
	int (*start)(void *arg, struct event_base *base);
	/* The loop is over. */
	void (*stop)(void *arg);
	void *arg;
};

struct run_conf {
	struct relay_conf relay;
	struct front_conf front;
	int by_fd;    /* --attach=fd */
	int direct;   /* the daemon gets the raw stream */
	int stand_in; /* give it something to open as /dev/fuse */
	int stats;    /* report on the stream at the end */
	struct ready ready;
	struct run_client client; /* all NULL: none */
	const struct trace_opts *trace;
	int timeout_exit;	 /* a timeout ends it all */
	int server_decides;	 /* server's exit status, if not 0, is ours */
	const char *mount_point; /* --attach=fd: for the server */
	char *const *argv;
};

/* A mount of the command's. */
struct run_mount {
	LIST_ENTRY(run_mount) link;
	struct run *run;
	struct mount *mount; /* NULL: it is only just being started */
	pid_t copy;	     /* who has a copy of its device, or 0 */
};

#define RUN_SIGNALS 4 /* that the relay hears of */
struct run_look;      /* run_unmount.c */

/* What decides the exit status; of several, the last in this list. */
enum run_outcome {
	RUN_AS_COMMAND,	 /* the status of the command, or of its daemon */
	RUN_ENDED_BY_US, /* the relay ended the daemon after an unmount */
	RUN_FAILED,	 /* the relay could not do its part */
	RUN_TIMED_OUT,	 /* a request did, and --timeout-exit was given */
	RUN_ABANDONED	 /* the relay was told to end a second time */
};

struct run {
	struct run_conf *conf;
	struct event_base *base;
	struct relay relay;
	struct reaper reaper;
	struct unmounted unmounted; /* threads that are followed */
	struct mount_env env;
	struct attach *attach;
	struct live *live; /* the trace */
	struct reaper_watch child;
	struct caught signals[RUN_SIGNALS];
	struct event *stop;	  /* unmounts all, after the first of them */
	struct event *patience;	  /* kills a command that does not end */
	struct event *look_again; /* looks whether daemons have ended */
	struct event *no_status;  /* gives up waiting for their statuses */
	LIST_HEAD(run_mounts, run_mount) mounts;
	struct spared spared; /* umount(2) calls that shall not fail */
	struct run_copy {
		pid_t holder; /* who had a copy of this device */
		int device;
		int refused;	  /* its mount was undone */
	} copies[RUN_COPIES_MAX]; /* kept to the end */
	size_t ncopies;
	LIST_HEAD(, run_look) looks;
	enum {
		COMMAND_NOT_STARTED,
		COMMAND_RUNS,
		COMMAND_ENDED,
		COMMAND_LEFT_MOUNTED, /* it ended, and a mount was up */
	} command;
	pid_t daemons[RUN_DAEMONS_MAX]; /* that outlived the command */
	size_t ndaemons;
	enum {
		CALLS_NOT_AWAITED,
		CALLS_AWAITED,
		CALLS_OVER
	} last_calls;	   /* umount(2) of daemons, when all else is over */
	int gone;	   /* no process is under the trap any more */
	int status;	   /* waitpid()'s of the daemon */
	int server_status; /* exit status of a server, if not 0 */
	enum run_outcome outcome;
	struct wish wish;   /* signals that tell us to end */
	int served;	    /* a mount was up */
	int stopped_mounts; /* one was up when the relay was told to end */
};

/* Run to the end; the exit status. */
int run_command(struct run_conf *conf);

/* --attach=fd: make the mount, then start the command with its device end.
 * E_UNSUP (no mount; logged), E_SYS and others (no command).  (run_by_fd.c) */
int run_start_by_fd(struct run *r) ERR_MUSTCHECK;

/* Start a mount; arguments and errors as mount_start(). */
int run_start_mount(struct run *r, struct attach_call *call,
    const struct mount_request *q, pid_t copy, int *device_fd) ERR_MUSTCHECK;

/* What mounts report (run_mounts.c). */
void run_mount_event(void *run_mount, enum mount_event what, int value);

/* A mount(2) of a FUSE type was trapped: it is answered here. */
void run_mount(void *run, struct attach_call *c,
    const struct mount_request *q);

/* Unmount all mounts; what follows comes by their events. */
void run_unmount_all(struct run *r);

/* The outcome is this one, or one that comes later in the list already. */
void run_note_outcome(struct run *r, enum run_outcome outcome);

/* Has the command ended? */
static inline int
run_command_ended(const struct run *r)
{
	return r->command >= COMMAND_ENDED;
}

/* Was the relay told to end? */
static inline int
run_is_stopping(const struct run *r)
{
	return r->wish.sig != 0;
}

/* Is the daemon of that mount the command itself, or did the command leave a
 * daemon behind?  Also if that can't be told. */
int run_is_of_command(const struct run *r, const struct mount *m);

/* Something ended: is it all over? */
void run_check(struct run *r);

/* Send the command that signal; if it does not end then, it is killed. */
void run_end_child(struct run *r, int sig);

/*
 * Signals to the relay (run_signal.c).  Those that ask it to end and come
 * within a second are one wish: timeout(1) and service managers send several,
 * to all processes.
 */
int run_signals_init(struct run *r) ERR_MUSTCHECK;
void run_signals_fini(struct run *r);

/* Is waitpid()'s status the end by a signal of that wish, of a program that
 * something was mounted for? */
int run_told_to_end(const struct run *r, int status);

/*
 * Daemons that outlive the command (run_daemons.c).  When it has ended, those
 * of m are noted: their status is the one that counts.
 */
void run_note_daemons(struct run *r, const struct mount *m);

/* A process ended: 1 if it was one of them. */
int run_take_daemon(struct run *r, pid_t pid);

/* Drop those that have ended, whose status went to a parent of their own. */
void run_forget_daemons(struct run *r);

/* The session of a mount has lost its daemon: if that never served, and another
 * process had a copy of its device, that one can't serve either.  Says so and
 * unmounts.  (run_copies.c) */
void run_check_copies(struct run_mount *rm);

/*
 * Does another process of the program wait for requests on a copy of the device
 * of this mount(2)?  Then it is denied, which is logged, and 1 returned.  Else
 * *holder is one that has a copy, or 0.  (run_copies.c)
 */
int run_refuses_copies(struct run *r, struct attach_call *c,
    const char *target, pid_t *holder);

/* The end: who would read a copy for ever, of a mount that was undone, is told
 * to end. */
void run_end_copies(const struct run *r);

/* Must the mount be made on the device that its caller opened?  Not if
 * another has a copy, except in a user namespace, whose device it has to be. */
int run_needs_device(const struct place *p, pid_t holder);

/* Turn the loop until all is over.  If it can't be turned any more, all is
 * unmounted, and failed (run_loop.c). */
void run_loop(struct run *r);

/* Does the kernel decide itself whether a caller at this place may mount and
 * unmount?  Else (an ordinary user's program in the user's own namespaces)
 * fusermount3 has to do it. */
int run_kernel_knows(const struct place *p);

/* A umount2(2) was trapped: it is answered here (run_unmount.c). */
void run_unmount(void *run, struct attach_call *c,
    const struct attach_unmount *u);
void run_forget_looks(struct run *r);

#endif
