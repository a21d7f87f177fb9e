/* SPDX-License-Identifier: ISC */
/*
 * Notifications to the kernel, from a thread of their own.
 *
 * The kernel carries out a notification within write(), and may have to wait
 * there for a lock whose holder waits for a reply.  If that reply were written
 * by the same thread, both would wait for ever and could not be killed.
 *
 * A daemon that invalidates something and then replies expects the kernel
 * to have done the invalidation before it sees the reply.  So replies wait for
 * the notifications before them; but not for one whose thread was seen asleep
 * in the kernel, or that is in the kernel for longer than NOTIFIER_HOLD_MS: it
 * is assumed to wait for a reply.
 */
#ifndef FR_RELAY_NOTIFIER_H
#define FR_RELAY_NOTIFIER_H

#include <event2/event.h>

#include "base/err.h"
#include "base/span.h"

#define NOTIFIER_HOLD_MS 50
#define NOTIFIER_HEAD_MAX 4200 /* bytes: the longest name, and more */

struct notifier_head {
	struct span head; /* borrowed */
	size_t whole;
};

struct notifier;

/* Called from the loop. */
struct notifier_events {
	/* What notifier_holds() or notifier_put() said may have changed. */
	void (*progress)(void *arg);
	/* The kernel has done with the notification of h.whole bytes that
	 * begins with h.head: error is 0 or errno.  In the order of
	 * notifier_put(). */
	void (*done)(void *arg, const struct notifier_head *h, int error);
};

/* Start a notifier for the device dev, which is duplicated and stays the
 * caller's.  E_SYS, E_NOMEM. */
int notifier_new(struct notifier **out, struct event_base *base, int dev,
    const struct notifier_events *ev, void *arg) ERR_MUSTCHECK;

/* What is remembered of m: all of it but a STORE's data, and of many nodes the
 * first ones. */
struct notifier_head notifier_head_of(struct span m);

/* Must a reply wait for the notifications that were put before it? */
int notifier_holds(const struct notifier *n);

/* Have m written, after those before it.  E_HELD: too many wait already,
 * try again after progress.  E_FULL: too many wait for one that does not get
 * on, or m is too large; m is lost. */
int notifier_put(struct notifier *n, struct span m) ERR_MUSTCHECK;

/* Has the kernel not done with all of them? */
int notifier_is_busy(const struct notifier *n);

/*
 * Free it: the notifications that wait are dropped, and the thread ends when
 * the kernel has done with the one that is being written.  Till then the device
 * stays open, and nobody is left to write the reply that the kernel may wait
 * for: call it when notifier_is_busy() says no.
 */
void notifier_free(struct notifier *n);

#endif
