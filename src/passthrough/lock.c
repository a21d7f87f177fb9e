/* SPDX-License-Identifier: ISC */
#include "passthrough/lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

/* Between two tries for locks that somebody outside holds. */
#define WAIT_FIRST_MS 2
#define WAIT_LAST_MS 64

void
lock_table_init(struct lock_table *t, struct handle_table *handles)
{
	pthread_condattr_t attr;

	memset(t, 0, sizeof(*t));
	t->handles = handles;
	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->kick, &attr);
	pthread_condattr_destroy(&attr);
}

static struct lock_owner *
lock_owner_find(struct lock_table *t, uint64_t ino, uint64_t owner)
{
	const struct lock_key key = { ino, owner };

	return table_find(t->owners, &key, sizeof(key));
}

/*
 * An open file description of its own, for both kinds of lock if possible.
 * Where the file may not be opened any more, a duplicate has to do: then
 * processes that share the handle share its locks.
 */
static int
lock_owner_open(int proc_fd, const struct handle *h)
{
	char path[12];
	int fd;

	snprintf(path, sizeof(path), "%d", h->fd);
	fd = openat(proc_fd, path, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		fd = openat(proc_fd, path, O_CLOEXEC | (h->flags & O_ACCMODE));
	if (fd == -1)
		fd = fcntl(h->fd, F_DUPFD_CLOEXEC, 0);
	return fd;
}

/* Put o into the hash, which takes a reference; NULL: there is no memory. */
static struct lock_owner *
lock_owner_list(struct lock_table *t, struct lock_owner *o)
{
	if (table_add(&t->owners, o, sizeof(o->key)) != E_OK)
		return NULL;
	o->refs = 1;
	o->listed = 1;
	return o;
}

int
lock_owner_get(struct lock_table *t, int proc_fd, const struct handle *h,
    uint64_t owner, pid_t pid, struct lock_owner **out)
{
	struct lock_owner *o, *mine;
	int r;

	pthread_mutex_lock(&t->lock);
	if ((*out = lock_owner_find(t, h->ino, owner)) != NULL)
		(*out)->refs++;
	pthread_mutex_unlock(&t->lock);
	if (*out != NULL)
		return 0;
	if ((mine = calloc(1, sizeof(*mine))) == NULL)
		return ENOMEM;
	if ((mine->fd = lock_owner_open(proc_fd, h)) == -1) {
		r = errno;
		free(mine);
		return r;
	}
	mine->key.ino = h->ino;
	mine->key.owner = owner;
	mine->pid = pid;
	pthread_mutex_lock(&t->lock);
	if ((o = lock_owner_find(t, h->ino, owner)) == NULL &&
	    (o = lock_owner_list(t, mine)) != NULL)
		mine = NULL;
	if (o != NULL)
		o->refs++;
	pthread_mutex_unlock(&t->lock);
	if (mine != NULL) {
		close(mine->fd);
		free(mine);
	}
	*out = o;
	return o == NULL ? ENOMEM : 0;
}

void
lock_owner_put(struct lock_table *t, struct lock_owner *o)
{
	unsigned refs;

	pthread_mutex_lock(&t->lock);
	refs = --o->refs;
	pthread_mutex_unlock(&t->lock);
	if (refs != 0)
		return;
	close(o->fd);
	free(o);
}

void
lock_owner_drop(struct lock_table *t, uint64_t ino, uint64_t owner)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };
	struct lock_owner *o;

	pthread_mutex_lock(&t->lock);
	if ((o = lock_owner_find(t, ino, owner)) != NULL) {
		table_remove(&t->owners, o);
		o->listed = 0;
	}
	pthread_mutex_unlock(&t->lock);
	if (o == NULL)
		return;
	/* Somebody may still hold the descriptor, waiting. */
	fcntl(o->fd, F_OFD_SETLK, &all);
	lock_owner_put(t, o);
	lock_kick(t);
}

/*
 * The owner that does not see the conflicting lock as an obstacle is the
 * one that has it.  Several readers obstruct each other: any of them will
 * do.
 */
pid_t
lock_holder(struct lock_table *t, const struct lock_owner *o,
    const struct flock *conflict)
{
	const struct lock_owner *x;
	struct flock probe;
	pid_t pid = 0;

	pthread_mutex_lock(&t->lock);
	for (x = (void *)t->owners; x != NULL; x = table_next(x)) {
		if (x == o || x->key.ino != o->key.ino)
			continue;
		probe = *conflict;
		probe.l_type = F_WRLCK;
		probe.l_pid = 0;
		if (fcntl(x->fd, F_OFD_GETLK, &probe) == -1)
			continue;
		if (probe.l_type == F_UNLCK) {
			pid = x->pid;
			break;
		}
		if (conflict->l_type == F_RDLCK && pid == 0)
			pid = x->pid;
	}
	pthread_mutex_unlock(&t->lock);
	return pid;
}

/* 0, EAGAIN if it is held by another, or another errno. */
static int
lock_try(struct lock_try *try)
{
	struct flock record = try->record;
	int r;

	if (try->flock_op != 0)
		r = flock(try->fd, try->flock_op | LOCK_NB);
	else
		r = fcntl(try->fd, F_OFD_SETLK, &record);
	if (r == 0)
		return 0;
	return errno == EACCES || errno == EWOULDBLOCK ? EAGAIN : errno;
}

