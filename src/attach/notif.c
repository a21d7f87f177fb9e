/* SPDX-License-Identifier: ISC */
#include "attach/notif.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#define NOTIF_TRIES 8 /* of an answer, whatever the kernel says */

static int
notif_ioctl(int fd, unsigned long what, void *arg)
{
	int r;

	do
		r = ioctl(fd, what, arg);
	while (r == -1 && errno == EINTR);
	if (r != -1)
		return E_OK;
	return errno == ENOENT ? E_NOTFOUND : E_SYS;
}

int
notif_receive(int fd, struct seccomp_notif *n)
{
	memset(n, 0, sizeof(*n));
	return notif_ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, n);
}

int
notif_check(int fd, uint64_t id)
{
	return notif_ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

int
notif_add_fd(int fd, struct seccomp_notif_addfd *add)
{
	return notif_ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, add);
}

int
notif_respond(int fd, struct seccomp_notif_resp *resp)
{
	int r = E_SYS, tries;

	for (tries = 0; r != E_OK && tries < NOTIF_TRIES; tries++)
		r = notif_ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, resp);
	return r;
}
