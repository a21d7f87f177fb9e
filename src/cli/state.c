/* SPDX-License-Identifier: ISC */
#include "cli/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mountinfo.h"

#define STATE_HEAD "fuserelay-mount 2\n"
/* Of fixed length, so that it can be written over: relay, is it mounted,
 * device number. */
#define STATE_LINE "%10ld %d %10u:%10u\n"

int
state_directory(char *out, size_t cap)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	struct stat st;
	int n;

	if (geteuid() == 0)
		n = snprintf(out, cap, "/run/fuserelay");
	else if (run != NULL && run[0] == '/')
		n = snprintf(out, cap, "%s/fuserelay", run);
	else
		n = snprintf(out, cap, "/tmp/fuserelay-%u", geteuid());
	if (n < 0 || (size_t)n >= cap)
		return E_BIG;
	if (mkdir(out, 0700) == -1 && errno != EEXIST)
		return E_SYS;
	if (lstat(out, &st) == -1)
		return E_SYS;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 022) != 0)
		return E_VALUE;
	return E_OK;
}

const char *
state_why(int r)
{
	static char text[PATH_MAX + 256];
	char dir[PATH_MAX];
	const char *what = "others can write to it";
	struct stat st;

	if (r == E_SYS)
		return strerror(errno);
	if (r != E_VALUE || state_directory(dir, sizeof(dir)) != E_VALUE ||
	    lstat(dir, &st) == -1)
		return err_text(r);
	if (!S_ISDIR(st.st_mode))
		what = "it is no directory";
	else if (st.st_uid != geteuid())
		what = "it belongs to another user";
	snprintf(text, sizeof(text),
	    "%s is not used, since %s (number %u): "
	    "have it removed%s",
	    dir, what, (unsigned)st.st_uid,
	    geteuid() == 0 ? "" :
			     ", or set XDG_RUNTIME_DIR to a directory of "
			     "your own");
	return text;
}

/* Where a mount is looked for, and what was found. */
struct state_search {
	const char *target;
	unsigned major, minor;
	int found;
};

static int
state_visit(void *arg, const struct mountinfo *m)
{
	struct state_search *s = arg;

	if (mountinfo_is_fuse(m) && strcmp(m->point, s->target) == 0) {
		s->major = m->major;
		s->minor = m->minor;
		s->found = 1;
	}
	return 0; /* the last one at a place is the one on top */
}

/* The device number of the topmost FUSE mount at target, from the mount
 * table of pid ("self" for 0).  E_NOTFOUND, E_SYS. */
static int
state_find_mount(pid_t pid, const char *target, unsigned *major_number,
    unsigned *minor_number)
{
	struct state_search search = { .target = target };
	char path[64];
	int r;

	if (pid == 0)
		snprintf(path, sizeof(path), "/proc/self/mountinfo");
	else
		snprintf(path, sizeof(path), "/proc/%ld/mountinfo", (long)pid);
	r = mountinfo_walk(file_open(path, O_RDONLY | O_CLOEXEC), state_visit,
	    &search);
	if (r != E_OK)
		return r;
	if (!search.found)
		return E_NOTFOUND;
	*major_number = search.major;
	*minor_number = search.minor;
	return E_OK;
}

/* Give the hidden note its name.  A dead relay that had our process id may
 * have left some. */
static int
state_show(const struct state *s, const char *dir, char *name, size_t cap)
{
	unsigned i;

	for (i = 1;; i++) {
		snprintf(name, cap, "%s/%ld-%u", dir, (long)getpid(), i);
		if (link(s->path, name) == 0)
			return E_OK;
		if (errno != EEXIST)
			return E_SYS;
	}
}

int
state_begin(struct state *s, const char *target, pid_t pid)
{
	static unsigned made;
	struct state_mount before = { 0 };
	char dir[PATH_MAX - 64], last[PATH_MAX];
	int r;

	s->fd = -1;
	r = state_find_mount(pid, target, &before.major, &before.minor);
	if (r != E_OK && r != E_NOTFOUND)
		return r;
	if ((r = state_directory(dir, sizeof(dir))) != E_OK)
		return r;
	/* Hidden until it is locked and whole: nobody shall find it free. */
	snprintf(s->path, sizeof(s->path), "%s/.%ld-%u", dir, (long)getpid(),
	    ++made);
	s->fd = open(s->path,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->fd == -1)
		return E_SYS;
	if (flock(s->fd, LOCK_EX | LOCK_NB) == -1 ||
	    dprintf(s->fd, STATE_HEAD STATE_LINE "%s\n", (long)getpid(), 0,
		before.major, before.minor, target) < 0 ||
	    state_show(s, dir, last, sizeof(last)) != E_OK) {
		state_remove(s);
		return E_SYS;
	}
	unlink(s->path);
	strcpy(s->path, last);
	s->made = before;
	return E_OK;
}

