/* SPDX-License-Identifier: ISC */
/*
 * Mounts that were undone before their daemon knew: it will unmount once
 * more when it ends, and that call is not to fail.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/run.h"

static void
run_undone_free(struct run_undone *u)
{
	free(u->target);
	free(u->given);
	free(u);
}

void
run_note_undone(struct run *r, const char *target, const char *given)
{
	struct run_undone *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return;			/* costs one line of noise */
	u->target = strdup(target);
	u->given = strdup(given);
	if (u->target == NULL || u->given == NULL) {
		run_undone_free(u);
		return;
	}
	LIST_INSERT_HEAD(&r->undone, u, link);
}

int
run_take_undone(struct run *r, const char *target, const char *given)
{
	struct run_undone *u;

	LIST_FOREACH(u, &r->undone, link) {
		if (strcmp(u->target, target) != 0 &&
		    strcmp(u->given, given) != 0)
			continue;
		LIST_REMOVE(u, link);
		run_undone_free(u);
		return 1;
	}
	return 0;
}

void
run_forget_undone(struct run *r)
{
	struct run_undone *u;

	while ((u = LIST_FIRST(&r->undone)) != NULL) {
		LIST_REMOVE(u, link);
		run_undone_free(u);
	}
}
