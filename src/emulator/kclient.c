/* SPDX-License-Identifier: ISC */
#include "emulator/kclient.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "kmount/kmount.h"
#include "wire/head.h"
#include "wire/init.h"

#define KCLIENT_BUDGET 32     /* requests in one turn of the loop */
#define KCLIENT_READ_MIN 8192 /* the kernel wants room for as much */
#define KCLIENT_READ (1024u * 1024 + 4096)
#define KCLIENT_UNMOUNT_MS 5000

static void
kclient_over(struct kclient *k)
{
	if (k->over)
		return;
	k->over = 1;
	event_del(&k->in);
	k->calls->unmounted(k->arg);
}

static void
kclient_settle(struct kclient *k, int status)
{
	if (k->settled)
		return;
	k->settled = 1;
	event_del(&k->deadline);
	k->calls->mounted(k->arg, status);
}

/* Hand a request of n bytes to the daemon. */
static void
kclient_request(struct kclient *k, size_t n)
{
	struct span m = { k->buf, n };
	uint64_t flags;
	int r;

	if (head_opcode(m) == FUSE_OP_INIT) {
		/* FUSE-T offers nothing that needs a device; and without
		 * notifications nothing is ever sent again. */
		flags = wire_init_in_flags(m);
		flags &= ~wire_init_mask(WIRE_LINUX);
		flags &= ~(1ull << WIRE_BIT_LINUX_HAS_RESEND);
		wire_init_in_set_flags(k->buf, n, flags);
	}
	r = channel_ask(k->channel, m, k);
	if (r != E_OK && r != E_EOF)
		log_error("a request of the kernel was lost: %s", err_text(r));
}

/* Read one request: E_OK, E_AGAIN, E_EOF when unmounted. */
static int
kclient_read(struct kclient *k)
{
	ssize_t n = read(k->dev, k->buf, k->cap);

	if (n >= 0) {
		kclient_request(k, (size_t)n);
		return E_OK;
	}
	switch (errno) {
	case ENOENT: /* request was given up while being read */
	case EINTR:
		return E_OK;
	case EAGAIN:
		return E_AGAIN;
	case ENODEV:
	case ECONNABORTED:
		return E_EOF;
	default:
		log_error("reading /dev/fuse: %s", strerror(errno));
		return E_EOF;
	}
}

static void
kclient_in_cb(evutil_socket_t fd, short what, void *arg)
{
	struct kclient *k = arg;
	int budget = KCLIENT_BUDGET, r = E_OK;

	(void)fd;
	(void)what;
	while (budget-- > 0 && r == E_OK) {
		if (sender_is_full(&k->channel->sender)) {
			event_del(&k->in);
			return;
		}
		r = kclient_read(k);
	}
	if (r == E_EOF)
		kclient_over(k);
}

void
kclient_room(struct kclient *k)
{
	if (k->dev != -1 && !k->over)
		event_add(&k->in, NULL);
}

/* The kernel demands a buffer for the largest WRITE it may send. */
static int
kclient_grow(struct kclient *k, size_t max_write)
{
	size_t cap = max_write + WIRE_WRITE_HEAD;
	uint8_t *p;

	if (cap < KCLIENT_READ_MIN)
		cap = KCLIENT_READ_MIN;
	if (cap <= k->cap)
		return E_OK;
	if ((p = realloc(k->buf, cap)) == NULL)
		return E_NOMEM;
	k->buf = p;
	k->cap = cap;
	return E_OK;
}

/* INIT: bring max_write within what we read at once and --rwsize. */
static void
kclient_granted(struct kclient *k, uint8_t *p, size_t len)
{
	uint32_t limit = k->rwsize != 0 ? k->rwsize : CHANNEL_DATA_MAX;
	uint32_t max_write = wire_init_clamp(p, len, INIT_OUT_MAX_WRITE,
	    limit);

	if (kclient_grow(k, max_write) != E_OK)
		log_error("no memory for requests of %u bytes", max_write);
}

/* Write a reply; the kernel may have lost interest in it: 0 then. */
static int
kclient_write(struct kclient *k, uint32_t opcode, const uint8_t *p, size_t len)
{
	char name[OP_NAME_MAX];
	struct span m = { p, len };
	ssize_t n;

	do
		n = write(k->dev, p, len);
	while (n == -1 && errno == EINTR);
	if (n != -1)
		return 1;
	k->dropped++;
	if (errno != ENOENT && errno != ENODEV)
		log_warn("kernel refused the reply to %s, unique=%llu: %s",
		    op_name_of(opcode, name),
		    (unsigned long long)head_unique(m), strerror(errno));
	return 0;
}

void
kclient_reply(struct kclient *k, uint32_t opcode, struct span reply)
{
	uint8_t init[256];
	int status = 0;

	if (k->dev == -1)
		return;
	if (opcode != FUSE_OP_INIT || reply.len > sizeof(init)) {
		kclient_write(k, opcode, reply.p, reply.len);
		return;
	}
	memcpy(init, reply.p, reply.len);
	kclient_granted(k, init, reply.len);
	/* (A daemon that is told that it is unmounted may refuse, and ends.) */
	if (kclient_write(k, opcode, init, reply.len) &&
	    head_error(reply) != 0) {
		log_error("the daemon refused INIT: error %d",
		    head_error(reply));
		status = EPROTO;
	}
	kclient_settle(k, status);
}

