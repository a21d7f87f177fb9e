/* SPDX-License-Identifier: ISC */
#include "kmount/procself.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/mountinfo.h"

int
procself_open(void)
{
	return open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int
procself_id(int self, int fd, int *id)
{
	char name[32], text[512];
	const char *line;
	int info, saved;
	ssize_t n;

	snprintf(name, sizeof(name), "fdinfo/%d", fd);
	if ((info = openat(self, name, O_RDONLY | O_CLOEXEC)) == -1)
		return errno;
	n = read(info, text, sizeof(text) - 1);
	saved = errno;
	close(info);
	if (n == -1)
		return saved;
	text[n] = '\0';
	line = strstr(text, "mnt_id:");
	return line != NULL && sscanf(line + 7, "%d", id) == 1 ? 0 : ENOSYS;
}

int
procself_id_at(int self, int dir, const char *name, int *id)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), num;

	if (fd == -1)
		return errno;
	num = procself_id(self, fd, id);
	close(fd);
	return num;
}

int
procself_path_of(int self, int fd, char *out, size_t cap)
{
	char name[32];
	ssize_t n;

	snprintf(name, sizeof(name), "fd/%d", fd);
	if ((n = readlinkat(self, name, out, cap)) == -1)
		return errno;
	if ((size_t)n == cap)
		return ENAMETOOLONG;
	out[n] = '\0';
	return 0;
}

int
procself_is_directory(int self, int fd)
{
	char name[32];
	int again;

	snprintf(name, sizeof(name), "fd/%d", fd);
	again = openat(self, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (again == -1)
		return 0;
	close(again);
	return 1;
}

void
procself_detach(int self, int fd)
{
	char name[32];

	snprintf(name, sizeof(name), "fd/%d", fd);
	if (fchdir(self) == 0 && umount2(name, MNT_DETACH) == 0)
		return;
}

struct procself_search {
	int id, found;
	struct procself_row *row;
};

static int
procself_visit(void *arg, const struct mountinfo *m)
{
	struct procself_search *s = arg;

	if (m->id != s->id)
		return 0;
	s->found = 1;
	s->row->major = m->major;
	s->row->minor = m->minor;
	s->row->is_fuse = mountinfo_is_fuse(m);
	snprintf(s->row->point, sizeof(s->row->point), "%s", m->point);
	return 1;
}

int
procself_find(int self, int id, struct procself_row *out)
{
	struct procself_search s = { .id = id, .row = out };

	if (mountinfo_walk(openat(self, "mountinfo", O_RDONLY | O_CLOEXEC),
		procself_visit, &s) != E_OK)
		return errno;
	return s.found ? 0 : ENOENT;
}
