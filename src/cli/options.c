/* SPDX-License-Identifier: ISC */
#include "cli/options.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/number.h"
#include "quirk/quirk.h"
#include "relay/devpair.h"
#include "wire/proto.h"

#define OPTION_INTO struct options

#define BUFFER_MIN (16 * 1024)
#define BUFFER_MAX (2 * DEVPAIR_BUFFER)
#define SPIN_MAX 10000 /* more than this would be a busy loop */
#define DESCRIPTOR_MAX (1 << 20)
#define REPLAY_TIMEOUT_MS 10000

static const struct {
	const char *name, *args;
	int takes; /* options of these commands */
} commands[] = {
	[COMMAND_RUN] = { "run", " [--] CMD [ARG...]", IN_RUN },
	[COMMAND_EMULATE] = { "emulate", " [--] CMD [ARG...]",
	    IN_RUN | IN_EMULATE },
	[COMMAND_DECODE] = { "decode", " FILE...", IN_DECODE },
	[COMMAND_REPLAY] = { "replay", " FILE... -- CMD [ARG...]", IN_REPLAY },
	[COMMAND_CLEANUP] = { "cleanup", "", IN_CLEANUP },
};

/* `number` is the value, or the end of it. */
static int
options_descriptor(struct option_given *g, const char *number, int *fd)
{
	uint64_t n;

	if (number_parse(number, 0, DESCRIPTOR_MAX, &n) != E_OK)
		return option_wrong(g, "not a descriptor");
	/* Looked at before we open anything that could have this number;
	 * and it is not the command's, unless it is its stdio, too. */
	if (fcntl((int)n, n > 2 ? F_SETFD : F_GETFD, FD_CLOEXEC) == -1)
		return option_wrong(g, "not an open descriptor");
	*fd = (int)n;
	return E_OK;
}

static int
options_ready_fd(void *into, struct option_given *g)
{
	struct options *o = into;

	return options_descriptor(g, g->value, &o->run.ready.fd);
}

static int
options_front(void *into, struct option_given *g)
{
	struct front_conf *f = &((struct options *)into)->run.front;
	const char *value = g->value;

	if (strcmp(value, "auto") == 0) {
		f->kind = front_auto();
	} else if (strcmp(value, "kernel") == 0) {
		if (!front_has(FRONT_KERNEL))
			return option_wrong(g,
			    "this fuserelay was built without the kernel's "
			    "device");
		f->kind = FRONT_KERNEL;
	} else if (strcmp(value, "fuset") == 0) {
		f->kind = FRONT_FUSET;
	} else if (strncmp(value, "connect:", 8) == 0 && value[8] != '\0') {
		f->kind = FRONT_CONNECT;
		f->path = value + 8;
	} else if (strncmp(value, "listen:", 7) == 0 && value[7] != '\0') {
		f->kind = FRONT_LISTEN;
		f->path = value + 7;
	} else if (strncmp(value, "fd:", 3) == 0) {
		f->kind = FRONT_FD;
		return options_descriptor(g, value + 3, &f->fd);
	} else {
		return option_wrong(g,
		    "should be auto, kernel, fuset, connect:PATH, "
		    "listen:PATH or fd:N");
	}
	return E_OK;
}

static int
options_attach(void *into, struct option_given *g)
{
	struct options *o = into;

	o->run.by_fd = strcmp(g->value, "fd") == 0;
	if (!o->run.by_fd && strcmp(g->value, "trap") != 0)
		return option_wrong(g, "should be trap or fd");
	if (!o->run.by_fd && !attach_has_trap())
		return option_wrong(g,
		    "this fuserelay was built without the mount trap");
	return E_OK;
}

