/* SPDX-License-Identifier: ISC */
/*
 * An ordinary user who has fusermount3 mount and unmount at "a/m", in the
 * working directory, while another process of his exchanges "a", a directory
 * of his, with "b", which leads to a directory of somebody else's.
 *
 *	place-racer mount|unmount ROUNDS
 *
 * mount: exchanges while it mounts; unmount: only while it unmounts.  Says
 * how many mounts were made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXCHANGE 2 /* RENAME_EXCHANGE */

static void
exchange(void)
{
	syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", EXCHANGE);
}

/* "a" is the directory again. */
static void
settle(void)
{
	char link[8];

	if (readlink("a", link, sizeof(link)) != -1)
		exchange();
}

static pid_t
racer_start(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			exchange();
	return pid;
}

static void
racer_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	settle();
}

static int
run(char *const argv[])
{
	int status, null;
	pid_t pid = fork();

	if (pid == 0) {
		if ((null = open("/dev/null", O_WRONLY)) != -1)
			dup2(null, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int
mount_once(void)
{
	static char *const argv[] = { "fusermount3", "-o", "nosuid,nodev",
		"--", "a/m", NULL };
	char number[16];
	int sv[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		exit(1);
	snprintf(number, sizeof(number), "%d", sv[1]);
	setenv("_FUSE_COMMFD", number, 1);
	fcntl(sv[0], F_SETFD, FD_CLOEXEC);
	r = run(argv);
	/* The device comes over the socket and goes with it: a dead mount. */
	close(sv[0]);
	close(sv[1]);
	return r == 0;
}

static void
unmount_once(void)
{
	static char *const argv[] = { "fusermount3", "-u", "-z", "--", "a/m",
		NULL };

	run(argv);
}

int
main(int argc, char *argv[])
{
	int rounds = argc > 2 ? atoi(argv[2]) : 0, made = 0, i;
	int mounting = argc > 1 && strcmp(argv[1], "mount") == 0;
	pid_t racer = -1;

	for (i = 0; i < rounds; i++) {
		if (mounting)
			racer = racer_start();
		made += mount_once();
		if (!mounting)
			racer = racer_start();
		else
			racer_stop(racer);
		unmount_once();
		if (!mounting)
			racer_stop(racer);
		unmount_once(); /* if it was elsewhere then */
	}
	printf("mounted %d of %d\n", made, rounds);
	return made > 0 ? 0 : 1;
}
