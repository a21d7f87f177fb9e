/* SPDX-License-Identifier: ISC */
/*
 * FUSE-T as front: its server program, which does the mounting.
 *
 * "mount" on the monitor asks for the mount, whose status comes later as an
 * int; the server sends INIT meanwhile, so nobody may wait for that status.
 * Our emulator is told to send a status when the kernel has mounted, too, for
 * which the program's mount(2) does wait.
 * "unmount" ends it.  Either channel's end is the end of the server.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mountinfo.h"
#include "base/mountflags.h"
#include "front/front.h"
#include "front/fuset_args.h"
#include "front/fuset_server.h"
#include "kmount/kmount.h"

#define UNDO_WAIT_MS 5000

enum fuset_state {
	FUSET_ASKED,	/* it was told to mount */
	FUSET_THERE,	/* the emulator's kernel mount is there */
	FUSET_MOUNTED,	/* and INIT was answered */
	FUSET_DETACHED, /* undone, perhaps still in use */
	FUSET_FAILED
};

struct fuset {
	struct front *front;
	struct fuset_server server;
	int32_t status;
	size_t status_have;
	enum fuset_state state;
	char *own_mount;	   /* the emulator's kernel mount, or NULL */
	struct mountinfo_top made; /* when it was made */
	int server_status;	   /* waitpid()'s, while that is undone */
	struct reaper_watch undo;
	struct reaper_watch detach;
};

static void
fuset_undone_cb(void *arg, pid_t pid, int status)
{
	struct fuset *t = arg;

	(void)pid;
	(void)status;
	t->front->ev->ended(t->front->arg, t->server_status);
}

/* The emulator was killed: its mount is dead and nobody else undoes it.  In
 * a child, as whatever looks at paths.  1 if that is under way. */
static int
fuset_undo(struct fuset *t, int status)
{
	pid_t pid;

	if (!mountinfo_is_on_top(t->own_mount, &t->made))
		return 0; /* others undid it */
	if ((pid = front_fork(NULL, 0)) == 0)
		_exit(kmount_unmount(t->own_mount, 1, UNDO_WAIT_MS) != E_OK);
	if (pid == -1)
		return 0;
	t->server_status = status;
	t->undo.pid = pid;
	t->undo.ended = fuset_undone_cb;
	t->undo.arg = t;
	reaper_watch(t->front->reaper, &t->undo);
	return 1;
}

static void
fuset_ended_cb(void *arg, int status)
{
	struct fuset *t = arg;

	if (WIFSIGNALED(status)) {
		log_error("FUSE-T's server was killed by signal %d",
		    WTERMSIG(status));
		if (t->own_mount != NULL &&
		    (t->state == FUSET_THERE || t->state == FUSET_MOUNTED) &&
		    fuset_undo(t, status))
			return;
	}
	if (t->front->mounts_first && t->state == FUSET_ASKED)
		t->front->ev->mounted(t->front->arg, EIO, NULL);
	t->front->ev->ended(t->front->arg, status);
}

/* The status of "mount", or of INIT. */
static void
fuset_status(struct fuset *t, int32_t status)
{
	const int first = t->state == FUSET_ASKED;

	t->state = status != 0		    ? FUSET_FAILED :
	    first && t->front->mounts_first ? FUSET_THERE :
					      FUSET_MOUNTED;
	if (t->state == FUSET_THERE && t->own_mount != NULL)
		mountinfo_look(t->own_mount, &t->made);
	if (first || status != 0)
		t->front->ev->mounted(t->front->arg, status, NULL);
}

/* It comes perhaps in pieces. */
static void
fuset_said_cb(void *arg, const void *bytes, size_t n)
{
	struct fuset *t = arg;
	const uint8_t *p = bytes;

	for (; n > 0; n--) {
		((uint8_t *)&t->status)[t->status_have++] = *p++;
		if (t->status_have < sizeof(t->status))
			continue;
		t->status_have = 0;
		fuset_status(t, t->status);
	}
}