static int
options_quirk_set(struct options *o, struct option_given *g, int on)
{
	unsigned bit, defaults = quirk_defaults();
	enum quirk_id id;

	if (on && strcmp(g->value, "list") == 0) {
		for (id = 0; id < QUIRK_COUNT; id++)
			printf("%-16s %s%s\n", quirk_name(id),
			    quirk_reason(id),
			    defaults >> id & 1 ? " (on for FUSE-T)" : "");
		return OPTIONS_LISTED;
	}
	if (quirk_find(g->value, &id) != E_OK)
		return option_wrong(g,
		    "no such quirk; --quirk=list lists them");
	bit = 1u << id;
	o->quirks_on = on ? o->quirks_on | bit : o->quirks_on & ~bit;
	o->quirks_off = on ? o->quirks_off & ~bit : o->quirks_off | bit;
	return E_OK;
}

static int
options_quirk(void *into, struct option_given *g)
{
	return options_quirk_set(into, g, 1);
}

static int
options_no_quirk(void *into, struct option_given *g)
{
	return options_quirk_set(into, g, 0);
}

int
options_server_arg(struct options *o, const char *name, const char *value)
{
	size_t n = strlen(name) + (value != NULL ? strlen(value) : 0) + 4;
	char *text;

	if (o->nserver_args == OPTIONS_SERVER_ARGS)
		return E_FULL;
	if ((text = malloc(n)) == NULL)
		return E_NOMEM;
	snprintf(text, n, "--%s%s%s", name, value != NULL ? "=" : "",
	    value != NULL ? value : "");
	o->server_args[o->nserver_args++] = text;
	return E_OK;
}

/* What is the emulator's own affair. */
static int
options_hand_on(void *into, struct option_given *g)
{
	return options_server_arg(into, g->name + strlen("--"), g->value);
}

