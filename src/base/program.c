/* SPDX-License-Identifier: ISC */
#include "base/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
program_find(char out[PATH_MAX], const char *name, const char *dirs)
{
	size_t len;
	int n;

	if (strchr(name, '/') != NULL) {
		n = snprintf(out, PATH_MAX, "%s", name);
		return n >= PATH_MAX ? E_BIG : E_OK;
	}
	for (; dirs != NULL && *dirs != '\0';
	     dirs += len + (dirs[len] == ':')) {
		len = strcspn(dirs, ":");
		n = snprintf(out, PATH_MAX, "%.*s/%s", (int)len, dirs, name);
		if (len > 0 && n < PATH_MAX && access(out, X_OK) == 0)
			return E_OK;
	}
	return E_NOTFOUND;
}
