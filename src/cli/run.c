/* SPDX-License-Identifier: ISC */
#include "cli/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "channel/sender.h"
#include "cli/mount.h"
#include "live/tell.h"

#define PATIENCE_S 10	/* for a command that was told to end */
#define LAST_STATUS_S 1 /* for a status when all processes ended */

/* Is every mount over, or left dead with no process to undo it? */
static int
run_mounts_are_settled(const struct run *r)
{
	struct mount *m;

	LIST_FOREACH (m, &r->mounts, link)
		if (!mount_is_settled(m) ||
		    !(r->gone || r->conf->by_fd || m->crashed))
			return 0;
	return 1;
}

static void
run_look_again_cb(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd;
	(void)what;
	if (r->last_calls == CALLS_AWAITED)
		r->last_calls = CALLS_OVER;
	run_check(r);
}

/* Nobody tells of the end of a process that has another parent. */
static void
run_look_again(struct run *r)
{
	struct timeval tv = { LAST_STATUS_S, 0 };

	if (!evtimer_pending(r->look_again, NULL))
		event_add(r->look_again, &tv);
}

void
run_end_child(struct run *r, int sig)
{
	struct timeval tv = { PATIENCE_S, 0 };

	if (r->child_ended || evtimer_pending(r->patience, NULL))
		return;
	kill(r->child.pid, sig);
	event_add(r->patience, &tv);
}

/* --attach=fd: the mount was ours to make and is ours to undo, but for one
 * that a daemon served until it was killed.  1 if that is under way. */
static int
run_undo_ours(struct run *r)
{
	struct mount *m;
	int under_way = 0;

	if (!r->conf->by_fd)
		return 0;
	LIST_FOREACH (m, &r->mounts, link)
		if (!m->init_done || WIFEXITED(r->status))
			under_way |= mount_undo_dead(m);
	return under_way;
}

/* A daemon that has let go of its device end may be about to unmount, and
 * must hear what becomes of that: but not for long. */
static int
run_awaits_calls(struct run *r)
{
	if (r->last_calls == CALLS_OVER || !run_undone_is_awaited(r))
		return 0;
	r->last_calls = CALLS_AWAITED;
	run_look_again(r);
	return 1;
}

void
run_check(struct run *r)
{
	if (!r->child_started || evtimer_pending(r->stop, NULL) ||
	    !run_mounts_are_settled(r))
		return;
	run_forget_daemons(r);
	if (r->ndaemons > 0 && !r->stopping) {
		run_look_again(r);
		return; /* its status is still to come */
	}
	if (r->child_ended) {
		if (!run_undo_ours(r) && !run_awaits_calls(r))
			event_base_loopbreak(r->base);
		return;
	}
	/* All is unmounted, the command itself still runs. */
	if (r->stopping || r->failed || r->timed_out)
		run_end_child(r, SIGTERM);
}

static void
run_patience_cb(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd;
	(void)what;
	if (!r->child_ended) {
		log_warn("%s (process %d) did not end; killed",
		    r->conf->argv[0], (int)r->child.pid);
		kill(r->child.pid, SIGKILL);
	}
}

/* Processes ended: whose device end is nobody's now? */
static void
run_check_mounts(struct run *r)
{
	struct mount *m, *next;

	for (m = LIST_FIRST(&r->mounts); m != NULL; m = next) {
		next = LIST_NEXT(m, link);
		mount_check(m);
	}
	run_check(r);
}

static void
run_process_ended(struct run *r, pid_t pid, int status)
{
	struct mount *m;

	LIST_FOREACH (m, &r->mounts, link)
		mount_process_ended(m, pid, status);
	run_check_mounts(r);
}

static void
run_child_ended_cb(void *arg, pid_t pid, int status)
{
	struct run *r = arg;
	struct mount *m;

	r->child_ended = 1;
	holders_note_command(0);
	r->status = status;
	LIST_FOREACH (m, &r->mounts, link)
		run_note_daemons(r, m);
	run_process_ended(r, pid, status);
}

/* A descendant that lost its parent.  If the command forked the daemon
 * away, the daemon's status is what counts. */
static void
run_other_ended_cb(void *arg, pid_t pid, int status)
{
	struct run *r = arg;

	if (run_take_daemon(r, pid))
		r->status = status;
	run_process_ended(r, pid, status);
}

static void
run_stopped_cb(void *arg, pid_t tid, int status)
{
	struct run *r = arg;

	unmounted_stopped(&r->unmounted, tid, status);
}

