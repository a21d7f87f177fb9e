/* SPDX-License-Identifier: ISC */
#include "place/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "place/rights.h"

/* (Files of nsfs: there is no file system to wait for.)  name "": dir itself. */
static int
place_ns_at(int dir, const char *name, struct place_ns *out)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_EMPTY_PATH) == -1)
		return E_SYS;
	out->dev = st.st_dev;
	out->ino = st.st_ino;
	return E_OK;
}

int
place_ns_of_file(int fd, struct place_ns *out)
{
	return place_ns_at(fd, "", out);
}

int
place_ns_of(int proc, struct place_ns *out)
{
	return place_ns_at(proc, "ns/mnt", out);
}

/* Is the namespace ours as well?  A kernel without such ones has one. */
static int
place_shares(int proc, const char *name)
{
	struct place_ns ours, theirs;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	return place_ns_at(AT_FDCWD, path, &ours) != E_OK ||
	    (place_ns_at(proc, name, &theirs) == E_OK &&
		place_ns_same(&ours, &theirs));
}

/* A signal to the relay is no reason to give up. */
static int
place_open_at(int dir, const char *name)
{
	int fd;

	do
		fd = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (fd == -1 && errno == EINTR);
	return fd;
}

int
place_hold(struct place *p, pid_t tid)
{
	char path[32];
	int r;

	memset(p, 0, sizeof(*p));
	p->root = p->cwd = -1;
	snprintf(path, sizeof(path), "/proc/%ld", (long)tid);
	if ((p->proc = place_open_at(AT_FDCWD, path)) == -1)
		return E_SYS;
	p->root = place_open_at(p->proc, "root");
	p->cwd = place_open_at(p->proc, "cwd");
	r = p->root == -1 || p->cwd == -1 ? E_SYS :
					    place_ns_of(p->proc, &p->mounts);
	if (r == E_OK)
		r = rights_read(p->proc, &p->rights);
	if (r != E_OK) {
		place_let_go(p);
		return r;
	}
	p->shares_mounts = place_shares(p->proc, "ns/mnt");
	p->shares_user = place_shares(p->proc, "ns/user");
	return E_OK;
}

void
place_let_go(struct place *p)
{
	int *const held[] = { &p->proc, &p->root, &p->cwd };
	int saved = errno;
	size_t i;

	for (i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
		file_close(held[i]);
	}
	rights_fini(&p->rights);
	errno = saved;
}

int
place_shares_root(const struct place *p)
{
	char name[32], path[2];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", p->root);
	return readlink(name, path, sizeof(path)) == 1 && path[0] == '/';
}

int
place_may_mount(const struct place *p)
{
	return (p->rights.caps >> CAP_SYS_ADMIN) & 1;
}

/* What follows the directory of one's own descriptors, or NULL. */
static const char *
place_number(const char *path)
{
	static const char *const own[] = { "/proc/self/fd/",
		"/proc/thread-self/fd/", "/dev/fd/" };
	const char *p;
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strncmp(path, own[i], strlen(own[i])) != 0)
			continue;
		p = path + strlen(own[i]);
		if (*p != '\0' && p[strspn(p, "0123456789")] == '\0' &&
		    strlen(p) < 10)
			return p;
	}
	return NULL;
}

int
place_is_descriptor(const char *path)
{
	return place_number(path) != NULL;
}

int
place_open(const struct place *p, const char *path, int flags)
{
	const char *number = place_number(path);
	char name[32];

	if (number == NULL)
		return open(path, flags | O_CLOEXEC);
	snprintf(name, sizeof(name), "fd/%s", number);
	return openat(p->proc, name, flags | O_CLOEXEC);
}
