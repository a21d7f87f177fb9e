/* SPDX-License-Identifier: ISC */
#include "front/front.h"

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fork.h"

static const struct front_ops *const front_kinds[] = {
#ifdef HAVE_KERNEL_FRONT
	[FRONT_KERNEL] = &front_kernel_ops,
#endif
	[FRONT_FUSET] = &front_fuset_ops,
	[FRONT_CONNECT] = &front_socket_ops,
	[FRONT_LISTEN] = &front_socket_ops,
	[FRONT_FD] = &front_socket_ops,
};

int
front_has(enum front_kind kind)
{
	return front_kinds[kind] != NULL;
}

enum front_kind
front_auto(void)
{
	return front_has(FRONT_KERNEL) ? FRONT_KERNEL : FRONT_FUSET;
}

int
front_start(struct front **out, struct front_conf *c, struct event_base *base,
    struct reaper *reaper, const struct mount_request *q,
    const struct front_events *ev, void *arg)
{
	struct front *f;
	int r;

	*out = NULL;
	if (front_kinds[c->kind] == NULL)
		return E_UNSUP;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return E_NOMEM;
	f->ops = front_kinds[c->kind];
	f->base = base;
	f->reaper = reaper;
	f->ev = ev;
	f->arg = arg;
	f->mounts_first = f->ops->is_device;
	*out = f; /* events may come before we return */
	if ((r = f->ops->start(f, c, q)) != E_OK) {
		*out = NULL;
		front_free(f);
	}
	return r;
}

void
front_unmount(struct front *f, int flags)
{
	f->ops->unmount(f, flags);
}

void
front_unmount_for(struct front *f, int flags)
{
	if (f->ops->unmount_for != NULL)
		f->ops->unmount_for(f, flags);
	else
		f->ops->unmount(f, flags);
}

void
front_stream_gone(struct front *f)
{
	if (f->ops->stream_gone != NULL)
		f->ops->stream_gone(f);
	else
		f->ops->unmount(f, 0);
}

void
front_daemon_gone(struct front *f)
{
	if (!f->ops->is_device)
		f->ops->unmount(f, 0);
}

int
front_is_device(const struct front *f)
{
	return f->ops->is_device;
}

int
front_mounts_first(const struct front *f)
{
	return f->mounts_first;
}

void
front_free(struct front *f)
{
	if (f == NULL)
		return;
	if (f->own != NULL)
		f->ops->free(f);
	free(f);
}

/* What is meant for the relay is not for its helpers. */
static void
front_leave_signals(void)
{
	static const int relays[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	size_t i;

	for (i = 0; i < sizeof(relays) / sizeof(relays[0]); i++)
		signal(relays[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
}

static int
front_compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void
front_close_but(const int *keep, size_t n)
{
#ifdef SYS_close_range
	int fds[FRONT_FORK_KEEP];
	unsigned from = 3;
	size_t i;

	for (i = 0; i < n; i++)
		fds[i] = keep[i];
	qsort(fds, n, sizeof(fds[0]), front_compare);
	for (i = 0; i < n; i++) {
		if (fds[i] < (int)from)
			continue;
		if (fds[i] > (int)from)
			syscall(SYS_close_range, from, fds[i] - 1, 0);
		from = (unsigned)fds[i] + 1;
	}
	syscall(SYS_close_range, from, ~0u, 0);
#else
	(void)keep;
	(void)n;
	(void)front_compare;
#endif
}

pid_t
front_fork(const int *keep, size_t n)
{
	pid_t pid = fork_prepared(front_leave_signals);

	if (pid == 0)
		front_close_but(keep, n);
	return pid;
}
