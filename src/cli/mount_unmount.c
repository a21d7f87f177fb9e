/* SPDX-License-Identifier: ISC */
/* A mount is told to be undone: by us, or by a process that waits for it. */
#include <errno.h>
#include <sys/types.h>

#include "base/mountflags.h"
#include "cli/mount.h"

int
mount_is_left(const struct mount *m)
{
	return m->made.id != 0 && kmount_is_there(&m->made);
}

int
mount_is_undone(const struct mount *m)
{
	return m->nunmounters > 0 && m->made.id != 0 &&
	    !kmount_is_there(&m->made);
}

static void
mount_start_unmount(struct mount *m, int flags)
{
	if (m->unmounting || m->front_ended)
		return;
	m->unmounting = 1;
	front_unmount(m->front, flags);
}

void
mount_unmount(struct mount *m)
{
	mount_start_unmount(m, UNMOUNTFLAG_DETACH);
}

int
mount_undo_dead(struct mount *m)
{
	if (!m->undone) {
		m->undone = 1;
		mount_unmount(m);
	}
	return (m->unmounting || evtimer_pending(m->undo, NULL)) && !m->closed;
}

int
mount_unmount_for(struct mount *m, struct attach_call *c, int flags)
{
	if (m->nunmounts == MOUNT_UNMOUNTS)
		return E_FULL;
	m->unmounts[m->nunmounts++] = c;
	if (!m->unmounting && !m->front_ended) {
		m->unmounting = 1;
		front_unmount_for(m->front, flags);
	}
	return E_OK;
}

static int
mount_is_served_by(const struct mount *m, pid_t pid)
{
	size_t i;

	for (i = 0; i < m->nservers; i++)
		if (m->servers[i] == pid)
			return 1;
	return 0;
}

void
mount_refuse_unmounts(struct mount *m, int num)
{
	struct attach_call *c;
	size_t i;

	for (i = 0; i < m->nunmounts; i++) {
		c = m->unmounts[i];
		if (num == EINVAL && !m->detached &&
		    mount_is_served_by(m, attach_caller(c)))
			attach_done(c);
		else
			attach_deny(c, num);
	}
	m->nunmounts = 0;
}
