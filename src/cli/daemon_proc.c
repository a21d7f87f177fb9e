/* SPDX-License-Identifier: ISC */
#include "cli/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attach/proc.h"

#define ANCESTORS_MAX 256

static DIR *
daemon_descriptors(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	return opendir(path);
}

int
daemon_holds(pid_t pid, ino_t socket_inode)
{
	struct dirent *e;
	int found = 0;
	DIR *d;

	if ((d = daemon_descriptors(pid)) == NULL)
		return 0;
	while (!found && (e = readdir(d)) != NULL)
		found = proc_is_socket(dirfd(d), e->d_name, socket_inode);
	closedir(d);
	return found;
}

/* What has no memory has ended, and only waits for its parent to ask. */
static int
daemon_has_memory(pid_t pid)
{
	unsigned long long size;

	return proc_status(pid, "VmSize:", 10, &size) == E_OK;
}

int
daemon_hides(pid_t pid)
{
	DIR *d;

	if ((d = daemon_descriptors(pid)) == NULL)
		return errno == EACCES && daemon_has_memory(pid);
	closedir(d);
	return 0;
}

int
daemon_lives(pid_t pid)
{
	unsigned long long up;

	return daemon_has_memory(pid) ||
	    (proc_status(pid, "PPid:", 10, &up) == E_OK &&
		(pid_t)up == getpid());
}

/* Was it started by us, or by whom we started?  The first is enough to tell
 * others' processes, which are many, apart. */
static int
daemon_hides_below_us(pid_t pid, ino_t unused)
{
	unsigned long long up = (unsigned long long)pid;
	int i;

	(void)unused;
	if (!daemon_hides(pid))
		return 0;
	for (i = 0; i < ANCESTORS_MAX && up > 1; i++) {
		if (proc_status((pid_t)up, "PPid:", 10, &up) != E_OK)
			return 0;
		if ((pid_t)up == getpid())
			return 1;
	}
	return 0;
}

void
daemon_note_command(pid_t pid)
{
	(void)pid;
}

/* Those for which the question is answered with yes. */
static size_t
daemon_list(int (*ask)(pid_t, ino_t), ino_t inode,
    pid_t out[DAEMON_HOLDERS_MAX])
{
	struct dirent *e;
	size_t n = 0;
	long pid;
	DIR *d;

	if ((d = opendir("/proc")) == NULL)
		return 0;
	while (n < DAEMON_HOLDERS_MAX && (e = readdir(d)) != NULL) {
		pid = strtol(e->d_name, NULL, 10);
		if (pid > 0 && pid != (long)getpid() &&
		    ask((pid_t)pid, inode))
			out[n++] = (pid_t)pid;
	}
	closedir(d);
	return n;
}

size_t
daemon_holders(ino_t socket_inode, pid_t out[DAEMON_HOLDERS_MAX])
{
	return daemon_list(daemon_holds, socket_inode, out);
}

size_t
daemon_hidden(pid_t out[DAEMON_HOLDERS_MAX])
{
	return daemon_list(daemon_hides_below_us, 0, out);
}

int
daemon_catches(pid_t pid, int sig)
{
	unsigned long long mask;

	return proc_status(pid, "SigCgt:", 16, &mask) == E_OK &&
	    ((mask >> (sig - 1)) & 1);
}