int
state_mounted(struct state *s, const struct kmount_made *made)
{
	char line[64];
	int n;

	n = snprintf(line, sizeof(line), STATE_LINE, (long)getpid(), 1,
	    made->major, made->minor);
	if (pwrite(s->fd, line, (size_t)n, strlen(STATE_HEAD)) != n)
		return E_SYS;
	s->made = (struct state_mount){ .mounted = 1,
		.major = made->major,
		.minor = made->minor };
	return E_OK;
}

/* Is it on top at target, in our own table?  If it was not mounted yet:
 * something else than before is. */
static int
state_is_there(const struct state_mount *made, const char *target)
{
	unsigned maj, min;
	int same;

	if (state_find_mount(0, target, &maj, &min) != E_OK)
		return 0;
	same = maj == made->major && min == made->minor;
	return made->mounted ? same : !same;
}

/* ---- where is it now? ---- */

struct state_hunt {
	const struct state_entry *e;
	enum state_where where;
	char *path;
	int too_long;
};

static const char *
state_last_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* What is mounted can't be renamed, but directories above it can. */
static int
state_may_be(const struct state_entry *e, const struct mountinfo *m)
{
	return mountinfo_is_fuse(m) && m->major == e->made.major &&
	    m->minor == e->made.minor && strchr(m->point, '/') != NULL &&
	    strcmp(state_last_name(m->point), state_last_name(e->target)) == 0;
}

/* Is path the directory `dir`, or below it? */
static int
state_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

static int
state_hunt_visit(void *arg, const struct mountinfo *m)
{
	struct state_hunt *h = arg;

	if (!state_may_be(h->e, m)) {
		if (h->where == STATE_THERE &&
		    state_is_below(h->path, m->point))
			h->where = STATE_COVERED;
		return 0;
	}
	/* Of several, the one where it was made. */
	if (h->where != STATE_GONE && strcmp(h->path, h->e->target) == 0)
		return 0;
	h->too_long = strlen(m->point) >= PATH_MAX;
	snprintf(h->path, PATH_MAX, "%s", m->point);
	h->where = STATE_THERE;
	return 0;
}

int
state_find(const struct state_entry *e, enum state_where *where,
    char path[PATH_MAX])
{
	struct state_hunt h = { .e = e, .where = STATE_GONE, .path = path };
	int r;

	*where = STATE_GONE;
	if (!e->made.mounted) {
		/* Another one than was there before. */
		snprintf(path, PATH_MAX, "%s", e->target);
		if (state_is_there(&e->made, e->target))
			*where = STATE_THERE;
		return E_OK;
	}
	path[0] = '\0';
	r = mountinfo_walk(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC),
	    state_hunt_visit, &h);
	if (r == E_OK && h.too_long)
		r = E_BIG;
	if (r == E_OK)
		*where = h.where;
	return r;
}

/* ---- notes ---- */

void
state_remove(struct state *s)
{
	if (s->fd == -1)
		return;
	unlink(s->path);
	state_leave(s);
}

void
state_leave(struct state *s)
{
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
}

static int
state_take_apart(char *text, struct state_entry *e)
{
	const size_t head = strlen(STATE_HEAD);
	char *target, *end;

	if (strncmp(text, STATE_HEAD, head) != 0 ||
	    sscanf(text + head, "%ld %d %u:%u", &e->pid, &e->made.mounted,
		&e->made.major, &e->made.minor) != 4)
		return E_VALUE;
	if ((target = strchr(text + head, '\n')) == NULL)
		return E_VALUE;
	target++;
	end = strrchr(target, '\n');
	if (end == NULL || end == target || target[0] != '/')
		return E_VALUE;
	*end = '\0';
	snprintf(e->target, sizeof(e->target), "%s", target);
	return E_OK;
}

int
state_read(const char *path, struct state_entry *e, int *fd)
{
	char text[PATH_MAX + 128];
	ssize_t n;
	int r = E_SYS;

	*fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (*fd == -1)
		return E_SYS;
	if ((n = read(*fd, text, sizeof(text) - 1)) == -1)
		goto fail;
	text[n] = '\0';
	if ((r = state_take_apart(text, e)) != E_OK)
		goto fail;
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return E_OK;
	r = errno == EWOULDBLOCK ? E_AGAIN : E_SYS;
fail:
	close(*fd);
	*fd = -1;
	return r;
}
