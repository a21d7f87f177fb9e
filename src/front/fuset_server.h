/* SPDX-License-Identifier: ISC */
/*
 * FUSE-T's server program as a child process: found, started as FUSE-T's
 * own libraries start it, spoken to on the monitor channel, ended.
 */
#ifndef FR_FRONT_FUSET_SERVER_H
#define FR_FRONT_FUSET_SERVER_H

#include <event2/event.h>

#include "base/err.h"
#include "relay/reaper.h"

#define FUSET_PATH_MAX 4096
#define FUSET_SERVER_DEFAULT "/usr/local/bin/go-nfsv4"

struct fuset_server_events {
	/* Bytes from the monitor; n is 0 at its end, once. */
	void (*said)(void *arg, const void *bytes, size_t n);
	/* The process ended; status is waitpid()'s.  Once. */
	void (*ended)(void *arg, int status);
};

struct fuset_server {
	struct reaper_watch process; /* pid 0: it does not run */
	int monitor;		     /* our end, or -1 */
	struct event *monitor_ev, *patience;
	int term_sent;
	const struct fuset_server_events *ev;
	void *arg;
};

/*
 * Where the server is: `first` (may be NULL), else the user's own copy
 * below $HOME/.fuse-t, else the installed one.
 */
void fuset_server_path(char out[FUSET_PATH_MAX], const char *first);

/*
 * Start argv[0] (no PATH search) with both channels and stdio on /dev/null.
 * keep: descriptors that it inherits, ended by -1, or NULL.  *data is our
 * end of the data channel (non-blocking, close-on-exec), the caller's.
 * Nothing is sent on the monitor.  E_SYS, E_NOMEM: then call
 * fuset_server_fini() all the same.  A program that can't be executed ends
 * with status 1, as FUSE-T's libraries have it.
 */
int fuset_server_start(struct fuset_server *s, struct event_base *base,
    struct reaper *reaper, char *const argv[], const int *keep,
    const struct fuset_server_events *ev, void *arg, int *data) ERR_MUSTCHECK;

/* Send words on the monitor.  Never blocks; E_SYS. */
int fuset_server_tell(struct fuset_server *s, const void *bytes,
    size_t n) ERR_MUSTCHECK;

/* What came on either end of a monitor, at most cap bytes: how many, 0 at
 * its end, -1 if there is nothing now.  Never blocks. */
ssize_t fuset_monitor_read(int fd, void *bytes, size_t cap);

/* Nothing more will be said on the monitor: the server sees its end. */
void fuset_server_hang_up(struct fuset_server *s);

/* Send "unmount"; a server that does not end then is sent SIGTERM after 5
 * seconds, SIGKILL after 10. */
void fuset_server_unmount(struct fuset_server *s);

/* Kill it if it still runs, and release all.  A zeroed one is legal. */
void fuset_server_fini(struct fuset_server *s);

#endif
