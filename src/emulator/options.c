/* SPDX-License-Identifier: ISC */
/*
 * FUSE-T's libraries write their arguments in several ways ("--volname X",
 * "--volname=X"), so getopt_long() reads them; what has no meaning here is
 * taken and ignored.
 */
#include "emulator/options.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "base/log.h"
#include "emulator/client.h"

#define OPTION_INTO struct options

#define OPT_TIMEOUT_MAX 86400 /* s */
#define OPT_CALL_TIMEOUT 20   /* s */
#define OPT_MINOR 45	      /* as Linux 6.18 */
#define OPT_RWSIZE_MIN 4096
#define OPT_RWSIZE_MAX (32u * 1024 * 1024)
#define OPT_FD_MAX 65535

static int
options_quirk(void *into, struct option_given *g)
{
	static const struct {
		const char *name;
		unsigned bit;
	} quirk[] = {
		{ "nonzero-fh", CLIENT_REFUSES_FH0 },
		{ "readdir-offset", CLIENT_SIZE_AS_OFFSET },
		{ "lookup-ino0", CLIENT_TAKES_INO0 },
	};
	struct options *o = into;
	size_t i;

	for (i = 0; i < sizeof(quirk) / sizeof(quirk[0]); i++)
		if (strcmp(g->value, quirk[i].name) == 0) {
			o->quirks |= quirk[i].bit;
			return E_OK;
		}
	return option_wrong(g,
	    "should be nonzero-fh, readdir-offset or lookup-ino0");
}

/* At once: stderr may be /dev/null, and what is wrong with the options behind
 * this one must be heard. */
static int
options_log(void *into, struct option_given *g)
{
	uint64_t n;
	int r;

	if ((r = option_number(g, 0, OPT_FD_MAX, &n)) != E_OK)
		return r;
	((struct options *)into)->log_fd = (int)n;
	log_init("fuset-emulator", LOG_WARN, (int)n);
	return E_OK;
}

/* Any number will do: what can't be is brought within the bounds. */
static int
options_rwsize(void *into, struct option_given *g)
{
	uint64_t n;
	int r;

	if ((r = option_number(g, 0, UINT_MAX, &n)) != E_OK)
		return r;
	if (n < OPT_RWSIZE_MIN)
		n = OPT_RWSIZE_MIN;
	if (n > OPT_RWSIZE_MAX)
		n = OPT_RWSIZE_MAX;
	((struct options *)into)->rwsize = (unsigned)n;
	return E_OK;
}

static int
options_noatime(void *into, struct option_given *g)
{
	((struct options *)into)->noatime = g->value == NULL ||
	    strcmp(g->value, "false") != 0;
	return E_OK;
}

#define ROW(name, arg, help, ...) \
	OPT(name, 0, arg, OPTION_ALL, help, __VA_ARGS__)
#define UNLISTED(name, letter, arg, ...) \
	OPT(name, letter, arg, OPTION_ALL, NULL, __VA_ARGS__)

