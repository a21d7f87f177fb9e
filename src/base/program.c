/* SPDX-License-Identifier: ISC */
#include "base/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#include <stdint.h>
#endif

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

int
program_path(char *out, size_t cap)
{
#ifdef __APPLE__
	uint32_t size = (uint32_t)cap;

	return _NSGetExecutablePath(out, &size) == 0 ? E_OK : E_BIG;
#else
	ssize_t n = readlink("/proc/self/exe", out, cap);

	if (n == -1)
		return E_SYS;
	if ((size_t)n == cap)
		return E_BIG;
	out[n] = '\0';
	return E_OK;
#endif
}

int
program_beside(char *out, size_t cap, const char *name)
{
	char *slash;
	int r;

	if ((r = program_path(out, cap)) != E_OK)
		return r;
	if ((slash = strrchr(out, '/')) == NULL)
		return E_NOTFOUND;
	if (cap - (size_t)(slash + 1 - out) <= strlen(name))
		return E_BIG;
	strcpy(slash + 1, name);
	return E_OK;
}
