/* SPDX-License-Identifier: ISC */
/* fuserelay: the commands. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/inherit.h"
#include "base/log.h"
#include "cli/cleanup.h"
#include "cli/decode.h"
#include "cli/emulate.h"
#include "cli/options.h"
#include "cli/replay.h"
#include "quirk/quirk.h"
#include "config.h"

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: fuserelay run [options] [--] CMD [ARG...]\n"
	    "       fuserelay emulate [options] [--] CMD [ARG...]\n"
	    "       fuserelay cleanup [-n]\n"
	    "       fuserelay decode [options] FILE...\n"
	    "       fuserelay replay [options] FILE... -- CMD [ARG...]\n"
	    "       fuserelay --version | --help\n"
	    "\n"
	    "Runs a FUSE program CMD, unchanged, behind a stream of FUSE\n"
	    "messages such as FUSE-T's.  \"emulate\" brings an emulator of\n"
	    "FUSE-T's server along.  \"fuserelay run --help\" lists options;\n"
	    "the manual is fuserelay(1).\n");
}

static int
start_log(const struct options *o)
{
	enum log_level level = LOG_WARN;
	int fd = 2;

	if (o->verbose > 0)
		level = o->verbose > 1 ? LOG_DEBUG : LOG_INFO;
	if (o->log_file != NULL) {
		fd = open(o->log_file,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		    0600);
		if (fd == -1) {
			fprintf(stderr, "fuserelay: %s: %s\n", o->log_file,
			    strerror(errno));
			return E_SYS;
		}
	}
	log_init("fuserelay", level, fd);
	return E_OK;
}

static int
check_combination(struct options *o)
{
	int mounts = o->run.front.kind == FRONT_FUSET ||
	    o->run.front.kind == FRONT_KERNEL;

	if (o->run.mount_point != NULL && !o->run.by_fd) {
		fprintf(stderr, "fuserelay: --mountpoint needs --attach=fd\n");
		return E_VALUE;
	}
	if (o->run.timeout_exit && o->run.relay.timeout_ms == 0) {
		fprintf(stderr, "fuserelay: --timeout-exit needs --timeout\n");
		return E_VALUE;
	}
	if (o->run.direct &&
	    (o->trace.lines || o->trace.summary ||
		o->trace.capture.path != NULL || o->trace.metrics != NULL ||
		o->run.relay.timeout_ms != 0 || o->run.stats)) {
		fprintf(stderr,
		    "fuserelay: --direct: no relay is there that "
		    "could trace, record, count or time out\n");
		return E_VALUE;
	}
	if (o->run.mount_point == NULL) {
		if (o->run.by_fd && mounts && !o->workload) {
			fprintf(stderr,
			    "fuserelay: --attach=fd needs "
			    "--mountpoint here\n");
			return E_VALUE;
		}
		o->run.mount_point = "/";
	}
	return E_OK;
}

static int
command_run(enum options_command c, int argc, char *const argv[])
{
	struct options o;
	int r, status = RUN_EXIT_FAILURE;

	r = options_parse(&o, c, argc, argv);
	if (r == OPTIONS_HELP)
		options_help(stdout, c);
	if (r == OPTIONS_HELP || r == OPTIONS_LISTED) {
		status = 0;
		goto out;
	}
	if (r != E_OK || start_log(&o) != E_OK)
		goto out;
	if (c == COMMAND_EMULATE && emulate_prepare(&o) != E_OK)
		goto out;
	if (c == COMMAND_REPLAY && replay_prepare(&o) != E_OK)
		goto out;
	if (check_combination(&o) != E_OK)
		goto out;
	/* FUSE-T's clients speak NFS or SMB, which know no ECONNABORTED. */
	if (o.run.front.kind != FRONT_KERNEL)
		o.run.relay.dead_errno = o.run.relay.gone_errno = EIO;
	if (o.run.front.kind == FRONT_FUSET)
		o.run.relay.quirks = quirk_defaults();
	o.run.relay.quirks |= o.quirks_on;
	o.run.relay.quirks &= ~o.quirks_off;
	o.run.stand_in = !attach_device_usable();
	if (o.daemonize && ready_daemonize(&o.run.ready) != E_OK) {
		log_error("can't go to the background: %s", strerror(errno));
		goto out;
	}
	status = run_command(&o.run);
	if (c == COMMAND_REPLAY)
		status = replay_finish(&o, status);
out:
	options_fini(&o);
	return status;
}

/* What needs no relay. */
static int
command_plain(enum options_command c, int argc, char *const argv[])
{
	struct options o;
	int r = options_parse(&o, c, argc, argv);
	int status = RUN_EXIT_FAILURE;

	if (r == OPTIONS_HELP) {
		options_help(stdout, c);
		status = 0;
	} else if (r == E_OK) {
		status = c == COMMAND_DECODE ?
		    decode_command(&o.trace, o.run.argv) :
		    cleanup_command(o.dry_run);
	}
	options_fini(&o);
	return status;
}

int
main(int argc, char *argv[])
{
	static char title[32];
	const char *word;

	inherit_stdio();
	if (argc < 2) {
		usage(stderr);
		return RUN_EXIT_FAILURE;
	}
	word = argv[1];
	if (strcmp(word, "--version") == 0) {
		puts("fuserelay " PACKAGE_VERSION);
		return 0;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		usage(stdout);
		return 0;
	}
	/* What getopt_long() begins its messages with. */
	snprintf(title, sizeof(title), "fuserelay %.16s", word);
	argv[1] = title;
	if (strcmp(word, "run") == 0)
		return command_run(COMMAND_RUN, argc - 1, argv + 1);
	if (strcmp(word, "emulate") == 0)
		return command_run(COMMAND_EMULATE, argc - 1, argv + 1);
	if (strcmp(word, "replay") == 0)
		return command_run(COMMAND_REPLAY, argc - 1, argv + 1);
	if (strcmp(word, "decode") == 0)
		return command_plain(COMMAND_DECODE, argc - 1, argv + 1);
	if (strcmp(word, "cleanup") == 0)
		return command_plain(COMMAND_CLEANUP, argc - 1, argv + 1);
	fprintf(stderr, "fuserelay: no command \"%s\"\n", word);
	usage(stderr);
	return RUN_EXIT_FAILURE;
}
