/* SPDX-License-Identifier: ISC */
/*
 * The Linux kernel as front: a mount of our own on the real device.
 *
 * With privilege, the program's own mount(2) is repeated on the device that
 * the program opened, with its options to the letter, in its mount
 * namespace.  Without, fusermount3 does it, as it would for the program.
 *
 * Both happen in a child process.  Resolving a path may have to ask a file
 * system that this very relay serves; a relay that waited for that would
 * hang and could not be killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/fork.h"
#include "base/log.h"
#include "base/mountflags.h"
#include "base/self.h"
#include "front/front.h"
#include "kmount/kmount.h"

#define HELPER_WAIT_MS 10000
#define FREE_WAIT_MS 2000	/* for a mount that nobody wants any more */
#define FREE_NAP_MS 2

_Static_assert(MOUNTFLAG_RDONLY == MS_RDONLY &&
    MOUNTFLAG_NOSUID == MS_NOSUID && MOUNTFLAG_NODEV == MS_NODEV &&
    MOUNTFLAG_NOEXEC == MS_NOEXEC && MOUNTFLAG_DIRSYNC == MS_DIRSYNC &&
    MOUNTFLAG_SYNCHRONOUS == MS_SYNCHRONOUS &&
    MOUNTFLAG_NOATIME == MS_NOATIME && UNMOUNTFLAG_DETACH == MNT_DETACH,
    "the numbers of the kernel");

struct kernel_front {
	struct front *front;
	char *target;
	int device;		/* until stream() hands it over, or -1 */
	int ns, root;		/* program's mount namespace and root */
	int user;		/* its user namespace, or -1: ours */
	struct kmount_helper helper;
	struct event *helper_ev, *ended_ev;
	struct reaper_watch child, helper_watch;
	int by_helper, mounted;
	int starting;		/* it is not known yet if it is mounted */
	int undo;		/* unmount as soon as it is */
};

/* ---- in the child ---- */

__attribute__((noreturn)) static void
kernel_child_exit(int num)
{
	_exit(num > 255 ? 255 : num);
}

/* A child with what it needs for that. */
static pid_t
kernel_fork(const struct kernel_front *k, int device)
{
	const int keep[] = { device, k->user, k->ns, k->root };

	return front_fork(keep, sizeof(keep) / sizeof(keep[0]));
}

/* See what the program sees.  (setns() goes to the namespace's own root.) */
static void
kernel_child_begin(const struct kernel_front *k)
{
	if (k->ns == -1)
		return;
	/* The rights of the program's own user namespace, no others. */
	if ((k->user != -1 && setns(k->user, CLONE_NEWUSER) == -1) ||
	    setns(k->ns, CLONE_NEWNS) == -1 || fchdir(k->root) == -1 ||
	    chroot(".") == -1)
		kernel_child_exit(errno);
}

__attribute__((noreturn)) static void
kernel_child_mount(const struct kernel_front *k, const struct front_mount *m)
{
	char data[KMOUNT_OPTIONS_MAX];
	int n;

	kernel_child_begin(k);
	n = snprintf(data, sizeof(data), "fd=%d%s%s", k->device,
	    m->options[0] != '\0' ? "," : "", m->options);
	if (n < 0 || (size_t)n >= sizeof(data))
		kernel_child_exit(EINVAL);
	if (mount(m->source, m->target, m->type, m->flags, data) == -1)
		kernel_child_exit(errno);
	kernel_child_exit(0);
}

__attribute__((noreturn)) static void
kernel_child_unmount(const struct kernel_front *k, int flags)
{
	int r;

	if (k->by_helper) {
		r = kmount_unmount(k->target, flags & MNT_DETACH,
		    HELPER_WAIT_MS);
		if (r == E_PROTO && !(flags & MNT_DETACH))
			kernel_child_exit(EBUSY);	/* (has no other way) */
		kernel_child_exit(r == E_OK ? 0 : r == E_SYS ? errno :
			EPERM);
	}
	kernel_child_begin(k);
	kernel_child_exit(umount2(k->target, flags) == -1 ? errno : 0);
}

/* ---- in the relay ---- */

