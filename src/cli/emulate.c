/* SPDX-License-Identifier: ISC */
#include "cli/emulate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fork.h"
#include "base/program.h"

#define EMULATOR "fuset-emulator"
#define FIRST_KEPT 10 /* above what scripts use */

/*
 * The emulator's path: beside this program in a build tree, else where it
 * is installed.
 */
static const char *
emulate_program(void)
{
	static char path[4096];

	if (program_beside(path, sizeof(path), EMULATOR) == E_OK &&
	    access(path, X_OK) == 0)
		return path;
	return PKGLIBEXECDIR "/" EMULATOR;
}

/* A copy of fd that the emulator inherits; its number as text. */
static int
emulate_keep(struct options *o, const char *name, int fd, int *kept)
{
	char text[16];

	*kept = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_KEPT);
	if (*kept == -1)
		return E_SYS;
	snprintf(text, sizeof(text), "%d", *kept);
	return options_server_arg(o, name, text);
}

/* Let the emulator look at its options before anything is started. */
static int
emulate_check(struct options *o, const char *program)
{
	char *argv[OPTIONS_SERVER_ARGS + 4], name[] = EMULATOR;
	char check[] = "--check", target[] = "/";
	size_t n = 0, i;
	pid_t pid;
	int status;

	argv[n++] = name;
	for (i = 0; i < o->nserver_args; i++)
		argv[n++] = o->server_args[i];
	argv[n++] = check;
	argv[n++] = target;
	argv[n] = NULL;
	if ((pid = fork()) == 0) {
		execv(program, argv);
		_exit(127);
	}
	if (pid == -1 || fork_wait(pid, &status, 0) == -1)
		return E_SYS;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? E_OK : E_VALUE;
}

int
emulate_prepare(struct options *o)
{
	static int kept[3] = { -1, -1, -1 };
	struct front_conf *f = &o->run.front;
	int r;

	if (o->front_given) {
		fprintf(stderr,
		    "fuserelay: emulate brings its own front: "
		    "--front can't be given\n");
		return E_VALUE;
	}
	f->kind = FRONT_FUSET;
	f->server = emulate_program();
	f->pass_options = 1;
	f->mounts_nothing = o->workload;
	o->run.server_decides = 1;
	if (access(f->server, X_OK) == -1) {
		fprintf(stderr, "fuserelay: %s: %s\n", f->server,
		    strerror(errno));
		return E_NOTFOUND;
	}
	r = emulate_check(o, f->server);
	if (r == E_SYS)
		fprintf(stderr, "fuserelay: %s: can't be started: %s\n",
		    f->server, strerror(errno));
	if (r != E_OK)
		return r; /* (else the emulator has said why) */
	if ((r = emulate_keep(o, "log-fd", 2, &kept[0])) != E_OK ||
	    (r = emulate_keep(o, "report-fd", 1, &kept[1])) != E_OK) {
		fprintf(stderr, "fuserelay: emulate: %s\n", err_text(r));
		return r;
	}
	f->keep_fds = kept;
	f->server_args = o->server_args;
	return E_OK;
}
