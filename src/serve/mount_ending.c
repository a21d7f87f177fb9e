/* SPDX-License-Identifier: ISC */
/*
 * The daemon's side of a mount: who serves it, how the relay ends the daemon
 * when the front went first (ending.c says which step is due), and how it
 * learns that the daemon has ended where the socket does not tell.
 */
#include <signal.h>
#include <sys/wait.h>

#include "base/log.h"
#include "live/report.h"
#include "relay/session.h"
#include "serve/mount_own.h"

#define TICK_MS 20
#define GRACE_S 1
#define LOOK_MS 10
#define LOOKS_MAX 100

size_t
mount_holders(const struct mount *m, enum holders_kin kin,
    pid_t out[HOLDERS_MAX])
{
	size_t n = holders_find(m->device_inode, kin, out), i;
	pid_t pid;

	if (n > 0 || kin == HOLDERS_STRANGERS)
		return n;
	if (m->servers.n == 0)
		return holders_hidden(out);
	for (i = 0; i < m->servers.n; i++) {
		pid = m->servers.pid[i];
		if (pid != 0 && holder_hides(pid) &&
		    (kin == HOLDERS_ANY || holder_is_ours(pid)))
			out[n++] = pid;
	}
	return n;
}

void
mount_note_servers(struct mount *m)
{
	m->servers.n = holders_find(m->device_inode, HOLDERS_ANY,
	    m->servers.pid);
}

int
mount_is_served_by(const struct mount *m, pid_t pid)
{
	size_t i;

	for (i = 0; i < m->servers.n; i++)
		if (pid != 0 && m->servers.pid[i] == pid)
			return 1;
	return 0;
}

int
mount_may_be_served_by(const struct mount *m, pid_t pid)
{
	pid_t holders[HOLDERS_MAX];
	size_t n, i;

	if (m->session == NULL)
		return 1;
	if (m->servers.n > 0)
		return mount_is_served_by(m, pid);
	n = mount_holders(m, HOLDERS_ANY, holders);
	for (i = 0; i < n; i++)
		if (holders[i] == pid)
			return 1;
	return 0;
}

/*
 * Is it held by that kin?  Whoever was found when it was asked last is asked
 * first: there may be thousands of processes.  One that forks away between the
 * listing of processes and the look at it is gone by then, and its child is
 * not among those listed: so nobody does only if nobody does in a second list.
 */
static int
mount_is_held(struct mount *m, enum holders_kin kin)
{
	pid_t pids[HOLDERS_MAX];
	int lists = 2;

	if (m->holder != 0 && holder_holds(m->holder, m->device_inode) &&
	    (kin == HOLDERS_ANY || holder_is_ours(m->holder)))
		return 1;
	do
		m->holder = mount_holders(m, kin, pids) > 0 ? pids[0] : 0;
	while (m->holder == 0 && --lists > 0);
	return m->holder != 0;
}

/* Signal every holder that is ours and catches it, or all; returns how
 * many. */
static size_t
mount_signal_holders(struct mount *m, int sig, int only_catching)
{
	pid_t pids[HOLDERS_MAX];
	size_t n = mount_holders(m, HOLDERS_OURS, pids), i, told = 0;

	for (i = 0; i < n; i++) {
		if (only_catching && !holder_catches(pids[i], sig))
			continue;
		told += (size_t)holder_signal(pids[i], m->device_inode, sig);
	}
	return told;
}

/* In the device's own words, to those who wait for requests; returns how many
 * of their threads. */
static unsigned
mount_tell_waiting(void *arg)
{
	pid_t pids[HOLDERS_MAX];
	struct mount *m = arg;
	size_t n = mount_holders(m, HOLDERS_OURS, pids), i;
	unsigned told = 0;

	for (i = 0; i < n; i++)
		told += unmounted_tell(pids[i], m->device_inode);
	return told;
}

/* To the first who reads, if none waits now; returns how many threads are
 * followed. */