static void
lock_try_end(struct lock_table *t, struct lock_try *try)
{
	if (try->owner != NULL)
		lock_owner_put(t, try->owner);
	if (try->handle != NULL)
		handle_put(t->handles, try->handle);
}

/* Moves who need not wait any longer to *done; call with the lock held. */
static void
lock_waits_try(struct lock_table *t, struct lock_wait **done, int stop)
{
	struct lock_wait *w, *next;
	int r;

	DL_FOREACH_SAFE (t->waits, w, next) {
		if (!w->armed && !stop)
			continue;
		r = w->interrupted || stop ? EINTR : lock_try(&w->try);
		if (r == EAGAIN)
			continue;
		w->interrupted = r;
		DL_DELETE(t->waits, w);
		DL_APPEND(*done, w);
		t->waiting--;
	}
}

static void
lock_waits_answer(struct lock_table *t, struct lock_wait *done)
{
	struct lock_wait *w, *next;

	DL_FOREACH_SAFE (done, w, next) {
		DL_DELETE(done, w);
		fuse_reply_err(w->req, w->interrupted);
		lock_try_end(t, &w->try);
		free(w);
	}
}

/* Sleeps until somebody kicks, or for at most ms; with the lock held. */
static void
lock_sleep(struct lock_table *t, long ms)
{
	struct timespec end;

	if (t->waits == NULL) {
		pthread_cond_wait(&t->kick, &t->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += ms * 1000000;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&t->kick, &t->lock, &end);
}

static void *
lock_thread(void *arg)
{
	struct lock_table *t = arg;
	struct lock_wait *done;
	long ms = WAIT_FIRST_MS;
	int stop;

	do {
		pthread_mutex_lock(&t->lock);
		if (!t->kicked && !t->stop)
			lock_sleep(t, ms);
		ms = t->kicked ? WAIT_FIRST_MS : ms * 2;
		if (ms > WAIT_LAST_MS)
			ms = WAIT_LAST_MS;
		t->kicked = 0;
		stop = t->stop;
		done = NULL;
		lock_waits_try(t, &done, stop);
		pthread_mutex_unlock(&t->lock);
		lock_waits_answer(t, done);
	} while (!stop);
	return NULL;
}

void
lock_kick(struct lock_table *t)
{
	pthread_mutex_lock(&t->lock);
	if (t->waits != NULL || t->stop) {
		t->kicked = 1;
		pthread_cond_signal(&t->kick);
	}
	pthread_mutex_unlock(&t->lock);
}

/*
 * Runs in the thread that read the INTERRUPT.  The request may have been
 * answered by now; it is known by its address, which no other request has
 * while this runs.
 */
static void
lock_interrupt_cb(fuse_req_t req, void *arg)
{
	struct lock_table *t = arg;
	struct lock_wait *w;

	pthread_mutex_lock(&t->lock);
	DL_FOREACH (t->waits, w)
		if (w->req == req)
			w->interrupted = 1;
	pthread_mutex_unlock(&t->lock);
	lock_kick(t);
}

/* Puts a request on the list; 0, ENOLCK or ENOMEM. */
static int
lock_wait_add(struct lock_table *t, fuse_req_t req, const struct lock_try *try)
{
	struct lock_wait *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ENOMEM;
	w->req = req;
	w->try = *try;
	pthread_mutex_lock(&t->lock);
	if (!t->started)
		t->started = pthread_create(&t->thread, NULL, lock_thread,
				 t) == 0;
	if (!t->started || t->waiting >= LOCK_WAITS_MAX) {
		pthread_mutex_unlock(&t->lock);
		free(w);
		return ENOLCK;
	}
	DL_APPEND(t->waits, w);
	t->waiting++;
	pthread_mutex_unlock(&t->lock);
	/* Calls back at once if the interrupt came first. */
	fuse_req_interrupt_func(req, lock_interrupt_cb, t);
	pthread_mutex_lock(&t->lock);
	w->armed = 1;
	pthread_mutex_unlock(&t->lock);
	lock_kick(t);
	return 0;
}

void
lock_request(struct lock_table *t, fuse_req_t req, struct lock_try *try,
    int may_wait)
{
	int r = lock_try(try);

	if (r == EAGAIN && may_wait) {
		if ((r = lock_wait_add(t, req, try)) == 0)
			return;
	} else if (r == 0)
		lock_kick(t);
	fuse_reply_err(req, r);
	lock_try_end(t, try);
}

void
lock_table_fini(struct lock_table *t)
{
	struct lock_owner *o;

	if (t->started) {
		pthread_mutex_lock(&t->lock);
		t->stop = 1;
		pthread_cond_signal(&t->kick);
		pthread_mutex_unlock(&t->lock);
		pthread_join(t->thread, NULL);
	}
	while ((o = (void *)t->owners) != NULL) {
		close(o->fd);
		table_drop(&t->owners, o);
	}
	pthread_cond_destroy(&t->kick);
	pthread_mutex_destroy(&t->lock);
}
