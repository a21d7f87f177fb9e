/* SPDX-License-Identifier: ISC */
/*
 * What becomes of a umount2(2) of the program's.
 *
 * The kernel does it, as the caller's own, wherever it knows by itself who
 * may: of a mount of ours the device tells when it is gone.  The relay does it
 * where only fusermount3 or FUSE-T's server can; and it lets the call succeed
 * that a daemon makes because it was told of an unmount that others did.
 *
 * Which mount a caller means is settled by what is on top at its string, as
 * the caller sees it: looked at in a child process, from the caller's place.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cli/run.h"
#include "front/ask.h"

struct run_look {
	LIST_ENTRY(run_look) link;
	struct run *run;
	struct attach_call *call;
	char *target, *given;
	int flags;
	struct ask ask;
};

/* What the child needs. */
struct run_look_work {
	const struct place *place;
	const char *path;
	int nofollow;
};

int
run_kernel_knows(const struct place *p)
{
	return geteuid() == 0 || !p->shares_user;
}

static void
run_look_free(struct run_look *l)
{
	ask_drop(&l->ask);
	LIST_REMOVE(l, link);
	free(l->target);
	free(l->given);
	free(l);
}

void
run_forget_looks(struct run *r)
{
	struct run_look *l;

	while ((l = LIST_FIRST(&r->looks)) != NULL) {
		attach_go_on(l->call);
		run_look_free(l);
	}
}

/* The mount that is up at this path, or NULL. */
static struct mount *
run_mount_at(const struct run *r, const char *target)
{
	struct run_mount *rm;

	LIST_FOREACH (rm, &r->mounts, link)
		if (mount_is_at(rm->mount, target))
			return rm->mount;
	return NULL;
}

/* The kernel mount that was seen there, or NULL. */
static struct mount *
run_mount_seen(const struct run *r, const struct kmount_made *seen)
{
	struct run_mount *rm;

	LIST_FOREACH (rm, &r->mounts, link)
		if (mount_is_made(rm->mount, seen))
			return rm->mount;
	return NULL;
}

/* The mount of ours that the caller means, or NULL. */
static struct mount *
run_look_mount(const struct run_look *l, const struct kmount_answer *a)
{
	struct mount *m;

	if (l->run->conf->front.kind == FRONT_KERNEL)
		return a->is_mount ? run_mount_seen(l->run, &a->made) : NULL;
	/* A server's mount is known by its path alone; what is no mount of
	 * FUSE's lies above it. */
	m = run_mount_at(l->run, l->target);
	return m != NULL && place_ns_same(mount_ns(m), &a->made.ns) &&
		(a->is_fuse || !a->is_mount) ?
	    m :
	    NULL;
}

static void
run_looked_cb(void *arg, struct kmount_answer *a)
{
	struct run_look *l = arg;
	struct mount *m = run_look_mount(l, a);
	struct spared *s = &l->run->spared;
	pid_t pid = attach_caller(l->call);

	if (m != NULL)
		mount_note_unmounter(m, pid);
	if (m != NULL && mount_unmount_for(m, l->call, l->flags) == E_OK)
		; /* answered when it is done */
	else if (m == NULL &&
	    (spared_take(s, l->target, l->given, pid) ||
		(!a->is_mount && spared_take_anyone(s, l->target, l->given))))
		attach_done(l->call);
	else
		attach_go_on(l->call);
	run_look_free(l);
}

static int
run_look_work(void *arg, struct kmount_answer *a)
{
	const struct run_look_work *w = arg;

	/* (A path that leads nowhere is an answer, too.) */
	kmount_look(w->place, w->path, w->nofollow, a);
	return 0;
}

/* E_SYS, E_NOMEM: nothing was begun. */
static int
run_look(struct run *r, struct attach_call *c, const struct attach_unmount *u)
{
	struct run_look_work how = { u->place, u->given,
		u->flags & UMOUNT_NOFOLLOW };
	struct ask_work w = { .work = run_look_work,
		.arg = &how,
		.keep = -1,
		.place = u->place };
	struct run_look *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return E_NOMEM;
	l->run = r;
	l->call = c;
	l->flags = u->flags;
	LIST_INSERT_HEAD(&r->looks, l, link);
	if ((l->target = strdup(u->target)) != NULL &&
	    (l->given = strdup(u->given)) != NULL &&
	    ask_start(&l->ask, r->base, &r->reaper, &w, run_looked_cb, l) ==
		E_OK)
		return E_OK;
	run_look_free(l);
	return E_SYS;
}

/* Could it be a mount that the kernel can't undo for the caller, or one that
 * is undone? */
static int
run_must_look(const struct run *r, const struct attach_unmount *u)
{
	if (spared_knows_anyone(&r->spared, u->target, u->given))
		return 1;
	/* Root's relay does nothing for those who may not: the kernel says
	 * so.  (An ordinary user's does it as that user.) */
	if (r->conf->front.kind != FRONT_KERNEL)
		return run_mount_at(r, u->target) != NULL &&
		    (geteuid() != 0 ||
			(place_may_mount(u->place) && u->place->shares_user));
	return !run_kernel_knows(u->place) && !LIST_EMPTY(&r->mounts);
}

void
run_unmount(void *run, struct attach_call *c, const struct attach_unmount *u)
{
	struct run *r = run;
	struct mount *m = run_mount_at(r, u->target);

	if (spared_take(&r->spared, u->target, u->given, attach_caller(c))) {
		attach_done(c);
		return;
	}
	if (run_must_look(r, u) && run_look(r, c, u) == E_OK)
		return;
	if (m != NULL)
		mount_note_unmounter(m, attach_caller(c));
	attach_go_on(c);
}
