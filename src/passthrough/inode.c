/* SPDX-License-Identifier: ISC */
#include "passthrough/inode.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

static void
inode_key_set(struct inode_key *key, const struct stat *st)
{
	memset(key, 0, sizeof(*key));
	key->dev = st->st_dev;
	key->ino = st->st_ino;
}

int
inode_table_init(struct inode_table *t, int root_fd, uint32_t seed)
{
	struct stat st;

	memset(t, 0, sizeof(*t));
	if (fstat(root_fd, &st) == -1)
		return errno;
	pthread_mutex_init(&t->lock, NULL);
	slot_init(&t->slots, INODE_MAX, seed);
	t->root.id = INODE_ROOT;
	t->root.fd = root_fd;
	t->root.type = st.st_mode & S_IFMT;
	t->root.lookups = 1;
	inode_key_set(&t->root.key, &st);
	HASH_ADD(hh, t->hash, key, sizeof(t->root.key), &t->root);
	return 0;
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
		*lookups += in->lookups;
		n++;
		close(in->fd);
		free(in);
	}
	slot_fini(&t->slots);
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
	in->fd = fd;
	in->type = mode & S_IFMT;
	HASH_ADD(hh, t->hash, key, sizeof(in->key), in);
	*out = in;
	return 0;
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
	HASH_FIND(hh, t->hash, &key, sizeof(key), in);
	if (in == NULL && (r = inode_add(t, &key, fd, st->st_mode, &in)) == 0)
		fd = -1;		/* handed over */
	if (r == 0) {
		in->lookups++;
		*id = in->id;
	}
	pthread_mutex_unlock(&t->lock);
	if (fd != -1)
		close(fd);
	return r;
}

static struct inode *
inode_find(struct inode_table *t, uint64_t id)
{
	return id == INODE_ROOT ? &t->root : slot_find(&t->slots, id);
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
	HASH_DELETE(hh, t->hash, in);
	return in;
}

static void
inode_free(struct inode *in)
{
	if (in == NULL)
		return;
	close(in->fd);
	free(in);
}

int
inode_get(struct inode_table *t, uint64_t id, struct inode **in)
{
	pthread_mutex_lock(&t->lock);
	if ((*in = inode_find(t, id)) != NULL)
		(*in)->pins++;
	pthread_mutex_unlock(&t->lock);
	return *in == NULL ? ESTALE : 0;
}

void
inode_put(struct inode_table *t, struct inode *in)
{
	struct inode *dead;

	pthread_mutex_lock(&t->lock);
	in->pins--;
	dead = inode_unpublish(t, in);
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
	if ((in = inode_find(t, id)) != NULL) {
		if (n > in->lookups) {
			over = n - in->lookups;
			n = in->lookups;
		}
		if (in != &t->root)
			in->lookups -= n;
		dead = inode_unpublish(t, in);
	}
	pthread_mutex_unlock(&t->lock);
	inode_free(dead);
	if (over != 0 && log_allow(&limit))
		log_warn("forget of %llu references too many on node %llx",
		    (unsigned long long)over, (unsigned long long)id);
}
