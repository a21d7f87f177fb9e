/* SPDX-License-Identifier: ISC */
#include "place/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_STEP 4096 /* the list of groups may be long */

/* What follows "NAME:" at the beginning of a line, or NULL. */
static const char *
status_field(const char *text, const char *name)
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
status_four(const char *text, const char *name, unsigned out[4])
{
	const char *p = status_field(text, name);

	return p != NULL &&
		sscanf(p, "%u %u %u %u", &out[0], &out[1], &out[2], &out[3]) ==
		    4 ?
	    E_OK :
	    E_VALUE;
}

static int
status_groups(const char *text, struct place *p)
{
	const char *at = status_field(text, "Groups:");
	const char *end;
	char *next;

	if (at == NULL || (end = strchr(at, '\n')) == NULL)
		return E_VALUE;
	/* (A number and what parts it from the next take two bytes.) */
	p->groups = malloc(((size_t)(end - at) / 2 + 1) * sizeof(gid_t));
	if (p->groups == NULL)
		return E_NOMEM;
	for (p->ngroups = 0; at < end; at = next) {
		p->groups[p->ngroups] = (gid_t)strtoul(at, &next, 10);
		if (next == at || next > end)
			break;
		p->ngroups++;
	}
	return E_OK;
}

int
status_parse(const char *text, struct place *p)
{
	const char *caps = status_field(text, "CapEff:");

	p->groups = NULL;
	if (caps == NULL || status_four(text, "Uid:", p->ids.uid) != E_OK ||
	    status_four(text, "Gid:", p->ids.gid) != E_OK)
		return E_VALUE;
	p->caps = strtoull(caps, NULL, 16);
	return status_groups(text, p);
}

/* The whole of it: freed by the caller. */
static int
status_text(int fd, char **out)
{
	size_t have = 0, cap = 0;
	char *text = NULL, *more;
	ssize_t n;

	do {
		if (cap - have < STATUS_STEP / 2) {
			cap += STATUS_STEP;
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
status_read(int proc, struct place *p)
{
	char *text;
	int fd, r;

	do
		fd = openat(proc, "status", O_RDONLY | O_CLOEXEC);
	while (fd == -1 && errno == EINTR);
	if (fd == -1)
		return E_SYS;
	if ((r = status_text(fd, &text)) == E_OK) {
		r = status_parse(text, p);
		free(text);
	}
	close(fd);
	return r;
}
