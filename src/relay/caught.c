/* SPDX-License-Identifier: ISC */
#include "relay/caught.h"

#include <signal.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/signalfd.h>
#endif

#ifdef __linux__
static void
caught_cb(evutil_socket_t fd, short what, void *arg)
{
	struct caught *c = arg;
	struct signalfd_siginfo si;

	(void)what;
	/* (What can't be read now is still there in the next turn.) */
	if (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		c->cb(c->sig, EV_SIGNAL, c->arg);
}

static int
caught_new(struct caught *c, struct event_base *base)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, c->sig);
	c->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (c->fd == -1 || sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return E_SYS;
	c->ev = event_new(base, c->fd, EV_READ | EV_PERSIST, caught_cb, c);
	return c->ev == NULL ? E_NOMEM : E_OK;
}
#else
static int
caught_new(struct caught *c, struct event_base *base)
{
	c->ev = evsignal_new(base, c->sig, c->cb, c->arg);
	return c->ev == NULL ? E_NOMEM : E_OK;
}
#endif

int
caught_begin(struct caught *c, struct event_base *base, int sig,
    event_callback_fn cb, void *arg)
{
	int r;

	c->ev = NULL;
	c->fd = -1;
	c->sig = sig;
	c->cb = cb;
	c->arg = arg;
	if ((r = caught_new(c, base)) == E_OK && event_add(c->ev, NULL) == -1)
		r = E_NOMEM;
	if (r != E_OK)
		caught_end(c);
	return r;
}

void
caught_end(struct caught *c)
{
	if (c->ev != NULL)
		event_free(c->ev);
	if (c->sig != 0 && c->fd != -1)
		close(c->fd);
	c->ev = NULL;
	c->fd = -1;
	c->sig = 0;
}