/* The device is here: from now on the kernel's requests are served. */
static void
kclient_serve(struct kclient *k, int dev)
{
	k->dev = dev;
	k->mounted = 1;
	mountinfo_look(k->target, &k->made);
	if (fcntl(dev, F_SETFL, O_NONBLOCK) == -1 ||
	    kclient_grow(k, KCLIENT_READ) != E_OK ||
	    event_assign(&k->in, k->base, dev, EV_READ | EV_PERSIST,
		kclient_in_cb, k) != 0 ||
	    event_add(&k->in, NULL) != 0) {
		log_error("serving the mount: %s", strerror(errno));
		kclient_settle(k, EIO);
		return;
	}
	log_info("mounted on %s", k->target);
	k->calls->there(k->arg);
}

static void
kclient_helper_cb(evutil_socket_t fd, short what, void *arg)
{
	struct kclient *k = arg;
	int dev, r;

	(void)fd;
	(void)what;
	if ((r = kmount_helper_take(&k->helper, &dev)) == E_AGAIN)
		return;
	event_del(&k->helper_in);
	if (r == E_OK) {
		kclient_serve(k, dev);
		return;
	}
	log_error("fusermount3 did not mount on %s: %s", k->target,
	    err_text(r));
	kclient_settle(k, EPERM);
}

static void
kclient_deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct kclient *k = arg;

	(void)fd;
	(void)what;
	log_error("no answer to INIT in time");
	kclient_settle(k, ETIMEDOUT);
}

/* Mount through fusermount3. */
static int
kclient_ask_helper(struct kclient *k, const struct mount_request *s,
    int err_fd)
{
	int r;

	if ((r = kmount_helper_start(&k->helper, s, err_fd)) != E_OK)
		return r;
	if (event_assign(&k->helper_in, k->base, k->helper.comm,
		EV_READ | EV_PERSIST, kclient_helper_cb, k) != 0 ||
	    event_add(&k->helper_in, NULL) != 0)
		return E_SYS;
	return E_OK;
}

void
kclient_mount(struct kclient *k, const struct mount_request *s,
    unsigned timeout, int err_fd)
{
	struct timeval tv = { (time_t)timeout, 0 };
	struct mount_request at = *s;
	int dev = -1, r, error;

	/* Once mounted, the path must not be looked at any more. */
	if (realpath(s->target, k->target) == NULL) {
		error = errno;
		log_error("%s: %s", s->target, strerror(error));
		kclient_settle(k, error);
		return;
	}
	at.target = k->target;
	event_add(&k->deadline, &tv);
	r = kmount_direct(&at, &dev);
	if (r == E_OK) {
		kclient_serve(k, dev);
		return;
	}
	error = r == E_SYS ? errno : EINVAL;
	if (r == E_SYS && (error == EPERM || error == EACCES)) {
		if ((r = kclient_ask_helper(k, &at, err_fd)) == E_OK)
			return;
	}
	log_error("mounting on %s: %s", k->target,
	    r == E_SYS ? strerror(error) : err_text(r));
	kclient_settle(k, error);
}

int
kclient_is_mounting(const struct kclient *k)
{
	return k->helper.comm != -1 && !k->mounted && !k->settled;
}

void
kclient_detach(struct kclient *k)
{
	int r;

	if (!k->mounted || k->over)
		return;
	k->mounted = 0;
	/* Somebody may have undone it, and something else may be there. */
	if (!mountinfo_is_on_top(k->target, &k->made))
		return;
	r = kmount_unmount(k->target, 1, KCLIENT_UNMOUNT_MS);
	/* EINVAL: the program was faster, told to end as we were. */
	if (r != E_OK && !(r == E_SYS && errno == EINVAL))
		log_warn("unmounting %s: %s", k->target, err_why(r));
}

void
kclient_abort(struct kclient *k)
{
	if (event_initialized(&k->in))
		event_del(&k->in);
	file_close(&k->dev);
}

void
kclient_init(struct kclient *k, struct event_base *base,
    struct channel *channel, unsigned rwsize,
    const struct kclient_calls *calls, void *arg)
{
	memset(k, 0, sizeof(*k));
	k->base = base;
	k->channel = channel;
	k->rwsize = rwsize;
	k->calls = calls;
	k->arg = arg;
	k->dev = -1;
	k->helper.pid = -1;
	k->helper.comm = -1;
	evtimer_assign(&k->deadline, base, kclient_deadline_cb, k);
}

void
kclient_fini(struct kclient *k)
{
	kclient_abort(k);
	if (event_initialized(&k->helper_in))
		event_del(&k->helper_in);
	if (event_initialized(&k->deadline))
		event_del(&k->deadline);
	kmount_helper_fini(&k->helper);
	free(k->buf);
	k->buf = NULL;
}