static unsigned
mount_follow(void *arg)
{
	pid_t pids[HOLDERS_MAX];
	struct mount *m = arg;
	size_t n = mount_holders(m, HOLDERS_OURS, pids), i;
	unsigned followed = 0;

	for (i = 0; i < n; i++)
		followed += unmounted_follow(m->env->unmounted, pids[i],
		    m->device_inode);
	return followed;
}

/* SIGTERM to those that catch it; returns to how many. */
static unsigned
mount_term(void *arg)
{
	return (unsigned)mount_signal_holders(arg, SIGTERM, 1);
}

static const struct ending_ways mount_ending_ways = { mount_tell_waiting,
	mount_follow, mount_term };

/* None of ours holds it any more; nobody waits for others. */
static void
mount_name_strangers(const struct mount *m)
{
	pid_t pids[HOLDERS_MAX];
	char name[HOLDER_NAME_MAX];
	size_t n = mount_holders(m, HOLDERS_STRANGERS, pids), i;

	for (i = 0; i < n; i++) {
		holder_name(pids[i], name);
		log_warn(
		    "%s: process %d (%s), which was not started by this "
		    "command, still holds the device end; it is let be, and "
		    "its reads end",
		    m->target, (int)pids[i], name);
	}
}

static void
mount_leave(struct mount *m)
{
	unmounted_leave(m->env->unmounted, m->device_inode);
}

static void
mount_close_device(struct mount *m)
{
	if (m->session != NULL)
		session_close_device(m->session);
}

/* Seconds since its end began. */
static long
mount_end_age(const struct mount *m)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)(now.tv_sec - m->end_at.tv_sec) -
	    (now.tv_nsec < m->end_at.tv_nsec);
}

/* The acts of ending_step(), in their order. */
static void
mount_act(struct mount *m, unsigned acts)
{
	if (acts & ENDING_NAME_STRANGERS)
		mount_name_strangers(m);
	/* Threads that were busy read only now, and on the device every read
	 * fails. */
	if (acts & ENDING_TELL)
		unmounted_tell(m->holder, m->device_inode);
	if (acts & ENDING_LEAVE)
		mount_leave(m);
	if (acts & ENDING_TERM)
		mount_signal_holders(m, SIGTERM, 0);
	if (acts & ENDING_CLOSE)
		mount_close_device(m);
	if (acts & ENDING_KILL) {
		log_warn("%s: the daemon (process %d) did not end; killed",
		    m->target, (int)m->holder);
		mount_signal_holders(m, SIGKILL, 0);
	}
}

static void
mount_tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct mount *m = arg;

	(void)fd;
	(void)what;
	mount_act(m,
	    ending_step(&m->end, mount_end_age(m),
		mount_is_held(m, HOLDERS_OURS)));
	if (m->end.stage == ENDING_OVER)
		mount_move_daemon(m, DAEMON_GO);
}

void
mount_begin_ending(struct mount *m)
{
	struct timeval tv = { 0, TICK_MS * 1000 };

	clock_gettime(CLOCK_MONOTONIC, &m->end_at);
	m->end = ending_begin(&mount_ending_ways, m);
	event_add(m->tick, &tv);
	/* At once, but not under an event of the session. */
	event_active(m->tick, EV_TIMEOUT, 0);
}

void
mount_abandon(struct mount *m)
{
	if (mount_has_daemon(m))
		mount_tell_waiting(m);
}

/* Whoever inherited the device end does not serve. */
static void
mount_grace_cb(evutil_socket_t fd, short what, void *arg)
{
	struct mount *m = arg;

	(void)fd;
	(void)what;
	if (m->session == NULL || !mount_move_daemon(m, DAEMON_GIVE_UP))
		return;
	log_warn("%s: the daemon was killed, but another process still holds "
		 "its device end; the mount is given up",
	    m->target);
	mount_report(m, MOUNT_KILLED);
	session_daemon_died(m->session);
}

