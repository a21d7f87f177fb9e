/* SPDX-License-Identifier: ISC */
#include "passthrough/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void
handle_table_init(struct handle_table *t, uint32_t max, uint32_t seed)
{
	pthread_mutex_init(&t->lock, NULL);
	slot_init(&t->slots, max < HANDLE_MAX ? max : HANDLE_MAX, seed);
}

static void
handle_free(struct handle *h)
{
	if (h->dir != NULL) {
		closedir(h->dir->stream);
		pthread_mutex_destroy(&h->dir->lock);
		free(h->dir);
	} else
		close(h->fd);
	free(h);
}

unsigned
handle_table_fini(struct handle_table *t)
{
	struct handle *h;
	uint32_t at = 0;
	unsigned n = 0;

	while ((h = slot_each(&t->slots, &at)) != NULL) {
		handle_free(h);
		n++;
	}
	slot_fini(&t->slots);
	pthread_mutex_destroy(&t->lock);
	return n;
}

unsigned
handle_table_used(struct handle_table *t)
{
	unsigned n;

	pthread_mutex_lock(&t->lock);
	n = t->slots.used;
	pthread_mutex_unlock(&t->lock);
	return n;
}

/* A handle with one reference: the table's. */
static int
handle_add(struct handle_table *t, struct handle_dir *dir, int fd, int flags,
    uint64_t ino, uint64_t *id)
{
	struct handle *h;
	int r;

	*id = 0;
	if ((h = malloc(sizeof(*h))) == NULL)
		return ENOMEM;
	h->ino = ino;
	h->fd = fd;
	h->flags = flags;
	h->refs = 1;
	h->dir = dir;
	pthread_mutex_lock(&t->lock);
	if ((r = slot_add(&t->slots, h, id)) == 0)
		h->id = *id;
	pthread_mutex_unlock(&t->lock);
	if (r != 0)
		free(h);
	return r;
}

int
handle_open(struct handle_table *t, int fd, int flags, uint64_t ino,
    uint64_t *id)
{
	return handle_add(t, NULL, fd, flags, ino, id);
}

int
handle_open_dir(struct handle_table *t, DIR *stream, uint64_t ino,
    uint64_t *id)
{
	struct handle_dir *dir;
	int r;

	*id = 0;
	if ((dir = calloc(1, sizeof(*dir))) == NULL)
		return ENOMEM;
	pthread_mutex_init(&dir->lock, NULL);
	dir->stream = stream;
	r = handle_add(t, dir, dirfd(stream), O_RDONLY | O_DIRECTORY, ino, id);
	if (r != 0) {
		pthread_mutex_destroy(&dir->lock);
		free(dir);
	}
	return r;
}

static int
handle_fits(const struct handle *h, enum handle_use use)
{
	int mode = h->flags & O_ACCMODE;

	switch (use) {
	case HANDLE_DIR:
		return h->dir != NULL;
	case HANDLE_READ:
		return h->dir == NULL && mode != O_WRONLY;
	case HANDLE_WRITE:
		return h->dir == NULL && mode != O_RDONLY;
	case HANDLE_ANY:
		break;
	}
	return 1;
}

int
handle_get(struct handle_table *t, uint64_t id, uint64_t ino,
    enum handle_use use, struct handle **h)
{
	pthread_mutex_lock(&t->lock);
	*h = slot_find(&t->slots, id);
	if (*h != NULL && ((*h)->ino != ino || !handle_fits(*h, use)))
		*h = NULL;
	if (*h != NULL)
		(*h)->refs++;
	pthread_mutex_unlock(&t->lock);
	return *h == NULL ? EBADF : 0;
}

void
handle_put(struct handle_table *t, struct handle *h)
{
	unsigned refs;

	pthread_mutex_lock(&t->lock);
	refs = --h->refs;
	pthread_mutex_unlock(&t->lock);
	if (refs == 0)
		handle_free(h);
}

int
handle_release(struct handle_table *t, uint64_t id, uint64_t ino)
{
	struct handle *h;

	pthread_mutex_lock(&t->lock);
	h = slot_find(&t->slots, id);
	if (h != NULL && h->ino == ino)
		slot_take(&t->slots, id);
	else
		h = NULL;
	pthread_mutex_unlock(&t->lock);
	if (h == NULL)
		return EBADF;
	handle_put(t, h);
	return 0;
}
