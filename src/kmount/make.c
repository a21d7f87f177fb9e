/* SPDX-License-Identifier: ISC */
/*
 * Mounting for a caller.
 *
 * fsopen(2) and its like make a mount first and attach it to its mount point
 * later, so that there is a descriptor of this very mount, which tells its id.
 * Where these calls are missing, or can't express the caller's mount(2),
 * mount(2) is used, and the id is that of the mount which is on top at the
 * mount point afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/file.h"
#include "config.h"

#include "base/mountinfo.h"
#include "kmount/helper.h"
#include "kmount/kmount.h"
#include "kmount/made.h"
#include "kmount/procself.h"

#define MAKE_HELPER_MS 60000
#define MAKE_WORD_MAX 255 /* fsconfig(2) takes no longer one */

/* ---- the newer calls ---- */

#ifdef HAVE_FSOPEN
static const struct {
	unsigned long flag;
	unsigned attr;	  /* MOUNT_ATTR_* */
	const char *word; /* of the file system, or NULL */
} make_flags[] = {
	{ MS_RDONLY, MOUNT_ATTR_RDONLY, "ro" },
	{ MS_NOSUID, MOUNT_ATTR_NOSUID, NULL },
	{ MS_NODEV, MOUNT_ATTR_NODEV, NULL },
	{ MS_NOEXEC, MOUNT_ATTR_NOEXEC, NULL },
	{ MS_NOATIME, MOUNT_ATTR_NOATIME, NULL },
	{ MS_NODIRATIME, MOUNT_ATTR_NODIRATIME, NULL },
	{ MS_SYNCHRONOUS, 0, "sync" },
	{ MS_DIRSYNC, 0, "dirsync" },
	{ MS_RELATIME, 0, NULL }, /* as without it */
	{ MS_SILENT, 0, NULL },
};

#define MAKE_FLAGS (sizeof(make_flags) / sizeof(make_flags[0]))

/* Can the newer calls say all that mount(2) was told? */
static int
make_can_say(const struct mount_request *q)
{
	unsigned long known = 0;
	const char *p = q->options;
	size_t i, n;

	if (q->type[0] == '\0')
		return 0;
	for (i = 0; i < MAKE_FLAGS; i++)
		known |= make_flags[i].flag;
	if ((q->flags & ~known) != 0 || strchr(p, '"') != NULL ||
	    q->type[strlen(q->type) - 1] == '.' ||
	    strlen(q->source) > MAKE_WORD_MAX)
		return 0;
	for (; *p != '\0'; p += n + (p[n] == ','))
		if ((n = strcspn(p, ",")) > MAKE_WORD_MAX)
			return 0;
	return 1;
}

static int
make_word(int fs, const char *key, const char *value)
{
	unsigned cmd = value == NULL ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;

	return fsconfig(fs, cmd, key, value, 0) == -1 ? errno : 0;
}

/* "a=1,b": one at a time, as the kernel itself parts them. */
static int
make_options(int fs, const char *p)
{
	char word[MAKE_WORD_MAX + 1], *value;
	int num = 0;
	size_t n;

	for (; num == 0 && *p != '\0'; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		memcpy(word, p, n);
		word[n] = '\0';
		if ((value = strchr(word, '=')) != NULL)
			*value++ = '\0';
		if (word[0] != '\0')
			num = make_word(fs, word, value);
	}
	return num;
}

/* Set all parameters of the file system. */
static int
make_configure(int fs, const struct mount_request *q)
{
	const char *subtype = strchr(q->type, '.');
	char number[16];
	int num = 0;
	size_t i;

	snprintf(number, sizeof(number), "%d", q->device);
	for (i = 0; num == 0 && i < MAKE_FLAGS; i++)
		if ((q->flags & make_flags[i].flag) != 0 &&
		    make_flags[i].word != NULL)
			num = make_word(fs, make_flags[i].word, NULL);
	if (num == 0 && subtype != NULL)
		num = make_word(fs, "subtype", subtype + 1);
	if (num == 0 && q->source[0] != '\0')
		num = make_word(fs, "source", q->source);
	if (num == 0)
		num = make_word(fs, "fd", number);
	if (num == 0)
		num = make_options(fs, q->options);
	if (num == 0 && fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == -1)
		num = errno;
	return num;
}

/* Make the mount without a mount point; *out is a descriptor of it. */
static int
make_detached(const struct mount_request *q, int *out)
{
	const char *subtype = strchr(q->type, '.');
	char type[16];
	unsigned attr = 0;
	int fs, num;
	size_t i;

	snprintf(type, sizeof(type), "%.*s",
	    subtype == NULL ? (int)sizeof(type) - 1 : (int)(subtype - q->type),
	    q->type);
	if ((fs = fsopen(type, FSOPEN_CLOEXEC)) == -1)
		return errno == EPERM ? ENOSYS : errno;
	for (i = 0; i < MAKE_FLAGS; i++)
		if ((q->flags & make_flags[i].flag) != 0)
			attr |= make_flags[i].attr;
	num = make_configure(fs, q);
	if (num == 0 && (*out = fsmount(fs, FSMOUNT_CLOEXEC, attr)) == -1)
		num = errno;
	close(fs);
	return num;
}