/* In a child: what became of it, as an exit status. */
static int
fuset_child_detach(const char *path, int flags)
{
	const int lazily = flags & UNMOUNTFLAG_DETACH;
	int r = kmount_unmount(path, lazily, UNDO_WAIT_MS);

	if (r == E_PROTO && !lazily)
		return EBUSY; /* fusermount3 has no other reason */
	return r == E_OK ? 0 : r == E_SYS ? errno : EPERM;
}

static void
fuset_detached_cb(void *arg, pid_t pid, int status)
{
	int num = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
	struct fuset *t = arg;

	(void)pid;
	if (num != 0) {
		t->front->ev->unmount_failed(t->front->arg, num);
		return;
	}
	t->state = FUSET_DETACHED;
	t->front->ev->detached(t->front->arg);
}

static const struct fuset_server_events fuset_server_ev = {
	.said = fuset_said_cb,
	.ended = fuset_ended_cb,
};

static void
fuset_unmount(struct front *f, int flags)
{
	struct fuset *t = f->own;

	(void)flags; /* the monitor knows one way only */
	fuset_server_unmount(&t->server);
}

/* The emulator's mount is the kernel's, which knows whether it is in use; the
 * device tells the emulator when that is over. */
static void
fuset_unmount_for(struct front *f, int flags)
{
	struct fuset *t = f->own;
	pid_t pid;

	if (t->own_mount == NULL || t->state == FUSET_FAILED) {
		fuset_unmount(f, flags);
		return;
	}
	if (t->state == FUSET_DETACHED ||
	    !mountinfo_is_on_top(t->own_mount, &t->made)) {
		f->ev->unmount_failed(f->arg, EINVAL);
		return;
	}
	if ((pid = front_fork(NULL, 0)) == 0)
		_exit(fuset_child_detach(t->own_mount, flags));
	if (pid == -1) {
		f->ev->unmount_failed(f->arg, errno);
		return;
	}
	t->detach.pid = pid;
	t->detach.ended = fuset_detached_cb;
	t->detach.arg = t;
	reaper_watch(f->reaper, &t->detach);
}

static void
fuset_free(struct front *f)
{
	struct fuset *t = f->own;

	fuset_server_fini(&t->server);
	reaper_unwatch(&t->undo);
	reaper_unwatch(&t->detach);
	free(t->own_mount);
	free(t);
}

static int
fuset_start(struct front *f, struct front_conf *c,
    const struct mount_request *q)
{
	struct fuset_args args = { 0 };
	struct fuset *t;
	int data = -1, r, saved;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return E_NOMEM;
	f->own = t;
	t->front = f;
	f->mounts_first = c->pass_options;
	if (c->pass_options && !c->mounts_nothing &&
	    (t->own_mount = strdup(q->target)) == NULL)
		return E_NOMEM;
	if ((r = fuset_args_make(&args, c, q)) != E_OK)
		goto out;
	if ((r = fuset_server_start(&t->server, f->base, f->reaper, args.argv,
		 c->keep_fds, &fuset_server_ev, t, &data)) != E_OK)
		goto out;
	/* One that is gone already is heard of as one that goes later. */
	r = fuset_server_tell(&t->server, "mount", 5);
	if (r != E_OK && errno != EPIPE && errno != ECONNRESET)
		goto out;
	r = E_OK;
	f->ev->stream(f->arg, data);
	data = -1; /* handed over */
out:
	saved = errno;
	if (r == E_SYS)
		log_error("can't start FUSE-T's server: %s", strerror(errno));
	file_close(&data);
	fuset_args_free(&args);
	errno = saved;
	return r;
}

const struct front_ops front_fuset_ops = { .start = fuset_start,
	.unmount = fuset_unmount,
	.unmount_for = fuset_unmount_for,
	.free = fuset_free };
