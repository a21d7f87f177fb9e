/* SPDX-License-Identifier: ISC */
#include "passthrough/options.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/option.h"
#include "config.h"
#include "passthrough/handle.h"

#define TIMEOUT_ALWAYS 86400.0

#define OPTION_INTO struct raw

/* What the parser collects before it is checked. */
struct raw {
	struct options opt;
	char *operand[3]; /* owned; the third is one too many */
	int operands;
	int cache;	/* enum cache, or -1 */
	double timeout; /* all three, or -1 */
	int help, version;
	int shared; /* allow_other or allow_root */
	int no_default_permissions;
};

enum {
	KEY_SHARED = 1,
	KEY_VALUE /* values[] has it */
};

#define VALUE(name, ...) OPT(name, 0, "N", OPTION_ALL, NULL, __VA_ARGS__)

static const struct option_row values[] = {
	VALUE("timeout", OPT_FRACTION(timeout)),
	VALUE("attr_timeout", OPT_FRACTION(opt.attr_timeout)),
	VALUE("entry_timeout", OPT_FRACTION(opt.entry_timeout)),
	VALUE("negative_timeout", OPT_FRACTION(opt.negative_timeout)),
	VALUE("max_handles", OPT_NUMBER(opt.max_handles, 1, HANDLE_MAX)),
	VALUE("max_threads", OPT_NUMBER(opt.max_threads, 0, UINT_MAX)),
	VALUE("--max-threads", OPT_NUMBER(opt.max_threads, 0, UINT_MAX)),
	VALUE("node_fds", OPT_NUMBER(opt.node_fds, 0, UINT_MAX)),
};

/* FUSE_OPT_KEY(), whose conversion clang minds. */
#define SPEC_KEY(text, key)                   \
	{                                     \
		text, (unsigned long)-1U, key \
	}
#define SPEC(text, field, value)                         \
	{                                                \
		text, offsetof(struct raw, field), value \
	}

static const struct fuse_opt option_specs[] = {
	SPEC("source=%s", opt.source, 0),
	SPEC("cache=never", cache, CACHE_NEVER),
	SPEC("cache=auto", cache, CACHE_AUTO),
	SPEC("cache=always", cache, CACHE_ALWAYS),
	SPEC_KEY("timeout=", KEY_VALUE),
	SPEC_KEY("attr_timeout=", KEY_VALUE),
	SPEC_KEY("entry_timeout=", KEY_VALUE),
	SPEC_KEY("negative_timeout=", KEY_VALUE),
	SPEC_KEY("max_handles=", KEY_VALUE),
	SPEC_KEY("max_threads=", KEY_VALUE),
	SPEC_KEY("--max-threads=", KEY_VALUE),
	SPEC_KEY("node_fds=", KEY_VALUE),
	SPEC("local_locks", opt.local_locks, 1),
	SPEC("no_default_permissions", no_default_permissions, 1),
	SPEC("default_permissions", opt.default_permissions, 1),
	SPEC_KEY("allow_other", KEY_SHARED),
	SPEC_KEY("allow_root", KEY_SHARED),
	SPEC("writeback", opt.writeback, 1),
	SPEC("no_writeback", opt.writeback, 0),
	SPEC("--readonly", opt.readonly, 1),
	SPEC("ro", opt.readonly, 1),
	SPEC("-f", opt.foreground, 1),
	SPEC("-d", opt.debug, 1),
	SPEC("--debug", opt.debug, 1),
	SPEC("debug", opt.debug, 1),
	SPEC("-s", opt.single, 1),
	SPEC("-h", help, 1),
	SPEC("--help", help, 1),
	SPEC("-V", version, 1),
	SPEC("--version", version, 1),
	FUSE_OPT_END,
};

