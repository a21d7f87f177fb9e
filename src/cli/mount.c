/* SPDX-License-Identifier: ISC */
/*
 * A mount ends from one of two sides.
 *
 * The daemon first (it exits, crashes, unmounts itself): the session has
 * answered what was in flight; the front is told to unmount; when it has
 * ended, the mount is over.
 *
 * The front first (unmounted from outside, or by us on a signal): the
 * session has told the daemon with DESTROY; the processes that hold the
 * device end are told as the device would tell them, or by signal or end of
 * file, whichever they take quietly; when nobody holds it any more, the
 * mount is over.
 */
#include "cli/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mountflags.h"
#include "serve/holders.h"
#include "live/tell.h"

/* The mount(2) that waits, if one does, fails. */
static void
mount_deny(struct mount *m, int num)
{
	if (m->call == NULL)
		return;
	log_debug("a mount is denied: %s", strerror(num));
	attach_deny(m->call, num);
	m->call = NULL;
}

void
mount_free(struct mount *m)
{
	int left = mount_is_left(m);
	size_t i;

	LIST_REMOVE(m, link);
	if (m->session != NULL && m->run->conf->stats)
		tell_stats(m->session, m->target, log_say);
	for (i = 0; i < m->nunmounts; i++)
		attach_done(m->unmounts[i]);
	mount_deny(m, m->denied != 0 ? m->denied : EIO);
	if (left)
		log_warn("%s: a dead mount was left (\"fuserelay cleanup\" or "
			 "fusermount3 -u removes it)",
		    m->target);
	if (!left)
		note_remove(&m->note);
	else
		note_leave(&m->note);
	session_free(m->session);
	front_free(m->front);
	mount_end_fini(m);
	if (m->pair.relay != -1)
		close(m->pair.relay);
	if (m->pair.daemon != -1)
		close(m->pair.daemon);
	free(m->target);
	free(m->given);
	free(m);
}

static void
mount_check_over(struct mount *m)
{
	if (!m->front_ended || !m->daemon_gone || m->closed)
		return;
	m->closed = 1;
	event_active(m->reap, EV_TIMEOUT, 0);
}

void
mount_daemon_is_gone(struct mount *m)
{
	m->daemon_gone = 1;
	if (m->ending)
		event_del(m->tick);
	if (!m->front_ended) {
		front_daemon_gone(m->front);
		if (front_is_device(m->front)) {
			m->dead = 1;
			event_active(m->bury, EV_TIMEOUT, 0);
		}
	}
	mount_check_over(m);
}

int
mount_is_settled(const struct mount *m)
{
	return m->dead && m->session == NULL && !m->unmounting;
}

static void
mount_daemon_gone_cb(void *arg)
{
	struct mount *m = arg;

	session_trace_end(m->session);
	mount_check_copies(m);
	mount_daemon_is_gone(m);
}

/* Is the command itself the daemon, or has it left one behind?  Before INIT is
 * answered whoever holds the device end is to be the daemon. */
static int
mount_is_of_command(const struct mount *m)
{
	pid_t holders[HOLDERS_MAX];
	const pid_t *pids = m->servers;
	size_t n = m->nservers, i;

	if (m->run->left_mounted || m->session == NULL)
		return 1;
	if (!m->seen) {
		n = mount_holders(m, HOLDERS_ANY, holders);
		pids = holders;
	}
	for (i = 0; i < n; i++)
		if (pids[i] == m->run->child.pid)
			return 1;
	return 0;
}

void
mount_note_stop(struct mount *m)
{
	if (!m->daemon_gone && mount_is_of_command(m))
		m->run->ended_by_us = 1;
}

/* A daemon that knows nothing of the mount's end may unmount it, too. */
static void
mount_note_served(struct mount *m)
{
	if (!m->noted)
		run_note_served(m->run, m);
	m->noted = 1;
}

/* The mount went before the daemon did.  A command that mounts, uses and
 * unmounts has a status of its own to tell afterwards. */
static void
mount_undone_first(struct mount *m)
{
	if (mount_is_of_command(m))
		m->run->ended_by_us = 1;
	if (m->nunmounts == 0 && m->nunmounters == 0 && !m->detached)
		run_note_undone(m->run, m->target, m->given);
}

static void
mount_front_gone_cb(void *arg, int r)
{
	struct mount *m = arg;

	m->front_gone = 1;
	session_trace_end(m->session);
	if (r != E_EOF)
		m->run->failed = 1;
	else if (!m->daemon_gone && !m->ending)
		mount_undone_first(m);
	mount_note_served(m);
	if (!m->front_ended)
		front_stream_gone(m->front);
	mount_end_daemon(m);
}

