/* SPDX-License-Identifier: ISC */
/* --attach=fd: the one mount is there before the command starts. */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mountflags.h"
#include "cli/run.h"

int
run_start_by_fd(struct run *r)
{
	char options[128];
	struct place place;
	struct mount_request q = { .source = "fuserelay",
		.type = "fuse",
		.options = options,
		.target = r->conf->mount_point,
		.given = r->conf->mount_point,
		.place = &place,
		.flags = MOUNTFLAG_NOSUID | MOUNTFLAG_NODEV,
		.device = -1,
		.pid = getpid(),
		.by_helper = geteuid() != 0 };
	int fd = -1, ret;

	snprintf(options, sizeof(options),
	    "rootmode=40000,user_id=%u,group_id=%u", geteuid(), getegid());
	if ((ret = place_hold(&place, getpid())) == E_OK) {
		ret = run_start_mount(r, NULL, &q, 0, &fd);
		place_let_go(&place);
	} else {
		log_error("%s: can't mount: /proc of this process: %s",
		    q.target, err_why(ret));
	}
	if (ret != E_OK)
		return ret == E_SYS ? E_UNSUP : ret;
	ret = attach_byfd(&r->child.pid, r->conf->argv, fd);
	file_close(&fd);
	return ret;
}
