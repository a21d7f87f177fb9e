/* SPDX-License-Identifier: ISC */
#include "passthrough/inode.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <utlist.h>

#include "base/file.h"
#include "base/log.h"
#include "config.h"
#include "passthrough/inode_fd.h"

#ifdef HAVE_MALLOC_TRIM
#include <malloc.h>
#endif

/*
 * Memory goes back when one node of so many is left, and again each time
 * when one of RELAX_STEP is left of those, while there are so many places.
 */
#define RELAX_LEFT 16u
#define RELAX_STEP 4u
#define RELAX_MIN 4096u

static void
inode_key_set(struct inode_key *key, const struct stat *st)
{
	memset(key, 0, sizeof(*key));
	key->dev = st->st_dev;
	key->ino = st->st_ino;
}

/* The node is found by its key: on success hashed is set. */
static void
inode_hash(struct inode_table *t, struct inode *in)
{
	HASH_ADD(hh, t->hash, key, sizeof(in->key), in);
	in->hashed = in->hh.tbl != NULL; /* else there was no memory */
}

int
inode_table_init(struct inode_table *t, int root_fd, unsigned fds_max,
    uint32_t seed)
{
	struct stat st;

	memset(t, 0, sizeof(*t));
	if (fstat(root_fd, &st) == -1)
		return errno;
	pthread_mutex_init(&t->lock, NULL);
	slot_init(&t->slots, INODE_MAX, seed);
	fhandle_init(&t->by_handle, root_fd);
	t->fds_max = fds_max;
	t->root.id = INODE_ROOT;
	t->root.fd = root_fd;
	t->root.type = st.st_mode & S_IFMT;
	t->root.lookups = 1;
	inode_key_set(&t->root.key, &st);
	inode_hash(t, &t->root);
	return 0;
}

static void
inode_free(struct inode *in)
{
	if (in == NULL)
		return;
	file_close(&in->fd);
	free(in->handle);
	free(in->place);
	free(in);
}

unsigned
inode_table_fini(struct inode_table *t, uint64_t *lookups)
{
	struct inode *in;
	uint32_t at = 0;
	unsigned n = 0;

	*lookups = 0;
	HASH_CLEAR(hh, t->hash);
	while ((in = slot_each(&t->slots, &at)) != NULL) {
		assert(in->pins == 0 && in->lookups != 0);
		*lookups += in->lookups;
		n++;
		inode_free(in);
	}
	slot_fini(&t->slots);
	fhandle_fini(&t->by_handle);
	free(t->root.place);
	close(t->root.fd);
	pthread_mutex_destroy(&t->lock);
	return n;
}

unsigned
inode_table_used(struct inode_table *t)
{
	unsigned n;

	pthread_mutex_lock(&t->lock);
	n = t->slots.used;
	pthread_mutex_unlock(&t->lock);
	return n;
}

uint64_t
inode_table_added(struct inode_table *t)
{
	uint64_t n;

	pthread_mutex_lock(&t->lock);
	n = t->added;
	pthread_mutex_unlock(&t->lock);
	return n;
}

/* The node is found by its key no more. */
static void
inode_unhash(struct inode_table *t, struct inode *in)
{
	if (in->hashed)
		HASH_DELETE(hh, t->hash, in);
	in->hashed = 0;
}

/*
 * Takes an unneeded node out of the table; call with the lock held.
 * Answers the node, for inode_free() without the lock, or NULL.
 */
static struct inode *
inode_unpublish(struct inode_table *t, struct inode *in)
{
	if (in->lookups != 0 || in->pins != 0 || in == &t->root)
		return NULL;
	slot_take(&t->slots, in->id);
	inode_unhash(t, in);
	if (in->prev != NULL)
		DL_DELETE(t->idle, in);
	if (in->fd != -1)
		t->fds--;
	return in;
}

/* Ends a pin; call with the lock held, and as inode_unpublish(). */
static struct inode *
inode_unpin(struct inode_table *t, struct inode *in)
{
	in->pins--;
	inode_idle_update(t, in);
	return inode_unpublish(t, in);
}

/* A new node with no reference yet; call with the lock held. */
static int
inode_add(struct inode_table *t, const struct inode_key *key, int fd,
    mode_t mode, struct inode **out)
{
	struct inode *in;
	int r;

	if ((in = calloc(1, sizeof(*in))) == NULL)
		return ENOMEM;
	if ((r = slot_add(&t->slots, in, &in->id)) != 0) {
		free(in);
		return r;
	}
	in->key = *key;
	in->serial = ++t->added;
	in->fd = fd;
	in->type = mode & S_IFMT;
	inode_hash(t, in);
	if (!in->hashed) {
		slot_take(&t->slots, in->id);
		free(in);
		return ENOMEM;
	}
	if (t->slots.used > t->peak)
		t->peak = t->slots.used;
	t->fds++;
	inode_idle_update(t, in);
	*out = in;
	return 0;
}

/*
 * The node with that key, or NULL.  One that holds no descriptor may be of
 * a file that is gone, and fd of the next file with its number: then it is
 * not found this way any more.  Call with the lock held, which this gives
 * up for a while.
 */