/* Up: the daemon serves it, and it can be seen. */
static void
mount_check_ready(struct mount *m)
{
	if (m->init_done && m->mounted)
		ready_tell(&m->run->conf->ready);
}

static void
mount_ready_cb(void *arg)
{
	struct mount *m = arg;

	m->init_done = 1;
	m->run->served = 1;
	m->nservers = holders_find(m->device_inode, HOLDERS_ANY, m->servers);
	m->seen = m->nservers > 0;
	/* (A command may end as soon as it sees the mount, before this.) */
	run_note_daemons(m->run, m);
	mount_check_ready(m);
}

static void
mount_timed_out_cb(void *arg)
{
	struct mount *m = arg;

	run_note_timeout(m->run);
}

static const struct session_events mount_session_events = {
	.ready = mount_ready_cb,
	.timed_out = mount_timed_out_cb,
	.daemon_gone = mount_daemon_gone_cb,
	.front_gone = mount_front_gone_cb,
};

static ino_t
mount_inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) == -1 ? 0 : st.st_ino;
}

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

	if (m->run->conf->direct) {
		mount_stream_direct(m, fd);
		return;
	}
	if ((r = session_new(&m->session, &m->run->relay, &sc)) != E_OK) {
		m->unserved = r == E_SYS && errno != 0 ? errno : ENOMEM;
		log_error("%s: no session: %s", m->target,
		    strerror(m->unserved));
		m->run->failed = 1;
		close(fd);
		if (!front_mounts_first(m->front))
			event_active(m->undo, EV_TIMEOUT, 0);
		return;
	}
	m->pair.relay = -1; /* handed over */
	session_trace_begin(m->session, m->target);
	run_start_client(m->run);
}

/* Give the device end to the program whose mount(2) waits.  0 or an errno; the
 * call waits on then. */
static int
mount_grant(struct mount *m)
{
	int r = attach_grant(m->call, m->pair.daemon);
	int num = r == E_OK ? 0 : r == E_SYS && errno != 0 ? errno : ESRCH;

	close(m->pair.daemon);
	m->pair.daemon = -1;
	if (num == 0)
		m->call = NULL;
	return num;
}

/*
 * The kernel did or did not mount; the program waits to hear of it.  It hears
 * that it did not when what there is has been undone: it may mount again at
 * once, in another way.
 */
static void
mount_first_mounted(struct mount *m, int num)
{
	if (num == 0 && (m->call == NULL || (num = mount_grant(m)) == 0))
		return;
	if (m->call != NULL) {
		m->denied = num;
		m->refused = num != EIO;
		m->daemon_gone = 1; /* there is none */
	} else {
		log_error("%s: can't mount: %s", m->target, strerror(num));
		m->run->failed = 1;
	}
	/* No mount, or nobody who serves it. */
	m->daemon_gone = m->daemon_gone || m->session == NULL;
	mount_unmount(m);
}

/* Should we be killed, "fuserelay cleanup" shall find the mount. */
static void
mount_note(struct mount *m)
{
	int r;

	if (m->run->conf->front.kind != FRONT_KERNEL)
		return;
	r = m->mounted ? note_mounted(&m->note, &m->made) :
			 note_begin(&m->note, m->target, m->caller);
	if (r == E_OK)
		return;
	/* (What is in the way stays in the way.) */
	if (r == E_VALUE)
		log_warn("%s: if this relay is killed, \"fuserelay cleanup\" "
			 "will not know: %s",
		    m->target, note_why(r));
	else
		log_info("%s: no note for a later clean-up: %s", m->target,
		    note_why(r));
	note_remove(&m->note);
}

static void
mount_mounted_cb(void *arg, int num, const struct kmount_made *made)
{
	struct mount *m = arg;
	const int first = !m->mounted && front_mounts_first(m->front);

	if (num == 0) {
		m->mounted = 1;
		if (made != NULL)
			m->made = *made;
		if (m->note.fd != -1)
			mount_note(m);
		mount_check_ready(m);
	}
	if (first) {
		mount_first_mounted(m, num != 0 ? num : m->unserved);
		return;
	}
	if (num == 0)
		return;
	if (m->detached) {
		m->refused = 1; /* the program undid it before INIT */
		return;
	}
	/* Some servers give a positive number, some -errno. */
	log_error("%s: the server could not mount (status %d: %s)", m->target,
	    num, strerror(num < 0 ? -num : num));
	m->run->failed = 1;
	mount_unmount(m);
}

