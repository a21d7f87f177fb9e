/* SPDX-License-Identifier: ISC */
#include "place/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RIGHTS_STEP 4096 /* the list of groups may be long */

/* What follows "NAME:" at the beginning of a line, or NULL. */
static const char *
rights_field(const char *text, const char *name)
{
	size_t n = strlen(name);
	const char *p;

	for (p = text; p != NULL; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, name, n) == 0)
			return p + n;
	}
	return NULL;
}

static int
rights_four(const char *text, const char *name, unsigned out[4])
{
	const char *p = rights_field(text, name);

	return p != NULL &&
		sscanf(p, "%u %u %u %u", &out[0], &out[1], &out[2], &out[3]) ==
		    4 ?
	    E_OK :
	    E_VALUE;
}

static int
rights_groups(const char *text, struct place_rights *r)
{
	const char *at = rights_field(text, "Groups:");
	const char *end;
	char *next;

	if (at == NULL || (end = strchr(at, '\n')) == NULL)
		return E_VALUE;
	/* (A number and what parts it from the next take two bytes.) */
	r->groups = malloc(((size_t)(end - at) / 2 + 1) * sizeof(gid_t));
	if (r->groups == NULL)
		return E_NOMEM;
	for (r->ngroups = 0; at < end; at = next) {
		r->groups[r->ngroups] = (gid_t)strtoul(at, &next, 10);
		if (next == at || next > end)
			break;
		r->ngroups++;
	}
	return E_OK;
}

int
rights_parse(const char *text, struct place_rights *r)
{
	const char *caps = rights_field(text, "CapEff:");

	r->groups = NULL;
	if (caps == NULL || rights_four(text, "Uid:", r->ids.uid) != E_OK ||
	    rights_four(text, "Gid:", r->ids.gid) != E_OK)
		return E_VALUE;
	r->caps = strtoull(caps, NULL, 16);
	return rights_groups(text, r);
}

/* The whole of it: freed by the caller. */
static int
rights_text(int fd, char **out)
{
	size_t have = 0, cap = 0;
	char *text = NULL, *more;
	ssize_t n;

	do {
		if (cap - have < RIGHTS_STEP / 2) {
			cap += RIGHTS_STEP;
			if ((more = realloc(text, cap)) == NULL) {
				free(text);
				return E_NOMEM;
			}
			text = more;
		}
		n = read(fd, text + have, cap - have - 1);
		if (n > 0)
			have += (size_t)n;
	} while (n > 0 || (n == -1 && errno == EINTR));
	if (n == -1) {
		free(text);
		return E_SYS;
	}
	text[have] = '\0';
	*out = text;
	return E_OK;
}

int
rights_read(int proc, struct place_rights *r)
{
	char *text;
	int fd, ret;

	memset(r, 0, sizeof(*r));
	do
		fd = openat(proc, "status", O_RDONLY | O_CLOEXEC);
	while (fd == -1 && errno == EINTR);
	if (fd == -1)
		return E_SYS;
	if ((ret = rights_text(fd, &text)) == E_OK) {
		ret = rights_parse(text, r);
		free(text);
	}
	close(fd);
	return ret;
}

void
rights_fini(struct place_rights *r)
{
	free(r->groups);
	r->groups = NULL;
	r->ngroups = 0;
}
