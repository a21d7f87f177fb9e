/* SPDX-License-Identifier: ISC */
#include "serve/spared.h"

#include <stdlib.h>
#include <string.h>

#include "serve/holders.h"

#define SPARED_MAX 64 /* of more, the oldest are forgotten */

struct spared_mount {
	LIST_ENTRY(spared_mount) link;
	char *target, *given; /* absolute; as the program wrote it */
	/* Who is spared; none: whoever calls first. */
	pid_t pids[HOLDERS_MAX];
	size_t n;
};

static void
spared_free(struct spared_mount *m)
{
	free(m->target);
	free(m->given);
	free(m);
}

static void
spared_drop(struct spared_mount *m)
{
	LIST_REMOVE(m, link);
	spared_free(m);
}

void
spared_init(struct spared *s)
{
	LIST_INIT(&s->mounts);
}

void
spared_fini(struct spared *s)
{
	while (!LIST_EMPTY(&s->mounts))
		spared_drop(LIST_FIRST(&s->mounts));
}

static void
spared_drop_oldest(struct spared *s)
{
	struct spared_mount *m, *last = NULL;
	size_t n = 0;

	LIST_FOREACH (m, &s->mounts, link) {
		last = m;
		n++;
	}
	if (n > SPARED_MAX)
		spared_drop(last);
}

static struct spared_mount *
spared_add(struct spared *s, const char *target, const char *given)
{
	struct spared_mount *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->target = strdup(target);
	m->given = strdup(given);
	if (m->target == NULL || m->given == NULL) {
		spared_free(m);
		return NULL;
	}
	LIST_INSERT_HEAD(&s->mounts, m, link);
	spared_drop_oldest(s);
	return m;
}

void
spared_note_anyone(struct spared *s, const char *target, const char *given)
{
	spared_add(s, target, given);
}

void
spared_note_processes(struct spared *s, const char *target, const char *given,
    const pid_t *pids, size_t n)
{
	struct spared_mount *m;

	if (n == 0 || (m = spared_add(s, target, given)) == NULL)
		return;
	m->n = n < HOLDERS_MAX ? n : HOLDERS_MAX;
	memcpy(m->pids, pids, m->n * sizeof(pids[0]));
}

static int
spared_is_at(const struct spared_mount *m, const char *target,
    const char *given)
{
	return strcmp(m->target, target) == 0 || strcmp(m->given, given) == 0;
}

/* Is pid spared there?  Then no more. */
static int
spared_take_process(struct spared *s, const char *target, const char *given,
    pid_t pid)
{
	struct spared_mount *m;
	size_t i;

	LIST_FOREACH (m, &s->mounts, link) {
		if (!spared_is_at(m, target, given))
			continue;
		for (i = 0; i < m->n && m->pids[i] != pid; i++)
			continue;
		if (i == m->n)
			continue;
		m->pids[i] = m->pids[--m->n];
		if (m->n == 0)
			spared_drop(m);
		return 1;
	}
	return 0;
}

static struct spared_mount *
spared_find_anyone(const struct spared *s, const char *target,
    const char *given)
{
	struct spared_mount *m;

	LIST_FOREACH (m, &s->mounts, link)
		if (m->n == 0 && spared_is_at(m, target, given))
			break;
	return m;
}

int
spared_take(struct spared *s, const char *target, const char *given, pid_t pid)
{
	if (pid == 0 || !spared_take_process(s, target, given, pid))
		return 0;
	/* It was the one that was to come first, if one was. */
	spared_take_anyone(s, target, given);
	return 1;
}

int
spared_knows_anyone(const struct spared *s, const char *target,
    const char *given)
{
	return spared_find_anyone(s, target, given) != NULL;
}

int
spared_take_anyone(struct spared *s, const char *target, const char *given)
{
	struct spared_mount *m = spared_find_anyone(s, target, given);

	if (m != NULL)
		spared_drop(m);
	return m != NULL;
}

int
spared_is_awaited(const struct spared *s)
{
	const struct spared_mount *m;
	size_t i;

	LIST_FOREACH (m, &s->mounts, link)
		for (i = 0; i < m->n; i++)
			if (holder_lives(m->pids[i]))
				return 1;
	return 0;
}

void
spared_forget(struct spared *s, const char *target, const char *given)
{
	struct spared_mount *m, *next;

	for (m = LIST_FIRST(&s->mounts); m != NULL; m = next) {
		next = LIST_NEXT(m, link);
		if (spared_is_at(m, target, given))
			spared_drop(m);
	}
}