void
mount_process_ended(struct mount *m, pid_t pid, int status)
{
	struct timeval tv = { GRACE_S, 0 };
	size_t i, known = 0, left = 0;

	for (i = 0; i < m->servers.n; i++) {
		if (m->servers.pid[i] == pid) {
			m->servers.pid[i] = 0;
			known = 1;
		}
		left += m->servers.pid[i] != 0;
	}
	if (known && left == 0 && WIFSIGNALED(status) &&
	    m->daemon_state == DAEMON_SERVING)
		event_add(m->grace, &tv);
}

void
mount_check(struct mount *m)
{
	if (!mount_has_daemon(m) || m->daemon_state == DAEMON_WAITING ||
	    mount_is_held(m, HOLDERS_ANY))
		return;
	if (m->session != NULL)
		session_daemon_died(m->session);
	else
		mount_move_daemon(m, DAEMON_GO);
}

/*
 * May the session be freed now; or shall `event` come again?  A notification
 * that the kernel has not carried out keeps the device open, and may wait for
 * an answer that only the session gives.
 */
static int
mount_session_may_go(struct mount *m, struct event *event)
{
	struct timeval tv = { 0, LOOK_MS * 1000 };

	if (m->session == NULL || !session_is_notifying(m->session))
		return 1;
	if (m->looks++ < LOOKS_MAX && event_add(event, &tv) == 0)
		return 0;
	log_warn("%s: the kernel still waits within a notification",
	    m->target);
	return 1;
}

/* Freed from the loop, never under an event of its own parts. */
static void
mount_reap_cb(evutil_socket_t fd, short what, void *arg)
{
	struct mount *m = arg;
	const struct mount_env *env = m->env;
	void *above = m->arg;

	(void)fd;
	(void)what;
	if (!mount_session_may_go(m, m->reap))
		return;
	mount_free(m);
	env->event(above, MOUNT_OVER, 0);
}

/* A kernel mount whose daemon is gone: closing the device lets it answer
 * everything with ENOTCONN by itself. */
static void
mount_bury_cb(evutil_socket_t fd, short what, void *arg)
{
	struct mount *m = arg;

	(void)fd;
	(void)what;
	if (!mount_session_may_go(m, m->bury))
		return;
	if (m->session != NULL && m->env->stats)
		report_stats(m->session, m->target, log_say);
	session_free(m->session);
	m->session = NULL;
	mount_report(m, MOUNT_RESTS);
}

/* There is nobody who would serve it, or unmounting failed before. */
static void
mount_undo_cb(evutil_socket_t fd, short what, void *arg)
{
	struct mount *m = arg;

	(void)fd;
	(void)what;
	if (m->no_session != 0)
		mount_move_daemon(m, DAEMON_GO);
	mount_unmount(m);
}

int
mount_timers_init(struct mount *m)
{
	struct event_base *base = m->env->base;

	m->tick = event_new(base, -1, EV_PERSIST, mount_tick_cb, m);
	m->grace = evtimer_new(base, mount_grace_cb, m);
	m->reap = evtimer_new(base, mount_reap_cb, m);
	m->bury = evtimer_new(base, mount_bury_cb, m);
	m->undo = evtimer_new(base, mount_undo_cb, m);
	return m->tick == NULL || m->grace == NULL || m->reap == NULL ||
		m->bury == NULL || m->undo == NULL ?
	    E_NOMEM :
	    E_OK;
}

void
mount_timers_fini(struct mount *m)
{
	struct event *evs[] = { m->tick, m->grace, m->reap, m->bury, m->undo };
	size_t i;

	if (m->daemon_state == DAEMON_ENDING && ending_follows(&m->end))
		mount_leave(m);
	for (i = 0; i < sizeof(evs) / sizeof(evs[0]); i++)
		if (evs[i] != NULL)
			event_free(evs[i]);
}