static struct inode *
inode_find_key(struct inode_table *t, const struct inode_key *key, int *fd)
{
	struct inode *in;
	int same;

	for (;;) {
		HASH_FIND(hh, t->hash, key, sizeof(*key), in);
		if (in == NULL || in->fd != -1)
			return in;
		inode_pin(t, in);
		pthread_mutex_unlock(&t->lock);
		same = fhandle_is(in->handle, *fd);
		pthread_mutex_lock(&t->lock);
		in->pins--;
		if (same)
			*fd = inode_fd_set(t, in, *fd);
		inode_idle_update(t, in);
		if (same)
			return in;
		/* Another thread may have entered the new file meanwhile. */
		inode_unhash(t, in);
		inode_free(inode_unpublish(t, in));
	}
}

int
inode_enter(struct inode_table *t, int fd, const struct stat *st,
    const struct inode *dir, const char *name, uint64_t *id)
{
	struct inode_place *place = inode_place_make(t, dir, name);
	struct inode_key key;
	struct inode *in;
	int r = 0;

	*id = 0;
	inode_key_set(&key, st);
	pthread_mutex_lock(&t->lock);
	in = inode_find_key(t, &key, &fd);
	if (in == NULL && (r = inode_add(t, &key, fd, st->st_mode, &in)) == 0)
		fd = -1; /* handed over */
	if (r == 0) {
		in->lookups++;
		*id = in->id;
		place = inode_place_set(t, in, place);
	}
	pthread_mutex_unlock(&t->lock);
	free(place);
	file_close(&fd);
	inode_fd_shrink(t);
	return r;
}

int
inode_enter_known(struct inode_table *t, uint64_t since, const struct stat *st,
    const struct inode *dir, const char *name, uint64_t *id)
{
	struct inode_place *place = inode_place_make(t, dir, name);
	struct inode_key key;
	struct inode *in;
	int r = EAGAIN;

	inode_key_set(&key, st);
	pthread_mutex_lock(&t->lock);
	HASH_FIND(hh, t->hash, &key, sizeof(key), in);
	if (in != NULL && in->fd != -1 && in->serial <= since) {
		in->lookups++;
		*id = in->id;
		place = inode_place_set(t, in, place);
		r = 0;
	}
	pthread_mutex_unlock(&t->lock);
	free(place);
	return r;
}

struct inode *
inode_hold(struct inode_table *t, int fd, const struct stat *st)
{
	struct inode_key key;
	struct inode *in;

	inode_key_set(&key, st);
	pthread_mutex_lock(&t->lock);
	if ((in = inode_find_key(t, &key, &fd)) != NULL)
		inode_pin(t, in);
	pthread_mutex_unlock(&t->lock);
	file_close(&fd);
	return in;
}

void
inode_settle(struct inode_table *t, struct inode *in, const struct inode *dir,
    const char *name)
{
	struct inode_place *place = NULL;

	if (dir != NULL)
		place = inode_place_make(t, dir, name);
	pthread_mutex_lock(&t->lock);
	place = inode_place_set(t, in, place);
	pthread_mutex_unlock(&t->lock);
	free(place);
	inode_put(t, in);
}

struct inode *
inode_find(struct inode_table *t, uint64_t id)
{
	return id == INODE_ROOT ? &t->root : slot_find(&t->slots, id);
}

int
inode_get(struct inode_table *t, uint64_t id, struct inode **out)
{
	struct inode *in;
	int have = 0, r;

	*out = NULL;
	pthread_mutex_lock(&t->lock);
	if ((in = inode_find(t, id)) != NULL) {
		inode_pin(t, in);
		have = in->fd != -1;
	}
	pthread_mutex_unlock(&t->lock);
	if (in == NULL)
		return ESTALE;
	if (!have && (r = inode_fd_again(t, in)) != 0) {
		inode_put(t, in);
		return r;
	}
	*out = in;
	return 0;
}

void
inode_put(struct inode_table *t, struct inode *in)
{
	struct inode *dead;

	pthread_mutex_lock(&t->lock);
	dead = inode_unpin(t, in);
	pthread_mutex_unlock(&t->lock);
	inode_free(dead);
}

/*
 * Makes the tables small again if they are nearly empty; call with the lock
 * held.  Answers whether the allocator should be told as well.
 */
static int
inode_relax(struct inode_table *t)
{
	struct inode *in;
	uint32_t at = 0;

	if (t->slots.cap < RELAX_MIN || t->slots.used > t->peak / RELAX_LEFT)
		return 0;
	t->peak = t->slots.used * (RELAX_LEFT / RELAX_STEP);
	slot_shrink(&t->slots);
	HASH_CLEAR(hh, t->hash);
	inode_hash(t, &t->root);
	while ((in = slot_each(&t->slots, &at)) != NULL)
		if (in->hashed)
			inode_hash(t, in);
	return 1;
}

uint64_t
inode_forget(struct inode_table *t, uint64_t id, uint64_t n)
{
	static struct log_limit limit;
	struct inode *in, *dead = NULL;
	uint64_t over = 0, had = 0;
	int relaxed = 0;

	pthread_mutex_lock(&t->lock);
	in = slot_find(&t->slots, id);
	if (in != NULL) {
		had = n < in->lookups ? n : in->lookups;
		over = n - had;
		in->lookups -= had;
		dead = inode_unpublish(t, in);
		relaxed = dead != NULL && inode_relax(t);
	}
	pthread_mutex_unlock(&t->lock);
	inode_free(dead);
#ifdef HAVE_MALLOC_TRIM
	if (relaxed)
		malloc_trim(0);
#else
	(void)relaxed;
#endif
	if (over != 0 && log_allow(&limit))
		log_warn("forget of %llu references too many on node %llx",
		    (unsigned long long)over, (unsigned long long)id);
	return had;
}
