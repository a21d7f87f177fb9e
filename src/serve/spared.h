/* SPDX-License-Identifier: ISC */
/*
 * Calls of umount(2) that are spared the error that nothing is mounted there.
 *
 * A mount that goes before its daemon does is unmounted by that daemon once
 * more when it ends, for it knows nothing of that; that call shall succeed as
 * if it came first.  A library asks its device whether there is a mount left,
 * by poll(), and does nothing if that says POLLERR; no socket says that.
 *
 * A path counts as it was written, too: a program that mounted on a relative
 * path and then changed its directory unmounts another path than it means.
 */
#ifndef FR_SERVE_SPARED_H
#define FR_SERVE_SPARED_H

#include <sys/queue.h>
#include <sys/types.h>

struct spared_mount;

struct spared {
	LIST_HEAD(, spared_mount) mounts; /* that went */
};

void spared_init(struct spared *s);
void spared_fini(struct spared *s);

/* The mount at target went: whoever unmounts it first is spared.  (Without
 * memory nobody is, which costs one line of noise.) */
void spared_note_anyone(struct spared *s, const char *target,
    const char *given);

/* The same, but each of these n processes is, once; no matter if n is 0. */
void spared_note_processes(struct spared *s, const char *target,
    const char *given, const pid_t *pids, size_t n);

/* Process pid unmounts it: is it one that is spared?  Then no more, nor is
 * whoever comes first. */
int spared_take(struct spared *s, const char *target, const char *given,
    pid_t pid);

/* Would anybody be spared, if nothing is mounted there?  And: take that. */
int spared_knows_anyone(const struct spared *s, const char *target,
    const char *given);
int spared_take_anyone(struct spared *s, const char *target,
    const char *given);

/* Does any process live that is spared? */
int spared_is_awaited(const struct spared *s);

/* Something is mounted there again: nobody is spared any more. */
void spared_forget(struct spared *s, const char *target, const char *given);

#endif
