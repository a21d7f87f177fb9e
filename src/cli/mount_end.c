/* SPDX-License-Identifier: ISC */
/*
 * How the daemon of a mount ends when its front went first, and how we
 * learn that it ended where its socket does not say so.
 *
 * The processes that hold the device end are told in the device's own words
 * (attach/unmounted.h); who can't be told so is sent SIGTERM if it catches
 * that, else it sees end of file.  After a while the other of the two, then
 * SIGKILL.
 */
#include <signal.h>
#include <sys/wait.h>

#include "attach/unmounted.h"
#include "base/log.h"
#include "cli/mount.h"

#define TICK_MS 20
#define TICKS_SECOND_STEP (5000 / TICK_MS)
#define TICKS_KILL (10000 / TICK_MS)
#define GRACE_S 1

size_t
mount_holders(const struct mount *m, pid_t out[DAEMON_HOLDERS_MAX])
{
	return m->daemon_gone ? 0 : daemon_holders(m->device_inode, out);
}

/* Signal every holder that catches it, or all; returns how many. */
static size_t
mount_signal_holders(struct mount *m, int sig, int only_catching)
{
	pid_t pids[DAEMON_HOLDERS_MAX];
	size_t n = daemon_holders(m->device_inode, pids), i, told = 0;

	for (i = 0; i < n; i++) {
		if (only_catching && !daemon_catches(pids[i], sig))
			continue;
		if (kill(pids[i], sig) == 0)
			told++;
	}
	return told;
}

/* In the device's own words, to all who wait for requests. */
static int
mount_tell_unmounted(struct mount *m)
{
	pid_t pids[DAEMON_HOLDERS_MAX];
	size_t n = daemon_holders(m->device_inode, pids), i;
	unsigned told = 0;

	for (i = 0; i < n; i++)
		told += unmounted_tell(pids[i], m->device_inode);
	return told > 0;
}

static void
mount_close_device(struct mount *m)
{
	if (m->session != NULL)
		session_close_device(m->session);
}

static void
mount_tick_cb(evutil_socket_t fd, short what, void *arg)
{
	pid_t pids[DAEMON_HOLDERS_MAX];
	struct mount *m = arg;

	(void)fd;
	(void)what;
	if (daemon_holders(m->device_inode, pids) == 0) {
		mount_close_device(m);
		mount_daemon_is_gone(m);
		return;
	}
	if (m->ticks == 0 && !m->told)
		mount_close_device(m);
	m->ticks++;
	if (m->ticks == TICKS_SECOND_STEP) {
		if (!m->sent_term)
			mount_signal_holders(m, SIGTERM, 0);
		mount_close_device(m);
	} else if (m->ticks == TICKS_KILL) {
		log_warn("%s: the daemon (process %d) did not end; killed",
		    m->target, (int)pids[0]);
		mount_signal_holders(m, SIGKILL, 0);
	}
}

/* The front is gone: end the daemon in the way it takes quietly. */
void
mount_end_daemon(struct mount *m)
{
	struct timeval tv = { 0, TICK_MS * 1000 };

	if (m->ending || m->daemon_gone)
		return;
	m->ending = 1;
	if (mount_tell_unmounted(m))
		m->told = 1;
	else if (mount_signal_holders(m, SIGTERM, 1) > 0)
		m->told = m->sent_term = 1;
	event_add(m->tick, &tv);
	/* At once, but not under an event of the session. */
	event_active(m->tick, EV_TIMEOUT, 0);
}

static void
mount_grace_cb(evutil_socket_t fd, short what, void *arg)
{
	struct mount *m = arg;

	(void)fd;
	(void)what;
	if (m->daemon_gone || m->session == NULL)
		return;
	log_warn("%s: the daemon was killed, but another process still holds "
	    "its device end; the mount is given up", m->target);
	m->crashed = 1;
	session_daemon_died(m->session);
}

void
mount_process_ended(struct mount *m, pid_t pid, int status)
{
	struct timeval tv = { GRACE_S, 0 };
	size_t i;

	for (i = 0; i < m->nservers; i++)
		if (m->servers[i] == pid)
			break;
	if (i == m->nservers)
		return;
	m->servers[i] = m->servers[--m->nservers];
	if (m->nservers == 0 && WIFSIGNALED(status) && !m->daemon_gone &&
	    !m->ending)
		event_add(m->grace, &tv);
}

void
mount_check(struct mount *m)
{
	pid_t pids[DAEMON_HOLDERS_MAX];

	if (m->daemon_gone || m->call != NULL || m->pair.daemon != -1 ||
	    daemon_holders(m->device_inode, pids) > 0)
		return;
	if (m->session != NULL)
		session_daemon_died(m->session);
	else
		mount_daemon_is_gone(m);
}

int
mount_end_init(struct mount *m)
{
	struct event_base *base = m->run->base;

	m->tick = event_new(base, -1, EV_PERSIST, mount_tick_cb, m);
	m->grace = evtimer_new(base, mount_grace_cb, m);
	return m->tick == NULL || m->grace == NULL ? E_NOMEM : E_OK;
}

void
mount_end_fini(struct mount *m)
{
	if (m->tick != NULL)
		event_free(m->tick);
	if (m->grace != NULL)
		event_free(m->grace);
}
