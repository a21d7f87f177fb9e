/* SPDX-License-Identifier: ISC */
/*
 * Mounts that were undone before their daemon knew: it will unmount once
 * more when it ends, and that call is not to fail.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/run.h"

#define UNDONE_MAX 64 /* of more, the oldest are forgotten */

static void
run_undone_free(struct run_undone *u)
{
	free(u->target);
	free(u->given);
	free(u);
}

static void
run_undone_drop(struct run_undone *u)
{
	LIST_REMOVE(u, link);
	run_undone_free(u);
}

static void
run_drop_oldest(struct run *r)
{
	struct run_undone *u, *last = NULL;
	size_t n = 0;

	LIST_FOREACH (u, &r->undone, link) {
		last = u;
		n++;
	}
	if (n > UNDONE_MAX)
		run_undone_drop(last);
}

static struct run_undone *
run_undone_add(struct run *r, const char *target, const char *given)
{
	struct run_undone *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL; /* costs one line of noise */
	u->target = strdup(target);
	u->given = strdup(given);
	if (u->target == NULL || u->given == NULL) {
		run_undone_free(u);
		return NULL;
	}
	LIST_INSERT_HEAD(&r->undone, u, link);
	run_drop_oldest(r);
	return u;
}

void
run_note_undone(struct run *r, const char *target, const char *given)
{
	run_undone_add(r, target, given);
}

void
run_note_served(struct run *r, const struct mount *m)
{
	pid_t pids[HOLDERS_MAX];
	size_t n = mount_unaware(m, pids);
	struct run_undone *u;

	if (n == 0)
		return;
	u = run_undone_add(r, mount_target(m), mount_given(m));
	if (u == NULL)
		return;
	memcpy(u->servers, pids, n * sizeof(pids[0]));
	u->nservers = n;
}

static int
run_undone_is_at(const struct run_undone *u, const char *target,
    const char *given)
{
	return strcmp(u->target, target) == 0 || strcmp(u->given, given) == 0;
}

/* That of a server, or that of whoever calls first (pid 0). */
static int
run_undone_take(struct run *r, const char *target, const char *given,
    pid_t pid)
{
	struct run_undone *u;
	size_t i;

	LIST_FOREACH (u, &r->undone, link) {
		if (!run_undone_is_at(u, target, given) ||
		    (pid == 0) != (u->nservers == 0))
			continue;
		for (i = 0; i < u->nservers && u->servers[i] != pid; i++)
			continue;
		if (i < u->nservers)
			u->servers[i] = u->servers[--u->nservers];
		else if (pid != 0)
			continue;
		if (u->nservers == 0)
			run_undone_drop(u);
		return 1;
	}
	return 0;
}

int
run_take_undone(struct run *r, const char *target, const char *given,
    pid_t pid)
{
	if (pid == 0 || !run_undone_take(r, target, given, pid))
		return 0;
	/* The server was the one that is spared, if one was to be. */
	run_undone_take(r, target, given, 0);
	return 1;
}

int
run_knows_undone(const struct run *r, const char *target, const char *given)
{
	struct run_undone *u;

	LIST_FOREACH (u, &r->undone, link)
		if (u->nservers == 0 && run_undone_is_at(u, target, given))
			return 1;
	return 0;
}

int
run_take_anyones(struct run *r, const char *target, const char *given)
{
	return run_undone_take(r, target, given, 0);
}

int
run_undone_is_awaited(const struct run *r)
{
	const struct run_undone *u;
	size_t i;

	LIST_FOREACH (u, &r->undone, link)
		for (i = 0; i < u->nservers; i++)
			if (holder_lives(u->servers[i]))
				return 1;
	return 0;
}

void
run_forget_undone_at(struct run *r, const char *target, const char *given)
{
	struct run_undone *u, *next;

	for (u = LIST_FIRST(&r->undone); u != NULL; u = next) {
		next = LIST_NEXT(u, link);
		if (run_undone_is_at(u, target, given))
			run_undone_drop(u);
	}
}

void
run_forget_undone(struct run *r)
{
	while (!LIST_EMPTY(&r->undone))
		run_undone_drop(LIST_FIRST(&r->undone));
}