void
run_note_timeout(struct run *r)
{
	struct mount *m;

	if (!r->conf->timeout_exit || r->timed_out)
		return;
	r->timed_out = 1;
	LIST_FOREACH (m, &r->mounts, link)
		mount_unmount(m);
}

/*
 * The emulator mounts by path and as the user that we are, which must be what
 * the caller could do and would see: root's does nothing for other users, and
 * none for a program in a mount namespace of its own.  Denied then, with a
 * word, and 1.
 */
static int
run_refuses_place(struct run *r, struct attach_call *c,
    const struct attach_mount *am)
{
	const struct front_conf *f = &r->conf->front;
	const struct place *p = am->place;

	if (!f->pass_options || f->mounts_nothing)
		return 0;
	if (geteuid() == 0 && p->rights.ids.uid[0] != 0)
		log_error("%s: not mounted: the emulator of root mounts "
			  "nothing for user %u; emulate as that user",
		    am->target, p->rights.ids.uid[0]);
	else if (geteuid() == 0 && (!p->shares_user || !place_may_mount(p)))
		log_debug("%s: not mounted: the program may not", am->target);
	else if (!place_shares_root(p))
		log_error("%s: not mounted: the program's root directory is "
			  "not the emulator's; emulate within it",
		    am->target);
	else if (!p->shares_mounts && !r->conf->stand_in)
		log_error("%s: not mounted: the program is in a mount "
			  "namespace of its own, the emulator is not; emulate "
			  "within that namespace",
		    am->target);
	else
		return 0;
	attach_deny(c, EPERM);
	return 1;
}

static void
run_mount_cb(void *arg, struct attach_call *c, const struct attach_mount *am)
{
	struct front_mount fm = { .source = am->source,
		.target = am->target,
		.type = am->type,
		.options = am->options,
		.flags = am->flags,
		.device = -1,
		.pid = am->pid,
		.given = am->given,
		.place = am->place,
		.may_mount = place_may_mount(am->place) &&
		    run_kernel_knows(am->place) };
	struct run *r = arg;
	struct mount *m;
	pid_t copy;
	int ret;

	if (r->stopping) {
		attach_deny(c, EINTR);
		return;
	}
	if (run_refuses_copies(r, c, am->target, &copy) ||
	    run_refuses_place(r, c, am))
		return;
	if (r->conf->front.kind == FRONT_KERNEL) {
		if (!fm.may_mount && run_kernel_knows(am->place)) {
			/* As the kernel says; fusermount3 is asked next. */
			attach_deny(c, EPERM);
			return;
		}
		if (fm.may_mount && run_needs_device(am->place, copy) &&
		    attach_take_device(c, &fm.device) != E_OK) {
			ret = errno;
			log_error("%s: can't take the program's device: %s",
			    am->target, strerror(ret));
			attach_deny(c, ret == EINVAL ? EINVAL : EPERM);
			return;
		}
	}
	run_forget_undone_at(r, am->target, am->given);
	ret = mount_start(&m, r, c, &fm, NULL);
	if (fm.device != -1)
		close(fm.device);
	if (ret == E_OK)
		m->copy = copy;
	if (ret == E_OK || ret == E_NOTFOUND)
		return;
	r->failed = 1;
}

static void
run_no_status_cb(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd;
	(void)what;
	r->ndaemons = 0;
	run_check(r);
}

static void
run_gone_cb(void *arg)
{
	struct timeval tv = { LAST_STATUS_S, 0 };
	struct run *r = arg;

	r->gone = 1;
	run_check_mounts(r);
	/* A daemon's status may have gone to a parent of its own. */
	if (event_add(r->no_status, &tv) == -1)
		run_no_status_cb(-1, 0, r);
}

static const struct attach_events run_attach_events = {
	.mount = run_mount_cb,
	.unmount = run_unmount,
	.gone = run_gone_cb,
};

