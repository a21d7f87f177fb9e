/* SPDX-License-Identifier: ISC */
/* The descriptors that a program was started with. */
#ifndef FR_BASE_INHERIT_H
#define FR_BASE_INHERIT_H

/* Open /dev/null for each of the descriptors 0, 1 and 2 that is closed, so
 * that no file or socket that is opened later gets its number. */
void inherit_stdio(void);

/* The socket whose descriptor number is the value of this environment
 * variable, and its type (SOCK_STREAM, ...).  It is made close-on-exec.  -1:
 * the variable names no socket. */
int inherit_socket(const char *variable, int *type);

#endif