static void
kernel_ended(struct kernel_front *k)
{
	k->mounted = 0;
	k->front->ev->ended(k->front->arg, 0);
}

static void
kernel_unmounted_cb(void *arg, pid_t pid, int status)
{
	int num = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
	struct kernel_front *k = arg;

	(void)pid;
	/* EINVAL: somebody else was faster. */
	if (num == 0 || num == EINVAL)
		kernel_ended(k);
	else
		k->front->ev->unmount_failed(k->front->arg, num);
}

static void
kernel_ended_cb(evutil_socket_t fd, short what, void *arg)
{
	struct kernel_front *k = arg;

	(void)fd;
	(void)what;
	kernel_ended(k);
}

/* The device says that the mount is gone: there is nothing to undo, and
 * unmounting could hit what is mounted below. */
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
	pid_t pid;

	if (k->starting) {
		k->undo = 1;
		return;
	}
	if (k->child.pid != 0)
		return;			/* under way */
	if (!k->mounted) {
		kernel_stream_gone(f);
		return;
	}
	if ((pid = kernel_fork(k, -1)) == 0)
		kernel_child_unmount(k, flags);
	if (pid == -1) {
		f->ev->unmount_failed(f->arg, errno);
		return;
	}
	k->child.pid = pid;
	k->child.ended = kernel_unmounted_cb;
	reaper_watch(f->reaper, &k->child);
}

static void
kernel_daemon_gone(struct front *f)
{
	(void)f;
}

static void
kernel_up(struct kernel_front *k)
{
	int fd = k->device, flags = fcntl(fd, F_GETFL);

	k->mounted = 1;
	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		k->front->ev->mounted(k->front->arg, errno);
		return;
	}
	k->device = -1;			/* handed over */
	k->front->ev->stream(k->front->arg, fd);
	k->front->ev->mounted(k->front->arg, 0);
}

/* Mounted, or why not. */
static void
kernel_started(struct kernel_front *k, int num)
{
	k->starting = 0;
	if (num == 0)
		kernel_up(k);
	else
		k->front->ev->mounted(k->front->arg, num);
	if (k->undo)
		kernel_unmount(k->front, MNT_DETACH);
}

static void
kernel_mounted_cb(void *arg, pid_t pid, int status)
{
	(void)pid;
	kernel_started(arg, WIFEXITED(status) ? WEXITSTATUS(status) : EIO);
}

static void
kernel_helper_cb(evutil_socket_t fd, short what, void *arg)
{
	struct kernel_front *k = arg;
	int r;

	(void)fd;
	(void)what;
	r = kmount_helper_take(&k->helper, &k->device);
	if (r == E_AGAIN)
		return;
	event_del(k->helper_ev);
	kernel_started(k, r == E_OK ? 0 : EPERM);
}

/* The reaper takes the helper's end; its answer comes over the socket. */
static void
kernel_helper_ended_cb(void *arg, pid_t pid, int status)
{
	struct kernel_front *k = arg;

	(void)pid;
	(void)status;
	k->helper.pid = -1;
}

static int
kernel_start_helper(struct kernel_front *k, const struct front_mount *m)
{
	struct kmount_spec s = { .source = m->source, .target = m->target,
		.type = m->type, .flags = m->flags, .options = m->options };
	int r;

	if ((r = kmount_helper_start(&k->helper, &s, -1)) != E_OK)
		return r;
	k->by_helper = k->starting = 1;
	k->helper_watch.pid = k->helper.pid;
	k->helper_watch.ended = kernel_helper_ended_cb;
	k->helper_watch.arg = k;
	reaper_watch(k->front->reaper, &k->helper_watch);
	k->helper_ev = event_new(k->front->base, k->helper.comm,
	    EV_READ | EV_PERSIST, kernel_helper_cb, k);
	if (k->helper_ev == NULL || event_add(k->helper_ev, NULL) == -1)
		return E_NOMEM;
	return E_OK;
}

/* /proc/PID/what, or -1. */
static int
kernel_open_proc(pid_t pid, const char *what, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, what);
	return file_open(path, flags | O_CLOEXEC);
}

