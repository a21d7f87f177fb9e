/* SPDX-License-Identifier: ISC */
/*
 * The jail: the one way in which this program opens a name, or looks at it.
 *
 * The name is resolved below a directory descriptor by openat2(2), which
 * refuses "..", absolute paths, symbolic links on the way, magic links and
 * mount points, whatever is changed in the source meanwhile.
 */
#ifndef FR_PASSTHROUGH_BENEATH_H
#define FR_PASSTHROUGH_BENEATH_H

#include <sys/stat.h>

/*
 * Opens name below dir_fd; O_CLOEXEC is added.  -1 and errno, among them
 * EXDEV (a mount point, or a way out) and ELOOP (a symbolic link where
 * flags lack O_PATH | O_NOFOLLOW).  ENOSYS on kernels before 5.6.
 */
int beneath_open(int dir_fd, const char *name, int flags, mode_t mode)
    __attribute__((warn_unused_result));

/*
 * The attributes of name below dir_fd, which the caller has found to be a
 * single component, without opening it.  0 or errno; EXDEV for a mount
 * point, EOPNOTSUPP where the kernel can't tell (before 5.8).
 */
int beneath_stat(int dir_fd, const char *name, struct stat *st)
    __attribute__((warn_unused_result));

#endif
