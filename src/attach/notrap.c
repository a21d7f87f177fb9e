/* SPDX-License-Identifier: ISC */
/* Where there is no mount trap, programs get their device end by number. */
#include "attach/attach.h"
#include "base/log.h"

int
attach_has_trap(void)
{
	return 0;
}

int
attach_trap(struct attach **out, struct event_base *base, char *const argv[],
    int stand_in, const struct attach_events *ev, void *arg)
{
	(void)base;
	(void)argv;
	(void)stand_in;
	(void)ev;
	(void)arg;
	*out = NULL;
	log_error(
	    "this fuserelay was built without the mount trap: "
	    "--attach=fd is the way for programs that mount on /dev/fd/N");
	return E_UNSUP;
}

pid_t
attach_pid(const struct attach *a)
{
	(void)a;
	return -1;
}

pid_t
attach_caller(const struct attach_call *c)
{
	(void)c;
	return 0;
}

int
attach_grant(struct attach_call *c, int fd)
{
	(void)c;
	(void)fd;
	return E_NOTFOUND;
}

void
attach_find_copies(const struct attach_call *c, pid_t *holder, pid_t *reader)
{
	(void)c;
	*holder = *reader = 0;
}

unsigned
attach_signal_copies(int device, int sig)
{
	(void)device;
	(void)sig;
	return 0;
}

int
attach_take_device(const struct attach_call *c, int *fd)
{
	(void)c;
	*fd = -1;
	return E_NOTFOUND;
}

void
attach_done(struct attach_call *c)
{
	(void)c;
}

void
attach_deny(struct attach_call *c, int num)
{
	(void)c;
	(void)num;
}

void
attach_go_on(struct attach_call *c)
{
	(void)c;
}

void
attach_free(struct attach *a)
{
	(void)a;
}

int
attach_device_usable(void)
{
	return 0;
}
