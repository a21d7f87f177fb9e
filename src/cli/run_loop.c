/* SPDX-License-Identifier: ISC */
/*
 * The loop, and what is done where it fails: nobody could be served without
 * it, so all is unmounted, as if we were told to end.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "cli/run.h"

static void
run_loop_failed(struct run *r)
{
	log_error("can't wait for events: %s", strerror(errno));
	run_note_outcome(r, RUN_FAILED);
}

void
run_loop(struct run *r)
{
	struct run_mount *rm;

	if (relay_loop(&r->relay) == E_OK)
		return;
	run_loop_failed(r);
	if (!run_is_stopping(r))
		r->wish.sig = SIGTERM;
	LIST_FOREACH (rm, &r->mounts, link)
		mount_stop(rm->mount);
	run_unmount_all(r);
	run_check(r);
	if (!event_base_got_break(r->base) && relay_loop(&r->relay) != E_OK)
		run_loop_failed(r);
}
