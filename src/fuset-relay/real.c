/* SPDX-License-Identifier: ISC */
#include "fuset-relay/real.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/program.h"

#define REAL_MARK "_FUSERELAY_FUSET_RELAY"

/* Links have one file behind them, however they are named. */
static int
real_is_self(const char *path)
{
	char own[FUSET_PATH_MAX];
	struct stat a, b;

	return program_path(own, sizeof(own)) == E_OK && stat(own, &a) == 0 &&
	    stat(path, &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino;
}

int
real_server(char out[FUSET_PATH_MAX])
{
	const char *given = getenv(REAL_VARIABLE);

	fuset_server_path(out, given);
	/* A user's own copy may be a link to us: that is one way in. */
	if (given == NULL && real_is_self(out))
		snprintf(out, FUSET_PATH_MAX, "%s", FUSET_SERVER_DEFAULT);
	if (real_is_self(out)) {
		log_error("%s is this program itself: " REAL_VARIABLE
			  " must name FUSE-T's own server program",
		    out);
		return E_EXISTS;
	}
	if (access(out, X_OK) == -1) {
		log_error("FUSE-T's server program %s can't be executed: %s "
			  "(" REAL_VARIABLE " names another one)",
		    out, strerror(errno));
		return E_NOTFOUND;
	}
	return E_OK;
}

int
real_mark(void)
{
	if (getenv(REAL_MARK) != NULL) {
		log_error("started by another fuset-relay as its "
			  "server: " REAL_VARIABLE
			  " must name FUSE-T's own server program");
		return E_EXISTS;
	}
	return setenv(REAL_MARK, "1", 1) == -1 ? E_NOMEM : E_OK;
}
