/* SPDX-License-Identifier: ISC */
/*
 * The mount trap.
 *
 * A FUSE library opens /dev/fuse as descriptor N and calls mount(2) with
 * "fd=N" (or has fusermount do both).  The call stops here: whoever handles
 * the event starts a front, and the program's descriptor N is replaced by
 * one end of a packet socket before mount(2) "succeeds".  Works for any
 * program however it is linked, costs nothing once mounted.
 *
 * The memory of the caller is read while its thread is stopped in the call;
 * the notification's id is checked after reading, so that what was read is
 * that thread's and not a stranger's that got its number.
 *
 * This is plumbing, not a security boundary against the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "attach/attach.h"
#include "attach/caller.h"
#include "attach/child.h"
#include "attach/copies.h"
#include "attach/filter.h"
#include "attach/mount_args.h"
#include "attach/notif.h"
#include "attach/path.h"
#include "attach/privileges.h"
#include "attach/standin.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mountinfo.h"

#define TRAP_STRING 4096 /* the kernel takes a page of options */
#define TRAP_TYPE 256
struct attach_call {
	LIST_ENTRY(attach_call) link;
	struct attach *attach;
	uint64_t id; /* of the notification */
	pid_t tid;
	int device; /* caller's descriptor, or -1 */
	int flags;  /* O_* it had when mount(2) was called */
};

struct attach {
	int fd; /* notification descriptor */
	struct event *ev;
	pid_t pid;
	struct seccomp_notif *req;
	struct seccomp_notif_resp *resp;
	LIST_HEAD(, attach_call) calls;
	const struct attach_events *events;
	void *arg;
};

pid_t
attach_pid(const struct attach *a)
{
	return a->pid;
}

int
attach_device_usable(void)
{
	int fd = file_open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd == -1)
		return 0;
	close(fd);
	return 1;
}

/* End a trapped call: num 0 or an errno, or let the kernel do it.  (A caller
 * that was killed meanwhile needs no answer.) */
static void
trap_respond(struct attach *a, uint64_t id, int num, int go_on)
{
	memset(a->resp, 0, sizeof(*a->resp));
	a->resp->id = id;
	a->resp->error = -num;
	a->resp->flags = go_on ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
	if (notif_respond(a->fd, a->resp) == E_SYS)
		log_error("a trapped call can't be answered: "
			  "SECCOMP_IOCTL_NOTIF_SEND: %s",
		    strerror(errno));
}

/* Does the caller still wait in that call?  Else it ends here, in case that it
 * does. */
static int
trap_still_waits(struct attach *a, uint64_t id)
{
	int r = notif_check(a->fd, id);

	if (r == E_SYS)
		log_error("can't tell who called: "
			  "SECCOMP_IOCTL_NOTIF_ID_VALID: %s",
		    strerror(errno));
	if (r != E_OK)
		trap_respond(a, id, EIO, 0);
	return r == E_OK;
}

static struct attach_call *
trap_call_new(struct attach *a, uint64_t id, pid_t tid, int device)
{
	struct attach_call *c = malloc(sizeof(*c));

	if (c == NULL)
		return NULL;
	c->attach = a;
	c->id = id;
	c->tid = tid;
	c->device = device;
	c->flags = 0;
	LIST_INSERT_HEAD(&a->calls, c, link);
	return c;
}

static void
trap_call_free(struct attach_call *c)
{
	LIST_REMOVE(c, link);
	free(c);
}

static void
trap_call_end(struct attach_call *c, int num)
{
	trap_respond(c->attach, c->id, num, 0);
	trap_call_free(c);
}

void
attach_done(struct attach_call *c)
{
	trap_call_end(c, 0);
}

void
attach_deny(struct attach_call *c, int num)
{
	trap_call_end(c, num);
}

void
attach_go_on(struct attach_call *c)
{
	trap_respond(c->attach, c->id, 0, 1);
	trap_call_free(c);
}

struct trap_grant {
	const struct attach_call *call;
	int fd; /* the device end */
};

/* Put the device end in the place of one of the caller's descriptors. */
static int
trap_put(void *arg, int number, int flags)
{
	const struct trap_grant *g = arg;
	struct seccomp_notif_addfd add = {
		.id = g->call->id,
		.flags = SECCOMP_ADDFD_FLAG_SETFD,
		.srcfd = (uint32_t)g->fd,
		.newfd = (uint32_t)number,
		.newfd_flags = (uint32_t)flags,
	};

	return notif_add_fd(g->call->attach->fd, &add);
}

