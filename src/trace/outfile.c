/* SPDX-License-Identifier: ISC */
#include "trace/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0600
#define NAME_ROOM 4096
#define FD_PREFIX "/dev/fd/"

int
outfile_init(struct outfile *o, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = NULL;
	int r = E_NOMEM;

	o->dir = AT_FDCWD;
	if (strncmp(path, FD_PREFIX, sizeof(FD_PREFIX) - 1) == 0)
		slash = NULL; /* keep it whole */
	o->name = strdup(slash != NULL ? slash + 1 : path);
	if (o->name == NULL)
		goto out;
	/* "/name" has the directory "/", "name" has ".". */
	dir = slash == NULL ?
	    strdup(".") :
	    strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (dir == NULL)
		goto out;
	r = E_OK;
	o->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->dir == -1) {
		o->dir = AT_FDCWD;
		r = E_SYS;
	}
out:
	free(dir);
	return r;
}

void
outfile_fini(struct outfile *o)
{
	if (o->dir != AT_FDCWD && o->dir != -1)
		close(o->dir);
	free(o->name);
	o->dir = AT_FDCWD;
	o->name = NULL;
}

static int
outfile_name(const struct outfile *o, unsigned n, char name[NAME_ROOM])
{
	int len;

	if (n == 0)
		len = snprintf(name, NAME_ROOM, "%s", o->name);
	else
		len = snprintf(name, NAME_ROOM, "%s.%u", o->name, n);
	if (len < 0 || len >= NAME_ROOM) {
		errno = ENAMETOOLONG;
		return E_SYS;
	}
	return E_OK;
}

static int
open_new(int dir, const char *name)
{
	return openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
}

/* A new file takes the place of the one that is there. */
static int
open_instead(int dir, const char *name)
{
	char fresh[NAME_ROOM];
	int fd, saved;

	snprintf(fresh, sizeof(fresh), ".fuserelay.%ld", (long)getpid());
	unlinkat(dir, fresh, 0);
	if ((fd = open_new(dir, fresh)) == -1)
		return -1;
	if (renameat(dir, fresh, dir, name) == 0)
		return fd;
	saved = errno;
	close(fd);
	unlinkat(dir, fresh, 0);
	errno = saved;
	return -1;
}

static int
open_any(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? open_new(dir, name) : -1;
	if (S_ISREG(st.st_mode))
		return open_instead(dir, name);
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	return openat(dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
}

int
outfile_create(const struct outfile *o, unsigned n, int *fd)
{
	char name[NAME_ROOM], *end;
	long num;

	*fd = -1;
	if (strncmp(o->name, FD_PREFIX, sizeof(FD_PREFIX) - 1) == 0) {
		num = strtol(o->name + sizeof(FD_PREFIX) - 1, &end, 10);
		if (*end != '\0' || num < 0 || num > 1 << 20 || n > 0) {
			errno = EBADF;
			return E_SYS;
		}
		*fd = fcntl((int)num, F_DUPFD_CLOEXEC, 3);
		return *fd == -1 ? E_SYS : E_OK;
	}
	if (outfile_name(o, n, name) != E_OK)
		return E_SYS;
	*fd = open_any(o->dir, name);
	return *fd == -1 ? E_SYS : E_OK;
}

int
outfile_append(const struct outfile *o, int *fd)
{
	*fd = openat(o->dir, o->name,
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	return *fd == -1 ? E_SYS : E_OK;
}

void
outfile_remove(const struct outfile *o, unsigned n)
{
	char name[NAME_ROOM];

	if (outfile_name(o, n, name) == E_OK)
		unlinkat(o->dir, name, 0);
}
