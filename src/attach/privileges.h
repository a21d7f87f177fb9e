/* SPDX-License-Identifier: ISC */
#ifndef FR_ATTACH_PRIVILEGES_H
#define FR_ATTACH_PRIVILEGES_H

/* Under the trap of an ordinary user no program gains privileges: where this
 * one would have, it may miss them, and whoever runs it should know why. */
void privileges_check(const char *name);

#endif
