/* SPDX-License-Identifier: ISC */
/* Files, read as often as signals end a call early (EINTR). */
#ifndef FR_BASE_FILE_H
#define FR_BASE_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/* As open(2) without O_CREAT; -1 with errno. */
int file_open(const char *path, int flags);

/* As close(2), but errno stays what it is; then it is -1.  It may be -1. */
void file_close(int *fd);

/* As opendir(3). */
DIR *file_opendir(const char *path);

/* Call each() for every entry of a directory whose name is a number, until it
 * returns what is not 0; that, 0, or E_SYS: it can't be read. */
int file_each_number(const char *path, int (*each)(void *arg, int number),
    void *arg);

/* A stream to read fd, which is closed with it, or now if there is none: NULL
 * with errno, also for fd == -1 (then errno stays what it was). */
FILE *file_stream(int fd);

/*
 * What follows `begin` in the first line that begins with it, "" for the
 * first line of all; cut to cap, ended with a NUL.  E_SYS, E_NOTFOUND.
 */
int file_line(const char *path, const char *begin, char *out,
    size_t cap) ERR_MUSTCHECK;

#endif