static void
mount_front_ended_cb(void *arg, int status)
{
	struct mount *m = arg;
	size_t i;

	m->front_ended = 1;
	if (m->denied != 0)
		mount_deny(m, m->denied);
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0 && !m->refused)
		m->run->server_status = WEXITSTATUS(status);
	if (WIFSIGNALED(status))
		m->run->failed = 1;
	if (m->session == NULL && !m->daemon_gone)
		mount_undone_first(m);
	if (m->mounted)
		mount_note_served(m);
	for (i = 0; i < m->nunmounts; i++)
		attach_done(m->unmounts[i]);
	m->nunmounts = 0;
	if (m->session == NULL) {
		mount_end_daemon(m);
	} else if (!m->front_gone &&
	    (!front_is_device(m->front) || m->run->stopping)) {
		/* (The kernel's device says itself when a lazy unmount has
		 * come to its end.)  A notification that waits for an answer
		 * needs somebody who gives it. */
		if (session_is_notifying(m->session)) {
			mount_undone_first(m);
			mount_end_daemon(m);
		} else {
			session_end_front(m->session);
		}
	}
	mount_check_over(m);
}

/* Undone for those who asked; the front goes on for those who use it. */
static void
mount_detached_cb(void *arg)
{
	struct mount *m = arg;
	size_t i;

	m->detached = 1;
	m->unmounting = 0;
	mount_note_served(m);
	for (i = 0; i < m->nunmounts; i++)
		attach_done(m->unmounts[i]);
	m->nunmounts = 0;
	if (m->run->stopping || m->daemon_gone)
		mount_unmount(m);
}

static void
mount_unmount_failed_cb(void *arg, int num)
{
	struct mount *m = arg;
	const int ours = m->nunmounts == 0;

	m->unmounting = 0;
	if (m->front_ended)
		return; /* others were faster */
	if (ours && mount_unmount_again(m, num))
		return;
	if (ours)
		log_error("%s: can't unmount: %s", m->target, strerror(num));
	if (m->denied != 0)
		mount_deny(m, m->denied);
	mount_refuse_unmounts(m, num);
	if (!ours && m->run->stopping)
		mount_unmount(m); /* which had to wait for theirs */
	run_check(m->run);
}

static const struct front_events mount_front_events = {
	.stream = mount_stream_cb,
	.mounted = mount_mounted_cb,
	.unmount_failed = mount_unmount_failed_cb,
	.detached = mount_detached_cb,
	.ended = mount_front_ended_cb,
};

int
mount_start(struct mount **out, struct run *run, struct attach_call *call,
    const struct front_mount *fm, int *device_fd)
{
	struct mount *m;
	int r, saved;

	*out = NULL;
	if ((m = calloc(1, sizeof(*m))) == NULL) {
		log_error("%s: can't serve this mount: %s", fm->target,
		    err_text(E_NOMEM));
		if (call != NULL)
			attach_deny(call, ENOMEM);
		return E_NOMEM;
	}
	m->run = run;
	m->call = call;
	/* A socket of the user's mounts nothing. */
	m->mounted = run->conf->front.kind != FRONT_KERNEL &&
	    run->conf->front.kind != FRONT_FUSET;
	m->pair.relay = m->pair.daemon = m->note.fd = -1;
	m->caller = fm->may_mount ? fm->pid : 0;
	if (fm->place != NULL)
		m->caller_ns = fm->place->mounts;
	LIST_INSERT_HEAD(&run->mounts, m, link);
	r = E_NOMEM;
	if (mount_end_init(m) != E_OK ||
	    (m->target = strdup(fm->target)) == NULL ||
	    (m->given = strdup(fm->given)) == NULL)
		goto fail;
	if (!run->conf->direct) {
		r = devpair_make(&m->pair, run->conf->relay.transport,
		    run->conf->relay.max_write);
		if (r != E_OK)
			goto fail;
		if (run->conf->relay.buffer != 0)
			devpair_limit(&m->pair, run->conf->relay.buffer);
		m->device_inode = mount_inode(m->pair.daemon);
	}
	mount_note(m);
	if ((r = front_start(&m->front, &run->conf->front, run->base,
		 &run->reaper, fm, &mount_front_events, m)) != E_OK) {
		/* (E_NOTFOUND of a front is not "the program is gone".) */
		run->failed = 1;
		goto fail;
	}
	if (call == NULL) {
		*device_fd = m->pair.daemon;
		m->pair.daemon = -1;
	} else if (!front_mounts_first(m->front) &&
	    (m->denied = mount_grant(m)) != 0) {
		r = m->denied == ESRCH ? E_NOTFOUND : E_SYS;
		errno = m->denied;
		goto fail;
	}
	*out = m;
	return E_OK;
fail:
	saved = errno;
	if (r != E_NOTFOUND)
		log_error("%s: can't serve this mount: %s", fm->target,
		    r == E_SYS ? strerror(saved) : err_text(r));
	mount_free(m);
	errno = saved;
	return r;
}
