/* SPDX-License-Identifier: ISC */
/* What /proc/TID/status tells of a thread's rights. */
#ifndef FR_PLACE_STATUS_H
#define FR_PLACE_STATUS_H

#include "place/place.h"

/* Fill in ids, groups (to be freed) and caps of p from the status below its
 * /proc directory.  E_SYS, E_NOMEM, E_VALUE (no such text). */
int status_read(int proc, struct place *p) ERR_MUSTCHECK;

/* The same from a text; for tests. */
int status_parse(const char *text, struct place *p) ERR_MUSTCHECK;

#endif
