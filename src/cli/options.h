/* SPDX-License-Identifier: ISC */
/* The command lines of fuserelay's commands. */
#ifndef FR_CLI_OPTIONS_H
#define FR_CLI_OPTIONS_H

#include <stdio.h>

#include "cli/run.h"
#include "live/trace_opts.h"
#include "replay/replay.h"

#define OPTIONS_SERVER_ARGS 32

enum options_command {
	COMMAND_RUN,
	COMMAND_EMULATE,
	COMMAND_DECODE,
	COMMAND_REPLAY,
	COMMAND_CLEANUP
};

enum {
	OPTIONS_HELP = 1,
	OPTIONS_LISTED
};

struct options {
	struct run_conf run;
	struct trace_opts trace;
	int front_given, workload, daemonize;
	int verbose;
	unsigned quirks_on, quirks_off; /* bits of enum quirk_id */
	const char *log_file;
	char **files; /* owned; of replay */
	struct replay_conf replay;
	struct replay *player; /* owned; NULL: none */
	int replay_fd;	       /* its socket, or -1 */
	int accept_skipped, dry_run;
	/* For the emulator, in its own words; owned strings. */
	char *server_args[OPTIONS_SERVER_ARGS + 1];
	size_t nserver_args;
};

/*
 * Read argv (argv[0] is the command's name) into *o.  E_OK; E_VALUE (a
 * usage error), E_NOMEM, E_FULL: already told on stderr; OPTIONS_HELP: --help
 * was given; OPTIONS_LISTED: a list was asked for and printed.
 */
int options_parse(struct options *o, enum options_command c, int argc,
    char *const argv[]) ERR_MUSTCHECK;
void options_fini(struct options *o);

/* One more argument for the emulator: "--name" or "--name=value". */
int options_server_arg(struct options *o, const char *name,
    const char *value) ERR_MUSTCHECK;

/* Usage and the list of options. */
void options_help(FILE *to, enum options_command c);

#endif
