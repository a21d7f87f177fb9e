/* SPDX-License-Identifier: ISC */
/*
 * A mount is undone only if all of this holds: a note of this user names
 * it; the note's lock is free, so its relay is dead; what is mounted there
 * now has the device number of the note, or, if the relay was killed while
 * it mounted, another one than what was there before; and it is dead too,
 * for device numbers are used again.
 */
#include "cli/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fork.h"
#include "cli/run.h"
#include "cli/state.h"
#include "kmount/kmount.h"

#define UNMOUNT_WAIT_MS 10000
#define DEAD_NAP_NS 2000000
#define DEAD_TRIES 1000		/* two seconds in all */

/*
 * Does the mount answer that nobody serves it?  Asked in a child, since one
 * that is alive may take its time, and a process that waits for it may not
 * even be killable.  -1: it does not say.
 */
static int
cleanup_is_dead(const char *target)
{
	const struct timespec nap = { 0, DEAD_NAP_NS };
	struct statfs st;
	int i, status;
	pid_t pid;

	if ((pid = fork()) == 0)
		_exit(statfs(target, &st) == -1 &&
		    (errno == ENOTCONN || errno == ECONNABORTED) ? 0 : 1);
	if (pid == -1)
		return -1;
	for (i = 0; i < DEAD_TRIES; i++) {
		if (fork_wait(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		nanosleep(&nap, NULL);
	}
	kill(pid, SIGKILL);
	return -1;
}

/* 1: the note has served its purpose. */
static int
cleanup_entry(const struct state_entry *e, int dry_run)
{
	int r;

	if (!state_is_there(&e->made, e->target))
		return 1;		/* somebody has undone it */
	r = cleanup_is_dead(e->target);
	if (r == 0)
		return 1;		/* and mounted something else */
	if (r == -1) {
		fprintf(stderr, "fuserelay: %s: does not answer; left as it "
		    "is\n", e->target);
		return 0;
	}
	if (dry_run) {
		printf("%s: dead mount of process %ld\n", e->target, e->pid);
		return 0;
	}
	r = kmount_unmount(e->target, 1, UNMOUNT_WAIT_MS);
	if (r != E_OK) {
		fprintf(stderr, "fuserelay: %s: %s\n", e->target,
		    r == E_SYS ? strerror(errno) : err_text(r));
		return 0;
	}
	printf("%s: unmounted (left by process %ld)\n", e->target, e->pid);
	return 1;
}

static int
cleanup_note(const char *path, int dry_run)
{
	struct state_entry e;
	int fd, r, status = 0;

	r = state_read(path, &e, &fd);
	if (r == E_AGAIN)
		return 0;		/* alive */
	if (r == E_SYS && errno == ENOENT)
		return 0;		/* its relay has just ended well */
	if (r != E_OK) {
		fprintf(stderr, "fuserelay: %s: %s\n", path, r == E_SYS ?
		    strerror(errno) : "not a note of a mount");
		return RUN_EXIT_FAILURE;
	}
	r = cleanup_entry(&e, dry_run);
	if (!dry_run) {
		if (r)
			unlink(path);
		else
			status = RUN_EXIT_FAILURE;
	}
	close(fd);
	return status;
}

int
cleanup_command(int dry_run)
{
	char dir[PATH_MAX - 300], path[PATH_MAX];
	struct dirent *e;
	int r, status = 0;
	DIR *d;

	if ((r = state_directory(dir, sizeof(dir))) != E_OK ||
	    (d = opendir(dir)) == NULL) {
		fprintf(stderr, "fuserelay: %s: %s\n", dir, r == E_OK ||
		    r == E_SYS ? strerror(errno) : err_text(r));
		return RUN_EXIT_FAILURE;
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (cleanup_note(path, dry_run) != 0)
			status = RUN_EXIT_FAILURE;
	}
	closedir(d);
	return status;
}
