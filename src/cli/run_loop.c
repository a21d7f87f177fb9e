/* SPDX-License-Identifier: ISC */
/*
 * The loop, and what is done where it fails: nobody could be served without
 * it, so all is unmounted, as if we were told to end.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "cli/mount.h"

static void
run_loop_failed(struct run *r)
{
	log_error("can't wait for events: %s", strerror(errno));
	r->failed = 1;
}

void
run_loop(struct run *r)
{
	struct mount *m;

	if (relay_loop(&r->relay) == E_OK)
		return;
	run_loop_failed(r);
	if (r->stopping == 0)
		r->stopping = SIGTERM;
	LIST_FOREACH (m, &r->mounts, link)
		mount_unmount(m);
	run_check(r);
	if (!event_base_got_break(r->base) && relay_loop(&r->relay) != E_OK)
		run_loop_failed(r);
}
