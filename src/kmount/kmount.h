/* SPDX-License-Identifier: ISC */
/*
 * How to get a mounted kernel device.
 *
 * With privilege: open /dev/fuse, mount(2).  As an ordinary user: through
 * fusermount3 (helper.h), which mounts and passes the device over a socket;
 * that way is split in two calls, so that an event loop never waits for a
 * process.
 *
 * Nothing here opens or looks at a path under a mount: a program that
 * serves a mount and touches it hangs and can't be killed.
 */
#ifndef FR_KMOUNT_KMOUNT_H
#define FR_KMOUNT_KMOUNT_H

#include <sys/types.h>

#include "place/request.h"

/*
 * kmount_direct() and kmount_helper_start() mount on q->target and understand
 * what fusermount3 does among the options: words for MOUNTFLAG_* (ro, nosuid,
 * ...), fsname= and subtype= win over the other members, an fd= is dropped,
 * rootmode=, user_id=, group_id= are added where missing (mount(2)) or dropped
 * (fusermount3 sets them).
 */

/*
 * Mount with mount(2).  *dev >= 0 is mounted on and stays the caller's;
 * with *dev == -1 the device is opened (close-on-exec) and handed back in
 * *dev.  Looks at the target's type before mounting on it unless rootmode=
 * is given.  E_SYS (EPERM: the helper may be able to), E_VALUE (options
 * that mount(2) would misread), E_BIG (too many of them), E_NOMEM.
 */
int kmount_direct(const struct mount_request *q, int *dev) ERR_MUSTCHECK;

/* mount(2) of a device at a path, with source, type, flags and options to the
 * letter.  E_SYS, E_BIG. */
int kmount_call(const struct mount_request *q, const char *path,
    int dev) ERR_MUSTCHECK;

/*
 * Unmount target, lazily or not if it is busy: umount2(2), or fusermount3
 * where that is not allowed, waiting at most wait_ms for its end.  E_SYS
 * (EINVAL: nothing is mounted there; EBUSY), E_NOTFOUND (no fusermount3),
 * E_TIMEOUT (it goes on by itself), E_PROTO (fusermount3 could not), E_NOMEM.
 */
int kmount_unmount(const char *target, int lazily, int wait_ms) ERR_MUSTCHECK;

#endif
