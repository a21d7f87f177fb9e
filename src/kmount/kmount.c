/* SPDX-License-Identifier: ISC */
#include "kmount/kmount.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kmount/helper.h"
#include "kmount/optlist.h"

#define KMOUNT_DEVICE "/dev/fuse"

int
kmount_direct(const struct kmount_spec *s, int *dev)
{
	char data[KMOUNT_OPTIONS_MAX];
	struct optlist o;
	struct stat st = { .st_mode = S_IFDIR };
	int fd = *dev, r, saved;

	if ((r = optlist_parse(&o, s)) != E_OK)
		return r;
	if (!o.has_rootmode && stat(s->target, &st) == -1)
		return E_SYS;
	if (fd == -1 && (fd = open(KMOUNT_DEVICE, O_RDWR | O_CLOEXEC)) == -1)
		return E_SYS;
	r = optlist_kernel(&o, data, fd, st.st_mode & S_IFMT, getuid(),
	    getgid());
	if (r != E_OK)
		goto out;
	r = E_SYS;
	if (mount(o.source, s->target, o.type, o.flags, data) == -1)
		goto out;
	*dev = fd;
	return E_OK;
out:
	saved = errno;
	if (*dev == -1)
		close(fd);
	errno = saved;
	return r;
}

int
kmount_unmount(const char *target, int lazily, int wait_ms)
{
	if (umount2(target, (lazily ? MNT_DETACH : 0) | UMOUNT_NOFOLLOW) == 0)
		return E_OK;
	if (errno != EPERM)
		return E_SYS;
	return helper_unmount(target, lazily, wait_ms);
}
