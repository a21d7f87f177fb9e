/* SPDX-License-Identifier: ISC */
/* The descriptors that a program was started with. */
#ifndef FR_BASE_INHERIT_H
#define FR_BASE_INHERIT_H

/* Open /dev/null as those of the descriptors 0, 1 and 2 that are not open, so
 * that nothing opened later becomes one of them. */
void inherit_stdio(void);

/* The socket whose number stands in this variable of the environment, and its
 * type (SOCK_STREAM...): close-on-exec from now on.  -1: there is none. */
int inherit_socket(const char *variable, int *type);

#endif
