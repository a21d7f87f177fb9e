/* SPDX-License-Identifier: ISC */
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/option_id.h"
#include "live/option_row.h"
#include "live/trace_option.h"
#include "relay/devpair.h"
#include "wire/proto.h"

#define BUFFER_MIN (16 * 1024)
#define BUFFER_MAX (2 * DEVPAIR_BUFFER)

#define IN_RUN 1
#define IN_EMULATE 2
#define IN_DECODE 4
#define IN_REPLAY 8
#define IN_RELAY (IN_RUN | IN_REPLAY)
#define IN_STREAM (IN_EMULATE | IN_REPLAY)
#define IN_TRACE (IN_RELAY | IN_DECODE)

/* More than this would be a busy loop. */
#define OPTION_SPIN_MAX 10000

#define REPLAY_TIMEOUT_MS 10000

static const struct option_row rows[] = {
#define OPT OPTION_ROW
#include "cli/opts.def"
#include "live/opts_trace.def"
#undef OPT
	{ "help", NULL, "this text", OPTION_HELP, 'h', IN_RELAY | IN_DECODE },
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *name, *args;
	int takes; /* options of these commands */
} commands[] = {
	[COMMAND_RUN] = { "run", "[--] CMD [ARG...]", IN_RUN },
	[COMMAND_EMULATE] = { "emulate", "[--] CMD [ARG...]",
	    IN_RUN | IN_EMULATE },
	[COMMAND_DECODE] = { "decode", "FILE...", IN_DECODE },
	[COMMAND_REPLAY] = { "replay", "FILE... -- CMD [ARG...]", IN_REPLAY },
};

static int
option_in(const struct option_row *row, enum options_command c)
{
	return (row->commands & commands[c].takes) != 0;
}

void
options_help(FILE *to, enum options_command c)
{
	const char *line;
	char left[64];
	size_t i, n;

	fprintf(to, "usage: fuserelay %s [options] %s\n\n", commands[c].name,
	    commands[c].args);
	for (i = 0; i < NROWS; i++) {
		if (!option_in(&rows[i], c))
			continue;
		snprintf(left, sizeof(left), "%s%c%s--%s%s%s",
		    rows[i].letter ? "-" : "",
		    rows[i].letter ? rows[i].letter : ' ',
		    rows[i].letter ? ", " : "   ", rows[i].name,
		    rows[i].arg != NULL ? "=" : "",
		    rows[i].arg != NULL ? rows[i].arg : "");
		fprintf(to, "  %-30s ", left);
		for (line = rows[i].help; *line != '\0'; line += n) {
			n = strcspn(line, "\n");
			fprintf(to, "%s%.*s\n",
			    line == rows[i].help ?
				"" :
				"                                 ",
			    (int)n, line);
			n += line[n] == '\n';
		}
	}
}

static int
option_wrong(const char *name, const char *value, const char *want)
{
	fprintf(stderr, "fuserelay: --%s=%s: %s\n", name, value, want);
	return E_VALUE;
}

/* A size in bytes with an optional K or M behind it. */
static int
option_size(const char *name, const char *value, size_t min, size_t max,
    size_t *out)
{
	unsigned long long n, unit = 1;
	char *end, want[64];

	errno = 0;
	n = strtoull(value, &end, 10);
	if (*end == 'K' || *end == 'k')
		unit = 1024;
	else if (*end == 'M' || *end == 'm')
		unit = 1024 * 1024;
	if (errno != 0 || end == value || value[0] == '-' ||
	    (*end != '\0' && end[unit > 1] != '\0') || n > max / unit ||
	    n * unit < min) {
		snprintf(want, sizeof(want), "not a size from %zu to %zu", min,
		    max);
		return option_wrong(name, value, want);
	}
	*out = (size_t)(n * unit);
	return E_OK;
}

/* Seconds, with a fraction if wanted, as milliseconds. */
static int
option_seconds(const char *name, const char *value, unsigned *ms)
{
	char *end;
	double sec = strtod(value, &end);

	if (end == value || *end != '\0' || !(sec >= 0) || sec > 1e6)
		return option_wrong(name, value, "not a number of seconds");
	*ms = (unsigned)(sec * 1000);
	return E_OK;
}