static int
make_newer(int self, const struct mount_request *q, int at, int *out)
{
	int num;

	if (!make_can_say(q))
		return ENOSYS;
	if ((num = make_detached(q, out)) != 0)
		return num;
	if (move_mount(*out, "", at, "",
		MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
		return 0;
	num = errno;
	/* mount(2) has this error for it. */
	if (num == EINVAL &&
	    procself_is_directory(self, at) !=
		procself_is_directory(self, *out))
		num = ENOTDIR;
	file_close(out);
	return num;
}
#else
static int
make_newer(int self, const struct mount_request *q, int at, int *out)
{
	(void)self;
	(void)q;
	(void)at;
	(void)out;
	return ENOSYS;
}
#endif

/* ---- mount(2) ---- */

/* Open what is on top at the path that descriptor `at` has. */
static int
make_open_top(int self, int at, int *out)
{
	char path[PATH_MAX];
	int num;

	if ((num = procself_path_of(self, at, path, sizeof(path))) != 0)
		return num;
	*out = open(path, O_PATH | O_CLOEXEC);
	return *out == -1 ? errno : 0;
}

static int
make_older(int self, const struct mount_request *q, int at)
{
	char path[32];
	int r;

	/* Mount on what was opened, even if its path leads elsewhere by
	 * now. */
	snprintf(path, sizeof(path), "fd/%d", at);
	if (fchdir(self) == -1)
		return errno;
	r = kmount_call(q, path, q->device);
	return r == E_OK ? 0 : r == E_SYS ? errno : EINVAL;
}

/* ---- what was made ---- */

/* Fill in what is known of the mount of descriptor fd. */
static int
make_known(int self, int fd, struct kmount_made *m)
{
	struct procself_row row;
	const char *point;
	int num;

	if ((num = procself_id(self, fd, &m->id)) != 0 ||
	    (num = procself_find(self, m->id, &row)) != 0)
		return num;
	if (!row.is_fuse)
		return ESTALE; /* something else is there by now */
	m->major = row.major;
	m->minor = row.minor;
	point = strlen(row.point) < sizeof(m->point) ?
	    row.point :
	    row.point + strlen(row.point) - (sizeof(m->point) - 1);
	strcpy(m->point, point);
	return place_ns_of(self, &m->ns) != E_OK ? errno : 0;
}

/* It is mounted; what follows is not done with the caller's rights. */
static int
make_done(int self, int fd, struct kmount_made *m)
{
	return place_regain() != E_OK ? errno : make_known(self, fd, m);
}

static int
make_by_call(const struct mount_request *q, struct kmount_answer *a)
{
	int self = procself_open(), at, fd = -1, num;

	a->self = self;
	if (self == -1 || place_enter(q->place) != E_OK)
		return errno;
	if ((at = place_open(q->place, q->given, O_PATH)) == -1)
		return errno;
	num = make_newer(self, q, at, &fd);
	if (num == 0) {
		if ((num = make_done(self, fd, &a->made)) != 0)
			procself_detach(self, fd);
		goto out;
	}
	if (num != ENOSYS || (num = make_older(self, q, at)) != 0)
		goto out;
	/* (The caller need not be able to look its whole path up.) */
	if (place_regain() != E_OK)
		num = errno;
	if (num == 0 && (num = make_open_top(self, at, &fd)) == 0 &&
	    (num = make_known(self, fd, &a->made)) != 0 && num != ESTALE)
		procself_detach(self, fd); /* (ESTALE: that is another's) */
out:
	/* Held on, they would keep both mounts busy while this process waits
	 * for the relay's word: whoever unmounts at once could not. */
	file_close(&at);
	file_close(&fd);
	return num;
}

/* ---- through fusermount3 ---- */

/* Wait for the device. */
static int
make_wait_helper(struct kmount_helper *h, int *device)
{
	struct pollfd pfd = { .fd = h->comm, .events = POLLIN };
	int n, r;

	do {
		do
			n = poll(&pfd, 1, MAKE_HELPER_MS);
		while (n == -1 && errno == EINTR);
		if (n != 1)
			return n == 0 ? ETIMEDOUT : errno;
		r = kmount_helper_take(h, device);
	} while (r == E_AGAIN);
	return r == E_OK ? 0 : EPERM;
}

static int
make_ask_helper(const struct mount_request *q, struct kmount_answer *a)
{
	struct kmount_helper h;
	int num, r;

	r = kmount_helper_start(&h, q, -1);
	if (r == E_NOTFOUND || r == E_NOMEM)
		return r == E_NOTFOUND ? ENOENT : ENOMEM;
	if (r != E_OK)
		return r == E_SYS ? errno : EINVAL;
	if ((num = make_wait_helper(&h, &a->device)) == 0)
		a->comm = h.comm;
	return num;
}

static int
make_by_helper(const struct mount_request *q, struct kmount_answer *a)
{
	int self = procself_open(), at, fd = -1, num;
	struct mount_request own = *q;
	char path[PATH_MAX];

	a->self = self;
	if (self == -1 || place_enter(q->place) != E_OK)
		return errno;
	if ((at = place_open(q->place, q->given, O_PATH)) == -1)
		return errno;
	own.target = q->given;
	/* (A descriptor of the caller's is none of the helper's.) */
	if (place_is_descriptor(q->given)) {
		num = procself_path_of(self, at, path, sizeof(path));
		if (num != 0)
			goto out;
		own.target = path;
	}
	if ((num = make_ask_helper(&own, a)) != 0)
		goto out;
	if ((num = make_open_top(self, at, &fd)) == 0)
		num = make_known(self, fd, &a->made);
	/* A mount that can't be identified is not served: try to unmount
	 * it. */
	if (num != 0)
		(void)!kmount_unmount(own.target, 1, MAKE_HELPER_MS);
out:
	file_close(&at);
	file_close(&fd);
	return num;
}

int
kmount_make(const struct mount_request *q, struct kmount_answer *a)
{
	return q->by_helper ? make_by_helper(q, a) : make_by_call(q, a);
}
