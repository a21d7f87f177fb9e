/* SPDX-License-Identifier: ISC */
#include "kmount/kmount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kmount/helper.h"
#include "kmount/optlist.h"

#define KMOUNT_DEVICE "/dev/fuse"

int
kmount_call(const struct mount_request *q, const char *path, int dev)
{
	char data[OPTLIST_MAX];
	int n;

	n = snprintf(data, sizeof(data), "fd=%d%s%s", dev,
	    q->options[0] != '\0' ? "," : "", q->options);
	if (n < 0 || (size_t)n >= sizeof(data))
		return E_BIG;
	return mount(q->source, path, q->type, q->flags, data) == -1 ? E_SYS :
								       E_OK;
}

int
kmount_direct(const struct mount_request *q, int *dev)
{
	char options[OPTLIST_MAX];
	struct optlist o;
	struct mount_request own = { .source = o.source,
		.type = o.type,
		.options = options };
	struct stat st = { .st_mode = S_IFDIR };
	int fd = *dev, r, saved;

	if ((r = optlist_parse(&o, q)) != E_OK)
		return r;
	own.flags = o.flags;
	if (!o.has_rootmode && stat(q->target, &st) == -1)
		return E_SYS;
	if (fd == -1 && (fd = open(KMOUNT_DEVICE, O_RDWR | O_CLOEXEC)) == -1)
		return E_SYS;
	r = optlist_kernel(&o, options, st.st_mode & S_IFMT, getuid(),
	    getgid());
	if (r == E_OK)
		r = kmount_call(&own, q->target, fd);
	if (r == E_OK) {
		*dev = fd;
		return E_OK;
	}
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