/* `number` is value, or the end of it. */
static int
option_descriptor(const char *name, const char *value, const char *number,
    int *fd)
{
	char *end;
	long n = strtol(number, &end, 10);

	if (end == number || *end != '\0' || n < 0 || n > 1 << 20)
		return option_wrong(name, value, "not a descriptor");
	/* Looked at before we open anything that could have this number;
	 * and it is not the command's, unless it is its stdio, too. */
	if (fcntl((int)n, n > 2 ? F_SETFD : F_GETFD, FD_CLOEXEC) == -1)
		return option_wrong(name, value, "not an open descriptor");
	*fd = (int)n;
	return E_OK;
}

static int
option_usec(const char *name, const char *value, unsigned max, unsigned *out)
{
	char want[64];

	if (number_unsigned(value, 0, max, out) == E_OK)
		return E_OK;
	snprintf(want, sizeof(want), "not a number of microseconds, 0 to %u",
	    max);
	return option_wrong(name, value, want);
}

static int
option_front(struct options *o, const char *value)
{
	struct front_conf *f = &o->run.front;

	o->front_given = 1;
	if (strcmp(value, "auto") == 0) {
		f->kind = front_auto();
	} else if (strcmp(value, "kernel") == 0) {
		if (!front_has(FRONT_KERNEL))
			return option_wrong("front", value,
			    "this fuserelay "
			    "was built without the kernel's device");
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
		return option_descriptor("front", value, value + 3, &f->fd);
	} else {
		return option_wrong("front", value,
		    "should be auto, "
		    "kernel, fuset, connect:PATH, listen:PATH or fd:N");
	}
	return E_OK;
}

