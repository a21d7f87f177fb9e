/* SPDX-License-Identifier: ISC */
#include "tests/posix/exercise-ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_name[KINDS] = { "read", "write", "append",
	"truncate", "mapread", "mapwrite", "allocate", "punch", "zero", "copy",
	"reopen", "sync", "forget", "rename", "check" };

static unsigned
below(unsigned n)
{
	return (unsigned)random() % n;
}

void
op_random(struct op *o)
{
	static const unsigned lengths[] = { 1, 100, 4096, 5000, 65536,
		100000 };

	o->kind = (enum kind)below(KINDS);
	/* The common ones more often. */
	if (below(3) == 0)
		o->kind = (enum kind)below(MAPWRITE + 1);
	o->which = below(2);
	o->len = 1 + below(lengths[below(6)]);
	o->off = below(SIZE_MAX_FILE - o->len);
	if (below(4) == 0)
		o->off &= ~4095u;
	if (below(4) == 0)
		o->off = below(8192);
	o->to = below(SIZE_MAX_FILE);
	o->byte = (unsigned char)below(256);
}

void
ops_print(const struct op *ops, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		printf("%s %u %u %u %u %u\n", kind_name[ops[i].kind],
		    ops[i].which, ops[i].off, ops[i].len, ops[i].to,
		    ops[i].byte);
}

unsigned
ops_read(const char *name, struct op *ops)
{
	FILE *f = fopen(name, "r");
	char word[32];
	unsigned n = 0, k, byte;
	struct op *o;

	if (f == NULL)
		return 0;
	while (n < OPS_MAX &&
	    fscanf(f, "%31s %u %u %u %u %u", word, &ops[n].which, &ops[n].off,
		&ops[n].len, &ops[n].to, &byte) == 6) {
		o = &ops[n++];
		for (k = 0; k < KINDS && strcmp(word, kind_name[k]) != 0;)
			k++;
		o->kind = (enum kind)k;
		o->byte = (unsigned char)byte;
		if (k == KINDS || o->which > 1 || o->off > SIZE_MAX_FILE ||
		    o->len > SIZE_MAX_FILE - o->off || o->to > SIZE_MAX_FILE) {
			errno = EINVAL;
			n = 0;
			break;
		}
	}
	fclose(f);
	if (n == 0)
		errno = EINVAL;
	return n;
}
