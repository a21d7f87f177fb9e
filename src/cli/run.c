/* SPDX-License-Identifier: ISC */
#include "cli/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "channel/sender.h"
#include "live/live.h"
#include "serve/holders.h"

#define PATIENCE_S 10	/* for a command that was told to end */
#define LAST_STATUS_S 1 /* for a status when all processes ended */

void
run_note_outcome(struct run *r, enum run_outcome outcome)
{
	if (r->outcome < outcome)
		r->outcome = outcome;
}

/* Is every mount over, or left dead with no process to undo it? */
static int
run_mounts_are_settled(const struct run *r)
{
	struct run_mount *rm;

	LIST_FOREACH (rm, &r->mounts, link)
		switch (rm->mount == NULL ? MOUNT_GOES_ON :
					    mount_rest(rm->mount)) {
		case MOUNT_GOES_ON:
			return 0;
		case MOUNT_IS_DEAD:
			if (!r->gone && !r->conf->by_fd)
				return 0;
			break;
		case MOUNT_IS_LEFT:
			break;
		}
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

	if (run_command_ended(r) || evtimer_pending(r->patience, NULL))
		return;
	kill(r->child.pid, sig);
	event_add(r->patience, &tv);
}

/* --attach=fd: the mount was ours to make and is ours to undo, but for one
 * that a daemon served until it was killed.  1 if that is under way. */
static int
run_undo_ours(struct run *r)
{
	struct run_mount *rm;
	int under_way = 0;

	if (!r->conf->by_fd)
		return 0;
	LIST_FOREACH (rm, &r->mounts, link)
		if (!mount_was_served(rm->mount) || WIFEXITED(r->status))
			under_way |= mount_undo_dead(rm->mount);
	return under_way;
}

/* A daemon that has let go of its device end may be about to unmount, and
 * must hear what becomes of that: but not for long. */
static int
run_awaits_calls(struct run *r)
{
	if (r->last_calls == CALLS_OVER || !spared_is_awaited(&r->spared))
		return 0;
	r->last_calls = CALLS_AWAITED;
	run_look_again(r);
	return 1;
}

void
run_check(struct run *r)
{
	if (r->command == COMMAND_NOT_STARTED ||
	    evtimer_pending(r->stop, NULL) || !run_mounts_are_settled(r))
		return;
	run_forget_daemons(r);
	if (r->ndaemons > 0 && !run_is_stopping(r)) {
		run_look_again(r);
		return; /* its status is still to come */
	}
	if (run_command_ended(r)) {
		if (!run_undo_ours(r) && !run_awaits_calls(r))
			event_base_loopbreak(r->base);
		return;
	}
	/* All is unmounted, the command itself still runs. */
	if (run_is_stopping(r) || r->outcome >= RUN_FAILED)
		run_end_child(r, SIGTERM);
}

static void
run_patience_cb(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd;
	(void)what;
	if (!run_command_ended(r)) {
		log_warn("%s (process %d) did not end; killed",
		    r->conf->argv[0], (int)r->child.pid);
		kill(r->child.pid, SIGKILL);
	}
}

/* Processes ended: whose device end is nobody's now? */
static void
run_check_mounts(struct run *r)
{
	struct run_mount *rm;

	LIST_FOREACH (rm, &r->mounts, link)
		mount_check(rm->mount);
	run_check(r);
}

static void
run_process_ended(struct run *r, pid_t pid, int status)
{
	struct run_mount *rm;

	LIST_FOREACH (rm, &r->mounts, link)
		mount_process_ended(rm->mount, pid, status);
	run_check_mounts(r);
}

static void
run_child_ended_cb(void *arg, pid_t pid, int status)
{
	struct run *r = arg;
	struct run_mount *rm;

	r->command = COMMAND_ENDED;
	holders_note_command(0);
	r->status = status;
	LIST_FOREACH (rm, &r->mounts, link)
		run_note_daemons(r, rm->mount);
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
	.mount = run_mount,
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
	r->env = (struct mount_env){ .base = r->base,
		.relay = &r->relay,
		.reaper = &r->reaper,
		.unmounted = &r->unmounted,
		.front = &r->conf->front,
		.direct = r->conf->direct,
		.stats = r->conf->stats,
		.event = run_mount_event };
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

static void
run_fini(struct run *r)
{
	struct event *evs[] = { r->patience, r->look_again, r->no_status };
	struct run_mount *rm;
	size_t i;

	if (r->conf->client.stop != NULL)
		r->conf->client.stop(r->conf->client.arg);
	while ((rm = LIST_FIRST(&r->mounts)) != NULL) {
		LIST_REMOVE(rm, link);
		mount_free(rm->mount);
		free(rm);
	}
	run_forget_looks(r);
	spared_fini(&r->spared);
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
	r->command = COMMAND_RUNS;
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
	if (r->outcome == RUN_ABANDONED)
		return 128 + r->wish.sig;
	if (r->conf->server_decides && r->server_status != 0)
		return r->server_status;
	if (r->outcome == RUN_TIMED_OUT)
		return RUN_EXIT_TIMEOUT;
	if (r->outcome == RUN_FAILED)
		return RUN_EXIT_FAILURE;
	if ((r->outcome == RUN_ENDED_BY_US || run_told_to_end(r, r->status)) &&
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
	spared_init(&r.spared);
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
