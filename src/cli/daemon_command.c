/* SPDX-License-Identifier: ISC */
/* Where nobody can look at another process, the command is the daemon. */
#include "cli/daemon.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static pid_t daemon_command;

void
daemon_note_command(pid_t pid)
{
	daemon_command = pid;
}

size_t
daemon_holders(ino_t socket_inode, enum daemon_kin kin,
    pid_t out[DAEMON_HOLDERS_MAX])
{
	(void)socket_inode;
	if (daemon_command == 0 || kin == DAEMON_STRANGERS)
		return 0;
	out[0] = daemon_command;
	return 1;
}

int
daemon_holds(pid_t pid, ino_t socket_inode)
{
	(void)socket_inode;
	return pid != 0 && pid == daemon_command;
}

int
daemon_is_ours(pid_t pid)
{
	return daemon_holds(pid, 0);
}

/* (Our child's number is its own until its end was asked for.) */
int
daemon_signal(pid_t pid, ino_t socket_inode, int sig)
{
	return daemon_holds(pid, socket_inode) && kill(pid, sig) == 0;
}

void
daemon_name(pid_t pid, char out[DAEMON_NAME_MAX])
{
	(void)pid;
	memcpy(out, "?", 2);
}

int
daemon_hides(pid_t pid)
{
	(void)pid;
	return 0;
}

size_t
daemon_hidden(pid_t out[DAEMON_HOLDERS_MAX])
{
	(void)out;
	return 0;
}

int
daemon_lives(pid_t pid)
{
	return kill(pid, 0) == 0 || errno != ESRCH;
}

int
daemon_catches(pid_t pid, int sig)
{
	(void)pid;
	(void)sig;
	return 1;
}
