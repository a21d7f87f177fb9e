/* SPDX-License-Identifier: ISC */
/*
 * Copies of the device that a program mounts with, in processes of it that do
 * not mount.
 *
 * They can't be replaced by the device end.  So the mount is made on another
 * device: who reads a copy finds it not mounted, and takes no request from the
 * relay.  What can be told beforehand is that a process waits for a copy.
 * Else it shows when the one that mounted ends without having served: that
 * such a program serves by the copy.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/run.h"

#define NAME_MAX_LEN 32

/* The name of a process, "" if it is gone. */
static const char *
copies_name(pid_t pid, char name[NAME_MAX_LEN])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	if (file_line(path, "", name, NAME_MAX_LEN) != E_OK)
		name[0] = '\0';
	return name;
}

/* Keep it, to know its copies again.  (Of many, some.) */
static void
copies_keep(struct run *r, struct attach_call *c, pid_t holder)
{
	struct run_copy *kept = &r->copies[r->ncopies];

	if (r->ncopies == RUN_COPIES_MAX ||
	    attach_take_device(c, &kept->device) != E_OK)
		return;
	kept->holder = holder;
	r->ncopies++;
}

static void
copies_refuse(struct run *r, pid_t holder)
{
	size_t i;

	for (i = 0; i < r->ncopies; i++)
		if (r->copies[i].holder == holder)
			r->copies[i].refused = 1;
}

/* (glusterfs in the background is one that would.) */
void
run_end_copies(const struct run *r)
{
	size_t i;

	for (i = 0; i < r->ncopies; i++)
		if (r->copies[i].refused)
			attach_signal_copies(r->copies[i].device, SIGTERM);
}

int
run_refuses_copies(struct run *r, struct attach_call *c, const char *target,
    pid_t *holder)
{
	char name[NAME_MAX_LEN];
	pid_t reader;

	attach_find_copies(c, holder, &reader);
	if (reader != 0) {
		log_error(
		    "%s: not mounted: process %d (%s) waits for "
		    "requests, on a copy of the device; a program that mounts "
		    "in one process and serves in another can't be wrapped",
		    target, (int)reader, copies_name(reader, name));
		run_note_outcome(r, RUN_FAILED);
		attach_deny(c, EOPNOTSUPP);
		return 1;
	}
	if (*holder == 0)
		return 0;
	copies_keep(r, c, *holder);
	log_info("%s: process %d (%s) has a copy of the device, too; it is "
		 "let be",
	    target, (int)*holder, copies_name(*holder, name));
	return 0;
}

int
run_needs_device(const struct place *p, pid_t holder)
{
	return holder == 0 || !p->shares_user;
}

void
run_check_copies(struct run_mount *rm)
{
	if (rm->copy == 0 || mount_was_served(rm->mount))
		return;
	log_error(
	    "%s: unmounted: the process that mounted has ended and did "
	    "not serve, and process %d had a copy of the device; a program "
	    "that mounts in one process and serves in another can't be "
	    "wrapped",
	    mount_target(rm->mount), (int)rm->copy);
	copies_refuse(rm->run, rm->copy);
	run_note_outcome(rm->run, RUN_FAILED);
	mount_unmount(rm->mount);
}
