/* SPDX-License-Identifier: ISC */
#include "serve/note.h"

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

#define NOTE_HEAD "fuserelay-mount 2\n"
/* Of fixed length, so that it can be written over: relay, is it mounted,
 * device number. */
#define NOTE_LINE "%10ld %d %10u:%10u\n"

int
note_directory(char *out, size_t cap)
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
note_why(int r)
{
	static char text[PATH_MAX + 256];
	char dir[PATH_MAX];
	const char *what = "others can write to it";
	struct stat st;

	if (r == E_SYS)
		return strerror(errno);
	if (r != E_VALUE || note_directory(dir, sizeof(dir)) != E_VALUE ||
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
struct note_search {
	const char *target;
	unsigned major, minor;
	int found;
};

static int
note_visit(void *arg, const struct mountinfo *m)
{
	struct note_search *s = arg;

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
note_find_mount(pid_t pid, const char *target, unsigned *major_number,
    unsigned *minor_number)
{
	struct note_search search = { .target = target };
	char path[64];
	int r;

	if (pid == 0)
		snprintf(path, sizeof(path), "/proc/self/mountinfo");
	else
		snprintf(path, sizeof(path), "/proc/%ld/mountinfo", (long)pid);
	r = mountinfo_walk(file_open(path, O_RDONLY | O_CLOEXEC), note_visit,
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
note_show(const struct note *s, const char *dir, char *name, size_t cap)
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
note_begin(struct note *s, const char *target, pid_t pid)
{
	static unsigned made;
	struct note_mount before = { 0 };
	char dir[PATH_MAX - 64], last[PATH_MAX];
	int r;

	s->fd = -1;
	r = note_find_mount(pid, target, &before.major, &before.minor);
	if (r != E_OK && r != E_NOTFOUND)
		return r;
	if ((r = note_directory(dir, sizeof(dir))) != E_OK)
		return r;
	/* Hidden until it is locked and whole: nobody shall find it free. */
	snprintf(s->path, sizeof(s->path), "%s/.%ld-%u", dir, (long)getpid(),
	    ++made);
	s->fd = open(s->path,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->fd == -1)
		return E_SYS;
	if (flock(s->fd, LOCK_EX | LOCK_NB) == -1 ||
	    dprintf(s->fd, NOTE_HEAD NOTE_LINE "%s\n", (long)getpid(), 0,
		before.major, before.minor, target) < 0 ||
	    note_show(s, dir, last, sizeof(last)) != E_OK) {
		note_remove(s);
		return E_SYS;
	}
	unlink(s->path);
	strcpy(s->path, last);
	s->made = before;
	return E_OK;
}

int
note_mounted(struct note *s, const struct kmount_made *made)
{
	char line[64];
	int n;

	n = snprintf(line, sizeof(line), NOTE_LINE, (long)getpid(), 1,
	    made->major, made->minor);
	if (pwrite(s->fd, line, (size_t)n, strlen(NOTE_HEAD)) != n)
		return E_SYS;
	s->made = (struct note_mount){ .mounted = 1,
		.major = made->major,
		.minor = made->minor };
	return E_OK;
}

/* Is it on top at target, in our own table?  If it was not mounted yet:
 * something else than before is. */
static int
note_is_there(const struct note_mount *made, const char *target)
{
	unsigned maj, min;
	int same;

	if (note_find_mount(0, target, &maj, &min) != E_OK)
		return 0;
	same = maj == made->major && min == made->minor;
	return made->mounted ? same : !same;
}

/* ---- where is it now? ---- */

struct note_hunt {
	const struct note_entry *e;
	enum note_where where;
	char *path;
	int too_long;
};

static const char *
note_last_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* What is mounted can't be renamed, but directories above it can. */
static int
note_may_be(const struct note_entry *e, const struct mountinfo *m)
{
	return mountinfo_is_fuse(m) && m->major == e->made.major &&
	    m->minor == e->made.minor && strchr(m->point, '/') != NULL &&
	    strcmp(note_last_name(m->point), note_last_name(e->target)) == 0;
}

/* Is path the directory `dir`, or below it? */
static int
note_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

static int
note_hunt_visit(void *arg, const struct mountinfo *m)
{
	struct note_hunt *h = arg;

	if (!note_may_be(h->e, m)) {
		if (h->where == NOTE_THERE && note_is_below(h->path, m->point))
			h->where = NOTE_COVERED;
		return 0;
	}
	/* Of several, the one where it was made. */
	if (h->where != NOTE_GONE && strcmp(h->path, h->e->target) == 0)
		return 0;
	h->too_long = strlen(m->point) >= PATH_MAX;
	snprintf(h->path, PATH_MAX, "%s", m->point);
	h->where = NOTE_THERE;
	return 0;
}

int
note_find(const struct note_entry *e, enum note_where *where,
    char path[PATH_MAX])
{
	struct note_hunt h = { .e = e, .where = NOTE_GONE, .path = path };
	int r;

	*where = NOTE_GONE;
	if (!e->made.mounted) {
		/* Another one than was there before. */
		snprintf(path, PATH_MAX, "%s", e->target);
		if (note_is_there(&e->made, e->target))
			*where = NOTE_THERE;
		return E_OK;
	}
	path[0] = '\0';
	r = mountinfo_walk(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC),
	    note_hunt_visit, &h);
	if (r == E_OK && h.too_long)
		r = E_BIG;
	if (r == E_OK)
		*where = h.where;
	return r;
}

/* ---- notes ---- */

void
note_remove(struct note *s)
{
	if (s->fd == -1)
		return;
	unlink(s->path);
	note_leave(s);
}

void
note_leave(struct note *s)
{
	file_close(&s->fd);
}

static int
note_take_apart(char *text, struct note_entry *e)
{
	const size_t head = strlen(NOTE_HEAD);
	char *target, *end;

	if (strncmp(text, NOTE_HEAD, head) != 0 ||
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
note_read(const char *path, struct note_entry *e, int *fd)
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
	if ((r = note_take_apart(text, e)) != E_OK)
		goto fail;
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return E_OK;
	r = errno == EWOULDBLOCK ? E_AGAIN : E_SYS;
fail:
	close(*fd);
	*fd = -1;
	return r;
}
