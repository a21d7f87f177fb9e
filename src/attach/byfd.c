/* SPDX-License-Identifier: ISC */
/* The device end by its number, for programs that mount on /dev/fd/N. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/attach.h"
#include "attach/child.h"
#include "base/log.h"

#define PLACE "{}"

/* In the child: the device end survives exec. */
static const char *
byfd_setup(void *arg, int sock)
{
	const int *fd = arg;

	(void)sock;
	if (fcntl(*fd, F_SETFD, 0) == -1)
		return "fcntl";
	return NULL;
}

/* A copy of arg with every "{}" replaced; NULL without memory. */
static char *
byfd_argument(const char *arg, const char *path)
{
	size_t n = 0;
	const char *p, *next;
	char *out, *to;

	for (p = arg; (p = strstr(p, PLACE)) != NULL; p += 2)
		n++;
	to = out = malloc(strlen(arg) + n * strlen(path) + 1);
	if (out == NULL)
		return NULL;
	for (p = arg; (next = strstr(p, PLACE)) != NULL; p = next + 2) {
		memcpy(to, p, (size_t)(next - p));
		to += next - p;
		memcpy(to, path, strlen(path));
		to += strlen(path);
	}
	memcpy(to, p, strlen(p) + 1);
	return out;
}

int
attach_byfd(pid_t *pid, char *const argv[], int device_fd)
{
	size_t n = 0, i;
	const char *step;
	char path[32], **copy;
	int r = E_NOMEM, unused, saved;

	*pid = -1;
	snprintf(path, sizeof(path), "/dev/fd/%d", device_fd);
	while (argv[n] != NULL)
		n++;
	if ((copy = calloc(n + 1, sizeof(*copy))) == NULL)
		return E_NOMEM;
	for (i = 0; i < n; i++)
		if ((copy[i] = byfd_argument(argv[i], path)) == NULL)
			goto out;
	r = child_start(pid, copy, byfd_setup, &device_fd, &unused, &step);
	if (r == E_SYS && strcmp(step, "exec") != 0) {
		log_error("can't start %s: %s: %s", argv[0], step,
		    strerror(errno));
		r = E_UNSUP;
	}
out:
	saved = errno;
	for (i = 0; i < n; i++)
		free(copy[i]);
	free(copy);
	errno = saved;
	return r;
}