static const char usage[] =
    "usage: fuserelay-passthrough [options] SOURCE MOUNTPOINT\n"
    "       fuserelay-passthrough [options] -o source=SOURCE MOUNTPOINT\n"
    "\n"
    "Shows the directory SOURCE at MOUNTPOINT.\n"
    "  -f                     stay in the foreground\n"
    "  -d                     the same, and log to stderr\n"
    "  -s                     one thread\n"
    "  --max-threads=N        at most N threads (10)\n"
    "  --readonly, -o ro      refuse every change\n"
    "  -o cache=never         no caching: direct I/O, timeouts 0\n"
    "  -o cache=auto          names and attributes for 1 second\n"
    "  -o cache=always        all that the kernel can cache\n"
    "  -o attr_timeout=S, -o entry_timeout=S, -o negative_timeout=S,\n"
    "  -o timeout=S           seconds; timeout sets the first two\n"
    "  -o writeback           let the kernel collect small writes\n"
    "  -o max_handles=N       open files at most (1048576)\n"
    "  -o node_fds=N          descriptors for files that are only known\n"
    "  -o local_locks         do not take locks in SOURCE\n"
    "  -o no_default_permissions  with allow_other: no check by the kernel\n"
    "Options of the library (-o allow_other ...) are passed on.\n"
    "Manual: man fuserelay-passthrough\n";

static int
option_fail(const char *text, const char *arg)
{
	fprintf(stderr,
	    "fuserelay-passthrough: %s%s\n"
	    "Try 'fuserelay-passthrough --help'.\n",
	    text, arg);
	return EXIT_USAGE;
}

/* Operands are taken out; what else has no spec is the library's. */
static int
option_seen(void *data, const char *arg, int key, struct fuse_args *args)
{
	const struct option_table table = { values,
		sizeof(values) / sizeof(values[0]), data, NULL };
	char why[OPTION_WHY_MAX];
	struct raw *raw = data;

	(void)args;
	if (key == KEY_SHARED)
		raw->shared = 1;
	if (key == KEY_VALUE) {
		if (option_take_text(&table, arg, why) == E_OK)
			return 0;
		option_fail(why, "");
		return -1;
	}
	if (key != FUSE_OPT_KEY_NONOPT)
		return 1;
	if (raw->operands < 3) {
		raw->operand[raw->operands] = strdup(arg);
		if (raw->operand[raw->operands] == NULL)
			return -1;
	}
	raw->operands++;
	return 0;
}

/* Sorts the operands: [SOURCE] MOUNTPOINT. */
static int
option_operands(struct raw *raw)
{
	int want = raw->opt.source == NULL ? 2 : 1;

	if (raw->operands > want)
		return option_fail("too many operands: ", raw->operand[want]);
	if (raw->operands == 0 && want == 2)
		return option_fail("no SOURCE and no MOUNTPOINT given", "");
	if (raw->operands < want)
		return option_fail(want == 2 ?
			"no MOUNTPOINT given after the source " :
			"no MOUNTPOINT given for the source ",
		    want == 2 ? raw->operand[0] : raw->opt.source);
	if (want == 2) {
		raw->opt.source = raw->operand[0];
		raw->operand[0] = raw->operand[1];
		raw->operand[1] = NULL;
	}
	raw->opt.mountpoint = raw->operand[0];
	raw->operand[0] = NULL;
	return 0;
}

/*
 * The mount point by its full path: the program unmounts it from another
 * working directory than it was started in.
 */
static int
option_mountpoint(struct options *opt)
{
	struct stat st;
	char *path;

	/* A descriptor given as the mount point is not a place. */
	if (strncmp(opt->mountpoint, "/dev/fd/", 8) == 0)
		return 0;
	path = realpath(opt->mountpoint, NULL);
	if (path == NULL || stat(path, &st) == -1) {
		log_error("mount point %s: %s", opt->mountpoint,
		    strerror(errno));
		free(path);
		return EXIT_USAGE;
	}
	free(opt->mountpoint);
	opt->mountpoint = path;
	if (!S_ISDIR(st.st_mode)) {
		log_error("mount point %s: %s", opt->mountpoint,
		    strerror(ENOTDIR));
		return EXIT_USAGE;
	}
	return 0;
}

