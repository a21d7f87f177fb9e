/* SPDX-License-Identifier: ISC */
/*
 * Mount options as text: takes the list of options of a mount and makes the
 * arguments of mount(2) or of fusermount3 from it.
 */
#ifndef FR_KMOUNT_OPTLIST_H
#define FR_KMOUNT_OPTLIST_H

#include "place/request.h"

#define OPTLIST_NAME_MAX 1024
#define OPTLIST_MAX 4096 /* the kernel takes a page, its NUL included */

struct optlist {
	char source[OPTLIST_NAME_MAX];
	char type[OPTLIST_NAME_MAX];
	unsigned long flags;	 /* MS_* */
	char rest[OPTLIST_MAX];	 /* what else the kernel gets */
	char given[OPTLIST_MAX]; /* rootmode=, user_id=, ... */
	int has_rootmode, has_user, has_group, auto_unmount;
};

/* Take q apart.  E_BIG, E_VALUE (a backslash that the kernel would not
 * understand, an empty fsname= or subtype=). */
int optlist_parse(struct optlist *o,
    const struct mount_request *q) ERR_MUSTCHECK;

/* The data argument of mount(2), without the device; the rootmode, user and
 * group are used where the list had none.  E_BIG. */
int optlist_kernel(const struct optlist *o, char out[OPTLIST_MAX],
    unsigned rootmode, unsigned uid, unsigned gid) ERR_MUSTCHECK;

/* The argument of fusermount3 -o.  E_BIG, E_UNSUP (not type fuse). */
int optlist_helper(const struct optlist *o,
    char out[OPTLIST_MAX]) ERR_MUSTCHECK;

#endif
