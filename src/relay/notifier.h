/* SPDX-License-Identifier: ISC */
/*
 * Notifications to the kernel, from a thread of their own.
 *
 * The kernel carries a notification out while it is being written, and may
 * have to wait for a lock whose holder waits for a reply.  Were that reply
 * to come through the same thread, both would wait for ever and could not
 * be killed.  Replies never wait so, and stay where they are.
 */
#ifndef FR_RELAY_NOTIFIER_H
#define FR_RELAY_NOTIFIER_H

#include "base/err.h"
#include "base/span.h"

struct notifier;

/* Start one for the device; dev is copied and stays the caller's.  E_SYS. */
int notifier_new(struct notifier **out, int dev) ERR_MUSTCHECK;

/* Have m written, after those before it.  E_FULL: too many wait already,
 * or m is too large; it is not written. */
int notifier_put(struct notifier *n, struct span m) ERR_MUSTCHECK;

/* Let go of it: what waits is still written, then the thread ends. */
void notifier_free(struct notifier *n);

#endif
