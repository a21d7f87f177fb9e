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
#include "base/number.h"
#include "emulator/client.h"

#define OPT_TIMEOUT_MAX 86400 /* s */
#define OPT_CALL_TIMEOUT 20   /* s */
#define OPT_MINOR 45	      /* as Linux 6.18 */
#define OPT_RWSIZE_MIN 4096
#define OPT_RWSIZE_MAX (32u * 1024 * 1024)
#define OPT_FD_MAX 65535

const char options_usage[] =
    "usage: fuset-emulator [OPTION]... MOUNTPOINT\n"
    "Started by a FUSE-T library (or fuserelay) with _FUSE_COMMFD and\n"
    "_FUSE_MONFD in the environment.\n"
    "  --fragment=MIN-MAX    cut the stream in pieces of so many bytes;\n"
    "                        \"none\" does not cut\n"
    "  --coalesce=N          join up to N waiting requests\n"
    "  --delay=USEC          wait between the pieces of a message\n"
    "  --short-writes        read replies slowly and in small bits\n"
    "  --seed=N              repeat the cuts and contents of a run\n"
    "  --workload=NAME       no mount: drive the daemon with a built-in\n"
    "                        client; basic or quick\n"
    "  --call-timeout=SEC    longest wait for one reply\n"
    "  --ignore-max-write    the client sends more than INIT allows it\n"
    "  --quirk=NAME          the client has a fault of FUSE-T's:\n"
    "                        nonzero-fh, readdir-offset, lookup-ino0\n"
    "  --minor=N             protocol 7.N of the built-in client\n"
    "  --mount-options=OPTS --mount-source=NAME --mount-type=TYPE\n"
    "                        of the kernel mount\n"
    "  --mount-status        answer \"mount\" when the mount is there, and "
    "once\n"
    "                        more when the daemon has answered INIT\n"
    "  --log-fd=N --report-fd=N\n"
    "                        where messages and the report go\n"
    "  --check               look at the options only\n"
    "  --help --version\n"
    "FUSE-T's own arguments are taken too: see fuset-emulator(8).\n";

enum {
	OPT_SHAPING = 256,
	OPT_WORKLOAD,
	OPT_CALLS,
	OPT_IGNORE_MAX,
	OPT_QUIRK,
	OPT_MINORS,
	OPT_MOUNT,
	OPT_SOURCE,
	OPT_TYPE,
	OPT_STATUS,
	OPT_LOG,
	OPT_REPORT,
	OPT_CHECK,
	OPT_HELP,
	OPT_VERSION,
	OPT_VOLNAME,
	OPT_RWSIZE,
	OPT_NOATIME,
	OPT_IGNORED
};

static const struct option options_long[] = { { "fragment", required_argument,
						  NULL, OPT_SHAPING },
	{ "coalesce", required_argument, NULL, OPT_SHAPING },
	{ "delay", required_argument, NULL, OPT_SHAPING },
	{ "short-writes", no_argument, NULL, OPT_SHAPING },
	{ "seed", required_argument, NULL, OPT_SHAPING },
	{ "workload", required_argument, NULL, OPT_WORKLOAD },
	{ "call-timeout", required_argument, NULL, OPT_CALLS },
	{ "ignore-max-write", no_argument, NULL, OPT_IGNORE_MAX },
	{ "quirk", required_argument, NULL, OPT_QUIRK },
	{ "server-quirk", required_argument, NULL, OPT_QUIRK }, /* fuserelay's
								 * name */
	{ "minor", required_argument, NULL, OPT_MINORS },
	{ "mount-options", required_argument, NULL, OPT_MOUNT },
	{ "mount-source", required_argument, NULL, OPT_SOURCE },
	{ "mount-type", required_argument, NULL, OPT_TYPE },
	{ "mount-status", no_argument, NULL, OPT_STATUS },
	{ "log-fd", required_argument, NULL, OPT_LOG },
	{ "report-fd", required_argument, NULL, OPT_REPORT },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	/* FUSE-T's. */
	{ "volname", required_argument, NULL, OPT_VOLNAME },
	{ "rwsize", required_argument, NULL, OPT_RWSIZE },
	{ "noatime", optional_argument, NULL, OPT_NOATIME },
	{ "namedattr", optional_argument, NULL, OPT_IGNORED },
	{ "attrcache", optional_argument, NULL, OPT_IGNORED },
	{ "attrcache-timeout", required_argument, NULL, OPT_IGNORED },
	{ "dontbrowse", optional_argument, NULL, OPT_IGNORED },
	{ "nfc", optional_argument, NULL, OPT_IGNORED },
	{ "nomtime", optional_argument, NULL, OPT_IGNORED },
	{ "location", required_argument, NULL, OPT_IGNORED },
	{ "backend", required_argument, NULL, OPT_IGNORED },
	{ NULL, 0, NULL, 0 } };

