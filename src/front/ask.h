/* SPDX-License-Identifier: ISC */
/*
 * A question whose answer may take its time, put to a child process.
 *
 * Whatever looks a path up, mounts or unmounts may have to wait for a file
 * system that this very relay serves; a relay that waited for that would
 * hang and could not be killed.
 */
#ifndef FR_FRONT_ASK_H
#define FR_FRONT_ASK_H

#include <event2/event.h>

#include "base/err.h"
#include "kmount/made.h"
#include "relay/reaper.h"

struct ask_work {
	/* In the child: 0 or an errno, and what else there is to tell. */
	int (*work)(void *arg, struct kmount_answer *a);
	/* In the child, when work() returned 0 but its answer did not come
	 * through to somebody who goes on with it; NULL: that is no matter. */
	void (*undo)(void *arg, struct kmount_answer *a);
	void *arg;
	int keep;		   /* a descriptor that it needs, or -1 */
	const struct place *place; /* whose descriptors it needs; or NULL */
};

struct ask {
	struct event *ev; /* NULL: nothing was asked */
	int sock;
	pid_t pid;
	int undoes;
	void (*answered)(void *arg, struct kmount_answer *a);
	void *arg;
};

/*
 * Ask.  answered() is called once, from the loop; a->num is EIO if the child
 * was killed.  What it does not take out of *a (setting it to -1) is closed
 * after it.  E_NOMEM, E_SYS: nothing was asked.
 */
int ask_start(struct ask *q, struct event_base *base, struct reaper *reaper,
    const struct ask_work *w,
    void (*answered)(void *arg, struct kmount_answer *a),
    void *arg) ERR_MUSTCHECK;

/* Is there a question without an answer? */
int ask_is_open(const struct ask *q);

/* No answer is wanted any more: what can be undone is undone.  Waits for that,
 * but not for ever: 0 if it is not known yet. */
int ask_drop(struct ask *q);

#endif