int
attach_grant(struct attach_call *c, int fd)
{
	struct trap_grant g = { c, fd };
	int r, saved;

	/* The new descriptor behaves as the one the program opened. */
	if ((c->flags & O_NONBLOCK) &&
	    fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == -1)
		log_debug("device end: %s", strerror(errno));
	/* The one that is compared with comes last. */
	r = copies_each(c->tid, c->device, trap_put, &g);
	if (r == E_OK)
		r = trap_put(&g, c->device, c->flags & O_CLOEXEC);
	if (r == E_SYS) {
		saved = errno;
		log_error("can't hand over the device end: %s",
		    strerror(saved));
		errno = saved;
	}
	if (r != E_OK)
		return r;
	trap_call_end(c, 0);
	return E_OK;
}

void
attach_find_copies(const struct attach_call *c, pid_t *holder, pid_t *reader)
{
	struct copies found;

	copies_find(&found, c->tid, c->device);
	*holder = found.holder;
	*reader = found.reader;
}

pid_t
attach_caller(const struct attach_call *c)
{
	return caller_process(c->tid);
}

int
attach_take_device(const struct attach_call *c, int *fd)
{
	return caller_take_fd(c->tid, c->device, fd);
}

/* A call about a path: what its thread named, and where it stands. */
struct trap_path {
	char given[TRAP_STRING];  /* as it wrote it */
	char target[TRAP_STRING]; /* from its root */
	struct place place;
};

/* Look at all of it while the thread is stopped in the call; that it still is
 * there is for the caller to check.  E_OK: place is held. */
static int
trap_path_read(struct trap_path *t, pid_t tid, uint64_t address)
{
	int r;

	if ((r = caller_string(tid, address, t->given, sizeof(t->given))) !=
		E_OK ||
	    (r = path_absolute(t->target, sizeof(t->target), tid, t->given)) !=
		E_OK)
		return r;
	return place_hold(&t->place, tid);
}

/* A mount of a fuse type: told to whoever handles it. */
static void
trap_mount_at(struct attach *a, const struct seccomp_notif *n,
    const struct mount_request *q, int device)
{
	pid_t tid = (pid_t)n->pid;
	struct attach_call *c;

	if ((c = trap_call_new(a, n->id, tid, device)) == NULL) {
		trap_respond(a, n->id, ENOMEM, 0);
		return;
	}
	if (caller_fd_flags(tid, device, &c->flags) != E_OK) {
		attach_deny(c, EBADF);
		return;
	}
	if (!trap_still_waits(a, n->id)) {
		trap_call_free(c); /* what was looked at may be another's */
		return;
	}
	a->events->mount(a->arg, c, q);
}

static void
trap_mount(struct attach *a, const struct seccomp_notif *n)
{
	char source[TRAP_STRING], type[TRAP_TYPE], options[TRAP_STRING];
	const uint64_t *arg = (const uint64_t *)n->data.args;
	pid_t tid = (pid_t)n->pid;
	uint64_t flags = mount_args_flags(arg[3]);
	struct trap_path t;
	struct mount_request q = { .source = source,
		.target = t.target,
		.given = t.given,
		.type = type,
		.options = options,
		.flags = (unsigned long)flags,
		.pid = tid,
		.place = &t.place,
		.device = -1 };
	int device, r;

	r = caller_string(tid, arg[2], type, sizeof(type));
	if (r == E_BIG || (r == E_OK && !mountinfo_type_is_fuse(type)) ||
	    !mount_args_are_new(flags)) {
		trap_respond(a, n->id, 0, 1);
		return;
	}
	/* (What can't be read might be a mount of ours: the kernel must not
	 * have it.) */
	if (r != E_OK ||
	    caller_string(tid, arg[0], source, sizeof(source)) != E_OK ||
	    caller_string(tid, arg[4], options, sizeof(options)) != E_OK ||
	    trap_path_read(&t, tid, arg[1]) != E_OK) {
		const int num = errno;

		log_error("can't read the arguments of mount(2) in process "
			  "%d: %s",
		    tid, strerror(num));
		trap_respond(a, n->id,
		    num == EMFILE || num == ENFILE || num == ENOMEM ? num :
								      EFAULT,
		    0);
		return;
	}
	if (!trap_still_waits(a, n->id))
		goto out; /* killed meanwhile */
	if ((device = mount_args_take_fd(options)) == -1)
		trap_respond(a, n->id, EINVAL, 0);
	else
		trap_mount_at(a, n, &q, device);
out:
	place_let_go(&t.place);
}

