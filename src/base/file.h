/* SPDX-License-Identifier: ISC */
/* Calls on files that are made again when a signal ends them early (EINTR). */
#ifndef FR_BASE_FILE_H
#define FR_BASE_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/* As open(2) without O_CREAT; -1 with errno. */
int file_open(const char *path, int flags);

/* Close *fd unless it is -1, and set it to -1.  errno is left as it was. */
void file_close(int *fd);

/* As opendir(3). */
DIR *file_opendir(const char *path);

/* Call each() for every entry of a directory whose name is a number, until it
 * returns something other than 0.  Returns that, 0 at the end, or E_SYS: the
 * directory can't be read. */
int file_each_number(const char *path, int (*each)(void *arg, int number),
    void *arg);

/* A stream that reads from fd; fclose() closes fd, too.  NULL with errno: fd
 * was closed, or was -1 already (then errno is left as it was). */
FILE *file_stream(int fd);

/*
 * Find the first line of a file that begins with `begin` ("": the first line)
 * and copy what follows to `out`, cut to cap bytes with its NUL.  E_SYS,
 * E_NOTFOUND.
 */
int file_line(const char *path, const char *begin, char *out,
    size_t cap) ERR_MUSTCHECK;

#endif
