/* SPDX-License-Identifier: ISC */
#include "base/self.h"

#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#include <stdint.h>
#endif

int
self_path(char *out, size_t cap)
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
self_beside(char *out, size_t cap, const char *name)
{
	char *slash;
	int r;

	if ((r = self_path(out, cap)) != E_OK)
		return r;
	if ((slash = strrchr(out, '/')) == NULL)
		return E_NOTFOUND;
	if (cap - (size_t)(slash + 1 - out) <= strlen(name))
		return E_BIG;
	strcpy(slash + 1, name);
	return E_OK;
}
