/* SPDX-License-Identifier: ISC */
#include "attach/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attach/proc.h"
#include "base/file.h"

#define PAGE 4096u /* smallest page: never read across two */

int
caller_string(pid_t tid, uint64_t from, char *out, size_t cap)
{
	struct iovec local, remote;
	size_t have = 0, chunk;
	ssize_t n;

	out[0] = '\0';
	if (from == 0)
		return E_OK;
	while (have < cap) {
		chunk = PAGE - (size_t)((from + have) % PAGE);
		if (chunk > cap - have)
			chunk = cap - have;
		local.iov_base = out + have;
		local.iov_len = chunk;
		remote.iov_base = (void *)(uintptr_t)(from + have);
		remote.iov_len = chunk;
		n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
		if (n <= 0)
			return E_SYS;
		if (memchr(out + have, '\0', (size_t)n) != NULL)
			return E_OK;
		have += (size_t)n;
	}
	out[cap - 1] = '\0';
	return E_BIG;
}

pid_t
caller_process(pid_t tid)
{
	unsigned long long process;

	return proc_status(tid, "Tgid:", 10, &process) == E_OK ?
	    (pid_t)process :
	    0;
}

int
caller_take_fd(pid_t tid, int fd, int *out)
{
	pid_t process = caller_process(tid);
	struct statx sx;
	int pidfd;
	char path[64];

	/* To close a file of a file system that we serve would be to wait for
	 * ourselves.  (Nor is that one asked.) */
	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)tid, fd);
	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &sx) == -1)
		return E_SYS;
	if (!S_ISCHR(sx.stx_mode)) {
		errno = EINVAL;
		return E_SYS;
	}
	/* A pidfd is of a process, not of one of its threads. */
	if (process == 0)
		return E_SYS;
	pidfd = (int)syscall(SYS_pidfd_open, process, 0);
	if (pidfd == -1)
		return E_SYS;
	*out = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	file_close(&pidfd);
	return *out == -1 ? E_SYS : E_OK;
}

int
caller_may_mount(pid_t tid)
{
	unsigned long long caps;

	return proc_status(tid, "CapEff:", 16, &caps) == E_OK &&
	    ((caps >> CAP_SYS_ADMIN) & 1);
}

int
caller_fd_flags(pid_t tid, int fd, int *flags)
{
	char path[64], value[32];
	int r;

	*flags = 0;
	snprintf(path, sizeof(path), "/proc/%ld/fdinfo/%d", (long)tid, fd);
	if ((r = file_line(path, "flags:", value, sizeof(value))) == E_OK)
		*flags = (int)strtoul(value, NULL, 8);
	return r;
}
