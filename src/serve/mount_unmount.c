/* SPDX-License-Identifier: ISC */
/* A mount is told to be undone: by us, or by a process that waits for it. */
#include <errno.h>
#include <string.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/mountflags.h"
#include "serve/mount_own.h"

#define UNMOUNT_AGAIN_MS 100
#define UNMOUNT_TRIES 5

int
mount_is_at(const struct mount *m, const char *target)
{
	return front_state_is_there(m->front_state) &&
	    strcmp(m->target, target) == 0;
}

int
mount_is_made(const struct mount *m, const struct kmount_made *made)
{
	return m->front_state < FRONT_LOST && m->made.id == made->id &&
	    m->made.major == made->major && m->made.minor == made->minor &&
	    place_ns_same(&m->made.ns, &made->ns);
}

int
mount_is_left(const struct mount *m)
{
	return m->made.id != 0 && kmount_is_there(&m->made);
}

/* Did the kernel unmount it for a process that called umount2(2)?  The device
 * may not have told of it yet. */
static int
mount_is_undone(const struct mount *m)
{
	return m->nunmounters > 0 && m->made.id != 0 &&
	    !kmount_is_there(&m->made);
}

int
mount_is_kept(const struct mount *m)
{
	return front_state_is_kept(m->front_state) && !mount_is_undone(m);
}

void
mount_unmount(struct mount *m)
{
	if (mount_move_front(m, FRONT_UNMOUNT))
		front_unmount(m->front, UNMOUNTFLAG_DETACH);
}

void
mount_stop(struct mount *m)
{
	m->goal = MOUNT_TO_END;
}

/* Will it be unmounted, if it can be? */
static int
mount_is_going(const struct mount *m)
{
	return evtimer_pending(m->undo, NULL) ||
	    !(front_state_is_kept(m->front_state) ||
		m->front_state == FRONT_DETACHED);
}

int
mount_undo_dead(struct mount *m)
{
	if (m->unmounts_failed < UNMOUNT_TRIES && !mount_is_going(m))
		mount_unmount(m);
	return mount_is_going(m) && !mount_is_over(m);
}

int
mount_unmount_again(struct mount *m, int num)
{
	struct timeval tv = { 0, UNMOUNT_AGAIN_MS * 1000 };

	if (++m->unmounts_failed >= UNMOUNT_TRIES ||
	    event_add(m->undo, &tv) == -1)
		return 0;
	log_warn("%s: can't unmount: %s; tried again", m->target,
	    strerror(num));
	return 1;
}

int
mount_unmount_for(struct mount *m, struct attach_call *c, int flags)
{
	if (m->nunmounts == MOUNT_UNMOUNTS)
		return E_FULL;
	m->unmounts[m->nunmounts++] = c;
	if (mount_move_front(m, FRONT_UNMOUNT))
		front_unmount_for(m->front, flags);
	return E_OK;
}

void
mount_note_unmounter(struct mount *m, pid_t pid)
{
	if (m->nunmounters < MOUNT_UNMOUNTS)
		m->unmounters[m->nunmounters++] = pid;
}

int
mount_has_unmounter(const struct mount *m)
{
	return m->nunmounters > 0;
}

static int
mount_was_unmounted_by(const struct mount *m, pid_t pid)
{
	size_t i;

	for (i = 0; i < m->nunmounters; i++)
		if (m->unmounters[i] == pid)
			return 1;
	return 0;
}

size_t
mount_unaware(const struct mount *m, pid_t out[HOLDERS_MAX])
{
	pid_t holders[HOLDERS_MAX];
	const pid_t *pids = m->servers.pid;
	size_t n = m->servers.n, i, unaware = 0;

	if (n == 0) {
		n = mount_holders(m, HOLDERS_OURS, holders);
		pids = holders;
	}
	for (i = 0; i < n; i++)
		if (pids[i] != 0 && !mount_was_unmounted_by(m, pids[i]))
			out[unaware++] = pids[i];
	return unaware;
}

void
mount_grant_unmounts(struct mount *m)
{
	size_t i;

	for (i = 0; i < m->nunmounts; i++)
		attach_done(m->unmounts[i]);
	m->nunmounts = 0;
}

void
mount_refuse_unmounts(struct mount *m, int num)
{
	const int is_there = m->front_state != FRONT_DETACHED &&
	    m->front_state != FRONT_LEAVING;
	struct attach_call *c;
	size_t i;

	for (i = 0; i < m->nunmounts; i++) {
		c = m->unmounts[i];
		if (num == EINVAL && is_there &&
		    mount_is_served_by(m, attach_caller(c)))
			attach_done(c);
		else
			attach_deny(c, num);
	}
	m->nunmounts = 0;
}
