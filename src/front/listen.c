/* SPDX-License-Identifier: ISC */
/*
 * Bind a listening socket where nobody else can put or connect anything:
 * the directory must be ours and not writable for others, the socket has
 * mode 0600 from its first moment, and what is not a dead socket of our own
 * is never removed.  All steps are made in the directory, by the name alone,
 * so that it can't be swapped between them; that also lifts the limit on
 * the length of the path.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "front/front.h"

#define LISTEN_BACKLOG 4

/* A directory that can be returned to, if possible without reading it. */
#ifdef O_PATH
#define LISTEN_HERE O_PATH
#else
#define LISTEN_HERE O_RDONLY
#endif

static int
listen_directory(const char *path)
{
	struct stat st;
	char *copy, *dir;
	int fd = -1, saved;

	if ((copy = strdup(path)) == NULL)
		return -1;
	dir = dirname(copy);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		log_error("%s: %s", dir, strerror(errno));
		goto fail;
	}
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0) {
		log_error(
		    "%s: a socket is only made in a directory of your "
		    "own that nobody else can write to (chmod 700 it, or name "
		    "another)",
		    dir);
		errno = EPERM;
		goto fail;
	}
	free(copy);
	return fd;
fail:
	saved = errno;
	file_close(&fd);
	free(copy);
	errno = saved;
	return -1;
}

static int
listen_address(struct sockaddr_un *sun, const char *name)
{
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	if (strlen(name) >= sizeof(sun->sun_path)) {
		errno = ENAMETOOLONG;
		return E_SYS;
	}
	strcpy(sun->sun_path, name);
	return E_OK;
}

static int
listen_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* Not blocking: a listener may have all the clients it takes. */
	if (fd != -1 &&
	    (evutil_make_socket_closeonexec(fd) == -1 ||
		evutil_make_socket_nonblocking(fd) == -1)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Remove a socket of ours that nobody listens on. */
static int
listen_clear(int dir, const char *name, const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, r;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? E_OK : E_SYS;
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return E_SYS;
	if ((fd = listen_socket()) == -1)
		return E_SYS;
	r = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	if (r == 0 || errno != ECONNREFUSED) {
		close(fd);
		errno = EADDRINUSE;
		return E_SYS;
	}
	close(fd);
	return unlinkat(dir, name, 0) == -1 ? E_SYS : E_OK;
}

/* Bind `name` in the working directory, which is `dir`. */
static int
listen_bind(int *out, int dir, const char *name)
{
	struct sockaddr_un sun;
	mode_t mask;
	int fd, r;

	if (listen_address(&sun, name) != E_OK ||
	    listen_clear(dir, name, &sun) != E_OK ||
	    (fd = listen_socket()) == -1)
		return E_SYS;
	mask = umask(0177);
	r = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (r == -1 || listen(fd, LISTEN_BACKLOG) == -1) {
		file_close(&fd);
		return E_SYS;
	}
	*out = fd;
	return E_OK;
}

int
front_listen_open(struct front_conf *c)
{
	int dir = -1, here = -1, r = E_SYS, saved;
	char *copy = NULL;

	if ((dir = listen_directory(c->path)) == -1)
		return E_VALUE;
	if ((copy = strdup(c->path)) == NULL ||
	    (here = open(".", LISTEN_HERE | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    fchdir(dir) == -1)
		goto out;
	r = listen_bind(&c->fd, dir, basename(copy));
	saved = errno;
	if (fchdir(here) == -1)
		log_warn("the working directory is %s now: %s", c->path,
		    strerror(errno));
	errno = saved;
out:
	if (r != E_OK)
		log_error("can't listen at %s: %s", c->path, strerror(errno));
	file_close(&here);
	file_close(&dir);
	free(copy);
	return r;
}

void
front_listen_close(struct front_conf *c)
{
	if (c->kind != FRONT_LISTEN || c->fd == -1)
		return;
	close(c->fd);
	c->fd = -1;
	if (unlink(c->path) == -1 && errno != ENOENT)
		log_warn("%s: %s", c->path, strerror(errno));
}
