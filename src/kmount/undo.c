/* SPDX-License-Identifier: ISC */
/* Unmounting what was made, and looking which mount a caller would unmount. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/mountinfo.h"
#include "kmount/kmount.h"
#include "kmount/made.h"
#include "kmount/procself.h"

#define UNDO_HELPER_MS 10000
#define UNDO_TRIES 100 /* while its path changes */

/* ---- is it there? ---- */

struct undo_search {
	const struct kmount_made *made;
	int found;
};

/* Is one path the end of the other?  A process with another root sees more of
 * a mount's path, or less. */
static int
undo_ends_alike(const char *a, const char *b)
{
	size_t i = strlen(a), k = strlen(b);

	while (i > 0 && k > 0)
		if (a[--i] != b[--k])
			return 0;
	return 1;
}

static int
undo_visit(void *arg, const struct mountinfo *row)
{
	struct undo_search *s = arg;

	s->found = row->id == s->made->id && row->major == s->made->major &&
	    row->minor == s->made->minor &&
	    undo_ends_alike(row->point, s->made->point);
	return s->found;
}

int
kmount_is_there(const struct kmount_made *m)
{
	struct undo_search s = { .made = m };

	return mountinfo_walk(place_mountinfo(&m->ns), undo_visit, &s) ==
	    E_OK &&
	    s.found;
}

/* ---- in a child process ---- */

static int
undo_by_helper(const char *name, int flags)
{
	int r = kmount_unmount(name, flags & MNT_DETACH, UNDO_HELPER_MS);

	/* (fusermount3 tells no reason; without -z there is only this one.) */
	if (r == E_PROTO && !(flags & MNT_DETACH))
		return EBUSY;
	return r == E_OK ? 0 : r == E_SYS ? errno : EPERM;
}

/*
 * Open the directory that the mount is in; *name, in row, is its name there.
 * The path that the table has is only a hint, as it may change any time: what
 * is on top under that name must be this mount.
 */
static int
undo_open_parent(int self, const struct kmount_made *m,
    struct procself_row *row, int *parent, const char **name)
{
	char *slash;
	int num, id;

	if ((num = procself_find(self, m->id, row)) != 0)
		return num == ENOENT ? EINVAL : num;
	if (row->major != m->major || row->minor != m->minor)
		return EINVAL; /* as umount2(2) says it */
	slash = strrchr(row->point, '/');
	if (slash == NULL || slash[1] == '\0')
		return EBUSY; /* the root */
	*name = slash + 1;
	if (slash == row->point)
		*parent = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	else {
		*slash = '\0';
		*parent = open(row->point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (*parent == -1)
		return errno;
	num = procself_id_at(self, *parent, *name, &id);
	if (num == 0 && id == m->id)
		return 0;
	close(*parent);
	*parent = -1;
	return num != 0 ? num : EBUSY;
}

/* In its mount namespace. */
static int
undo_here(int self, const struct kmount_made *m, int flags, int by_helper)
{
	int parent = -1, tries = 0, num;
	struct procself_row row;
	const char *name = NULL;

	do
		num = undo_open_parent(self, m, &row, &parent, &name);
	while (num != 0 && num != EINVAL && ++tries < UNDO_TRIES);
	if (num != 0)
		return num;
	if (fchdir(parent) == -1)
		return errno;
	close(parent);
	if (by_helper)
		return undo_by_helper(name, flags);
	return umount2(name, flags | UMOUNT_NOFOLLOW) == -1 ? errno : 0;
}

int
kmount_undo(const struct kmount_made *m, int flags, int by_helper)
{
	int self = procself_open(), r;

	if (self == -1)
		return errno;
	r = place_enter_ns(&m->ns);
	if (r != E_OK)
		return r == E_NOTFOUND ? EINVAL : errno;
	return undo_here(self, m, flags, by_helper);
}

int
kmount_unmake(const struct kmount_answer *a, int flags, int by_helper)
{
	return undo_here(a->self, &a->made, flags, by_helper);
}

/* What is known of the mount that a descriptor is of. */
static int
look_known(int self, int fd, struct kmount_answer *a)
{
	struct procself_row row;
	char now[4096];
	int num;

	if ((num = procself_id(self, fd, &a->made.id)) != 0 ||
	    (num = procself_find(self, a->made.id, &row)) != 0 ||
	    (num = procself_path_of(self, fd, now, sizeof(now))) != 0)
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
	int self = procself_open(), fd, num;

	a->made.ns = p->mounts;
	if (self == -1 || place_enter(p) != E_OK)
		return errno;
	fd = place_open(p, path, O_PATH | (nofollow ? O_NOFOLLOW : 0));
	if (fd == -1)
		return errno;
	num = look_known(self, fd, a);
	/* (Before the answer is sent: the unmount that follows must not fail
	 * because this descriptor keeps the mount busy.) */
	close(fd);
	return num;
}
