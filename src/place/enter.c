/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "place/place.h"
#include "place/rights.h"

/* ---- capabilities ---- */

struct enter_caps {
	uint64_t effective, permitted, inheritable;
};

static int
enter_caps_get(struct enter_caps *c)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct half[2];

	if (syscall(SYS_capget, &head, half) == -1)
		return E_SYS;
	c->effective = half[0].effective | (uint64_t)half[1].effective << 32;
	c->permitted = half[0].permitted | (uint64_t)half[1].permitted << 32;
	c->inheritable = half[0].inheritable |
	    (uint64_t)half[1].inheritable << 32;
	return E_OK;
}

static int
enter_caps_set(const struct enter_caps *c)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct half[2] = {
		{ (uint32_t)c->effective, (uint32_t)c->permitted,
		    (uint32_t)c->inheritable },
		{ (uint32_t)(c->effective >> 32),
		    (uint32_t)(c->permitted >> 32),
		    (uint32_t)(c->inheritable >> 32) }
	};

	return syscall(SYS_capset, &head, half) == -1 ? E_SYS : E_OK;
}

/* Have in effect what of `wanted` is permitted. */
static int
enter_caps_take(uint64_t wanted)
{
	struct enter_caps c;

	if (enter_caps_get(&c) != E_OK)
		return E_SYS;
	c.effective = c.permitted & wanted;
	return enter_caps_set(&c);
}

int
place_regain(void)
{
	return enter_caps_take(~(uint64_t)0);
}

static int
enter_may(int capability)
{
	struct enter_caps c;

	return enter_caps_get(&c) == E_OK && ((c.effective >> capability) & 1);
}

/* ---- namespaces ---- */

/* Into the namespace that is `name` below a /proc directory. */
static int
enter_ns(int proc, const char *name, int type)
{
	int fd = openat(proc, name, O_RDONLY | O_CLOEXEC), r;

	if (fd == -1)
		return E_SYS;
	r = setns(fd, type) == -1 ? E_SYS : E_OK;
	file_close(&fd);
	return r;
}

/* ---- numbers ---- */

static int
enter_same_groups(const struct place_rights *r)
{
	int n = getgroups(0, NULL), same;
	gid_t *ours;

	if (n < 0 || (size_t)n != r->ngroups)
		return 0;
	if (n == 0)
		return 1;
	if ((ours = malloc((size_t)n * sizeof(*ours))) == NULL)
		return 0;
	same = getgroups(n, ours) == n &&
	    memcmp(ours, r->groups, (size_t)n * sizeof(*ours)) == 0;
	free(ours);
	return same;
}

static int
enter_groups(const struct place_rights *r)
{
	if (enter_same_groups(r))
		return E_OK;
	return setgroups(r->ngroups, r->groups) == -1 ? E_SYS : E_OK;
}

/* The caller's numbers, as the user namespace that we are in has them.
 * Capabilities stay permitted. */
static int
enter_ids(const struct place_ids *ids)
{
	const gid_t *g = ids->gid;
	const uid_t *u = ids->uid;

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1 ||
	    setresgid(g[0], g[1], g[2]) == -1 ||
	    setresuid(u[0], u[1], u[2]) == -1)
		return E_SYS;
	/* (They don't say whether they could; what they say next time does.) */
	setfsgid(g[3]);
	setfsuid(u[3]);
	if ((gid_t)setfsgid(g[3]) != g[3] || (uid_t)setfsuid(u[3]) != u[3]) {
		errno = EPERM;
		return E_SYS;
	}
	return E_OK;
}

/* Once in the caller's user namespace its numbers are others. */
static int
enter_user_ns(const struct place *p, struct place_ids *ids, int grouped)
{
	struct place_rights seen;
	int r;

	if ((r = enter_ns(p->proc, "ns/user", CLONE_NEWUSER)) != E_OK)
		return r;
	r = rights_read(p->proc, &seen);
	if (r == E_OK && !grouped)
		r = enter_groups(&seen);
	*ids = seen.ids;
	rights_fini(&seen);
	return r;
}

