/* SPDX-License-Identifier: ISC */
/*
 * The descriptors of nodes: given up when there are too many, had again
 * when they are needed.  A part of the inode table, for inode.c alone.
 *
 * Idle are the nodes that have a descriptor, that no operation runs on, and
 * that can be opened again.  They are in a list, the one that was not used
 * for longest first.  A node without descriptor keeps the handle of its
 * file (fhandle.h), and is only believed to be on that file if the handle is
 * the same.
 *
 * Where files can be opened by their handles, that is how.  Elsewhere, for
 * an ordinary user in particular, the table walks: each lookup leaves with
 * the node its place, which is a node and a name below it; to open a node
 * is to open its name below that other node, which may have to be opened
 * first.  Each step stays in the jail (beneath.h), and ends on the very
 * file or with ESTALE, at which the kernel looks the path up anew.  A
 * change of names through the mount holds the nodes that it concerns on
 * their descriptors, and settles them at their new places; a node with no
 * place keeps its descriptor, so a removed file can be used to the end.
 *
 * Places name their directory by id and hold nothing: what others do to the
 * source can make them wrong, even go in a circle, but never keep a node.
 */
#ifndef FR_PASSTHROUGH_INODE_FD_H
#define FR_PASSTHROUGH_INODE_FD_H

#include "passthrough/inode.h"

/* Must files be found again by their places? */
int inode_walks(const struct inode_table *t);

/* A place for a node, or NULL: none is needed, or no memory. */
struct inode_place *inode_place_make(const struct inode_table *t,
    const struct inode *dir, const char *name);

/* With the lock held: the list follows the node; exchanges its place, and
 * answers the old one, for free() without the lock. */
void inode_idle_update(struct inode_table *t, struct inode *in);
struct inode_place *inode_place_set(struct inode_table *t, struct inode *in,
    struct inode_place *place);

/* The same: one operation more.  Its end is inode_put(). */
void inode_pin(struct inode_table *t, struct inode *in);

/* The same: gives the node a descriptor if it has none; answers what is to
 * be closed, or -1. */
int inode_fd_set(struct inode_table *t, struct inode *in, int fd);

/* Gives up descriptors if there are too many; a few at a time. */
void inode_fd_shrink(struct inode_table *t);

/* A descriptor for a node that the caller borrowed.  0 or errno. */
int inode_fd_again(struct inode_table *t, struct inode *in)
    __attribute__((warn_unused_result));

/* Of inode.c, with the lock held: the node, or NULL. */
struct inode *inode_find(struct inode_table *t, uint64_t id);

#endif
