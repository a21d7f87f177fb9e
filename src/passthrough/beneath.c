/* SPDX-License-Identifier: ISC */
#include "passthrough/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2() asks to be called again after a rename on the way. */
#define BENEATH_TRIES 16

int
beneath_open(int dir_fd, const char *name, int flags, mode_t mode)
{
	struct open_how how;
	int tries = BENEATH_TRIES;
	long fd;

	memset(&how, 0, sizeof(how));
	how.flags = (unsigned)flags | O_CLOEXEC;
	if ((flags & O_CREAT) != 0)
		how.mode = mode & 07777;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
	    RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
	do {
		fd = syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
	} while (fd == -1 && (errno == EAGAIN || errno == EINTR) &&
	    --tries > 0);
	return (int)fd;
}
