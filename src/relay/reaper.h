/* SPDX-License-Identifier: ISC */
/*
 * Ends of child processes, as events.
 *
 * The process is made a subreaper, so that a program which forks away from
 * its parent stays a child here and its end is heard of.  One reaper per
 * process: waiting for children is a thing of the whole process.
 */
#ifndef FR_RELAY_REAPER_H
#define FR_RELAY_REAPER_H

#include <event2/event.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/err.h"
#include "relay/caught.h"

struct reaper_watch {
	LIST_ENTRY(reaper_watch) link;
	pid_t pid;
	void (*ended)(void *arg, pid_t pid, int status);
	void *arg;
};

struct reaper_ours;

struct reaper {
	struct caught sigchld;
	struct event *retry; /* waits for children without a signal */
	LIST_HEAD(, reaper_watch) watches;
	LIST_HEAD(, reaper_ours) ours;
	/* A child that nobody watches: an adopted descendant. */
	void (*other)(void *arg, pid_t pid, int status);
	/* A thread that this process traces has stopped; NULL: none is. */
	void (*stopped)(void *arg, pid_t tid, int status);
	void *arg;
};

/* stopped is NULL at first.  E_NOMEM, E_SYS. */
int reaper_init(struct reaper *r, struct event_base *base,
    void (*other)(void *, pid_t, int), void *arg) ERR_MUSTCHECK;
void reaper_fini(struct reaper *r);

/* Call ended() once when pid ends; w is the caller's until then or until
 * reaper_unwatch().  status is waitpid()'s. */
void reaper_watch(struct reaper *r, struct reaper_watch *w);
void reaper_unwatch(struct reaper_watch *w);

/* The end of the child pid, which the relay has started, is not to be told to
 * other().  (Without memory it is told, and other() must ignore a process that
 * is none of the command's.) */
void reaper_forget(struct reaper *r, pid_t pid);

#endif
