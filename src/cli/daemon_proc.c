/* SPDX-License-Identifier: ISC */
#include "cli/daemon.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
daemon_holds(pid_t pid, const char *want)
{
	char path[64], link[64];
	struct dirent *e;
	DIR *d;
	ssize_t n;
	int found = 0;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	if ((d = opendir(path)) == NULL)
		return 0;
	while (!found && (e = readdir(d)) != NULL) {
		n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = strcmp(link, want) == 0;
	}
	closedir(d);
	return found;
}

void
daemon_note_command(pid_t pid)
{
	(void)pid;
}

size_t
daemon_holders(ino_t socket_inode, pid_t out[DAEMON_HOLDERS_MAX])
{
	struct dirent *e;
	char want[64];
	size_t n = 0;
	long pid;
	DIR *d;

	snprintf(want, sizeof(want), "socket:[%llu]",
	    (unsigned long long)socket_inode);
	if ((d = opendir("/proc")) == NULL)
		return 0;
	while (n < DAEMON_HOLDERS_MAX && (e = readdir(d)) != NULL) {
		pid = strtol(e->d_name, NULL, 10);
		if (pid > 0 && pid != (long)getpid() &&
		    daemon_holds((pid_t)pid, want))
			out[n++] = (pid_t)pid;
	}
	closedir(d);
	return n;
}

int
daemon_catches(pid_t pid, int sig)
{
	unsigned long long mask = 0;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "SigCgt: %llx", &mask) == 1)
			break;
	fclose(f);
	return (int)(mask >> (sig - 1)) & 1;
}