static int
options_fd(const char *text, int *fd)
{
	unsigned n;

	if (number_unsigned(text, 0, OPT_FD_MAX, &n) != E_OK)
		return E_VALUE;
	*fd = (int)n;
	return E_OK;
}

static int
options_quirk(struct options *o, const char *name)
{
	if (strcmp(name, "nonzero-fh") == 0)
		o->quirks |= CLIENT_REFUSES_FH0;
	else if (strcmp(name, "readdir-offset") == 0)
		o->quirks |= CLIENT_SIZE_AS_OFFSET;
	else if (strcmp(name, "lookup-ino0") == 0)
		o->quirks |= CLIENT_TAKES_INO0;
	else
		return E_VALUE;
	return E_OK;
}

/* Any number will do: what can't be is brought within the bounds. */
static int
options_rwsize(struct options *o, const char *text)
{
	if (number_unsigned(text, 0, UINT_MAX, &o->rwsize) != E_OK)
		return E_VALUE;
	if (o->rwsize < OPT_RWSIZE_MIN)
		o->rwsize = OPT_RWSIZE_MIN;
	if (o->rwsize > OPT_RWSIZE_MAX)
		o->rwsize = OPT_RWSIZE_MAX;
	return E_OK;
}

static int
options_one(struct options *o, int c, const char *value)
{
	switch (c) {
	case OPT_CHECK:
		o->check = 1;
		return E_OK;
	case OPT_WORKLOAD:
		o->workload = value;
		return E_OK;
	case OPT_CALLS:
		return number_unsigned(value, 1, OPT_TIMEOUT_MAX,
		    &o->call_timeout);
	case OPT_IGNORE_MAX:
		o->quirks |= CLIENT_IGNORES_MAX;
		return E_OK;
	case OPT_QUIRK:
		return options_quirk(o, value);
	case OPT_MINORS:
		return number_unsigned(value, 12, OPT_MINOR, &o->minor);
	case OPT_MOUNT:
		o->mount_options = value;
		return E_OK;
	case OPT_SOURCE:
		o->mount_source = value;
		return E_OK;
	case OPT_TYPE:
		o->mount_type = value;
		return E_OK;
	case OPT_STATUS:
		o->mount_status = 1;
		return E_OK;
	case OPT_LOG:
		if (options_fd(value, &o->log_fd) != E_OK)
			return E_VALUE;
		/* At once: stderr may be /dev/null, and what is wrong with
		 * the options behind this one must be heard. */
		log_init("fuset-emulator", LOG_WARN, o->log_fd);
		return E_OK;
	case OPT_REPORT:
		return options_fd(value, &o->report_fd);
	case OPT_VOLNAME:
		o->volname = value;
		return E_OK;
	case OPT_RWSIZE:
		return options_rwsize(o, value);
	case OPT_NOATIME:
		o->noatime = value == NULL || strcmp(value, "false") != 0;
		return E_OK;
	case 'd':
		o->debug = 1;
		return E_OK;
	case 'r':
		o->read_only = 1;
		return E_OK;
	case 'l': /* address of FUSE-T's NFS server */
	case OPT_IGNORED:
		return E_OK;
	default:
		return E_VALUE;
	}
}

int
options_parse(struct options *o, int argc, char *argv[])
{
	int c, at, which, r;

	memset(o, 0, sizeof(*o));
	shape_default(&o->shaping.shape);
	o->mount_type = "fuse.fuset";
	o->log_fd = 2;
	o->report_fd = 1;
	o->call_timeout = OPT_CALL_TIMEOUT;
	o->minor = OPT_MINOR;
	opterr = 0;
	optind = 1;
	for (;;) {
		at = optind;
		c = getopt_long(argc, argv, "+l:dr", options_long, &which);
		if (c == -1)
			break;
		if (c == OPT_HELP)
			return OPTIONS_HELP;
		if (c == OPT_VERSION)
			return OPTIONS_VERSION;
		if (c == OPT_SHAPING)
			r = shaping_take(&o->shaping, options_long[which].name,
			    optarg);
		else
			r = options_one(o, c, optarg);
		if (r != E_OK) {
			log_error("bad option or value: %s", argv[at]);
			return E_VALUE;
		}
	}
	if (optind != argc - 1 || *argv[optind] == '\0') {
		log_error("one mount point is needed, as the last argument");
		return E_VALUE;
	}
	if (o->workload == NULL && o->quirks != 0) {
		log_error(
		    "--quirk, --ignore-max-write: need --workload, whose "
		    "client does that");
		return E_VALUE;
	}
	o->target = argv[optind];
	shaping_settle(&o->shaping);
	return OPTIONS_RUN;
}
