/* SPDX-License-Identifier: ISC */
#include "passthrough/inode.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include <utlist.h>

#include "base/log.h"

/* Descriptors that one request may give up, so that none takes long. */
#define SHRINK_TRIES 4

/* Descriptors to give up at least when there are none left. */
#define SPARE_MIN 16u

static void
inode_key_set(struct inode_key *key, const struct stat *st)
{
	memset(key, 0, sizeof(*key));
	key->dev = st->st_dev;
	key->ino = st->st_ino;
}

int
inode_table_init(struct inode_table *t, int root_fd, unsigned fds_max,
    unsigned fds_end, uint32_t seed)
{
	struct stat st;

	memset(t, 0, sizeof(*t));
	if (fstat(root_fd, &st) == -1)
		return errno;
	pthread_mutex_init(&t->lock, NULL);
	slot_init(&t->slots, INODE_MAX, seed);
	export_init(&t->export, root_fd);
	t->fds_max = t->export.mount_fd == -1 ? UINT_MAX : fds_max;
	t->fds_end = t->export.mount_fd == -1 ? fds_end : UINT_MAX;
	t->root.id = INODE_ROOT;
	t->root.fd = root_fd;
	t->root.type = st.st_mode & S_IFMT;
	t->root.lookups = 1;
	t->root.hashed = 1;
	inode_key_set(&t->root.key, &st);
	HASH_ADD(hh, t->hash, key, sizeof(t->root.key), &t->root);
	return 0;
}

static void
inode_free(struct inode *in)
{
	if (in == NULL)
		return;
	if (in->fd != -1)
		close(in->fd);
	free(in->handle);
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
	export_fini(&t->export);
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

/* The list of idle nodes follows pins and fd; call with the lock held. */
static void
inode_idle_update(struct inode_table *t, struct inode *in)
{
	int idle = in->fd != -1 && in->pins == 0 && in != &t->root;

	if (idle && in->prev == NULL)
		DL_APPEND(t->idle, in);
	else if (!idle && in->prev != NULL) {
		DL_DELETE(t->idle, in);
		in->prev = in->next = NULL;
	}
}

static void
inode_pin(struct inode_table *t, struct inode *in)
{
	in->pins++;
	inode_idle_update(t, in);
}

/* Gives the node a descriptor if it has none; answers what to close. */
static int
inode_set_fd(struct inode_table *t, struct inode *in, int fd)
{
	if (in->fd != -1)
		return fd;
	in->fd = fd;
	t->fds++;
	inode_idle_update(t, in);
	return -1;
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

/*
 * Swaps the oldest idle node's descriptor for its file handle.  0: nothing
 * to do, or it can't be done.
 */
static int
inode_shrink_one(struct inode_table *t)
{
	struct file_handle *handle = NULL;
	struct inode *in, *dead;
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
		r = export_make(in->fd, &handle);
	pthread_mutex_lock(&t->lock);
	if (in->handle == NULL) {
		in->handle = handle;
		handle = NULL;
	}
	if (r == 0 && in->pins == 1) {
		fd = in->fd;
		in->fd = -1;
		t->fds--;
	}
	dead = inode_unpin(t, in);
	pthread_mutex_unlock(&t->lock);
	if (fd != -1)
		close(fd);
	free(handle);
	inode_free(dead);
	return r == 0;
}

static void
inode_shrink(struct inode_table *t)
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
	if (t->export.mount_fd != -1)
		t->fds_max = t->fds > less ? t->fds - less : 0;
	pthread_mutex_unlock(&t->lock);
	while (n < less && inode_shrink_one(t))
		n++;
	return n > 0;
}

/* A new node with no reference yet; call with the lock held. */
static int
inode_add(struct inode_table *t, const struct inode_key *key, int fd,
    mode_t mode, struct inode **out)
{
	struct inode *in;
	int r;

	if (t->fds >= t->fds_end)
		return EMFILE;
	if ((in = calloc(1, sizeof(*in))) == NULL)
		return ENOMEM;
	if ((r = slot_add(&t->slots, in, &in->id)) != 0) {
		free(in);
		return r;
	}
	in->key = *key;
	in->fd = fd;
	in->type = mode & S_IFMT;
	in->hashed = 1;
	HASH_ADD(hh, t->hash, key, sizeof(in->key), in);
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
	struct file_handle *handle;
	struct inode *in;
	int same;

	HASH_FIND(hh, t->hash, key, sizeof(*key), in);
	if (in == NULL || in->fd != -1)
		return in;
	inode_pin(t, in);
	pthread_mutex_unlock(&t->lock);
	same = export_make(*fd, &handle) == 0 &&
	    export_same(handle, in->handle);
	free(handle);
	pthread_mutex_lock(&t->lock);
	in->pins--;
	if (same)
		*fd = inode_set_fd(t, in, *fd);
	inode_idle_update(t, in);
	if (same)
		return in;
	inode_unhash(t, in);
	inode_free(inode_unpublish(t, in));
	/* Another thread may have entered the new file meanwhile. */
	HASH_FIND(hh, t->hash, key, sizeof(*key), in);
	return in;
}

int
inode_enter(struct inode_table *t, int fd, const struct stat *st,
    uint64_t *id)
{
	struct inode_key key;
	struct inode *in;
	int r = 0;

	*id = 0;
	inode_key_set(&key, st);
	pthread_mutex_lock(&t->lock);
	in = inode_find_key(t, &key, &fd);
	if (in == NULL && (r = inode_add(t, &key, fd, st->st_mode, &in)) == 0)
		fd = -1;		/* handed over */
	if (r == 0) {
		in->lookups++;
		*id = in->id;
	}
	pthread_mutex_unlock(&t->lock);
	if (fd != -1)
		close(fd);
	inode_shrink(t);
	return r;
}

static struct inode *
inode_find(struct inode_table *t, uint64_t id)
{
	return id == INODE_ROOT ? &t->root : slot_find(&t->slots, id);
}

/* A pinned node without descriptor gets one.  0 or errno. */
static int
inode_reopen(struct inode_table *t, struct inode *in)
{
	int fd, r;

	do {
		r = export_open(&t->export, in->handle, &fd);
	} while (r == EMFILE && inode_spare(t));
	if (r != 0)
		return r;
	pthread_mutex_lock(&t->lock);
	fd = inode_set_fd(t, in, fd);
	pthread_mutex_unlock(&t->lock);
	if (fd != -1)
		close(fd);
	inode_shrink(t);
	return 0;
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
	if (!have && (r = inode_reopen(t, in)) != 0) {
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

void
inode_forget(struct inode_table *t, uint64_t id, uint64_t n)
{
	static struct log_limit limit;
	struct inode *in, *dead = NULL;
	uint64_t over = 0;

	pthread_mutex_lock(&t->lock);
	in = slot_find(&t->slots, id);
	if (in != NULL) {
		if (n > in->lookups) {
			over = n - in->lookups;
			n = in->lookups;
		}
		in->lookups -= n;
		dead = inode_unpublish(t, in);
	}
	pthread_mutex_unlock(&t->lock);
	inode_free(dead);
	if (over != 0 && log_allow(&limit))
		log_warn("forget of %llu references too many on node %llx",
		    (unsigned long long)over, (unsigned long long)id);
}
