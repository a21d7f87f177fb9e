/* SPDX-License-Identifier: ISC */
/* Undoing a mount that was made, and looking what a caller would undo. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/mountinfo.h"
#include "kmount/made.h"
#include "kmount/self.h"

#define UNDO_HELPER_MS 10000

/* ---- is it there? ---- */

struct undo_search {
	const struct kmount_made *made;
	int found;
};

static int
undo_visit(void *arg, const struct mountinfo *row)
{
	struct undo_search *s = arg;

	s->found = row->id == s->made->id && row->major == s->made->major &&
	    row->minor == s->made->minor;
	return s->found;
}

int
kmount_is_there(const struct kmount_made *m)
{
	struct undo_search s = { .made = m };

	return mountinfo_walk(place_mountinfo(&m->ns), undo_visit, &s) ==
	    E_OK && s.found;
}

/* ---- in a child process ---- */

static int
undo_by_helper(const struct kmount_made *m, int flags)
{
	int r = kmount_unmount(m->last, flags & MNT_DETACH, UNDO_HELPER_MS);

	/* (It tells of no reason; without -z there is but one.) */
	if (r == E_PROTO && !(flags & MNT_DETACH))
		return EBUSY;
	return r == E_OK ? 0 : r == E_SYS ? errno : EPERM;
}

/* 0 if the mount is what is on top under its name. */
static int
undo_check(int self, const struct kmount_made *m)
{
	struct undo_search s = { .made = m };
	int id, num;

	if (mountinfo_walk(openat(self, "mountinfo", O_RDONLY | O_CLOEXEC),
	    undo_visit, &s) != E_OK)
		return errno;
	if (!s.found)
		return EINVAL;		/* as umount2(2) says it */
	if (m->parent == -1)
		return ESTALE;
	num = self_id_at(self, m->parent, m->last, &id);
	return num != 0 ? num : id == m->id ? 0 : EBUSY;
}

int
kmount_undo(const struct kmount_made *m, int flags, int by_helper)
{
	int self = self_open(), num, r;

	if (self == -1)
		return errno;
	r = place_enter_ns(&m->ns);
	if (r != E_OK)
		return r == E_NOTFOUND ? EINVAL : errno;
	if ((num = undo_check(self, m)) != 0)
		return num;
	if (fchdir(m->parent) == -1)
		return errno;
	if (by_helper)
		return undo_by_helper(m, flags);
	return umount2(m->last, flags | UMOUNT_NOFOLLOW) == -1 ? errno : 0;
}

/* What is known of the mount that a descriptor is of. */
static int
look_known(int self, int fd, struct kmount_answer *a)
{
	struct self_row row;
	char now[4096];
	int num;

	if ((num = self_id(self, fd, &a->made.id)) != 0 ||
	    (num = self_find(self, a->made.id, &row)) != 0 ||
	    (num = self_path_of(self, fd, now, sizeof(now))) != 0)
		return num;
	a->made.major = row.major;
	a->made.minor = row.minor;
	a->is_mount = strcmp(now, row.point) == 0;
	a->is_fuse = row.is_fuse;
	return 0;
}

int
kmount_look(const struct place *p, const char *path, int nofollow,
    struct kmount_answer *a)
{
	int self = self_open(), fd, num;

	a->made.ns = p->mounts;
	if (self == -1 || place_enter(p) != E_OK)
		return errno;
	fd = place_open(p, path, O_PATH | (nofollow ? O_NOFOLLOW : 0));
	if (fd == -1)
		return errno;
	num = look_known(self, fd, a);
	/* (Before the answer: whoever unmounts next must not find it busy.) */
	close(fd);
	return num;
}
