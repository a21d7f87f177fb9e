/* SPDX-License-Identifier: ISC */
#include "serve/mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mountflags.h"
#include "live/report.h"
#include "relay/session.h"
#include "serve/mount_own.h"

void
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

	if (m->session != NULL && m->env->stats)
		report_stats(m->session, m->target, log_say);
	mount_grant_unmounts(m);
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
	mount_timers_fini(m);
	file_close(&m->pair.relay);
	file_close(&m->pair.daemon);
	free(m->target);
	free(m->given);
	free(m);
}

void
mount_report(struct mount *m, enum mount_event what)
{
	m->env->event(m->arg, what, 0);
}

/* ---- the two states ---- */

int
mount_is_over(const struct mount *m)
{
	return m->front_state == FRONT_ENDED &&
	    daemon_state_is_gone(m->daemon_state);
}

static void
mount_check_over(struct mount *m)
{
	if (mount_is_over(m))
		event_active(m->reap, EV_TIMEOUT, 0);
}

/* Has the mount left its path with the move from state `was`?  (A front that
 * ends without having mounted and without a session never had it there.) */
static int
mount_went(const struct mount *m, enum front_state was)
{
	if (!front_state_is_there(was))
		return 0;
	if (m->front_state == FRONT_ENDED)
		return m->session != NULL || front_state_is_seen(was) ||
		    was == FRONT_FAILED;
	return m->front_state == FRONT_DETACHED ||
	    m->front_state == FRONT_LOST;
}

int
mount_move_front(struct mount *m, enum front_move move)
{
	const enum front_state was = m->front_state;

	if (!front_state_move(&m->front_state, move))
		return 0;
	/* A daemon that knows nothing of that may unmount it, too. */
	if (mount_went(m, was))
		mount_report(m, MOUNT_UNMOUNTED);
	mount_check_over(m);
	return 1;
}

/* The daemon is gone: the front is told, and a kernel mount stays up, dead. */
static void
mount_daemon_went(struct mount *m)
{
	event_del(m->tick);
	if (m->front_state != FRONT_ENDED) {
		front_daemon_gone(m->front);
		if (front_is_device(m->front))
			event_active(m->bury, EV_TIMEOUT, 0);
	}
	mount_check_over(m);
}

int
mount_move_daemon(struct mount *m, enum daemon_move move)
{
	if (!daemon_state_move(&m->daemon_state, move))
		return 0;
	if (m->daemon_state == DAEMON_ENDING)
		mount_begin_ending(m);
	else if (daemon_state_is_gone(m->daemon_state))
		mount_daemon_went(m);
	return 1;
}

/* ---- the session's events ---- */

void
mount_check_ready(struct mount *m)
{
	if (m->inits > 0 && front_state_is_seen(m->front_state))
		mount_report(m, MOUNT_READY);
}

static void
mount_ready_cb(void *arg)
{
	struct mount *m = arg;

	m->inits++;
	mount_move_daemon(m, DAEMON_SERVE);
	mount_note_servers(m);
	mount_report(m, MOUNT_SERVED);
	mount_check_ready(m);
}

static void
mount_timed_out_cb(void *arg)
{
	mount_report(arg, MOUNT_TIMED_OUT);
}

static void
mount_daemon_gone_cb(void *arg)
{
	struct mount *m = arg;

	session_trace_end(m->session);
	mount_report(m, MOUNT_DAEMON_GONE);
	mount_move_daemon(m, DAEMON_GO);
}

void
mount_orphan(struct mount *m)
{
	if (mount_has_daemon(m) && m->daemon_state != DAEMON_ENDING)
		mount_report(m, MOUNT_ORPHANED);
}

static void
mount_front_gone_cb(void *arg, int r)
{
	struct mount *m = arg;

	session_trace_end(m->session);
	if (r != E_EOF)
		mount_report(m, MOUNT_FAILED);
	else
		mount_orphan(m);
	if (mount_move_front(m, FRONT_LOSE))
		front_stream_gone(m->front);
	mount_move_daemon(m, DAEMON_END);
}

const struct session_events mount_session_events = {
	.ready = mount_ready_cb,
	.timed_out = mount_timed_out_cb,
	.daemon_gone = mount_daemon_gone_cb,
	.front_gone = mount_front_gone_cb,
};

/* ---- from the start ---- */

ino_t
mount_inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) == -1 ? 0 : st.st_ino;
}

