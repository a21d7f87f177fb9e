/* SPDX-License-Identifier: ISC */
/* The command line: the emulator's own options and FUSE-T's. */
#ifndef FR_EMULATOR_OPTIONS_H
#define FR_EMULATOR_OPTIONS_H

#include "base/err.h"
#include "channel/shaping.h"

struct options {
	struct shaping shaping;
	int check;			    /* --check was given */
	const char *workload;		    /* NULL: a kernel mount */
	const char *mount_options;	    /* NULL: none */
	const char *mount_source, *volname; /* NULL: not given */
	const char *mount_type;
	int mount_status;   /* "mount" is answered when the kernel has
				 * mounted, and again when INIT is answered */
	const char *target; /* the mount point as given */
	int log_fd, report_fd;
	int debug, read_only, noatime, ignore_max;
	unsigned rwsize;       /* bytes; 0: not given */
	unsigned call_timeout; /* s */
	unsigned minor;	       /* 7.minor of the built-in client's INIT */
	unsigned quirks;       /* CLIENT_*: how the client misbehaves */
};

enum {
	OPTIONS_RUN, /* is E_OK */
	OPTIONS_HELP,
	OPTIONS_VERSION
};

/*
 * Read argv into *o; its strings are borrowed.  OPTIONS_RUN, OPTIONS_HELP,
 * OPTIONS_VERSION, or E_VALUE after a message on the log.
 */
int options_parse(struct options *o, int argc, char *argv[]) ERR_MUSTCHECK;

/* Print the usage text. */
void options_usage(void);

#endif