static const struct option_row rows[] = {
	OPT("front", 0, "FRONT", IN_RUN,
	    "where requests come from: kernel, fuset, connect:PATH, "
	    "listen:PATH, fd:N; auto (default) is kernel on Linux, fuset "
	    "elsewhere",
	    OPT_CALL(options_front), OPT_GIVEN(front_given)),
	OPT("attach", 0, "trap|fd", IN_RELAY,
	    "how the command gets its device end: by a trapped mount (default "
	    "on Linux), or as /dev/fd/N wherever an argument holds {}",
	    OPT_CALL(options_attach)),
	OPT("transport", 0, "seqpacket|dgram", IN_RELAY,
	    "socket type of the device end (default seqpacket on Linux)",
	    OPT_WORD(run.relay.transport)),
	OPT("max-write", 0, "BYTES", IN_RELAY,
	    "most file data in one message that INIT may promise (default 1M)",
	    OPT_SIZE(run.relay.max_write, 4096,
		DEVPAIR_CEILING - WIRE_WRITE_HEAD)),
	OPT("spin", 0, "USEC", IN_RELAY,
	    "look so long for the next message before sleeping (default 50, "
	    "0: sleep at once)",
	    OPT_NUMBER(run.relay.spin_usec, 0, SPIN_MAX)),
	OPT("buffer", 0, "BYTES", IN_RELAY,
	    "size of the device end's socket buffers, and so of one message "
	    "(16K to 8M; default as large as the system allows)",
	    OPT_SIZE(run.relay.buffer, BUFFER_MIN, BUFFER_MAX)),
	OPT("mountpoint", 0, "DIR", IN_RUN, "with --attach=fd: where to mount",
	    OPT_TEXT(run.mount_point)),
	OPT("quirk", 0, "NAME", IN_RELAY,
	    "rewrite messages for a peer with this fault; \"list\" lists them "
	    "(default: those that are on for FUSE-T, if that is the front)",
	    OPT_CALL(options_quirk)),
	OPT("no-quirk", 0, "NAME", IN_RELAY, "do not rewrite them for that",
	    OPT_CALL(options_no_quirk)),
	OPT("stats", 0, NULL, IN_RELAY,
	    "at the end, say how the stream was cut and what was answered",
	    OPT_GIVEN(run.stats)),
	OPT("log", 0, "FILE", IN_RELAY, "append messages to FILE, not stderr",
	    OPT_TEXT(log_file)),
	OPT("verbose", 'v', NULL, IN_RELAY,
	    "say more; twice: everything that is not a message's content",
	    OPT_COUNT(verbose)),
	OPT("direct", 0, NULL, IN_EMULATE,
	    "no relay: the command gets the emulator's raw stream",
	    OPT_GIVEN(run.direct)),
	OPT("workload", 0, "NAME", IN_EMULATE,
	    "no mount: drive the file system from the built-in client (basic, "
	    "quick)",
	    OPT_CALL(options_hand_on), OPT_GIVEN(workload)),
	OPT("ignore-max-write", 0, NULL, IN_EMULATE,
	    "the built-in client sends more than INIT allows it",
	    OPT_CALL(options_hand_on)),
	OPT("rwsize", 0, "BYTES", IN_EMULATE,
	    "most file data in one request (4096 to 33554432, default 1 MiB)",
	    OPT_CALL(options_hand_on)),
	OPT("server-quirk", 0, "NAME", IN_EMULATE,
	    "the built-in client has this fault of FUSE-T's: nonzero-fh, "
	    "readdir-offset or lookup-ino0",
	    OPT_CALL(options_hand_on)),
	OPT("call-timeout", 0, "SEC", IN_EMULATE,
	    "how long the built-in client waits for a reply (default 20)",
	    OPT_CALL(options_hand_on)),
	OPT("daemonize", 'd', NULL, IN_RUN,
	    "go to the background when the file system is up",
	    OPT_GIVEN(daemonize)),
	OPT("ready-fd", 0, "N", IN_RUN,
	    "write a newline to descriptor N when the file system is up",
	    OPT_CALL(options_ready_fd)),
	OPT("warn-after", 0, "SEC", IN_RELAY,
	    "tell of requests without an answer for so long (default 10, 0: "
	    "never)",
	    OPT_SECONDS(run.relay.warn_ms)),
	OPT("timeout", 0, "SEC", IN_RUN,
	    "answer them with ETIMEDOUT after so long",
	    OPT_SECONDS(run.relay.timeout_ms)),
	OPT("timeout-exit", 0, NULL, IN_RUN,
	    "with --timeout: unmount then, and exit with 124",
	    OPT_GIVEN(run.timeout_exit)),
	OPT("session", 0, "N", IN_REPLAY,
	    "replay this session of the capture (default the first)",
	    OPT_NUMBER(replay.script.session, 1, UINT32_MAX)),
	OPT("accept-skipped", 0, NULL, IN_REPLAY,
	    "exit with 0, not 2, though requests had to be skipped",
	    OPT_GIVEN(accept_skipped)),
	OPT("timeout", 0, "SEC", IN_REPLAY,
	    "wait so long for a reply before going on without (default 10)",
	    OPT_SECONDS(replay.timeout_ms)),
	OPT("dry-run", 'n', NULL, IN_CLEANUP,
	    "only name what relays that were killed left behind; else that "
	    "is unmounted",
	    OPT_GIVEN(dry_run)),
	OPT("help", 'h', NULL, IN_RELAY | IN_DECODE | IN_CLEANUP, "this text",
	    OPT_STOP(OPTIONS_HELP)),
};

#define TABLES 3

static void
options_tables(struct options *o, enum options_command c,
    struct option_table tables[TABLES])
{
	static const struct option_table none;

	tables[0] = (struct option_table){ rows,
		sizeof(rows) / sizeof(rows[0]), o, NULL };
	tables[1] = trace_opts_table(&o->trace);
	/* How the stream is shaped: by the replay, or by the emulator. */
	tables[2] = none;
	if (c == COMMAND_REPLAY || c == COMMAND_EMULATE)
		tables[2] = shaping_options(&o->replay.shaping);
	if (c == COMMAND_EMULATE) {
		tables[2].into = o;
		tables[2].take = options_hand_on;
	}
}