int
place_enter(const struct place *p)
{
	const int grouped = enter_groups(&p->rights) == E_OK;
	struct place_ids ids = p->rights.ids;

	/* Groups first: in a user namespace that may be forbidden; or only
	 * there it is allowed to us. */
	if ((!grouped && p->shares_user) ||
	    (!p->shares_user && enter_user_ns(p, &ids, grouped) != E_OK) ||
	    (!p->shares_mounts &&
		enter_ns(p->proc, "ns/mnt", CLONE_NEWNS) != E_OK))
		return E_SYS;
	/* (Who may not change its root has that of its parent, as we have.) */
	if (enter_may(CAP_SYS_CHROOT) &&
	    (fchdir(p->root) == -1 || chroot(".") == -1))
		return E_SYS;
	if (fchdir(p->cwd) == -1 || enter_ids(&ids) != E_OK)
		return E_SYS;
	return enter_caps_take(p->rights.caps);
}

/* ---- by way of another process ---- */

/* A process in that namespace, by a descriptor of its /proc directory. */
struct enter_search {
	const struct place_ns *ns;
	int proc; /* or -1 */
};

static int
enter_is_in(void *arg, int pid)
{
	struct enter_search *s = arg;
	struct place_ns one;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	s->proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->proc != -1 && place_ns_of(s->proc, &one) == E_OK &&
	    place_ns_same(&one, s->ns))
		return 1;
	file_close(&s->proc);
	return 0;
}

static int
enter_find(const struct place_ns *ns)
{
	struct enter_search s = { ns, -1 };
	int r = file_each_number("/proc", enter_is_in, &s);

	if (r == 0)
		errno = ESRCH;
	return s.proc;
}

static int
enter_self(const struct place_ns *ns)
{
	int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct place_ns ours;

	if (self == -1 ||
	    (place_ns_of(self, &ours) == E_OK && place_ns_same(&ours, ns)))
		return self;
	close(self);
	errno = ESRCH;
	return -1;
}

int
place_mountinfo(const struct place_ns *ns)
{
	int proc = enter_self(ns), fd;

	if (proc == -1)
		proc = enter_find(ns);
	if (proc == -1)
		return -1;
	fd = openat(proc, "mountinfo", O_RDONLY | O_CLOEXEC);
	file_close(&proc);
	return fd;
}

/* Is it still in the namespace that it was found by?  Then go there. */
static int
enter_held(int fd, const struct place_ns *ns)
{
	struct place_ns now;
	int user, r;

	if (place_ns_of_file(fd, &now) != E_OK)
		return E_SYS;
	if (!place_ns_same(&now, ns))
		return E_NOTFOUND;
	if (setns(fd, CLONE_NEWNS) == 0)
		return E_OK;
	/* It may belong to a user namespace that only its owner's user, who
	 * we are, may enter.  (Which the process found need not be in.) */
	if (errno != EPERM || (user = ioctl(fd, NS_GET_USERNS)) == -1)
		return E_SYS;
	r = setns(user, CLONE_NEWUSER) == -1 || setns(fd, CLONE_NEWNS) == -1 ?
	    E_SYS :
	    E_OK;
	close(user); /* (keeps errno, being no file's) */
	return r;
}

int
place_enter_ns(const struct place_ns *ns)
{
	int proc = enter_self(ns), fd, r;

	if (proc != -1) {
		close(proc);
		return E_OK;
	}
	if ((proc = enter_find(ns)) == -1)
		return errno == ESRCH ? E_NOTFOUND : E_SYS;
	r = E_SYS;
	if ((fd = openat(proc, "ns/mnt", O_RDONLY | O_CLOEXEC)) != -1)
		r = enter_held(fd, ns);
	file_close(&fd);
	file_close(&proc);
	return r;
}
