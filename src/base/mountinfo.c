/* SPDX-License-Identifier: ISC */
#include "base/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* Replace the escapes \NNN of blanks, tabs, newlines, backslashes and "#". */
static void
mountinfo_unescape(char *s)
{
	char *to = s;

	while (*s != '\0') {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
		    s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 +
			    (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* Cut the first n words of a text off, in place; returns how many there
 * are. */
static int
mountinfo_words(char *text, char *word[], int n)
{
	char *rest = text;
	int i;

	for (i = 0; i < n; i++)
		if ((word[i] = strsep(&rest, " \n")) == NULL)
			break;
	return i;
}

/* "36 35 0:52 / /mnt rw,... shared:1 - fuse.x src rw,user_id=0": words are
 * parted by one blank, and any of them may be empty. */
int
mountinfo_parse(char *line, struct mountinfo *m)
{
	char *before[5], *after[2], *middle;

	memset(m, 0, sizeof(*m));
	if ((middle = strstr(line, " - ")) == NULL)
		return E_VALUE;
	*middle = '\0';
	if (mountinfo_words(line, before, 5) != 5 ||
	    mountinfo_words(middle + 3, after, 2) != 2 ||
	    sscanf(before[0], "%d", &m->id) != 1 ||
	    sscanf(before[1], "%d", &m->parent) != 1 ||
	    sscanf(before[2], "%u:%u", &m->major, &m->minor) != 2)
		return E_VALUE;
	m->point = before[4];
	m->type = after[0];
	m->source = after[1];
	mountinfo_unescape(m->point);
	mountinfo_unescape(m->source);
	return E_OK;
}

int
mountinfo_type_is_fuse(const char *type)
{
	const char *rest;

	if (strncmp(type, "fuse", 4) != 0)
		return 0;
	rest = type + (strncmp(type + 4, "blk", 3) == 0 ? 7 : 4);
	return *rest == '\0' || *rest == '.';
}

int
mountinfo_is_fuse(const struct mountinfo *m)
{
	return mountinfo_type_is_fuse(m->type);
}

int
mountinfo_walk(int fd, int (*visit)(void *arg, const struct mountinfo *m),
    void *arg)
{
	struct mountinfo m;
	char *line = NULL;
	size_t cap = 0;
	FILE *f;
	int r = E_OK, saved;

	if ((f = file_stream(fd)) == NULL)
		return E_SYS;
	while (getline(&line, &cap, f) != -1)
		if (mountinfo_parse(line, &m) == E_OK && visit(arg, &m) != 0)
			break;
	if (ferror(f))
		r = E_SYS;
	saved = errno;
	free(line);
	fclose(f);
	errno = saved;
	return r;
}

struct mountinfo_search {
	const char *path;
	struct mountinfo_top *top;
};

static int
mountinfo_look_cb(void *arg, const struct mountinfo *m)
{
	struct mountinfo_search *s = arg;

	if (strcmp(m->point, s->path) == 0) {
		s->top->is_fuse = mountinfo_is_fuse(m);
		s->top->major = m->major;
		s->top->minor = m->minor;
	}
	return 0; /* the last row of a place is the one on top */
}

void
mountinfo_look(const char *path, struct mountinfo_top *top)
{
	struct mountinfo_search s = { path, top };
	const int fd = file_open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	memset(top, 0, sizeof(*top));
	if (mountinfo_walk(fd, mountinfo_look_cb, &s) != E_OK || !top->is_fuse)
		memset(top, 0, sizeof(*top));
}

int
mountinfo_is_on_top(const char *path, const struct mountinfo_top *was)
{
	struct mountinfo_top now;

	if (!was->is_fuse)
		return 1;
	mountinfo_look(path, &now);
	return now.is_fuse && now.major == was->major &&
	    now.minor == was->minor;
}
