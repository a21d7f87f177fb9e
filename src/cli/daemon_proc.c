/* SPDX-License-Identifier: ISC */
#include "cli/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach/proc.h"
#include "base/file.h"

#define ANCESTORS_MAX 256

static DIR *
daemon_descriptors(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	return file_opendir(path);
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

/* The parent of pid, or 0. */
static pid_t
daemon_parent(pid_t pid)
{
	unsigned long long up;

	return proc_status(pid, "PPid:", 10, &up) == E_OK ? (pid_t)up : 0;
}

int
daemon_lives(pid_t pid)
{
	return daemon_has_memory(pid) || daemon_parent(pid) == getpid();
}

static int
daemon_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int
daemon_send(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) == 0;
}

/* Has that very process not ended? */
static int
daemon_is_there(int pidfd)
{
	return daemon_send(pidfd, 0) || errno == EPERM;
}

/*
 * The parent of the process behind pidfd, whose number is pid; *up is a
 * descriptor of it.  The child is looked at once more when that is open:
 * parents only ever change to older processes, so that nobody who got the
 * parent's number just now can be taken for it.  0 if it can't be told.
 */
static pid_t
daemon_open_parent(int pidfd, pid_t pid, int *up)
{
	pid_t parent = daemon_parent(pid);

	if (parent == 0 || (*up = daemon_open(parent)) == -1)
		return 0;
	if (daemon_parent(pid) == parent && daemon_is_there(pidfd))
		return parent;
	close(*up);
	return 0;
}

/* Does it come from us, seen from the process behind pidfd upwards?  pidfd
 * stays the caller's. */
static int
daemon_comes_from_us(int pidfd, pid_t pid)
{
	int fd = pidfd, up, i;

	for (i = 0; i < ANCESTORS_MAX && pid > 1 && pid != getpid(); i++) {
		pid = daemon_open_parent(fd, pid, &up);
		if (fd != pidfd)
			close(fd);
		fd = pid == 0 ? pidfd : up;
	}
	if (fd != pidfd)
		close(fd);
	return i > 0 && pid == getpid();
}

int
daemon_is_ours(pid_t pid)
{
	int fd = daemon_open(pid), r;

	if (fd == -1)
		return 0;
	r = daemon_comes_from_us(fd, pid);
	close(fd);
	return r;
}

int
daemon_signal(pid_t pid, ino_t socket_inode, int sig)
{
	int fd = daemon_open(pid), sent;

	if (fd == -1)
		return 0;
	/* What is found out now is about that process, or it has ended and
	 * can't be signalled. */
	sent = (daemon_holds(pid, socket_inode) || daemon_hides(pid)) &&
	    daemon_comes_from_us(fd, pid) && daemon_send(fd, sig);
	close(fd);
	return sent;
}

void
daemon_name(pid_t pid, char out[DAEMON_NAME_MAX])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	if (file_line(path, "", out, DAEMON_NAME_MAX) != E_OK ||
	    out[0] == '\0')
		strcpy(out, "?");
}

/* The first is enough to tell others' processes, which are many, apart. */
static int
daemon_hides_below_us(pid_t pid, ino_t unused)
{
	(void)unused;
	return daemon_hides(pid) && daemon_is_ours(pid);
}

static int
daemon_of_ours_holds(pid_t pid, ino_t socket_inode)
{
	return daemon_holds(pid, socket_inode) && daemon_is_ours(pid);
}

static int
daemon_stranger_holds(pid_t pid, ino_t socket_inode)
{
	return daemon_holds(pid, socket_inode) && !daemon_is_ours(pid);
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

	if ((d = file_opendir("/proc")) == NULL)
		return 0;
	while (n < DAEMON_HOLDERS_MAX && (e = readdir(d)) != NULL) {
		pid = strtol(e->d_name, NULL, 10);
		if (pid > 0 && pid != (long)getpid() && ask((pid_t)pid, inode))
			out[n++] = (pid_t)pid;
	}
	closedir(d);
	return n;
}

size_t
daemon_holders(ino_t socket_inode, enum daemon_kin kin,
    pid_t out[DAEMON_HOLDERS_MAX])
{
	static int (*const ask[])(pid_t, ino_t) = {
		[DAEMON_ANY] = daemon_holds,
		[DAEMON_OURS] = daemon_of_ours_holds,
		[DAEMON_STRANGERS] = daemon_stranger_holds,
	};

	return daemon_list(ask[kin], socket_inode, out);
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
