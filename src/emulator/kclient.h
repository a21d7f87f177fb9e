/* SPDX-License-Identifier: ISC */
/*
 * The emulator's usual client: the Linux kernel.
 *
 * Mounts, then carries requests from /dev/fuse to the data channel and
 * judged replies back.  FUSE-T has no /dev/fuse behind it; to the daemon
 * the difference does not show.
 */
#ifndef FR_EMULATOR_KCLIENT_H
#define FR_EMULATOR_KCLIENT_H

#include <limits.h>

#include "base/mountinfo.h"
#include "channel/channel.h"
#include "kmount/helper.h"

struct kclient_calls {
	/* The kernel has mounted. */
	void (*there)(void *arg);
	/* INIT is answered (0), or it came to nothing (an errno). */
	void (*mounted)(void *arg, int status);
	/* The kernel has unmounted; no request comes any more. */
	void (*unmounted)(void *arg);
};

struct kclient {
	struct event_base *base;
	struct channel *channel;
	const struct kclient_calls *calls;
	void *arg;
	int dev; /* owned; -1: not mounted */
	struct event in, helper_in, deadline;
	struct kmount_helper helper;
	char target[PATH_MAX];
	struct mountinfo_top made; /* when it was mounted */
	uint8_t *buf;		   /* owned: one request */
	size_t cap;
	unsigned rwsize; /* limit of max_write; 0: none */
	int mounted;	 /* and not detached by us */
	int settled, over;
	uint64_t dropped; /* replies that the kernel no longer wanted */
};

void kclient_init(struct kclient *k, struct event_base *base,
    struct channel *channel, unsigned rwsize,
    const struct kclient_calls *calls, void *arg);
void kclient_fini(struct kclient *k);

/*
 * Start to mount; calls->mounted tells the outcome, at once or later, after
 * at most timeout seconds.  Output of fusermount3 goes to err_fd.
 */
void kclient_mount(struct kclient *k, const struct mount_request *s,
    unsigned timeout, int err_fd);

/* Is the mount under way, and its outcome not known yet? */
int kclient_is_mounting(const struct kclient *k);

/* Unmount, lazily and only once; calls->unmounted is called when nobody uses
 * the mount any more. */
void kclient_detach(struct kclient *k);

/* Close the device at once: calls that wait on the mount fail. */
void kclient_abort(struct kclient *k);

/* For the channel's owner: a reply came; the sender takes requests again. */
void kclient_reply(struct kclient *k, uint32_t opcode, struct span reply);
void kclient_room(struct kclient *k);

#endif