/* E_VALUE: whoever found what was wrong has said so. */
static int
run_init(struct run *r)
{
	int ret;

	r->base = r->conf->client.start != NULL ? sender_base_new() :
						  event_base_new();
	if (r->base == NULL)
		return E_NOMEM;
	if ((ret = relay_init(&r->relay, r->base, &r->conf->relay)) != E_OK)
		return ret;
	if ((ret = reaper_init(&r->reaper, r->base, run_other_ended_cb, r)) !=
	    E_OK)
		return ret;
	r->reaper.stopped = run_stopped_cb;
	if (live_open(&r->live, r->conf->trace, r->base) != E_OK)
		return E_VALUE; /* told */
	r->relay.trace = live_trace(r->live);
	r->patience = evtimer_new(r->base, run_patience_cb, r);
	r->look_again = evtimer_new(r->base, run_look_again_cb, r);
	r->no_status = evtimer_new(r->base, run_no_status_cb, r);
	if (r->patience == NULL || r->look_again == NULL ||
	    r->no_status == NULL)
		return E_NOMEM;
	if ((ret = run_signals_init(r)) != E_OK)
		return ret;
	signal(SIGPIPE, SIG_IGN);
	return front_prepare(&r->conf->front) == E_OK ? E_OK : E_VALUE;
}

void
run_start_client(struct run *r)
{
	const struct run_client *c = &r->conf->client;
	int ret;

	if (c->start == NULL || (ret = c->start(c->arg, r->base)) == E_OK)
		return;
	log_error("can't begin: %s", err_text(ret));
	r->failed = 1;
}

static void
run_fini(struct run *r)
{
	struct event *evs[] = { r->patience, r->look_again, r->no_status };
	size_t i;

	if (r->conf->client.stop != NULL)
		r->conf->client.stop(r->conf->client.arg);
	while (!LIST_EMPTY(&r->mounts))
		mount_free(LIST_FIRST(&r->mounts));
	run_forget_looks(r);
	run_forget_undone(r);
	front_listen_close(&r->conf->front);
	run_end_copies(r);
	attach_free(r->attach);
	run_signals_fini(r);
	for (i = 0; i < sizeof(evs) / sizeof(evs[0]); i++)
		if (evs[i] != NULL)
			event_free(evs[i]);
	live_close(r->live);
	reaper_fini(&r->reaper);
	relay_fini(&r->relay);
	if (r->base != NULL)
		event_base_free(r->base);
}

static int
run_start(struct run *r)
{
	int ret;

	if (r->conf->by_fd)
		ret = run_start_by_fd(r);
	else
		ret = attach_trap(&r->attach, r->base, r->conf->argv,
		    r->conf->stand_in, &run_attach_events, r);
	if (ret != E_OK)
		return ret;
	if (r->attach != NULL)
		r->child.pid = attach_pid(r->attach);
	r->child.ended = run_child_ended_cb;
	r->child.arg = r;
	r->child_started = 1;
	holders_note_command(r->child.pid);
	reaper_watch(&r->reaper, &r->child);
	return E_OK;
}

/* Signals that mean the daemon broke, whoever was ending it. */
static int
run_crashed(int status)
{
	static const int crash[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL,
		SIGSYS, SIGTRAP };
	size_t i;

	for (i = 0; i < sizeof(crash) / sizeof(crash[0]); i++)
		if (WIFSIGNALED(status) && WTERMSIG(status) == crash[i])
			return 1;
	return 0;
}

static int
run_exit_status(const struct run *r)
{
	if (r->abandoned)
		return 128 + r->stopping;
	if (r->conf->server_decides && r->server_status != 0)
		return r->server_status;
	if (r->timed_out)
		return RUN_EXIT_TIMEOUT;
	if (r->failed)
		return RUN_EXIT_FAILURE;
	if ((r->ended_by_us || run_told_to_end(r, r->status)) &&
	    !run_crashed(r->status))
		return 0;
	if (WIFSIGNALED(r->status))
		return 128 + WTERMSIG(r->status);
	return WEXITSTATUS(r->status);
}

int
run_command(struct run_conf *conf)
{
	struct run r = { .conf = conf };
	int ret, status = RUN_EXIT_FAILURE;

	LIST_INIT(&r.mounts);
	LIST_INIT(&r.undone);
	LIST_INIT(&r.looks);
	ret = run_init(&r);
	if (ret != E_OK && ret != E_VALUE)
		log_error("can't start: %s", err_why(ret));
	if (ret != E_OK)
		goto out;
	ret = run_start(&r);
	if (ret == E_SYS) {
		log_error("%s: %s", conf->argv[0], strerror(errno));
		status = errno == ENOENT ? RUN_EXIT_NOT_FOUND :
					   RUN_EXIT_NOT_EXECUTABLE;
	}
	if (ret == E_NOMEM)
		log_error("can't start %s: %s", conf->argv[0], err_text(ret));
	if (ret != E_OK)
		goto out;
	run_loop(&r);
	status = run_exit_status(&r);
out:
	run_fini(&r);
	return status;
}