static void
trap_umount(struct attach *a, const struct seccomp_notif *n, int flags)
{
	struct trap_path t;
	struct attach_unmount u = { .target = t.target,
		.given = t.given,
		.flags = flags,
		.place = &t.place };
	pid_t tid = (pid_t)n->pid;
	struct attach_call *c;

	if (trap_path_read(&t, tid, n->data.args[0]) != E_OK) {
		trap_respond(a, n->id, 0, 1);
		return;
	}
	if ((c = trap_call_new(a, n->id, tid, -1)) == NULL)
		trap_respond(a, n->id, 0, 1);
	else if (!trap_still_waits(a, n->id))
		trap_call_free(c); /* killed meanwhile */
	else
		a->events->unmount(a->arg, c, &u);
	place_let_go(&t.place);
}

/* The newer way to mount: libraries fall back to mount(2) on ENOSYS. */
static void
trap_fsopen(struct attach *a, const struct seccomp_notif *n)
{
	char type[TRAP_TYPE];
	int r;

	r = caller_string((pid_t)n->pid, n->data.args[0], type, sizeof(type));
	if (r == E_SYS || (r == E_OK && mountinfo_type_is_fuse(type)))
		trap_respond(a, n->id, ENOSYS, 0);
	else
		trap_respond(a, n->id, 0, 1);
}

static void
trap_notified(struct attach *a)
{
	struct seccomp_notif *n = a->req;

	if (notif_receive(a->fd, n) != E_OK)
		return; /* the caller is gone again */
	switch (filter_which(n->data.arch, n->data.nr)) {
	case FILTER_MOUNT:
		trap_mount(a, n);
		break;
	case FILTER_UMOUNT:
		trap_umount(a, n, 0);
		break;
	case FILTER_UMOUNT2:
		trap_umount(a, n, (int)n->data.args[1]);
		break;
	case FILTER_FSOPEN:
		trap_fsopen(a, n);
		break;
	case FILTER_OTHER:
		trap_respond(a, n->id, 0, 1);
		break;
	}
}

static void
trap_cb(evutil_socket_t fd, short what, void *arg)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct attach *a = arg;

	(void)what;
	if (poll(&pfd, 1, 0) != 1)
		return;
	if (pfd.revents & POLLIN) {
		trap_notified(a);
	} else if (pfd.revents & (POLLHUP | POLLERR)) {
		event_del(a->ev);
		a->events->gone(a->arg);
	}
}

static const char *
trap_setup(void *arg, int sock)
{
	const int *stand_in = arg;
	const char *step;
	int fd;

	if (*stand_in && (step = standin_enter()) != NULL)
		return step;
	if ((step = filter_enter(&fd)) != NULL)
		return step;
	if (child_send_fd(sock, fd) == -1)
		return "handing over the notification descriptor";
	close(fd);
	return NULL;
}

int
attach_has_trap(void)
{
	return 1;
}

int
attach_trap(struct attach **out, struct event_base *base, char *const argv[],
    int stand_in, const struct attach_events *ev, void *arg)
{
	struct attach *a;
	const char *step;
	int r, saved;

	*out = NULL;
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return E_NOMEM;
	a->fd = -1;
	a->events = ev;
	a->arg = arg;
	LIST_INIT(&a->calls);
	if ((r = seccomp_notify_alloc(&a->req, &a->resp)) != 0) {
		a->req = NULL; /* it may have been freed already */
		a->resp = NULL;
		if (r == -ENOMEM) {
			r = E_NOMEM;
			goto fail;
		}
		log_error("can't start %s under the mount trap: seccomp: the "
			  "kernel tells nobody of calls (that came with Linux "
			  "5.9)",
		    argv[0]);
		r = E_UNSUP;
		goto fail;
	}
	r = child_start(&a->pid, argv, trap_setup, &stand_in, &a->fd, &step);
	if (r != E_OK) {
		if (strcmp(step, "exec") != 0) {
			filter_say_failed(argv[0], step, errno);
			r = E_UNSUP;
		}
		goto fail;
	}
	privileges_check(argv[0]);
	r = E_NOMEM;
	a->ev = event_new(base, a->fd, EV_READ | EV_PERSIST, trap_cb, a);
	if (a->ev == NULL || event_add(a->ev, NULL) == -1)
		goto fail;
	*out = a;
	return E_OK;
fail:
	saved = errno;
	attach_free(a);
	errno = saved;
	return r;
}

void
attach_free(struct attach *a)
{
	if (a == NULL)
		return;
	while (!LIST_EMPTY(&a->calls))
		trap_call_end(LIST_FIRST(&a->calls), ENOSYS);
	if (a->ev != NULL)
		event_free(a->ev);
	file_close(&a->fd);
	seccomp_notify_free(a->req, a->resp);
	free(a);
}
