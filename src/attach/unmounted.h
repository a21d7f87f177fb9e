/* SPDX-License-Identifier: ISC */
/*
 * Tell a daemon that its file system was unmounted, in the words of the
 * device: ENODEV from the read() it waits in.
 *
 * No socket can say that.  End of file, all it has, is an error to FUSE
 * libraries ("short read on fuse device"), and not every program takes a
 * signal as a wish to end.  So the threads that wait in a read of the
 * device end are stopped for a moment, as a debugger does, and their read
 * is given the result that it would have had on the real device.
 */
#ifndef FR_ATTACH_UNMOUNTED_H
#define FR_ATTACH_UNMOUNTED_H

#include <sys/types.h>

/*
 * Let every thread of pid that waits in a read of the socket with this
 * inode have ENODEV.  Returns how many were told: 0 also where this can't
 * be done (another processor, a process that is traced already).  Takes
 * at most some milliseconds.
 */
unsigned unmounted_tell(pid_t pid, ino_t socket_inode);

#endif
