/* SPDX-License-Identifier: ISC */
/* A system whose kernel has no FUSE device of Linux' kind. */
#include <errno.h>

#include "kmount/helper.h"
#include "kmount/kmount.h"
#include "kmount/made.h"

int
kmount_direct(const struct mount_request *q, int *dev)
{
	(void)q;
	(void)dev;
	errno = ENOSYS;
	return E_SYS;
}

int
kmount_helper_start(struct kmount_helper *h, const struct mount_request *q,
    int err_fd)
{
	(void)q;
	(void)err_fd;
	h->pid = -1;
	h->comm = -1;
	return E_UNSUP;
}

int
kmount_helper_take(struct kmount_helper *h, int *dev)
{
	(void)h;
	*dev = -1;
	return E_PROTO;
}

void
kmount_helper_fini(struct kmount_helper *h)
{
	(void)h;
}

int
kmount_unmount(const char *target, int lazily, int wait_ms)
{
	(void)target;
	(void)lazily;
	(void)wait_ms;
	errno = ENOSYS;
	return E_SYS;
}

int
kmount_is_there(const struct kmount_made *m)
{
	(void)m;
	return 0;
}
