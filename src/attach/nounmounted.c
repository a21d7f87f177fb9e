/* SPDX-License-Identifier: ISC */
/* Where no thread's call can be given another result. */
#include "attach/unmounted.h"

unsigned
unmounted_tell(pid_t pid, ino_t socket_inode)
{
	(void)pid;
	(void)socket_inode;
	return 0;
}

unsigned
unmounted_follow(struct unmounted *u, pid_t pid, ino_t socket_inode)
{
	(void)u;
	(void)pid;
	(void)socket_inode;
	return 0;
}

void
unmounted_leave(struct unmounted *u, ino_t socket_inode)
{
	(void)u;
	(void)socket_inode;
}

void
unmounted_stopped(struct unmounted *u, pid_t tid, int status)
{
	(void)u;
	(void)tid;
	(void)status;
}
