/* SPDX-License-Identifier: ISC */
#include "passthrough/inode_fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/file.h"
#include "passthrough/beneath.h"

/* Descriptors that one request may give up, so that none takes long. */
#define SHRINK_TRIES 4

/* Descriptors to give up at least when there are none left. */
#define SPARE_MIN 16u

/* Directories without descriptor on one way; more are a circle. */
#define WALK_MAX 4096u

/* Walks that others may disturb by changing places. */
#define WALK_TRIES 8

/* The way to a node: itself, its directory, and so on, all borrowed. */
struct walk {
	struct inode **v; /* owned */
	unsigned n, cap;
};

int
inode_walks(const struct inode_table *t)
{
	return !fhandle_can_open(&t->by_handle);
}

struct inode_place *
inode_place_make(const struct inode_table *t, const struct inode *dir,
    const char *name)
{
	struct inode_place *p;
	size_t n;

	if (!inode_walks(t))
		return NULL;
	n = strlen(name) + 1;
	if ((p = malloc(sizeof(*p) + n)) == NULL)
		return NULL;
	p->dir = dir->id;
	memcpy(p->name, name, n);
	return p;
}

void
inode_idle_update(struct inode_table *t, struct inode *in)
{
	int idle = in->fd != -1 && in->pins == 0 && in != &t->root &&
	    (in->place != NULL || !inode_walks(t));

	if (idle && in->prev == NULL)
		DL_APPEND(t->idle, in);
	else if (!idle && in->prev != NULL) {
		DL_DELETE(t->idle, in);
		in->prev = in->next = NULL;
	}
}

struct inode_place *
inode_place_set(struct inode_table *t, struct inode *in,
    struct inode_place *place)
{
	struct inode_place *old = in->place;

	in->place = place;
	inode_idle_update(t, in);
	return old;
}

void
inode_pin(struct inode_table *t, struct inode *in)
{
	in->pins++;
	inode_idle_update(t, in);
}

int
inode_fd_set(struct inode_table *t, struct inode *in, int fd)
{
	if (in->fd != -1)
		return fd;
	in->fd = fd;
	t->fds++;
	inode_idle_update(t, in);
	return -1;
}

/*
 * Swaps the oldest idle node's descriptor for its file handle.  0: nothing
 * to do, or it can't be done.
 */
static int
inode_shrink_one(struct inode_table *t)
{
	struct file_handle *handle = NULL;
	struct inode *in;
	int fd = -1, r = 0;

	pthread_mutex_lock(&t->lock);
	in = t->fds > t->fds_max ? t->idle : NULL;
	if (in != NULL)
		inode_pin(t, in);
	pthread_mutex_unlock(&t->lock);
	if (in == NULL)
		return 0;
	/* Others see the handle only once it is set, under the lock. */
	if (in->handle == NULL)
		r = fhandle_make(in->fd, &handle);
	pthread_mutex_lock(&t->lock);
	if (in->handle == NULL) {
		in->handle = handle;
		handle = NULL;
	}
	/* Unless it is used or lost its place meanwhile. */
	if (r == 0 && in->pins == 1 &&
	    (in->place != NULL || !inode_walks(t))) {
		fd = in->fd;
		in->fd = -1;
		t->fds--;
	}
	pthread_mutex_unlock(&t->lock);
	file_close(&fd);
	free(handle);
	inode_put(t, in);
	return r == 0;
}

void
inode_fd_shrink(struct inode_table *t)
{
	int tries = SHRINK_TRIES;

	while (tries-- > 0 && inode_shrink_one(t))
		;
}

int
inode_spare(struct inode_table *t)
{
	unsigned less, n = 0;

	pthread_mutex_lock(&t->lock);
	less = t->fds / 8 < SPARE_MIN ? SPARE_MIN : t->fds / 8;
	t->fds_max = t->fds > less ? t->fds - less : 0;
	pthread_mutex_unlock(&t->lock);
	while (n < less && inode_shrink_one(t))
		n++;
	return n > 0;
}

