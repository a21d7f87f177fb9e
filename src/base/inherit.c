/* SPDX-License-Identifier: ISC */
#include "base/inherit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/number.h"

#define INHERIT_FD_MAX 65535

void
inherit_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd != -1 && fd <= 2);
	if (fd > 2)
		close(fd);
}

int
inherit_socket(const char *variable, int *type)
{
	const char *text = getenv(variable);
	socklen_t len = sizeof(*type);
	uint64_t n;

	if (text == NULL ||
	    number_parse(text, 0, INHERIT_FD_MAX, &n) != E_OK ||
	    getsockopt((int)n, SOL_SOCKET, SO_TYPE, type, &len) == -1 ||
	    fcntl((int)n, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	return (int)n;
}
