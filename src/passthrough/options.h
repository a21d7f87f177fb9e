/* SPDX-License-Identifier: ISC */
/* The command line of fuserelay-passthrough. */
#ifndef FR_PASSTHROUGH_OPTIONS_H
#define FR_PASSTHROUGH_OPTIONS_H

#include <stdint.h>

struct fuse_args;

enum cache {
	CACHE_NEVER,
	CACHE_AUTO,
	CACHE_ALWAYS
};

struct options {
	char *source;	  /* owned, as given */
	int source_fd;	  /* O_PATH, owned */
	char *mountpoint; /* owned */
	enum cache cache;
	double attr_timeout; /* seconds, all three */
	double entry_timeout;
	double negative_timeout;
	unsigned max_handles;
	unsigned max_threads; /* 0: the library's choice */
	int readonly;
	int writeback;
	int local_locks;	 /* leave locks to the kernel */
	int default_permissions; /* the kernel checks permissions */
	unsigned node_fds;	 /* 0: half of the limit of open files */
	int foreground, debug, single;
};

/* Exit statuses, as in the man page. */
enum {
	EXIT_USAGE = 2, /* bad command line, source or mount point */
	EXIT_MOUNT = 3, /* could not mount */
	EXIT_SERVE = 4	/* the session broke */
};

/*
 * Takes the program's own options out of args and leaves the library's.
 * 0; or an exit status after a message, *done then set if there is nothing
 * wrong but nothing to do either (--help, --version).
 */
int passthrough_options_parse(struct options *opt, struct fuse_args *args,
    int *done) __attribute__((warn_unused_result));
void passthrough_options_free(struct options *opt);

#endif