/* Borrows the nodes from in up to the first that has a descriptor. */
static int
inode_walk_up(struct inode_table *t, struct inode *in, struct walk *w)
{
	struct inode **v;
	int r = 0;

	pthread_mutex_lock(&t->lock);
	for (;;) {
		if (w->n == w->cap) {
			w->cap = w->cap == 0 ? 16 : w->cap * 2;
			v = realloc(w->v, w->cap * sizeof(struct inode *));
			if (v == NULL) {
				r = ENOMEM;
				break;
			}
			w->v = v;
		}
		w->v[w->n++] = in;
		inode_pin(t, in);
		if (in->fd != -1)
			break;
		if (in->place == NULL || w->n == WALK_MAX ||
		    (in = inode_find(t, in->place->dir)) == NULL) {
			r = ESTALE;
			break;
		}
	}
	pthread_mutex_unlock(&t->lock);
	return r;
}

/* Is fd open on the node's file?  0 or ESTALE. */
static int
inode_walk_check(const struct inode *in, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || st.st_dev != in->key.dev ||
	    st.st_ino != in->key.ino || !fhandle_is(in->handle, fd))
		return ESTALE;
	return 0;
}

/*
 * Opens in where it should be below dir, both borrowed.  EAGAIN: it is
 * somewhere else by now.
 */
static int
inode_walk_down(struct inode_table *t, struct inode *in,
    const struct inode *dir)
{
	struct inode_place *p = NULL;
	int have, fd, r = 0;

	pthread_mutex_lock(&t->lock);
	have = in->fd != -1;
	if (!have && (in->place == NULL || in->place->dir != dir->id))
		r = EAGAIN;
	else if (!have &&
	    (p = inode_place_make(t, dir, in->place->name)) == NULL)
		r = ENOMEM;
	pthread_mutex_unlock(&t->lock);
	if (have || r != 0)
		return r;
	do {
		fd = beneath_open(dir->fd, p->name, O_PATH | O_NOFOLLOW, 0);
	} while (fd == -1 && (errno == EMFILE || errno == ENFILE) &&
	    inode_spare(t));
	if (fd == -1)
		r = errno == ENOENT || errno == EXDEV ? ESTALE : errno;
	else
		r = inode_walk_check(in, fd);
	free(p);
	if (r == 0) {
		pthread_mutex_lock(&t->lock);
		fd = inode_fd_set(t, in, fd);
		pthread_mutex_unlock(&t->lock);
	}
	file_close(&fd);
	return r;
}

/* One way up and down again; directories are given back on the way. */
static int
inode_walk(struct inode_table *t, struct inode *in)
{
	struct walk w = { NULL, 0, 0 };
	int r;

	r = inode_walk_up(t, in, &w);
	while (w.n > 1) {
		if (r == 0)
			r = inode_walk_down(t, w.v[w.n - 2], w.v[w.n - 1]);
		inode_put(t, w.v[--w.n]);
		inode_fd_shrink(t);
	}
	if (w.n == 1)
		inode_put(t, w.v[0]);
	free(w.v);
	return r;
}

static int
inode_fd_by_handle(struct inode_table *t, struct inode *in)
{
	int fd, r;

	do {
		r = fhandle_open(&t->by_handle, in->handle, &fd);
	} while ((r == EMFILE || r == ENFILE) && inode_spare(t));
	if (r != 0)
		return r;
	pthread_mutex_lock(&t->lock);
	fd = inode_fd_set(t, in, fd);
	pthread_mutex_unlock(&t->lock);
	file_close(&fd);
	return 0;
}

int
inode_fd_again(struct inode_table *t, struct inode *in)
{
	int tries = WALK_TRIES, r;

	/* What is not where it was may be on its way to where it will be. */
	if (inode_walks(t))
		do {
			r = inode_walk(t, in);
		} while ((r == EAGAIN || r == ESTALE) && --tries > 0);
	else
		r = inode_fd_by_handle(t, in);
	if (r == 0)
		inode_fd_shrink(t);
	return r == EAGAIN ? ESTALE : r;
}
