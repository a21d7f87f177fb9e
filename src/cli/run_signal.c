/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "cli/run.h"

#define GATHER_MS 50 /* for those that are sent to all processes */

static const int run_signals[RUN_SIGNALS] = { SIGTERM, SIGINT, SIGHUP,
	SIGUSR1 };

static void
run_tell(struct run *r)
{
	struct run_mount *rm;

	LIST_FOREACH (rm, &r->mounts, link)
		mount_tell(rm->mount, r->live);
}

static void
run_stop_cb(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd;
	(void)what;
	run_unmount_all(r);
	run_check(r);
}

/* It will be unmounted: what the program that serves it then chooses as its
 * status does not count. */
static void
run_stop_mount(struct run *r, struct mount *m)
{
	mount_stop(m);
	if (mount_has_daemon(m) && run_is_of_command(r, m))
		run_note_outcome(r, RUN_ENDED_BY_US);
}

/*
 * Unmount, but not at once: where the program was sent the signal, too, it may
 * unmount by itself, and the next signal shall not interrupt it there.
 */
static void
run_stop(struct run *r)
{
	struct timeval tv = { 0, GATHER_MS * 1000 };
	struct run_mount *rm;

	/* (A program that the same signal ended may have been heard of
	 * first, and all be over.) */
	r->stopped_mounts = !LIST_EMPTY(&r->mounts) ||
	    (r->served && run_command_ended(r));
	if (!r->stopped_mounts)
		run_end_child(r, r->wish.sig);
	LIST_FOREACH (rm, &r->mounts, link)
		run_stop_mount(r, rm->mount);
	if (event_add(r->stop, &tv) == -1)
		run_stop_cb(-1, 0, r);
}

static void
run_abandon(struct run *r)
{
	struct run_mount *rm;

	run_note_outcome(r, RUN_ABANDONED);
	LIST_FOREACH (rm, &r->mounts, link)
		mount_abandon(rm->mount);
	event_base_loopbreak(r->base);
}

static void
run_signal_cb(evutil_socket_t sig, short what, void *arg)
{
	struct run *r = arg;
	struct timespec now;

	(void)what;
	if (sig == SIGUSR1) {
		run_tell(r);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	switch (wish_heard(&r->wish, (int)sig, &now)) {
	case WISH_NEW:
		run_stop(r);
		break;
	case WISH_INSISTS:
		run_abandon(r);
		break;
	case WISH_SAME:
		break;
	}
}

/* Was it sent to us, too, and not heard of before all was over? */
static int
run_is_signalled(int sig)
{
	sigset_t set;

	return sigpending(&set) == 0 && sigismember(&set, sig) == 1;
}

int
run_told_to_end(const struct run *r, int status)
{
	size_t i;

	if (!WIFSIGNALED(status) ||
	    (!r->stopped_mounts &&
		!(r->served && run_is_signalled(WTERMSIG(status)))))
		return 0;
	for (i = 0; i < RUN_SIGNALS; i++)
		if (run_signals[i] != SIGUSR1 &&
		    WTERMSIG(status) == run_signals[i])
			return 1;
	return 0;
}

static int
run_ignores(int sig)
{
	struct sigaction sa;

	return sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

int
run_signals_init(struct run *r)
{
	size_t i;
	int ret;

	/* For when the event is no more. */
	signal(SIGUSR1, SIG_IGN);
	if ((r->stop = evtimer_new(r->base, run_stop_cb, r)) == NULL)
		return E_NOMEM;
	for (i = 0; i < RUN_SIGNALS; i++) {
		/* nohup, or a shell's "&": the command shall not hear it. */
		if (run_signals[i] != SIGUSR1 && run_ignores(run_signals[i]))
			continue;
		ret = caught_begin(&r->signals[i], r->base, run_signals[i],
		    run_signal_cb, r);
		if (ret != E_OK)
			return ret;
	}
	return E_OK;
}

void
run_signals_fini(struct run *r)
{
	size_t i;

	if (r->stop != NULL)
		event_free(r->stop);
	for (i = 0; i < RUN_SIGNALS; i++)
		caught_end(&r->signals[i]);
}
