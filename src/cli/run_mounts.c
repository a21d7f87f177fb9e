/* SPDX-License-Identifier: ISC */
/* The mounts of the command: how they begin, and what they report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/run.h"

/* ---- what becomes of mounts ---- */

void
run_unmount_all(struct run *r)
{
	struct run_mount *rm;

	LIST_FOREACH (rm, &r->mounts, link)
		if (rm->mount != NULL)
			mount_unmount(rm->mount);
}

/* A request timed out: with --timeout-exit that is the end. */
static void
run_note_timeout(struct run *r)
{
	if (!r->conf->timeout_exit || r->outcome >= RUN_TIMED_OUT)
		return;
	run_note_outcome(r, RUN_TIMED_OUT);
	run_unmount_all(r);
}

/* A session is there: let the client begin, if there is one. */
static void
run_start_client(struct run *r)
{
	const struct run_client *c = &r->conf->client;
	int ret;

	if (c->start == NULL || (ret = c->start(c->arg, r->base)) == E_OK)
		return;
	log_error("can't begin: %s", err_text(ret));
	run_note_outcome(r, RUN_FAILED);
}

int
run_is_of_command(const struct run *r, const struct mount *m)
{
	return r->command == COMMAND_LEFT_MOUNTED ||
	    mount_may_be_served_by(m, r->child.pid);
}

/* The daemon of that mount is ended now, since the mount went first. */
static void
run_note_orphaned(struct run *r, const struct mount *m)
{
	if (run_is_of_command(r, m))
		run_note_outcome(r, RUN_ENDED_BY_US);
	if (!mount_has_unmounter(m))
		spared_note_anyone(&r->spared, mount_target(m),
		    mount_given(m));
}

/* The processes that served the mount, and did not unmount it themselves, may
 * still do so. */
static void
run_note_unmounted(struct run *r, const struct mount *m)
{
	pid_t pids[HOLDERS_MAX];
	size_t n = mount_unaware(m, pids);

	spared_note_processes(&r->spared, mount_target(m), mount_given(m),
	    pids, n);
}

/* Those that inherited its device end when the command ended do not count as
 * its daemons. */
static void
run_note_killed(struct run *r, const struct mount *m)
{
	pid_t pids[HOLDERS_MAX];
	size_t n = mount_holders(m, HOLDERS_ANY, pids), i;

	for (i = 0; i < n; i++)
		run_take_daemon(r, pids[i]);
}

static void
run_mount_over(struct run_mount *rm)
{
	struct run *r = rm->run;

	LIST_REMOVE(rm, link);
	free(rm);
	run_check(r);
}

void
run_mount_event(void *arg, enum mount_event what, int value)
{
	struct run_mount *rm = arg;
	struct run *r = rm->run;

	switch (what) {
	case MOUNT_CONNECTED:
		run_start_client(r);
		break;
	case MOUNT_SERVED:
		r->served = 1;
		/* (A command may end as soon as it sees the mount, before
		 * this.) */
		run_note_daemons(r, rm->mount);
		break;
	case MOUNT_READY:
		ready_tell(&r->conf->ready);
		break;
	case MOUNT_TIMED_OUT:
		run_note_timeout(r);
		break;
	case MOUNT_UNMOUNTED:
		run_note_unmounted(r, rm->mount);
		break;
	case MOUNT_ORPHANED:
		run_note_orphaned(r, rm->mount);
		break;
	case MOUNT_KILLED:
		run_note_killed(r, rm->mount);
		break;
	case MOUNT_DAEMON_GONE:
		run_check_copies(rm);
		break;
	case MOUNT_SERVER_ENDED:
		r->server_status = value;
		break;
	case MOUNT_FAILED:
		run_note_outcome(r, RUN_FAILED);
		break;
	case MOUNT_RESTS:
		run_check(r);
		break;
	case MOUNT_OVER:
		run_mount_over(rm);
		break;
	}
}

int
run_start_mount(struct run *r, struct attach_call *call,
    const struct mount_request *q, pid_t copy, int *device_fd)
{
	struct run_mount *rm = calloc(1, sizeof(*rm));
	int ret;

	if (rm == NULL) {
		log_error("%s: can't serve this mount: %s", q->target,
		    err_text(E_NOMEM));
		if (call != NULL)
			attach_deny(call, ENOMEM);
		return E_NOMEM;
	}
	rm->run = r;
	rm->copy = copy;
	LIST_INSERT_HEAD(&r->mounts, rm, link);
	ret = mount_start(&rm->mount, &r->env, rm, call, q, device_fd);
	if (ret == E_OK)
		return E_OK;
	LIST_REMOVE(rm, link);
	free(rm);
	return ret;
}

/* ---- the program's calls ---- */

/*
 * The emulator mounts by path and as the user that we are, which must be what
 * the caller could do and would see: root's does nothing for other users, and
 * none for a program in a mount namespace of its own.  Denied then, with a
 * word, and 1.
 */
static int
run_refuses_place(struct run *r, struct attach_call *c,
    const struct mount_request *q)
{
	const struct front_conf *f = &r->conf->front;
	const struct place *p = q->place;

	if (!f->pass_options || f->mounts_nothing)
		return 0;
	if (geteuid() == 0 && p->rights.ids.uid[0] != 0)
		log_error("%s: not mounted: the emulator of root mounts "
			  "nothing for user %u; emulate as that user",
		    q->target, p->rights.ids.uid[0]);
	else if (geteuid() == 0 && (!p->shares_user || !place_may_mount(p)))
		log_debug("%s: not mounted: the program may not", q->target);
	else if (!place_shares_root(p))
		log_error("%s: not mounted: the program's root directory is "
			  "not the emulator's; emulate within it",
		    q->target);
	else if (!p->shares_mounts && !r->conf->stand_in)
		log_error("%s: not mounted: the program is in a mount "
			  "namespace of its own, the emulator is not; emulate "
			  "within that namespace",
		    q->target);
	else
		return 0;
	attach_deny(c, EPERM);
	return 1;
}

void
run_mount(void *arg, struct attach_call *c, const struct mount_request *asked)
{
	const int known = run_kernel_knows(asked->place);
	struct mount_request q = *asked;
	struct run *r = arg;
	pid_t copy;
	int ret;

	q.by_helper = !known || !place_may_mount(q.place);
	if (run_is_stopping(r)) {
		attach_deny(c, EINTR);
		return;
	}
	if (run_refuses_copies(r, c, q.target, &copy) ||
	    run_refuses_place(r, c, &q))
		return;
	if (r->conf->front.kind == FRONT_KERNEL) {
		if (q.by_helper && known) {
			/* As the kernel says; fusermount3 is asked next. */
			attach_deny(c, EPERM);
			return;
		}
		if (!q.by_helper && run_needs_device(q.place, copy) &&
		    attach_take_device(c, &q.device) != E_OK) {
			ret = errno;
			log_error("%s: can't take the program's device: %s",
			    q.target, strerror(ret));
			attach_deny(c, ret == EINVAL ? EINVAL : EPERM);
			return;
		}
	}
	spared_forget(&r->spared, q.target, q.given);
	ret = run_start_mount(r, c, &q, copy, NULL);
	file_close(&q.device);
	if (ret != E_OK && ret != E_NOTFOUND)
		run_note_outcome(r, RUN_FAILED);
}
