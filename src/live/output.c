/* SPDX-License-Identifier: ISC */
#include "live/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fork.h"
#include "trace/outfile.h"

#define PATIENCE_MS 5000
#define NAP_MS 10

__attribute__((noreturn)) static void
output_child(int fd, const char *command)
{
	/* An interrupt is for what is traced; we end by end of file. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (dup2(fd, 0) != -1)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static int
output_command(struct output *o, const char *command, int *fd)
{
	int p[2];

	if (pipe(p) == -1)
		return E_SYS;
	fcntl(p[0], F_SETFD, FD_CLOEXEC);
	fcntl(p[1], F_SETFD, FD_CLOEXEC);
	o->pid = fork_without_handlers();
	if (o->pid == 0)
		output_child(p[0], command);
	close(p[0]);
	if (o->pid == -1) {
		close(p[1]);
		o->pid = 0;
		return E_SYS;
	}
	*fd = p[1];
	return E_OK;
}

int
output_open(struct output *o, const char *what, int append, int fd_else,
    int *fd)
{
	struct outfile f;
	int r, saved;

	o->pid = 0;
	if (what == NULL || strcmp(what, "-") == 0) {
		*fd = fcntl(what == NULL ? fd_else : 1, F_DUPFD_CLOEXEC, 3);
		return *fd == -1 ? E_SYS : E_OK;
	}
	if (what[0] == '|')
		return output_command(o, what + 1, fd);
	if ((r = outfile_init(&f, what)) == E_OK)
		r = append ? outfile_append(&f, fd) :
			     outfile_create(&f, 0, fd);
	saved = errno;
	outfile_fini(&f);
	errno = saved;
	return r;
}

void
output_wait(struct output *o)
{
	struct timespec nap = { 0, NAP_MS * 1000000 };
	int left = PATIENCE_MS / NAP_MS;

	/* (It may have been collected as somebody's child already.) */
	while (
	    o->pid > 0 && left-- > 0 && fork_wait(o->pid, NULL, WNOHANG) == 0)
		nanosleep(&nap, NULL);
	o->pid = 0;
}
