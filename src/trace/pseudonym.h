/* SPDX-License-Identifier: ISC */
/*
 * Pseudonyms for names: while the table lives, a name has one pseudonym, and
 * no two names have the same.  They are numbered in the order in which the
 * names first come, so that a pseudonym shows nothing of its name but what is
 * to be kept.  None is longer than its name, unless all have one length.
 */
#ifndef FR_TRACE_PSEUDONYM_H
#define FR_TRACE_PSEUDONYM_H

#include "base/err.h"
#include "base/span.h"

#define PSEUDONYM_KEEPS_LENGTH 0x1
#define PSEUDONYM_KEEPS_EXTENSION 0x2 /* ".tar", up to 8 characters */
#define PSEUDONYM_OF_ONE_LENGTH 0x4   /* short ones are made longer */

#define PSEUDONYM_LENGTH 8 /* of longer names, if it is not kept */
#define PSEUDONYM_MAX 4096 /* bytes of a name; it is cut to that */

struct pseudonyms;

/* letter: that they begin with, before the number.  NULL: no memory. */
struct pseudonyms *pseudonyms_new(char letter, unsigned keeps);
void pseudonyms_free(struct pseudonyms *p);

/* The name's; borrowed until the table is freed.  Empty: no memory, or
 * more names of one or two bytes than there are. */
struct span pseudonym(struct pseudonyms *p, struct span name);

#endif
