/* SPDX-License-Identifier: ISC */
/* Which program is FUSE-T's real server? */
#ifndef FR_FUSET_RELAY_REAL_H
#define FR_FUSET_RELAY_REAL_H

#include "front/fuset_server.h"

/* Names the real server, before the places where FUSE-T has it. */
#define REAL_VARIABLE "FUSERELAY_FUSET_SERVER"

/*
 * Its path, never that of this program itself, under whatever name.
 * E_NOTFOUND, E_EXISTS (only this program was found); logged.
 */
int real_server(char out[FUSET_PATH_MAX]) ERR_MUSTCHECK;

/*
 * Mark the environment of the server, so that a copy of this program in its
 * place is noticed when it starts: then E_EXISTS, logged.  E_NOMEM.
 */
int real_mark(void) ERR_MUSTCHECK;

#endif