static int
option_source(struct options *opt)
{
	opt->source_fd = open(opt->source, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (opt->source_fd == -1) {
		log_error("source %s: %s", opt->source, strerror(errno));
		return EXIT_USAGE;
	}
	return option_mountpoint(opt);
}

static int
option_values(struct raw *raw)
{
	struct options *opt = &raw->opt;
	double usual = 1;

	if (raw->shared && !raw->no_default_permissions)
		opt->default_permissions = 1;
	if (raw->cache == CACHE_NEVER)
		usual = 0;
	else if (raw->cache == CACHE_ALWAYS)
		usual = TIMEOUT_ALWAYS;
	opt->cache = raw->cache == -1 ? CACHE_AUTO : (enum cache)raw->cache;
	if (raw->timeout >= 0)
		usual = raw->timeout;
	if (opt->attr_timeout < 0)
		opt->attr_timeout = usual;
	if (opt->entry_timeout < 0)
		opt->entry_timeout = usual;
	if (opt->writeback && opt->cache == CACHE_NEVER)
		return option_fail("writeback needs a cache: "
				   "not with cache=never",
		    "");
	return 0;
}

/*
 * What the library is told besides: safe defaults first, so that the
 * user's own options win.
 */
static int
option_library(struct raw *raw, struct fuse_args *args)
{
	char *fsname = NULL;
	int r;

	if (asprintf(&fsname, "fsname=%s", raw->opt.source) == -1)
		return -1;
	r = fuse_opt_insert_arg(args, 1,
	    "-onosuid,nodev,"
	    "subtype=fuserelay-passthrough");
	if (r == 0 && strpbrk(raw->opt.source, ",\\") == NULL)
		r = fuse_opt_insert_arg(args, 1, "-o") == 0 ?
		    fuse_opt_insert_arg(args, 2, fsname) :
		    -1;
	if (r == 0 && raw->opt.default_permissions)
		r = fuse_opt_add_arg(args, "-odefault_permissions");
	if (r == 0 && raw->opt.readonly)
		r = fuse_opt_add_arg(args, "-oro");
	if (r == 0 && raw->opt.debug)
		r = fuse_opt_add_arg(args, "-odebug");
	free(fsname);
	return r;
}

int
passthrough_options_parse(struct options *opt, struct fuse_args *args,
    int *done)
{
	struct raw raw = { .cache = -1,
		.timeout = -1,
		.opt = { .source_fd = -1,
		    .attr_timeout = -1,
		    .entry_timeout = -1,
		    .max_handles = HANDLE_MAX } };
	int r = EXIT_USAGE;

	*done = 0;
	memset(opt, 0, sizeof(*opt));
	opt->source_fd = -1;
	if (fuse_opt_parse(args, &raw, option_specs, option_seen) == -1)
		goto out;
	if (raw.help || raw.version) {
		if (raw.help)
			fputs(usage, stdout);
		else
			printf("fuserelay-passthrough %s (libfuse %s)\n",
			    PACKAGE_VERSION, fuse_pkgversion());
		*done = 1;
		r = 0;
		goto out;
	}
	if ((r = option_operands(&raw)) != 0 ||
	    (r = option_values(&raw)) != 0 ||
	    (r = option_source(&raw.opt)) != 0)
		goto out;
	r = option_library(&raw, args) == 0 ? 0 : EXIT_USAGE;
	*opt = raw.opt;
	memset(&raw.opt, 0, sizeof(raw.opt));
	raw.opt.source_fd = -1;
out:
	passthrough_options_free(&raw.opt);
	free(raw.operand[0]);
	free(raw.operand[1]);
	free(raw.operand[2]);
	return r;
}

void
passthrough_options_free(struct options *opt)
{
	file_close(&opt->source_fd);
	free(opt->source);
	free(opt->mountpoint);
	opt->source = opt->mountpoint = NULL;
}