static int
kernel_start_direct(struct kernel_front *k, const struct front_mount *m)
{
	pid_t pid;

	if (!self_shares_user_ns(m->pid) &&
	    (k->user = kernel_open_proc(m->pid, "ns/user", O_RDONLY)) == -1)
		return E_SYS;
	k->ns = kernel_open_proc(m->pid, "ns/mnt", O_RDONLY);
	k->root = kernel_open_proc(m->pid, "root", O_PATH | O_DIRECTORY);
	k->device = m->device == -1 ?
	    file_open("/dev/fuse", O_RDWR | O_CLOEXEC) :
	    fcntl(m->device, F_DUPFD_CLOEXEC, 0);
	if (k->ns == -1 || k->root == -1 || k->device == -1)
		return E_SYS;
	if ((pid = kernel_fork(k, k->device)) == 0)
		kernel_child_mount(k, m);
	if (pid == -1)
		return E_SYS;
	k->starting = 1;
	k->child.pid = pid;
	k->child.ended = kernel_mounted_cb;
	reaper_watch(k->front->reaper, &k->child);
	return E_OK;
}

static int
kernel_start(struct front *f, struct front_conf *c,
    const struct front_mount *m)
{
	struct kernel_front *k;
	int r;

	(void)c;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return E_NOMEM;
	f->own = k;
	k->front = f;
	k->device = k->ns = k->root = k->user = -1;
	k->helper.comm = -1;
	k->helper.pid = -1;
	k->child.arg = k;
	k->ended_ev = evtimer_new(f->base, kernel_ended_cb, k);
	if (k->ended_ev == NULL || (k->target = strdup(m->target)) == NULL)
		return E_NOMEM;
	r = m->may_mount ? kernel_start_direct(k, m) :
	    kernel_start_helper(k, m);
	if (r != E_OK)
		log_error("%s: can't mount: %s", m->target, r == E_SYS ?
			strerror(errno) : err_text(r));
	return r;
}

/* Wait a little for a child; 1 if it ended well. */
static int
kernel_wait_child(pid_t pid)
{
	const struct timespec nap = { 0, FREE_NAP_MS * 1000000 };
	int left = FREE_WAIT_MS / FREE_NAP_MS, status;
	pid_t got;

	while ((got = fork_wait(pid, &status, WNOHANG)) != pid) {
		if (got == -1 || left-- == 0)
			return 0;
		nanosleep(&nap, NULL);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Freed while the mount is being made: nobody will serve it, and left alone
 * it would stay there, dead. */
static void
kernel_undo_start(struct kernel_front *k)
{
	struct pollfd pfd = { .fd = k->helper.comm, .events = POLLIN };
	int up;
	pid_t pid;

	if (k->by_helper)
		up = poll(&pfd, 1, FREE_WAIT_MS) == 1 &&
		    kmount_helper_take(&k->helper, &k->device) == E_OK;
	else
		up = kernel_wait_child(k->child.pid);
	if (!up && !k->by_helper && k->child.pid != 0)
		kill(k->child.pid, SIGKILL);	/* it waits for a path */
	if (!up)
		return;
	if ((pid = kernel_fork(k, -1)) == 0)
		kernel_child_unmount(k, MNT_DETACH);
	if (pid == -1 || !kernel_wait_child(pid))
		log_warn("%s: a dead mount may have been left", k->target);
}

static void
kernel_free(struct front *f)
{
	struct kernel_front *k = f->own;

	if (k->starting)
		kernel_undo_start(k);
	reaper_unwatch(&k->child);
	reaper_unwatch(&k->helper_watch);
	if (k->helper_ev != NULL)
		event_free(k->helper_ev);
	if (k->ended_ev != NULL)
		event_free(k->ended_ev);
	if (k->by_helper)
		kmount_helper_fini(&k->helper);
	if (k->device != -1)
		close(k->device);
	if (k->ns != -1)
		close(k->ns);
	if (k->root != -1)
		close(k->root);
	if (k->user != -1)
		close(k->user);
	free(k->target);
	free(k);
}

const struct front_ops front_kernel_ops = {
	kernel_start, kernel_unmount, kernel_unmount, kernel_stream_gone,
	kernel_daemon_gone, kernel_free, 1
};