void
options_help(FILE *to, enum options_command c)
{
	struct option_table tables[TABLES];
	struct options o;

	fprintf(to, "usage: fuserelay %s [options]%s\n\n", commands[c].name,
	    commands[c].args);
	options_tables(&o, c, tables);
	option_help(to, tables, TABLES, commands[c].takes);
}

static int
options_usage(enum options_command c)
{
	fprintf(stderr, "Try \"fuserelay %s --help\".\n", commands[c].name);
	return E_VALUE;
}

/* Files come first, then "--" and the command. */
static int
options_files(struct options *o)
{
	char *const *argv = o->run.argv;
	size_t n = 0;

	while (argv[n] != NULL && strcmp(argv[n], "--") != 0)
		n++;
	if (n == 0 || argv[n] == NULL || argv[n + 1] == NULL) {
		fprintf(stderr,
		    "fuserelay: replay: there must be files, "
		    "then \"--\", then a command\n");
		return options_usage(COMMAND_REPLAY);
	}
	if ((o->files = calloc(n + 1, sizeof(*o->files))) == NULL)
		return E_NOMEM;
	memcpy(o->files, argv, n * sizeof(*argv));
	o->replay.script.files = o->files;
	o->run.argv = argv + n + 1;
	return E_OK;
}

static int
options_read(struct options *o, enum options_command c, int argc,
    char *const argv[])
{
	struct option_table tables[TABLES];
	char why[OPTION_WHY_MAX];
	int rest, r;

	memset(o, 0, sizeof(*o));
	o->run.relay = relay_conf_default;
	o->run.front.fd = -1;
	o->run.front.kind = front_auto();
	o->run.by_fd = !attach_has_trap();
	o->run.ready.fd = o->run.ready.parent = -1;
	o->replay_fd = -1;
	o->replay.timeout_ms = REPLAY_TIMEOUT_MS;
	o->replay.shaping.shape.kind = SHAPE_WHOLE;
	o->replay.shaping.shape.coalesce = 1;
	trace_opts_init(&o->trace);
	options_tables(o, c, tables);
	/* (The options of "decode" may stand behind its files.  Those behind
	 * a command's name are the command's.) */
	r = option_read(tables, TABLES, commands[c].takes,
	    c == COMMAND_DECODE ? "" : "+", argc, argv, &rest, why);
	if (r == E_NOTFOUND) /* getopt_long() has told */
		return options_usage(c);
	if (r == E_VALUE) {
		fprintf(stderr, "fuserelay: %s\n", why);
		return options_usage(c);
	}
	if (r != E_OK)
		return r;
	if (trace_opts_check(&o->trace) != E_OK) {
		fprintf(stderr, "fuserelay: %s\n", o->trace.why);
		return options_usage(c);
	}
	if (c == COMMAND_CLEANUP && rest < argc) {
		fprintf(stderr, "fuserelay: cleanup: %s: not an option\n",
		    argv[rest]);
		return options_usage(c);
	}
	if (c != COMMAND_CLEANUP && rest == argc) {
		fprintf(stderr, "fuserelay: %s: no %s given\n",
		    commands[c].name,
		    c == COMMAND_DECODE || c == COMMAND_REPLAY ? "file" :
								 "command");
		return options_usage(c);
	}
	o->run.argv = argv + rest;
	o->run.trace = &o->trace;
	o->run.relay.proto = o->trace.proto;
	return c == COMMAND_REPLAY ? options_files(o) : E_OK;
}

int
options_parse(struct options *o, enum options_command c, int argc,
    char *const argv[])
{
	int r = options_read(o, c, argc, argv);

	if (r == E_NOMEM || r == E_FULL)
		fprintf(stderr, "fuserelay: %s: options: %s\n",
		    commands[c].name, err_text(r));
	return r;
}

void
options_fini(struct options *o)
{
	size_t i;

	for (i = 0; i < o->nserver_args; i++)
		free(o->server_args[i]);
	o->nserver_args = 0;
	free(o->files);
	o->files = NULL;
	replay_free(o->player);
	o->player = NULL;
	file_close(&o->replay_fd);
}
