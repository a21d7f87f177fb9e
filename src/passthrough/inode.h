/* SPDX-License-Identifier: ISC */
/*
 * The inode table: node ids of the protocol <-> files of the source.
 *
 * Every node that the kernel knows is held by a descriptor opened with
 * O_PATH | O_NOFOLLOW, which needs no permission on the file, has no side
 * effect on devices and pipes, and stays on the file through renames and
 * unlinks.  The same file found twice (same device and inode number) is the
 * same node.  While a descriptor is held, the file system cannot give the
 * inode number to another file.
 *
 * Only so many descriptors are held at a time: beyond that, nodes that were
 * not used for longest give theirs up, and are opened again when they are
 * needed, by file handle or by the place they were found at: inode_fd.h.
 *
 * The kernel's references are counted exactly: every reply that carries an
 * entry counts one, FORGET takes them back.  A node lives while the count
 * or a running operation (inode_get() .. inode_put()) needs it.  It leaves
 * the table before its descriptor is closed, so that no other thread can
 * meet a number that already means another file.
 *
 * After a walk through a large tree, when nearly all nodes are forgotten,
 * the memory that they took goes back to the system.
 *
 * Functions here answer 0 or the errno value that the client should see.
 */
#ifndef FR_PASSTHROUGH_INODE_H
#define FR_PASSTHROUGH_INODE_H

#include <pthread.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "passthrough/fhandle.h"
#include "passthrough/slot.h"

/* Node id of the source directory, fixed by the protocol. */
#define INODE_ROOT 1

/* Nodes at most. */
#define INODE_MAX (1u << 28)

struct inode_key {
	uint64_t dev, ino;
};

/* Where a file was found last. */
struct inode_place {
	uint64_t dir; /* node id */
	char name[];
};

struct inode {
	UT_hash_handle hh;
	struct inode_key key;
	uint64_t id;
	uint64_t serial;	    /* how many had been added with it */
	uint64_t lookups;	    /* references that the kernel holds */
	struct inode *prev, *next;  /* in the list of idle ones, else NULL */
	struct file_handle *handle; /* owned; NULL until it gave up fd once */
	struct inode_place *place;  /* owned; NULL: nowhere, or not needed */
	unsigned pins;		    /* operations that run on it */
	int fd;			    /* owned, O_PATH; valid while pinned, else
				   maybe -1 */
	mode_t type;		    /* S_IFMT part of the mode */
	int hashed;		    /* can be found by its key */
};

struct inode_table {
	struct fhandle_source by_handle;
	/* private */
	pthread_mutex_t lock; /* guards everything here and in the nodes */
	struct inode *hash;
	struct slot_table slots;
	struct inode root;  /* not in slots, never freed */
	struct inode *idle; /* can give up theirs; oldest first */
	uint64_t added;	    /* nodes ever */
	unsigned peak;	    /* nodes since memory was given back */
	unsigned fds;	    /* descriptors held */
	unsigned fds_max;   /* above that, idle nodes give theirs up */
};

/*
 * root_fd: O_PATH descriptor of the source, owned by the table afterwards
 * unless this fails.  fds_max: descriptors to hold for idle nodes.  0 or an
 * errno value of fstat().
 */
int inode_table_init(struct inode_table *t, int root_fd, unsigned fds_max,
    uint32_t seed) __attribute__((warn_unused_result));

/*
 * Forgets everything, as the end of the connection does.  *lookups: kernel
 * references that were still there; answers how many nodes were.
 */
unsigned inode_table_fini(struct inode_table *t, uint64_t *lookups);

/* Nodes in the table, the root not counted. */
unsigned inode_table_used(struct inode_table *t);

/*
 * One more kernel reference to the file that fd (O_PATH) is open on and st
 * describes, found as name in dir.  Takes fd in any case.  Puts the node id
 * to *id.  ENOMEM, ENFILE.
 */
int inode_enter(struct inode_table *t, int fd, const struct stat *st,
    const struct inode *dir, const char *name, uint64_t *id)
    __attribute__((warn_unused_result));

/*
 * The same without a descriptor: one more reference to the file with st's
 * device and inode number, if its node was there before st was asked for.
 * As such a node holds a descriptor, the file with that number was the same
 * all the time.  since: inode_table_added() at that time.  EAGAIN: there is
 * no such node, the file is to be opened.
 */
int inode_enter_known(struct inode_table *t, uint64_t since,
    const struct stat *st, const struct inode *dir, const char *name,
    uint64_t *id) __attribute__((warn_unused_result));
uint64_t inode_table_added(struct inode_table *t);

/*
 * Around a change of names.  Before it: borrows the node of the file that
 * fd (O_PATH, taken) is open on, NULL if there is none, so that it keeps
 * its descriptor.  After it, inode_settle() says where the file is now, dir
 * NULL: nowhere, and gives the node back.  Not needed where files can be
 * opened by handle.
 */
struct inode *inode_hold(struct inode_table *t, int fd, const struct stat *st);
void inode_settle(struct inode_table *t, struct inode *in,
    const struct inode *dir, const char *name);

/*
 * Borrows a node for one operation; its fd is open until inode_put().
 * ESTALE if the id names none, or its file is gone; EMFILE, ENFILE; EACCES
 * if its place can't be reached any more.
 */
int inode_get(struct inode_table *t, uint64_t id, struct inode **in)
    __attribute__((warn_unused_result));
void inode_put(struct inode_table *t, struct inode *in);

/*
 * There are no descriptors any more: some of the idle nodes' are given up,
 * and fewer are held from now on.  Answers whether that helped.
 */
int inode_spare(struct inode_table *t);

/* The kernel gives n references back; answers how many of them there were.
 * Unknown ids and the root are ignored. */
uint64_t inode_forget(struct inode_table *t, uint64_t id, uint64_t n);

#endif
