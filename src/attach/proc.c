/* SPDX-License-Identifier: ISC */
#include "attach/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
proc_status(pid_t pid, const char *field, int base, unsigned long long *out)
{
	char path[64], line[256];
	size_t n = strlen(field);
	FILE *f;
	int r = E_NOTFOUND;

	*out = 0;
	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	if ((f = fopen(path, "re")) == NULL)
		return E_SYS;
	while (r != E_OK && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, field, n) == 0) {
			*out = strtoull(line + n, NULL, base);
			r = E_OK;
		}
	fclose(f);
	return r;
}

int
proc_is_socket(int dir, const char *name, ino_t inode)
{
	char link[64], want[64];
	ssize_t n;

	if ((n = readlinkat(dir, name, link, sizeof(link) - 1)) == -1)
		return 0;
	link[n] = '\0';
	snprintf(want, sizeof(want), "socket:[%llu]",
	    (unsigned long long)inode);
	return strcmp(link, want) == 0;
}
