/* SPDX-License-Identifier: ISC */
#include "relay/reaper.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>

#include "base/fork.h"
#include "base/log.h"

#define RETRY_MS 10

struct reaper_ours {
	LIST_ENTRY(reaper_ours) link;
	pid_t pid;
};

static void
reaper_ours_free(struct reaper_ours *o)
{
	LIST_REMOVE(o, link);
	free(o);
}

/* Was it a child that reaper_forget() was called for? */
static int
reaper_takes_ours(struct reaper *r, pid_t pid)
{
	struct reaper_ours *o;

	LIST_FOREACH (o, &r->ours, link)
		if (o->pid == pid)
			break;
	if (o == NULL)
		return 0;
	reaper_ours_free(o);
	return 1;
}

static void
reaper_child(struct reaper *r, pid_t pid, int status)
{
	struct reaper_watch *w;

	LIST_FOREACH (w, &r->watches, link) {
		if (w->pid != pid)
			continue;
		reaper_unwatch(w);
		w->ended(w->arg, pid, status);
		return;
	}
	if (!reaper_takes_ours(r, pid))
		r->other(r->arg, pid, status);
}

static void
reaper_signal_cb(evutil_socket_t sig, short what, void *arg)
{
	struct timeval tv = { 0, RETRY_MS * 1000 };
	struct reaper *r = arg;
	int status;
	pid_t pid;

	(void)sig;
	(void)what;
	while ((pid = fork_wait(-1, &status, WNOHANG)) > 0) {
		if (!WIFSTOPPED(status))
			reaper_child(r, pid, status);
		else if (r->stopped != NULL)
			r->stopped(r->arg, pid, status);
	}
	/* No second signal comes for children that ended before. */
	if (pid == -1 && errno != ECHILD) {
		log_warn("can't ask for ended processes: %s", strerror(errno));
		event_add(r->retry, &tv);
	}
}

int
reaper_init(struct reaper *r, struct event_base *base,
    void (*other)(void *, pid_t, int), void *arg)
{
	LIST_INIT(&r->watches);
	LIST_INIT(&r->ours);
	r->other = other;
	r->stopped = NULL;
	r->arg = arg;
#ifdef PR_SET_CHILD_SUBREAPER
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		return E_SYS;
#endif
	if ((r->retry = evtimer_new(base, reaper_signal_cb, r)) == NULL)
		return E_NOMEM;
	return caught_begin(&r->sigchld, base, SIGCHLD, reaper_signal_cb, r);
}

void
reaper_fini(struct reaper *r)
{
	caught_end(&r->sigchld);
	if (r->retry != NULL)
		event_free(r->retry);
	r->retry = NULL;
	while (!LIST_EMPTY(&r->ours))
		reaper_ours_free(LIST_FIRST(&r->ours));
}

void
reaper_watch(struct reaper *r, struct reaper_watch *w)
{
	LIST_INSERT_HEAD(&r->watches, w, link);
}

void
reaper_unwatch(struct reaper_watch *w)
{
	if (w->pid == 0)
		return;
	LIST_REMOVE(w, link);
	w->pid = 0;
}

void
reaper_forget(struct reaper *r, pid_t pid)
{
	struct reaper_ours *o = malloc(sizeof(*o));

	if (o == NULL)
		return;
	o->pid = pid;
	LIST_INSERT_HEAD(&r->ours, o, link);
}