static int
option_quirk(struct options *o, const char *name, const char *value, int on)
{
	unsigned bit, defaults = quirk_defaults();
	enum quirk_id id;

	if (on && strcmp(value, "list") == 0) {
		for (id = 0; id < QUIRK_COUNT; id++)
			printf("%-16s %s%s\n", quirk_name(id),
			    quirk_reason(id),
			    defaults >> id & 1 ? " (on for FUSE-T)" : "");
		return E_EOF;
	}
	if (quirk_find(value, &id) != E_OK)
		return option_wrong(name, value,
		    "no such quirk; --quirk=list lists them");
	bit = 1u << id;
	o->quirks_on = on ? o->quirks_on | bit : o->quirks_on & ~bit;
	o->quirks_off = on ? o->quirks_off & ~bit : o->quirks_off | bit;
	return E_OK;
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

static const struct option_row *
option_row(int id)
{
	size_t i;

	for (i = 0; i < NROWS; i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

/* How the stream is shaped: by the replay, or the emulator's own affair,
 * as all that nobody else takes. */
static int
option_stream(struct options *o, enum options_command c, const char *name,
    const char *value)
{
	if (c != COMMAND_REPLAY)
		return options_server_arg(o, name, value);
	if (shaping_take(&o->replay.shaping, name, value) != E_OK)
		return option_wrong(name, value, "not a value of this option");
	return E_OK;
}

static int
option_session(struct options *o, const char *value)
{
	uint64_t n;

	if (number_parse(value, 1, UINT32_MAX, &n) != E_OK)
		return option_wrong("session", value,
		    "not the number of a session");
	o->replay.script.session = (uint32_t)n;
	return E_OK;
}

static int
option_take(struct options *o, enum options_command c, int id,
    const char *value)
{
	switch (id) {
	case OPTION_FRONT:
		return option_front(o, value);
	case OPTION_ATTACH:
		if (strcmp(value, "trap") != 0 && strcmp(value, "fd") != 0)
			return option_wrong("attach", value,
			    "should be trap or fd");
		if (strcmp(value, "trap") == 0 && !attach_has_trap())
			return option_wrong("attach", value,
			    "this fuserelay "
			    "was built without the mount trap");
		o->run.by_fd = strcmp(value, "fd") == 0;
		return E_OK;
	case OPTION_TRANSPORT:
		if (strcmp(value, "dgram") == 0)
			o->run.relay.transport = TRANSPORT_DGRAM;
		else if (strcmp(value, "seqpacket") == 0)
			o->run.relay.transport = TRANSPORT_SEQPACKET;
		else
			return option_wrong("transport", value,
			    "should be seqpacket or dgram");
		return E_OK;
	case OPTION_MAX_WRITE:
		return option_size("max-write", value, 4096,
		    DEVPAIR_CEILING - WIRE_WRITE_HEAD,
		    &o->run.relay.max_write);
	case OPTION_SPIN:
		return option_usec("spin", value, OPTION_SPIN_MAX,
		    &o->run.relay.spin_usec);
	case OPTION_BUFFER:
		return option_size("buffer", value, BUFFER_MIN, BUFFER_MAX,
		    &o->run.relay.buffer);
	case OPTION_MOUNTPOINT:
		o->run.mount_point = value;
		return E_OK;
	case OPTION_STATS:
		o->run.stats = 1;
		return E_OK;
	case OPTION_LOG:
		o->log_file = value;
		return E_OK;
	case OPTION_VERBOSE:
		o->verbose++;
		return E_OK;
	case OPTION_DAEMONIZE:
		o->daemonize = 1;
		return E_OK;
	case OPTION_READY_FD:
		return option_descriptor("ready-fd", value, value,
		    &o->run.ready.fd);
	case OPTION_WARN_AFTER:
		return option_seconds("warn-after", value,
		    &o->run.relay.warn_ms);
	case OPTION_TIMEOUT:
		return option_seconds("timeout", value,
		    &o->run.relay.timeout_ms);
	case OPTION_TIMEOUT_EXIT:
		o->run.timeout_exit = 1;
		return E_OK;
	case OPTION_DIRECT:
		o->run.direct = 1;
		return E_OK;
	case OPTION_WORKLOAD:
		o->workload = 1;
		break;
	case OPTION_QUIRK:
		return option_quirk(o, "quirk", value, 1);
	case OPTION_NO_QUIRK:
		return option_quirk(o, "no-quirk", value, 0);
	case OPTION_SESSION:
		return option_session(o, value);
	case OPTION_ACCEPT_SKIPPED:
		o->accept_skipped = 1;
		return E_OK;
	case OPTION_REPLY_TIMEOUT:
		return option_seconds("timeout", value, &o->replay.timeout_ms);
	case OPTION_HELP:
		return E_EXISTS;
	default:
		break;
	}
	return option_stream(o, c, option_row(id)->name, value);
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
	struct option longs[NROWS + 1] = { { 0 } };
	char shorts[2 * NROWS + 2];
	int id, r;

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
	/* (The command's own options are not ours.) */
	shorts[0] = '+';
	option_rows_tables(rows, NROWS, commands[c].takes, longs,
	    shorts + (c != COMMAND_DECODE));
	optind = 1;
	while ((id = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (id == '?') /* getopt_long() has said why */
			return options_usage(c);
		id = option_rows_id(rows, NROWS, id);
		r = trace_opts_take(&o->trace, id, optarg);
		if (r == E_VALUE)
			fprintf(stderr, "fuserelay: %s\n", o->trace.why);
		else if (r == E_UNSUP)
			r = option_take(o, c, id, optarg);
		if (r != E_OK)
			return r == E_VALUE ? options_usage(c) : r;
	}
	if (trace_opts_check(&o->trace) != E_OK) {
		fprintf(stderr, "fuserelay: %s\n", o->trace.why);
		return options_usage(c);
	}
	if (optind == argc) {
		fprintf(stderr, "fuserelay: %s: no %s given\n",
		    commands[c].name,
		    c == COMMAND_DECODE || c == COMMAND_REPLAY ? "file" :
								 "command");
		return options_usage(c);
	}
	o->run.argv = argv + optind;
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
	if (o->replay_fd != -1)
		close(o->replay_fd);
}
