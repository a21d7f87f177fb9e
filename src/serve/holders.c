/* SPDX-License-Identifier: ISC */
#include "serve/holders.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach/proc.h"
#include "base/file.h"

#define ANCESTORS_MAX 256

static DIR *
holder_descriptors(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	return file_opendir(path);
}

int
holder_holds(pid_t pid, ino_t socket_inode)
{
	struct dirent *e;
	int found = 0;
	DIR *d;

	if ((d = holder_descriptors(pid)) == NULL)
		return 0;
	while (!found && (e = readdir(d)) != NULL)
		found = proc_is_socket(dirfd(d), e->d_name, socket_inode);
	closedir(d);
	return found;
}

/* What has no memory has ended, and only waits for its parent to ask. */
static int
holder_has_memory(pid_t pid)
{
	unsigned long long size;

	return proc_status(pid, "VmSize:", 10, &size) == E_OK;
}

int
holder_hides(pid_t pid)
{
	DIR *d;

	if ((d = holder_descriptors(pid)) == NULL)
		return errno == EACCES && holder_has_memory(pid);
	closedir(d);
	return 0;
}

/* The parent of pid, or 0. */
static pid_t
holder_parent(pid_t pid)
{
	unsigned long long up;

	return proc_status(pid, "PPid:", 10, &up) == E_OK ? (pid_t)up : 0;
}

int
holder_lives(pid_t pid)
{
	return holder_has_memory(pid) || holder_parent(pid) == getpid();
}

static int
holder_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int
holder_send(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) == 0;
}

/* Has that very process not ended? */
static int
holder_is_there(int pidfd)
{
	return holder_send(pidfd, 0) || errno == EPERM;
}

/*
 * The parent of the process behind pidfd, whose number is pid; *up is a
 * descriptor of it.  The child is looked at once more when that is open:
 * parents only ever change to older processes, so that nobody who got the
 * parent's number just now can be taken for it.  0 if it can't be told.
 */
static pid_t
holder_open_parent(int pidfd, pid_t pid, int *up)
{
	pid_t parent = holder_parent(pid);

	if (parent == 0 || (*up = holder_open(parent)) == -1)
		return 0;
	if (holder_parent(pid) == parent && holder_is_there(pidfd))
		return parent;
	close(*up);
	return 0;
}

/* Does it come from us, seen from the process behind pidfd upwards?  pidfd
 * stays the caller's. */
static int
holder_comes_from_us(int pidfd, pid_t pid)
{
	int fd = pidfd, up, i;

	for (i = 0; i < ANCESTORS_MAX && pid > 1 && pid != getpid(); i++) {
		pid = holder_open_parent(fd, pid, &up);
		if (fd != pidfd)
			close(fd);
		fd = pid == 0 ? pidfd : up;
	}
	if (fd != pidfd)
		close(fd);
	return i > 0 && pid == getpid();
}

int
holder_is_ours(pid_t pid)
{
	int fd = holder_open(pid), r;

	if (fd == -1)
		return 0;
	r = holder_comes_from_us(fd, pid);
	close(fd);
	return r;
}

int
holder_signal(pid_t pid, ino_t socket_inode, int sig)
{
	int fd = holder_open(pid), sent;

	if (fd == -1)
		return 0;
	/* What is found out now is about that process, or it has ended and
	 * can't be signalled. */
	sent = (holder_holds(pid, socket_inode) || holder_hides(pid)) &&
	    holder_comes_from_us(fd, pid) && holder_send(fd, sig);
	close(fd);
	return sent;
}

void
holder_name(pid_t pid, char out[HOLDER_NAME_MAX])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	if (file_line(path, "", out, HOLDER_NAME_MAX) != E_OK ||
	    out[0] == '\0')
		strcpy(out, "?");
}

/* The first is enough to tell others' processes, which are many, apart. */
static int
holder_hides_below_us(pid_t pid, ino_t unused)
{
	(void)unused;
	return holder_hides(pid) && holder_is_ours(pid);
}

static int
holder_of_ours_holds(pid_t pid, ino_t socket_inode)
{
	return holder_holds(pid, socket_inode) && holder_is_ours(pid);
}

static int
holder_stranger_holds(pid_t pid, ino_t socket_inode)
{
	return holder_holds(pid, socket_inode) && !holder_is_ours(pid);
}

void
holders_note_command(pid_t pid)
{
	(void)pid;
}

/* Those for which the question is answered with yes. */
static size_t
holders_list(int (*ask)(pid_t, ino_t), ino_t inode, pid_t out[HOLDERS_MAX])
{
	struct dirent *e;
	size_t n = 0;
	long pid;
	DIR *d;

	if ((d = file_opendir("/proc")) == NULL)
		return 0;
	while (n < HOLDERS_MAX && (e = readdir(d)) != NULL) {
		pid = strtol(e->d_name, NULL, 10);
		if (pid > 0 && pid != (long)getpid() && ask((pid_t)pid, inode))
			out[n++] = (pid_t)pid;
	}
	closedir(d);
	return n;
}

size_t
holders_find(ino_t socket_inode, enum holders_kin kin, pid_t out[HOLDERS_MAX])
{
	static int (*const ask[])(pid_t, ino_t) = {
		[HOLDERS_ANY] = holder_holds,
		[HOLDERS_OURS] = holder_of_ours_holds,
		[HOLDERS_STRANGERS] = holder_stranger_holds,
	};

	return holders_list(ask[kin], socket_inode, out);
}

size_t
holders_hidden(pid_t out[HOLDERS_MAX])
{
	return holders_list(holder_hides_below_us, 0, out);
}

int
holder_catches(pid_t pid, int sig)
{
	unsigned long long mask;

	return proc_status(pid, "SigCgt:", 16, &mask) == E_OK &&
	    ((mask >> (sig - 1)) & 1);
}
