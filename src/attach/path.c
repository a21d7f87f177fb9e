/* SPDX-License-Identifier: ISC */
#include "attach/path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Append one component; ".." takes the last one off again. */
static int
path_step(char *out, size_t *len, size_t cap, const char *name, size_t n)
{
	if (n == 0 || (n == 1 && name[0] == '.'))
		return E_OK;
	if (n == 2 && name[0] == '.' && name[1] == '.') {
		while (*len > 0 && out[*len - 1] != '/')
			(*len)--;
		if (*len > 0)
			(*len)--;
		return E_OK;
	}
	if (cap - *len < n + 2)
		return E_BIG;
	out[(*len)++] = '/';
	memcpy(out + *len, name, n);
	*len += n;
	return E_OK;
}

static int
path_walk(char *out, size_t *len, size_t cap, const char *path)
{
	size_t n;
	int r;

	while (*path != '\0') {
		n = strcspn(path, "/");
		if ((r = path_step(out, len, cap, path, n)) != E_OK)
			return r;
		path += n;
		path += strspn(path, "/");
	}
	return E_OK;
}

int
path_absolute(char *out, size_t cap, pid_t pid, const char *path)
{
	char link[64], cwd[4096];
	size_t len = 0;
	ssize_t n;
	int r;

	if (path[0] != '/') {
		snprintf(link, sizeof(link), "/proc/%ld/cwd", (long)pid);
		if ((n = readlink(link, cwd, sizeof(cwd) - 1)) == -1)
			return E_SYS;
		cwd[n] = '\0';
		if ((r = path_walk(out, &len, cap, cwd)) != E_OK)
			return r;
	}
	if ((r = path_walk(out, &len, cap, path)) != E_OK)
		return r;
	if (cap < 2)
		return E_BIG;
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
	return E_OK;
}
