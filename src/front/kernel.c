/* SPDX-License-Identifier: ISC */
/*
 * The Linux kernel as front: a mount of our own on the real device.
 *
 * With privilege, the program's own mount(2) is repeated on the device that
 * the program opened, with its options to the letter, from its place and
 * with its rights (place.h).  Without, fusermount3 does it, as it would for
 * the program.  Both happen in a child process (ask.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mountflags.h"
#include "front/ask.h"
#include "front/front.h"
#include "kmount/made.h"

_Static_assert(MOUNTFLAG_RDONLY == MS_RDONLY &&
	MOUNTFLAG_NOSUID == MS_NOSUID && MOUNTFLAG_NODEV == MS_NODEV &&
	MOUNTFLAG_NOEXEC == MS_NOEXEC && MOUNTFLAG_DIRSYNC == MS_DIRSYNC &&
	MOUNTFLAG_SYNCHRONOUS == MS_SYNCHRONOUS &&
	MOUNTFLAG_NOATIME == MS_NOATIME && UNMOUNTFLAG_DETACH == MNT_DETACH,
    "the numbers of the kernel");

enum kernel_state {
	KERNEL_STARTING, /* it is not known yet if it is mounted */
	KERNEL_UP,
	KERNEL_DOWN /* it never was, or is undone */
};

struct kernel_front {
	struct front *front;
	enum kernel_state state;
	char *target; /* for messages */
	int device;   /* until stream() hands it over, or -1 */
	int by_helper;
	int comm;		 /* of the helper, as long as we live; or -1 */
	struct kmount_made made; /* if it is up */
	struct ask ask;		 /* to mount, then to unmount */
	struct event *ended_ev;
	int undo; /* unmount as soon as it is mounted */
};

/* What a child is told. */
struct kernel_work {
	const struct kernel_front *front;
	const struct mount_request *request; /* to mount, or */
	int flags;			     /* to unmount with */
};

/* ---- in the child ---- */

static int
kernel_child_mount(void *arg, struct kmount_answer *a)
{
	const struct kernel_work *w = arg;
	struct mount_request own = *w->request;

	own.device = w->front->device;
	return kmount_make(&own, a);
}

/* The relay has ended, or wants it no more. */
static void
kernel_child_undo(void *arg, struct kmount_answer *a)
{
	const struct kernel_work *w = arg;

	kmount_unmake(a, MNT_DETACH, w->front->by_helper);
}

static int
kernel_child_unmount(void *arg, struct kmount_answer *a)
{
	const struct kernel_work *w = arg;

	(void)a;
	return kmount_undo(&w->front->made, w->flags, w->front->by_helper);
}

/* ---- in the relay ---- */

static void
kernel_ended(struct kernel_front *k)
{
	k->state = KERNEL_DOWN;
	k->front->ev->ended(k->front->arg, 0);
}

static void
kernel_unmounted_cb(void *arg, struct kmount_answer *a)
{
	struct kernel_front *k = arg;

	/* EINVAL: somebody else was faster. */
	if (a->num == 0 || a->num == EINVAL)
		kernel_ended(k);
	else
		k->front->ev->unmount_failed(k->front->arg, a->num);
}

static void
kernel_ended_cb(evutil_socket_t fd, short what, void *arg)
{
	struct kernel_front *k = arg;

	(void)fd;
	(void)what;
	kernel_ended(k);
}

/* The device says that the mount is gone: there is nothing to undo. */
static void
kernel_stream_gone(struct front *f)
{
	struct kernel_front *k = f->own;

	event_active(k->ended_ev, EV_TIMEOUT, 0);
}

static void
kernel_unmount(struct front *f, int flags)
{
	struct kernel_front *k = f->own;
	struct kernel_work how = { .front = k, .flags = flags };
	struct ask_work w = { .work = kernel_child_unmount,
		.arg = &how,
		.keep = -1 };

	if (k->state == KERNEL_STARTING) {
		k->undo = 1;
		return;
	}
	if (ask_is_open(&k->ask))
		return; /* under way */
	if (k->state == KERNEL_DOWN)
		kernel_stream_gone(f);
	else if (ask_start(&k->ask, f->base, f->reaper, &w,
		     kernel_unmounted_cb, k) != E_OK)
		f->ev->unmount_failed(f->arg, errno);
}

/* What of the answer is ours now.  The device, non-blocking, or -1. */
static int
kernel_take(struct kernel_front *k, struct kmount_answer *a)
{
	int fd = k->by_helper ? a->device : k->device, flags;

	k->made = a->made;
	k->comm = a->comm;
	k->device = a->device = a->comm = -1;
	flags = fcntl(fd, F_GETFL);
	if (flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1)
		return fd;
	file_close(&fd);
	return -1;
}

/* Mounted, or why not. */
static void
kernel_started_cb(void *arg, struct kmount_answer *a)
{
	const struct front_events *ev;
	struct kernel_front *k = arg;
	int num = a->num, fd = -1;

	ev = k->front->ev;
	k->state = num == 0 ? KERNEL_UP : KERNEL_DOWN;
	if (num == 0 && (fd = kernel_take(k, a)) == -1)
		num = errno;
	if (fd != -1)
		ev->stream(k->front->arg, fd);
	ev->mounted(k->front->arg, num, num == 0 ? &k->made : NULL);
	if (k->undo)
		kernel_unmount(k->front, MNT_DETACH);
}

static int
kernel_ask(struct kernel_front *k, const struct mount_request *q)
{
	struct kernel_work how = { .front = k, .request = q };
	struct ask_work w = { .work = kernel_child_mount,
		.undo = kernel_child_undo,
		.arg = &how,
		.place = q->place,
		.keep = -1 };

	k->by_helper = q->by_helper;
	if (!q->by_helper) {
		k->device = q->device == -1 ?
		    file_open("/dev/fuse", O_RDWR | O_CLOEXEC) :
		    fcntl(q->device, F_DUPFD_CLOEXEC, 0);
		if (k->device == -1)
			return E_SYS;
		w.keep = k->device;
	}
	return ask_start(&k->ask, k->front->base, k->front->reaper, &w,
	    kernel_started_cb, k);
}

static int
kernel_start(struct front *f, struct front_conf *c,
    const struct mount_request *q)
{
	struct kernel_front *k;
	int r;

	(void)c;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return E_NOMEM;
	f->own = k;
	k->front = f;
	k->device = k->comm = -1;
	k->ended_ev = evtimer_new(f->base, kernel_ended_cb, k);
	if (k->ended_ev == NULL || (k->target = strdup(q->target)) == NULL)
		return E_NOMEM;
	r = kernel_ask(k, q);
	if (r != E_OK)
		log_error("%s: can't mount: %s", q->target, err_why(r));
	return r;
}

static void
kernel_free(struct front *f)
{
	struct kernel_front *k = f->own;
	int fds[] = { k->comm, k->device };
	size_t i;

	/* Nobody will serve it, and left alone it would stay there, dead. */
	if (!ask_drop(&k->ask) && k->state == KERNEL_STARTING)
		log_warn("%s: mounting is not given up yet", k->target);
	if (k->ended_ev != NULL)
		event_free(k->ended_ev);
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		file_close(&fds[i]);
	free(k->target);
	free(k);
}

const struct front_ops front_kernel_ops = { .start = kernel_start,
	.unmount = kernel_unmount,
	.stream_gone = kernel_stream_gone,
	.free = kernel_free,
	.is_device = 1 };
