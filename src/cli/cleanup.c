/* SPDX-License-Identifier: ISC */
/*
 * A mount is undone only if all of this holds: a note of this user names
 * it; the note's lock is free, so its relay is dead; and what is mounted
 * there now has the very device number of the note.
 */
#include "cli/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/run.h"
#include "cli/state.h"
#include "kmount/kmount.h"

#define UNMOUNT_WAIT_MS 10000

/* 1: the note has served its purpose. */
static int
cleanup_entry(const struct state_entry *e, int dry_run)
{
	unsigned maj, min;
	int r;

	if (state_find_mount(0, e->target, &maj, &min) != E_OK ||
	    maj != e->major || min != e->minor)
		return 1;		/* somebody has undone it */
	if (dry_run) {
		printf("%s: dead mount of process %ld\n", e->target, e->pid);
		return 0;
	}
	r = kmount_unmount(e->target, UNMOUNT_WAIT_MS);
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
	if (r != E_OK) {
		fprintf(stderr, "fuserelay: %s: %s\n", path, r == E_SYS ?
		    strerror(errno) : "not a note of a mount");
		return RUN_EXIT_FAILURE;
	}
	if (cleanup_entry(&e, dry_run))
		unlink(path);
	else if (!dry_run)
		status = RUN_EXIT_FAILURE;
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
