/* SPDX-License-Identifier: ISC */
/*
 * The notification descriptor of a seccomp filter: what is said on it, is
 * said until it was heard.  A signal may end any of these calls early, and
 * whoever is trapped waits for its answer as long as it takes.
 *
 * E_NOTFOUND: the caller was killed meanwhile.  E_SYS.
 */
#ifndef FR_ATTACH_NOTIF_H
#define FR_ATTACH_NOTIF_H

#include <linux/seccomp.h>
#include <stdint.h>

#include "base/err.h"

/* The next trapped call; poll() has told of one.  *n is cleared first. */
int notif_receive(int fd, struct seccomp_notif *n) ERR_MUSTCHECK;

/* Does the caller still wait in that call? */
int notif_check(int fd, uint64_t id) ERR_MUSTCHECK;

/* Put a descriptor into the caller. */
int notif_add_fd(int fd, struct seccomp_notif_addfd *add) ERR_MUSTCHECK;

/* The answer.  Tried more than once: nobody else would give it. */
int notif_respond(int fd, struct seccomp_notif_resp *resp) ERR_MUSTCHECK;

#endif
