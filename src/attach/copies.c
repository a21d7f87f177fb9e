/* SPDX-License-Identifier: ISC */
#include "attach/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach/attach.h"
#include "attach/caller.h"
#include "attach/proc.h"
#include "base/file.h"
#include "base/log.h"

struct copies_search {
	struct copies *found;
	pid_t tid; /* the caller */
	int fd;	   /* its descriptor */
};

struct copies_walk {
	pid_t tid, of;
	int fd;
	int (*each)(void *arg, int copy);
	void *arg;
};

static int
copies_same(pid_t a, int fd_a, pid_t b, int fd_b)
{
	return syscall(SYS_kcmp, a, b, KCMP_FILE, (unsigned long)fd_a,
		   (unsigned long)fd_b) == 0;
}

static int
copies_walk_cb(void *arg, int copy)
{
	const struct copies_walk *w = arg;

	return copies_same(w->of, w->fd, w->tid, copy) ?
	    w->each(w->arg, copy) :
	    0;
}

/* Call each() for every descriptor of thread tid that is the same open file as
 * descriptor fd of thread `of`. */
static int
copies_walk(pid_t tid, pid_t of, int fd, int (*each)(void *arg, int copy),
    void *arg)
{
	struct copies_walk w = { tid, of, fd, each, arg };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)tid);
	return file_each_number(path, copies_walk_cb, &w);
}

/* ---- of the caller ---- */

struct copies_own {
	int (*each)(void *arg, int copy, int flags);
	void *arg;
	pid_t tid;
	int fd;
};

static int
copies_own_cb(void *arg, int copy)
{
	const struct copies_own *own = arg;
	int flags;

	if (copy == own->fd || caller_fd_flags(own->tid, copy, &flags) != E_OK)
		return E_OK;
	return own->each(own->arg, copy, flags & O_CLOEXEC);
}

int
copies_each(pid_t tid, int fd, int (*each)(void *arg, int copy, int flags),
    void *arg)
{
	struct copies_own own = { each, arg, tid, fd };

	return copies_walk(tid, tid, fd, copies_own_cb, &own);
}

/* ---- of others ---- */

/* Is descriptor fd in this set of epoll? */
static int
copies_in_set(pid_t tid, unsigned long set, int fd)
{
	char path[64], line[256];
	int member, found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/fdinfo/%lu", (long)tid, set);
	if ((f = file_stream(file_open(path, O_RDONLY | O_CLOEXEC))) == NULL)
		return 0;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, "tfd: %d", &member) == 1 && member == fd;
	fclose(f);
	return found;
}

static int
copies_is_epoll(long nr)
{
#ifdef SYS_epoll_wait
	if (nr == SYS_epoll_wait)
		return 1;
#endif
#ifdef SYS_epoll_pwait2
	if (nr == SYS_epoll_pwait2)
		return 1;
#endif
	return nr == SYS_epoll_pwait;
}

/*
 * Does it wait for what comes by its descriptor fd?
 *
 * A device that is not mounted yet fails each read, and is always ready for
 * poll() and select(): nobody waits in those.  An exception are a read where
 * the device was told to send INIT within mount(2), and sets of epoll that
 * tell of changes alone.
 */
static int
copies_thread_waits(void *arg, pid_t tid)
{
	const int fd = *(const int *)arg;
	unsigned long of;
	long nr;

	if (proc_waits_in(tid, &nr, &of) != E_OK)
		return 0;
	if (proc_is_read(nr))
		return of == (unsigned long)fd;
	return copies_is_epoll(nr) && copies_in_set(tid, of, fd);
}

struct copies_holder {
	struct copies *found;
	pid_t pid;
};

static int
copies_held_cb(void *arg, int copy)
{
	struct copies_holder *h = arg;

	h->found->holder = h->pid;
	if (proc_each_thread(h->pid, copies_thread_waits, &copy) != 1)
		return E_OK;
	h->found->reader = h->pid;
	return E_EXISTS;
}

static int
copies_process_cb(void *arg, pid_t pid)
{
	const struct copies_search *s = arg;
	struct copies_holder h = { s->found, pid };

	if (syscall(SYS_kcmp, s->tid, pid, KCMP_FILES, 0ul, 0ul) == 0)
		return 0; /* the caller, or as good as that */
	return copies_walk(pid, s->tid, s->fd, copies_held_cb, &h) == E_EXISTS;
}

void
copies_find(struct copies *out, pid_t tid, int fd)
{
	struct copies_search s = { out, tid, fd };

	memset(out, 0, sizeof(*out));
	if (proc_each_below(getpid(), copies_process_cb, &s) < 0)
		log_debug("processes can't be listed: %s", strerror(errno));
}

/* ---- telling them ---- */

struct copies_told {
	int fd; /* ours */
	int sig;
	unsigned n;
};

static int
copies_any_cb(void *arg, int copy)
{
	(void)arg;
	(void)copy;
	return E_EXISTS;
}

static int
copies_signal_cb(void *arg, pid_t pid)
{
	struct copies_told *told = arg;
	int process = (int)syscall(SYS_pidfd_open, pid, 0);

	/* (What is looked at by its number is this process still.) */
	if (process == -1)
		return 0;
	if (copies_walk(pid, getpid(), told->fd, copies_any_cb, NULL) ==
		E_EXISTS &&
	    syscall(SYS_pidfd_send_signal, process, told->sig, NULL, 0) == 0)
		told->n++;
	close(process);
	return 0;
}

unsigned
attach_signal_copies(int device, int sig)
{
	struct copies_told told = { device, sig, 0 };

	if (proc_each_below(getpid(), copies_signal_cb, &told) < 0)
		log_debug("processes can't be listed: %s", strerror(errno));
	return told.n;
}