/* Its own, but for those of shaping.h, and FUSE-T's. */
static const struct option_row rows[] = {
	ROW("workload", "NAME",
	    "no mount: drive the daemon with a built-in client; basic or "
	    "quick",
	    OPT_TEXT(workload)),
	ROW("call-timeout", "SEC", "longest wait for one reply",
	    OPT_NUMBER(call_timeout, 1, OPT_TIMEOUT_MAX)),
	ROW("ignore-max-write", NULL,
	    "the client sends more than INIT allows it",
	    OPT_GIVEN(ignore_max)),
	ROW("quirk", "NAME",
	    "the client has a fault of FUSE-T's: nonzero-fh, readdir-offset, "
	    "lookup-ino0",
	    OPT_CALL(options_quirk)),
	/* fuserelay's name of it */
	UNLISTED("server-quirk", 0, "NAME", OPT_CALL(options_quirk)),
	ROW("minor", "N", "protocol 7.N of the built-in client",
	    OPT_NUMBER(minor, 12, OPT_MINOR)),
	ROW("mount-options", "OPTS", "of the kernel mount",
	    OPT_TEXT(mount_options)),
	ROW("mount-source", "NAME", "the same", OPT_TEXT(mount_source)),
	ROW("mount-type", "TYPE", "the same", OPT_TEXT(mount_type)),
	ROW("mount-status", NULL,
	    "answer \"mount\" when the mount is there, and once more when the "
	    "daemon has answered INIT",
	    OPT_GIVEN(mount_status)),
	ROW("log-fd", "N", "where messages go", OPT_CALL(options_log)),
	ROW("report-fd", "N", "where the report goes",
	    OPT_NUMBER(report_fd, 0, OPT_FD_MAX)),
	ROW("check", NULL, "look at the options only", OPT_GIVEN(check)),
	ROW("help", NULL, "this text", OPT_STOP(OPTIONS_HELP)),
	ROW("version", NULL, "the version", OPT_STOP(OPTIONS_VERSION)),
	UNLISTED("volname", 0, "NAME", OPT_TEXT(volname)),
	UNLISTED("rwsize", 0, "BYTES", OPT_CALL(options_rwsize)),
	UNLISTED("noatime", 0, "[BOOL]", OPT_CALL(options_noatime)),
	UNLISTED(NULL, 'd', NULL, OPT_GIVEN(debug)),
	UNLISTED(NULL, 'r', NULL, OPT_GIVEN(read_only)),
	/* Of FUSE-T's NFS server, or without meaning here. */
	UNLISTED(NULL, 'l', "ADDRESS", OPT_IGNORED),
	UNLISTED("namedattr", 0, "[BOOL]", OPT_IGNORED),
	UNLISTED("attrcache", 0, "[BOOL]", OPT_IGNORED),
	UNLISTED("attrcache-timeout", 0, "SEC", OPT_IGNORED),
	UNLISTED("dontbrowse", 0, "[BOOL]", OPT_IGNORED),
	UNLISTED("nfc", 0, "[BOOL]", OPT_IGNORED),
	UNLISTED("nomtime", 0, "[BOOL]", OPT_IGNORED),
	UNLISTED("location", 0, "PATH", OPT_IGNORED),
	UNLISTED("backend", 0, "NAME", OPT_IGNORED),
};

#define TABLES 2

static void
options_tables(struct options *o, struct option_table tables[TABLES])
{
	tables[0] = shaping_options(&o->shaping);
	tables[1] = (struct option_table){ rows,
		sizeof(rows) / sizeof(rows[0]), o, NULL };
}

void
options_usage(void)
{
	struct option_table tables[TABLES];
	struct options o;

	puts("usage: fuset-emulator [OPTION]... MOUNTPOINT\n"
	     "Started by a FUSE-T library (or fuserelay) with _FUSE_COMMFD "
	     "and\n"
	     "_FUSE_MONFD in the environment.\n");
	options_tables(&o, tables);
	option_help(stdout, tables, TABLES, OPTION_ALL);
	puts("FUSE-T's own arguments are taken too: see fuset-emulator(8).");
}

int
options_parse(struct options *o, int argc, char *argv[])
{
	struct option_table tables[TABLES];
	char why[OPTION_WHY_MAX];
	int r, rest;

	memset(o, 0, sizeof(*o));
	shape_default(&o->shaping.shape);
	o->mount_type = "fuse.fuset";
	o->log_fd = 2;
	o->report_fd = 1;
	o->call_timeout = OPT_CALL_TIMEOUT;
	o->minor = OPT_MINOR;
	opterr = 0;
	options_tables(o, tables);
	r = option_read(tables, TABLES, OPTION_ALL, "+", argc, argv, &rest,
	    why);
	if (r == E_VALUE || r == E_NOTFOUND) {
		log_error("%s", why);
		return E_VALUE;
	}
	if (r != E_OK)
		return r;
	if (rest != argc - 1 || *argv[rest] == '\0') {
		log_error("one mount point is needed, as the last argument");
		return E_VALUE;
	}
	if (o->ignore_max)
		o->quirks |= CLIENT_IGNORES_MAX;
	if (o->workload == NULL && o->quirks != 0) {
		log_error(
		    "--quirk, --ignore-max-write: need --workload, whose "
		    "client does that");
		return E_VALUE;
	}
	o->target = argv[rest];
	shaping_settle(&o->shaping);
	return OPTIONS_RUN;
}
