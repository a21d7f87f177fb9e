/* SPDX-License-Identifier: ISC */
/* Daemons that outlive the command that started them. */
#include "cli/run.h"

static int
run_knows_daemon(const struct run *r, pid_t pid)
{
	size_t i;

	for (i = 0; i < r->ndaemons; i++)
		if (r->daemons[i] == pid)
			return 1;
	return 0;
}

void
run_note_daemons(struct run *r, const struct mount *m)
{
	pid_t pids[HOLDERS_MAX];
	size_t n, i;

	if (!run_command_ended(r) || !mount_is_kept(m))
		return;
	r->command = COMMAND_LEFT_MOUNTED;
	if (!mount_has_daemon(m))
		return;
	/* (A stranger's status comes to nobody here.) */
	n = mount_holders(m, HOLDERS_OURS, pids);
	for (i = 0; i < n && r->ndaemons < RUN_DAEMONS_MAX; i++)
		if (!run_knows_daemon(r, pids[i]))
			r->daemons[r->ndaemons++] = pids[i];
}

int
run_take_daemon(struct run *r, pid_t pid)
{
	size_t i;

	for (i = 0; i < r->ndaemons; i++) {
		if (r->daemons[i] != pid)
			continue;
		r->daemons[i] = r->daemons[--r->ndaemons];
		return 1;
	}
	return 0;
}

void
run_forget_daemons(struct run *r)
{
	size_t i = 0;

	while (i < r->ndaemons) {
		if (holder_lives(r->daemons[i]))
			i++;
		else
			r->daemons[i] = r->daemons[--r->ndaemons];
	}
}
