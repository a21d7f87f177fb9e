/* SPDX-License-Identifier: ISC */
/*
 * Calls on the notification descriptor of a seccomp filter.  A call that a
 * signal ends early is made again, since the trapped thread waits for its
 * answer for as long as it takes.
 *
 * E_NOTFOUND: the caller was killed meanwhile.  E_SYS.
 */
#ifndef FR_ATTACH_NOTIF_H
#define FR_ATTACH_NOTIF_H

#include <linux/seccomp.h>
#include <stdint.h>

#include "base/err.h"

/* Receive the next trapped call, after poll() has announced one.  *n is
 * cleared first. */
int notif_receive(int fd, struct seccomp_notif *n) ERR_MUSTCHECK;

/* Does the caller still wait in that call? */
int notif_check(int fd, uint64_t id) ERR_MUSTCHECK;

/* Put a descriptor into the calling process. */
int notif_add_fd(int fd, struct seccomp_notif_addfd *add) ERR_MUSTCHECK;

/* Send the answer.  It is tried more than once, since without it the caller
 * would wait for ever. */
int notif_respond(int fd, struct seccomp_notif_resp *resp) ERR_MUSTCHECK;

#endif