void
mount_noted(struct mount *m, int r)
{
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

int
mount_grant(struct mount *m)
{
	int r = attach_grant(m->call, m->pair.daemon);
	int num = r == E_OK ? 0 : r == E_SYS && errno != 0 ? errno : ESRCH;

	file_close(&m->pair.daemon);
	if (num != 0)
		return num;
	m->call = NULL;
	mount_move_daemon(m, DAEMON_GRANT);
	return 0;
}

static struct mount *
mount_new(const struct mount_env *env, void *arg, struct attach_call *call,
    const struct mount_request *q)
{
	struct mount *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->env = env;
	m->arg = arg;
	m->call = call;
	/* A socket of the user's mounts nothing. */
	if (env->front->kind != FRONT_KERNEL &&
	    env->front->kind != FRONT_FUSET)
		m->front_state = FRONT_UP;
	m->pair.relay = m->pair.daemon = m->note.fd = -1;
	m->caller = q->by_helper ? 0 : q->pid;
	if (q->place != NULL)
		m->caller_ns = q->place->mounts;
	return m;
}

static int
mount_make_pair(struct mount *m)
{
	const struct relay_conf *c = &m->env->relay->conf;
	int r;

	if (m->env->direct)
		return E_OK;
	r = devpair_make(&m->pair, c->transport, c->max_write);
	if (r != E_OK)
		return r;
	if (c->buffer != 0)
		devpair_limit(&m->pair, c->buffer);
	m->device_inode = mount_inode(m->pair.daemon);
	return E_OK;
}

int
mount_start(struct mount **out, const struct mount_env *env, void *arg,
    struct attach_call *call, const struct mount_request *q, int *device_fd)
{
	struct mount *m = mount_new(env, arg, call, q);
	int r, saved;

	*out = m;
	if (m == NULL) {
		log_error("%s: can't serve this mount: %s", q->target,
		    err_text(E_NOMEM));
		if (call != NULL)
			attach_deny(call, ENOMEM);
		return E_NOMEM;
	}
	r = E_NOMEM;
	if (mount_timers_init(m) != E_OK ||
	    (m->target = strdup(q->target)) == NULL ||
	    (m->given = strdup(q->given)) == NULL)
		goto fail;
	if ((r = mount_make_pair(m)) != E_OK)
		goto fail;
	if (env->front->kind == FRONT_KERNEL)
		mount_noted(m, note_begin(&m->note, m->target, m->caller));
	if ((r = front_start(&m->front, env->front, env->base, env->reaper, q,
		 &mount_front_events, m)) != E_OK) {
		/* (E_NOTFOUND of a front is not "the program is gone".) */
		mount_report(m, MOUNT_FAILED);
		goto fail;
	}
	if (call == NULL) {
		*device_fd = m->pair.daemon;
		m->pair.daemon = -1;
		mount_move_daemon(m, DAEMON_GRANT);
	} else if (!front_mounts_first(m->front) &&
	    (m->denied = mount_grant(m)) != 0) {
		r = m->denied == ESRCH ? E_NOTFOUND : E_SYS;
		errno = m->denied;
		goto fail;
	}
	return E_OK;
fail:
	saved = errno;
	*out = NULL;
	if (r != E_NOTFOUND)
		log_error("%s: can't serve this mount: %s", q->target,
		    r == E_SYS ? strerror(saved) : err_text(r));
	mount_free(m);
	errno = saved;
	return r;
}

/* ---- what others may know of it ---- */

const char *
mount_target(const struct mount *m)
{
	return m->target;
}

const char *
mount_given(const struct mount *m)
{
	return m->given;
}

const struct place_ns *
mount_ns(const struct mount *m)
{
	return &m->caller_ns;
}

int
mount_has_daemon(const struct mount *m)
{
	return !daemon_state_is_gone(m->daemon_state);
}

int
mount_was_served(const struct mount *m)
{
	return m->inits > 0;
}

enum mount_rest
mount_rest(const struct mount *m)
{
	if (mount_has_daemon(m) || m->session != NULL ||
	    !front_is_device(m->front) || !front_state_is_kept(m->front_state))
		return MOUNT_GOES_ON;
	return m->daemon_state == DAEMON_LEFT ? MOUNT_IS_LEFT : MOUNT_IS_DEAD;
}

void
mount_tell(const struct mount *m, struct live *live)
{
	if (m->session == NULL)
		return;
	report_stats(m->session, m->target, log_say);
	report_inflight(m->session, m->target, live);
}
