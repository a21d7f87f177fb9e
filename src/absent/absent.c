/* SPDX-License-Identifier: ISC */
/*
 * What a system lacks, as functions that say so: one without the kernel's
 * FUSE device has no places to hold, no mounts to make, no mount trap and no
 * mounts that outlive their relay; and only on some processors can the result
 * of another process's system call be changed.
 *
 * It is linked where the folders that have the real functions would be.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "attach/attach.h"
#include "attach/unmounted.h"
#include "base/log.h"
#include "cli/cleanup.h"
#include "cli/run.h"
#include "kmount/helper.h"
#include "kmount/kmount.h"
#include "kmount/made.h"
#include "place/place.h"

#ifndef HAVE_KERNEL_FRONT

/* Nobody mounts for a caller. */
int
place_hold(struct place *p, pid_t tid)
{
	(void)tid;
	memset(p, 0, sizeof(*p));
	p->proc = p->root = p->cwd = -1;
	p->shares_mounts = p->shares_user = 1;
	return E_OK;
}

void
place_let_go(struct place *p)
{
	(void)p;
}

int
place_shares_root(const struct place *p)
{
	(void)p;
	return 1;
}

int
place_may_mount(const struct place *p)
{
	(void)p;
	return 0;
}

int
kmount_direct(const struct mount_request *q, int *dev)
{
	(void)q;
	(void)dev;
	errno = ENOSYS;
	return E_SYS;
}

int
kmount_helper_start(struct kmount_helper *h, const struct mount_request *q,
    int err_fd)
{
	(void)q;
	(void)err_fd;
	h->pid = -1;
	h->comm = -1;
	return E_UNSUP;
}

int
kmount_helper_take(struct kmount_helper *h, int *dev)
{
	(void)h;
	*dev = -1;
	return E_PROTO;
}

void
kmount_helper_fini(struct kmount_helper *h)
{
	(void)h;
}

int
kmount_unmount(const char *target, int lazily, int wait_ms)
{
	(void)target;
	(void)lazily;
	(void)wait_ms;
	errno = ENOSYS;
	return E_SYS;
}

int
kmount_is_there(const struct kmount_made *m)
{
	(void)m;
	return 0;
}

/* Programs get their device end by its number. */
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

int
cleanup_command(int dry_run)
{
	(void)dry_run;
	return 0;
}

/* No call of the program is heard of. */
int
run_kernel_knows(const struct place *p)
{
	(void)p;
	return 0;
}

void
run_unmount(void *run, struct attach_call *c, const struct attach_unmount *u)
{
	(void)run;
	(void)u;
	attach_go_on(c);
}

void
run_forget_looks(struct run *r)
{
	(void)r;
}

#endif

#ifndef HAVE_TELL_UNMOUNTED

unsigned
unmounted_tell(pid_t pid, ino_t socket_inode)
{
	(void)pid;
	(void)socket_inode;
	return 0;
}

unsigned
unmounted_follow(struct unmounted *u, pid_t pid, ino_t socket_inode)
{
	(void)u;
	(void)pid;
	(void)socket_inode;
	return 0;
}

void
unmounted_leave(struct unmounted *u, ino_t socket_inode)
{
	(void)u;
	(void)socket_inode;
}

void
unmounted_stopped(struct unmounted *u, pid_t tid, int status)
{
	(void)u;
	(void)tid;
	(void)status;
}

#endif
