/* SPDX-License-Identifier: ISC */
/*
 * FUSE-T as front: its server program, which does the mounting.
 *
 * "mount" on the monitor asks for the mount, whose status comes later as an
 * int; the server sends INIT meanwhile, so nobody may wait for that status.
 * "unmount" ends it.  Either channel's end is the end of the server.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "front/front.h"
#include "front/fuset_args.h"
#include "front/fuset_server.h"

struct fuset {
	struct front *front;
	struct fuset_server server;
	int32_t status;
	size_t status_have;
	int mounted;
};

static void
fuset_ended_cb(void *arg, int status)
{
	struct fuset *t = arg;

	if (!t->mounted && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		log_debug("FUSE-T's server ended with wait status %#x",
		    (unsigned)status);
	t->front->ev->ended(t->front->arg, status);
}

/* The status of "mount", perhaps in pieces. */
static void
fuset_said_cb(void *arg, const void *bytes, size_t n)
{
	struct fuset *t = arg;
	const uint8_t *p = bytes;

	for (; n > 0; n--) {
		((uint8_t *)&t->status)[t->status_have++] = *p++;
		if (t->status_have < sizeof(t->status))
			continue;
		t->status_have = 0;
		t->mounted = t->status == 0;
		t->front->ev->mounted(t->front->arg, t->status);
	}
}

static const struct fuset_server_events fuset_server_ev = {
	.said = fuset_said_cb,
	.ended = fuset_ended_cb,
};

static void
fuset_unmount(struct front *f, int flags)
{
	struct fuset *t = f->own;

	(void)flags;		/* the monitor knows one way only */
	fuset_server_unmount(&t->server);
}

/* Whichever end is gone: the server should unmount and end. */
static void
fuset_end(struct front *f)
{
	fuset_unmount(f, 0);
}

static void
fuset_free(struct front *f)
{
	struct fuset *t = f->own;

	fuset_server_fini(&t->server);
	free(t);
}

static int
fuset_start(struct front *f, struct front_conf *c,
    const struct front_mount *m)
{
	struct fuset_args args = { 0 };
	struct fuset *t;
	int data = -1, r, saved;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return E_NOMEM;
	f->own = t;
	t->front = f;
	if ((r = fuset_args_make(&args, c, m)) != E_OK)
		goto out;
	if ((r = fuset_server_start(&t->server, f->base, f->reaper,
		 args.argv, c->keep_fds, &fuset_server_ev, t, &data)) !=
		E_OK || (r = fuset_server_tell(&t->server, "mount", 5)) !=
		E_OK)
		goto out;
	f->ev->stream(f->arg, data);
	data = -1;			/* handed over */
out:
	saved = errno;
	if (r == E_SYS)
		log_error("can't start FUSE-T's server: %s", strerror(errno));
	if (data != -1)
		close(data);
	fuset_args_free(&args);
	errno = saved;
	return r;
}

const struct front_ops front_fuset_ops = {
	fuset_start, fuset_unmount, fuset_end, fuset_end, fuset_free
};
