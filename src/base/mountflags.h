/* SPDX-License-Identifier: ISC */
/*
 * Flags of a mount and of an unmount as numbers: those of Linux' mount(2)
 * and umount2(2), also where the system has no such calls.
 */
#ifndef FR_BASE_MOUNTFLAGS_H
#define FR_BASE_MOUNTFLAGS_H

#define MOUNTFLAG_RDONLY 1ul
#define MOUNTFLAG_NOSUID 2ul
#define MOUNTFLAG_NODEV 4ul
#define MOUNTFLAG_NOEXEC 8ul
#define MOUNTFLAG_SYNCHRONOUS 16ul
#define MOUNTFLAG_DIRSYNC 128ul
#define MOUNTFLAG_NOATIME 1024ul

#define UNMOUNTFLAG_DETACH 2

#endif
