/* SPDX-License-Identifier: ISC */
#include "passthrough/cred.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(cap) (1u << (cap))

/* What this thread has changed about itself. */
static _Thread_local struct {
	int own_umask; /* does not share it with the others */
	mode_t umask;
	int drops_setid; /* CAP_FSETID is off */
} self;

static int
cap_set(const struct __user_cap_data_struct *cap)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};

	return (int)syscall(SYS_capset, &head, cap);
}

int
cred_init(struct cred_base *base)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};

	memset(base, 0, sizeof(*base));
	base->gid = getegid();
	if (syscall(SYS_capget, &head, base->cap) == -1)
		return errno;
	base->switches = geteuid() == 0 &&
	    (base->cap[0].effective & BIT(CAP_SETUID)) != 0 &&
	    (base->cap[0].effective & BIT(CAP_SETGID)) != 0;
	base->masks = unshare(CLONE_FS) == 0;
	if ((base->ngroups = getgroups(0, NULL)) == -1)
		return errno;
	base->groups = calloc((size_t)base->ngroups + 1, sizeof(gid_t));
	if (base->groups == NULL)
		return ENOMEM;
	base->ngroups = getgroups(base->ngroups, base->groups);
	return base->ngroups == -1 ? errno : 0;
}

void
cred_fini(struct cred_base *base)
{
	free(base->groups);
	base->groups = NULL;
}

static void
cred_umask(mode_t mask)
{
	if (!self.own_umask) {
		if (unshare(CLONE_FS) == -1)
			return;
		self.own_umask = 1;
		self.umask = umask(mask);
	}
	if (self.umask != mask) {
		umask(mask);
		self.umask = mask;
	}
}

static int
cred_groups(fuse_req_t req)
{
	gid_t list[CRED_GROUPS_MAX];
	int n;

	n = fuse_req_getgroups(req, CRED_GROUPS_MAX, list);
	if (n < 0)
		return n == -ENOSYS ? 0 : -n;
	if (n > CRED_GROUPS_MAX)
		n = CRED_GROUPS_MAX;
	if (syscall(SYS_setgroups, n, list) == -1)
		return errno;
	return 0;
}

/*
 * The kernel has let the caller into the directory, maybe by a group or an
 * ACL, so the way to it is not checked again.  Changing away from user 0
 * took these capabilities off.
 */
static int
cred_caps(const struct cred_base *base, mode_t mode)
{
	struct __user_cap_data_struct cap[2];
	uint32_t fs = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) |
	    BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) |
	    BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MKNOD);
	uint32_t keep = BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH);

	if (S_ISCHR(mode) || S_ISBLK(mode))
		keep |= BIT(CAP_MKNOD);
	memcpy(cap, base->cap, sizeof(cap));
	cap[0].effective &= ~fs | keep;
	return cap_set(cap) == -1 ? errno : 0;
}

int
cred_make(const struct cred_base *base, fuse_req_t req, mode_t mode, int umask,
    struct cred *c)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	int r = 0;

	memset(c, 0, sizeof(*c));
	if (umask && base->masks)
		cred_umask(ctx->umask);
	if (!base->switches)
		return 0;
	cred_keep_setid(base, 1);
	if (ctx->uid == 0 && ctx->gid == base->gid)
		return 0;
	c->switched = 1;
	if (ctx->uid != 0 && (mode & S_ISGID) != 0) {
		c->grouped = 1;
		r = cred_groups(req);
	}
	setfsgid(ctx->gid);
	setfsuid(ctx->uid);
	/* They never tell of failure but by not changing anything. */
	if ((gid_t)setfsgid((gid_t)-1) != ctx->gid ||
	    (uid_t)setfsuid((uid_t)-1) != ctx->uid)
		r = EPERM;
	if (r == 0 && ctx->uid != 0)
		r = cred_caps(base, mode);
	if (r != 0)
		cred_end(base, c);
	return r;
}

int
cred_acl(const struct cred_base *base, fuse_req_t req, struct cred *c)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	int r;

	memset(c, 0, sizeof(*c));
	cred_keep_setid(base, ctx->uid == 0);
	if (!base->switches || ctx->uid == 0)
		return 0;
	c->switched = c->grouped = 1;
	setfsgid(ctx->gid);
	if ((r = cred_groups(req)) != 0)
		cred_end(base, c);
	return r;
}

/* Going back to user 0 gives the capabilities back, CAP_FSETID too. */
void
cred_end(const struct cred_base *base, const struct cred *c)
{
	int saved = errno;

	if (c->switched) {
		if (setfsuid(0) != 0)
			self.drops_setid = 0;
		setfsgid(base->gid);
	}
	if (c->grouped)
		syscall(SYS_setgroups, base->ngroups, base->groups);
	errno = saved;
}

void
cred_keep_setid(const struct cred_base *base, int keep)
{
	struct __user_cap_data_struct cap[2];

	if (!base->switches || self.drops_setid == !keep)
		return;
	memcpy(cap, base->cap, sizeof(cap));
	if (!keep)
		cap[0].effective &= ~BIT(CAP_FSETID);
	if (cap_set(cap) == 0)
		self.drops_setid = !keep;
}
