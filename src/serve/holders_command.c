/* SPDX-License-Identifier: ISC */
/* Where nobody can look at another process, the command is the daemon. */
#include "serve/holders.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static pid_t holders_command;

void
holders_note_command(pid_t pid)
{
	holders_command = pid;
}

size_t
holders_find(ino_t socket_inode, enum holders_kin kin, pid_t out[HOLDERS_MAX])
{
	(void)socket_inode;
	if (holders_command == 0 || kin == HOLDERS_STRANGERS)
		return 0;
	out[0] = holders_command;
	return 1;
}

int
holder_holds(pid_t pid, ino_t socket_inode)
{
	(void)socket_inode;
	return pid != 0 && pid == holders_command;
}

int
holder_is_ours(pid_t pid)
{
	return holder_holds(pid, 0);
}

/* (Our child's number is its own until its end was asked for.) */
int
holder_signal(pid_t pid, ino_t socket_inode, int sig)
{
	return holder_holds(pid, socket_inode) && kill(pid, sig) == 0;
}

void
holder_name(pid_t pid, char out[HOLDER_NAME_MAX])
{
	(void)pid;
	memcpy(out, "?", 2);
}

int
holder_hides(pid_t pid)
{
	(void)pid;
	return 0;
}

size_t
holders_hidden(pid_t out[HOLDERS_MAX])
{
	(void)out;
	return 0;
}

int
holder_lives(pid_t pid)
{
	return kill(pid, 0) == 0 || errno != ESRCH;
}

int
holder_catches(pid_t pid, int sig)
{
	(void)pid;
	(void)sig;
	return 1;
}
