/* SPDX-License-Identifier: ISC */
/*
 * A mount is undone only if all of this holds: a note of this user names
 * it; the note's lock is free, so its relay is dead; it has the device number
 * and the last name of the note, or, if the relay was killed while it mounted,
 * is at its place with another number than what was there before; and it is
 * dead too, for device numbers are used again.
 */
#include "cli/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fork.h"
#include "cli/run.h"
#include "serve/note.h"
#include "kmount/kmount.h"

#define UNMOUNT_WAIT_MS 10000
#define DEAD_NAP_NS 2000000
#define DEAD_TRIES 1000 /* two seconds in all */

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
			    (errno == ENOTCONN || errno == ECONNABORTED) ?
			0 :
			1);
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

/* The note is still needed. */
static int
cleanup_failed(const char *path, const char *why)
{
	fprintf(stderr, "fuserelay: %s: %s\n", path, why);
	return 0;
}

/* 1: the note has served its purpose. */
static int
cleanup_entry(const struct note_entry *e, int dry_run)
{
	char path[PATH_MAX];
	enum note_where where;
	int r;

	r = note_find(e, &where, path);
	if (r != E_OK)
		return cleanup_failed(e->target, note_why(r));
	if (where == NOTE_GONE)
		return 1; /* somebody has undone it */
	if (where == NOTE_COVERED)
		return cleanup_failed(path,
		    "something is mounted over it; "
		    "left as it is");
	r = cleanup_is_dead(path);
	if (r == 0)
		return 1; /* and mounted something else */
	if (r == -1)
		return cleanup_failed(path, "does not answer; left as it is");
	if (dry_run) {
		printf("%s: dead mount of process %ld\n", path, e->pid);
		return 0;
	}
	r = kmount_unmount(path, 1, UNMOUNT_WAIT_MS);
	if (r != E_OK)
		return cleanup_failed(path, note_why(r));
	printf("%s: unmounted (left by process %ld)\n", path, e->pid);
	return 1;
}

static int
cleanup_note(const char *path, int dry_run)
{
	struct note_entry e;
	int fd, r, status = 0;

	r = note_read(path, &e, &fd);
	if (r == E_AGAIN)
		return 0; /* alive */
	if (r == E_SYS && errno == ENOENT)
		return 0; /* its relay has just ended well */
	if (r != E_OK) {
		fprintf(stderr, "fuserelay: %s: %s\n", path,
		    r == E_SYS ? strerror(errno) : "not a note of a mount");
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
	DIR *d = NULL;

	r = note_directory(dir, sizeof(dir));
	if (r == E_OK && (d = opendir(dir)) == NULL)
		r = E_SYS;
	if (r != E_OK) {
		fprintf(stderr, "fuserelay: %s: %s\n", dir, note_why(r));
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
