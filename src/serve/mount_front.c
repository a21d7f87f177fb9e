/* SPDX-License-Identifier: ISC */
/* The front's side of a mount: what a front reports, and what follows. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mountflags.h"
#include "serve/mount_own.h"

/* --direct: the daemon talks to the stream itself. */
static void
mount_stream_direct(struct mount *m, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == -1)
		log_error("%s: %s", m->target, strerror(errno));
	m->device_inode = mount_inode(fd);
	m->pair.daemon = fd;
}

static void
mount_stream_cb(void *arg, int fd)
{
	struct mount *m = arg;
	struct session_conf sc = { .front_fd = fd,
		.pair = m->pair,
		.front_kind = front_is_device(m->front) ? PORT_DEVICE :
							  PORT_STREAM,
		.ev = &mount_session_events,
		.arg = m };
	int r;

	if (m->env->direct) {
		mount_stream_direct(m, fd);
		return;
	}
	if ((r = session_new(&m->session, m->env->relay, &sc)) != E_OK) {
		m->no_session = r == E_SYS && errno != 0 ? errno : ENOMEM;
		log_error("%s: no session: %s", m->target,
		    strerror(m->no_session));
		mount_report(m, MOUNT_FAILED);
		close(fd);
		if (!front_mounts_first(m->front))
			event_active(m->undo, EV_TIMEOUT, 0);
		return;
	}
	m->pair.relay = -1; /* handed over */
	session_trace_begin(m->session, m->target);
	mount_report(m, MOUNT_CONNECTED);
}

/* The front could not mount: it is to end, too, if it was not told to. */
static void
mount_could_not(struct mount *m)
{
	const enum front_state was = m->front_state;

	if (mount_move_front(m, FRONT_FAIL) &&
	    (front_state_is_kept(was) || was == FRONT_DETACHED))
		front_unmount(m->front, UNMOUNTFLAG_DETACH);
}

/*
 * The front did (num is 0) or did not mount; the program may wait to hear of
 * it.  It hears that it did not when what there is has been undone: it may
 * mount again at once, in another way.
 */
static void
mount_first_mounted(struct mount *m, int num)
{
	int why = num != 0 ? num : m->no_session;

	if (why == 0 && (m->call == NULL || (why = mount_grant(m)) == 0))
		return;
	if (m->call != NULL) {
		m->denied = why;
		mount_move_daemon(m, DAEMON_GO); /* there is none */
	} else {
		log_error("%s: can't mount: %s", m->target, strerror(why));
		mount_report(m, MOUNT_FAILED);
	}
	/* No mount, or nobody who serves it. */
	if (m->session == NULL)
		mount_move_daemon(m, DAEMON_GO);
	if (num == 0)
		mount_unmount(m);
	else
		mount_could_not(m);
}

static void
mount_mounted(struct mount *m, const struct kmount_made *made)
{
	mount_move_front(m, FRONT_MOUNT);
	if (made != NULL)
		m->made = *made;
	if (m->note.fd != -1)
		mount_noted(m, note_mounted(&m->note, &m->made));
	mount_check_ready(m);
}

/* Has it not been mounted, or seen to be? */
static int
mount_is_to_come(const struct mount *m)
{
	return m->front_state == FRONT_STARTING ||
	    m->front_state == FRONT_CANCELLED ||
	    m->front_state == FRONT_FAILED;
}

static void
mount_mounted_cb(void *arg, int num, const struct kmount_made *made)
{
	struct mount *m = arg;
	const int first = front_mounts_first(m->front) &&
	    (m->call != NULL || mount_is_to_come(m));

	if (num == 0)
		mount_mounted(m, made);
	if (first) {
		mount_first_mounted(m, num);
		return;
	}
	if (num == 0)
		return;
	if (m->front_state == FRONT_DETACHED ||
	    m->front_state == FRONT_LEAVING) {
		mount_could_not(m);
		return;
	}
	/* Some servers give a positive number, some -errno. */
	log_error("%s: the server could not mount (status %d: %s)", m->target,
	    num, strerror(num < 0 ? -num : num));
	mount_report(m, MOUNT_FAILED);
	mount_could_not(m);
}

/* How its program ended.  (Where the program that mounts knows why it could
 * not, its own status tells.) */
static void
mount_server_ended(struct mount *m, enum front_state was, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
	    was != FRONT_UNSERVED && (m->denied == 0 || m->denied == EIO))
		m->env->event(m->arg, MOUNT_SERVER_ENDED, WEXITSTATUS(status));
	if (WIFSIGNALED(status))
		mount_report(m, MOUNT_FAILED);
}

static void
mount_front_ended_cb(void *arg, int status)
{
	struct mount *m = arg;
	const enum front_state was = m->front_state;

	if (!mount_move_front(m, FRONT_END))
		return;
	if (m->denied != 0)
		mount_deny(m, m->denied);
	mount_server_ended(m, was, status);
	mount_grant_unmounts(m);
	if (m->session == NULL) {
		mount_orphan(m);
		mount_move_daemon(m, DAEMON_END);
	} else if (was != FRONT_LOST &&
	    (!front_is_device(m->front) || m->goal == MOUNT_TO_END)) {
		/* (The kernel's device says itself when a lazy unmount has
		 * come to its end.)  A notification that waits for an answer
		 * needs somebody who gives it. */
		if (session_is_notifying(m->session)) {
			mount_orphan(m);
			mount_move_daemon(m, DAEMON_END);
		} else {
			session_end_front(m->session);
		}
	}
}

/* Undone for those who asked; the front goes on for those who use it. */
static void
mount_detached_cb(void *arg)
{
	struct mount *m = arg;

	mount_move_front(m, FRONT_DETACH);
	mount_grant_unmounts(m);
	if (m->goal == MOUNT_TO_END || !mount_has_daemon(m))
		mount_unmount(m);
}

static void
mount_unmount_failed_cb(void *arg, int num)
{
	struct mount *m = arg;
	const int ours = m->nunmounts == 0;

	if (!mount_move_front(m, FRONT_KEEP)) {
		mount_refuse_unmounts(m, num);
		return; /* others were faster */
	}
	if (ours && mount_unmount_again(m, num))
		return;
	if (ours)
		log_error("%s: can't unmount: %s", m->target, strerror(num));
	if (m->denied != 0)
		mount_deny(m, m->denied);
	mount_refuse_unmounts(m, num);
	if (!ours && m->goal == MOUNT_TO_END)
		mount_unmount(m); /* which had to wait for theirs */
	mount_report(m, MOUNT_RESTS);
}

const struct front_events mount_front_events = {
	.stream = mount_stream_cb,
	.mounted = mount_mounted_cb,
	.unmount_failed = mount_unmount_failed_cb,
	.detached = mount_detached_cb,
	.ended = mount_front_ended_cb,
};
