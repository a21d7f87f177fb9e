/* SPDX-License-Identifier: ISC */
#include "attach/standin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define DEVICE "/dev/fuse"
#define SUBSTITUTE "/dev/null"
#define BUILD "/tmp" /* where a new /dev is put together */

static int
standin_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return -1;
	n = write(fd, text, strlen(text));
	file_close(&fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Own user and mount namespaces; the user keeps his numbers. */
static const char *
standin_unshare(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWNS) == 0)
		return NULL; /* privileged: no user namespace */
	if (errno != EPERM)
		return "unshare(CLONE_NEWNS)";
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return "unshare(CLONE_NEWUSER)";
	if (standin_write("/proc/self/setgroups", "deny") == -1 &&
	    errno != ENOENT)
		return "/proc/self/setgroups";
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (standin_write("/proc/self/uid_map", map) == -1)
		return "/proc/self/uid_map";
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	if (standin_write("/proc/self/gid_map", map) == -1)
		return "/proc/self/gid_map";
	return NULL;
}

/* Show /dev/NAME, as it is, as BUILD/NAME. */
static int
standin_copy(const char *name)
{
	char from[512], to[512], link[512];
	struct stat st;
	ssize_t n;
	int fd;

	snprintf(from, sizeof(from), "/dev/%s", name);
	snprintf(to, sizeof(to), BUILD "/%s", name);
	if (lstat(from, &st) == -1)
		return 0; /* gone since readdir() */
	if (S_ISLNK(st.st_mode)) {
		if ((n = readlink(from, link, sizeof(link) - 1)) == -1)
			return -1;
		link[n] = '\0';
		return symlink(link, to);
	}
	if (S_ISDIR(st.st_mode)) {
		if (mkdir(to, 0755) == -1)
			return -1;
	} else {
		if ((fd = open(to, O_CREAT | O_CLOEXEC, 0600)) == -1)
			return -1;
		close(fd);
	}
	return mount(from, to, NULL, MS_BIND | MS_REC, NULL);
}

/* There is no /dev/fuse to bind over: a new /dev with all of the old. */
static const char *
standin_new_dev(void)
{
	struct dirent *e;
	DIR *d;
	int fd;

	if (mount("fuserelay-dev", BUILD, "tmpfs", 0, "mode=755") == -1)
		return "tmpfs for a new /dev";
	if ((d = opendir("/dev")) == NULL)
		return "/dev";
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		if (standin_copy(e->d_name) == -1) {
			closedir(d);
			return "binding an entry of /dev";
		}
	}
	closedir(d);
	if ((fd = open(BUILD "/fuse", O_CREAT | O_CLOEXEC, 0600)) == -1)
		return "stand-in file";
	close(fd);
	if (mount(BUILD, "/dev", NULL, MS_MOVE, NULL) == -1)
		return "moving the new /dev into place";
	return NULL;
}

const char *
standin_enter(void)
{
	const char *step;
	struct stat st;

	if ((step = standin_unshare()) != NULL)
		return step;
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == -1)
		return "making mounts private";
	if (stat(DEVICE, &st) == -1 && (step = standin_new_dev()) != NULL)
		return step;
	if (mount(SUBSTITUTE, DEVICE, NULL, MS_BIND, NULL) == -1)
		return "binding " SUBSTITUTE " over " DEVICE;
	return NULL;
}
