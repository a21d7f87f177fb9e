/* SPDX-License-Identifier: ISC */
#include "attach/mount_args.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#define NO_NEW_MOUNT                                                          \
	((uint64_t)(MS_REMOUNT | MS_BIND | MS_MOVE | MS_SHARED | MS_PRIVATE | \
	    MS_SLAVE | MS_UNBINDABLE))

uint64_t
mount_args_flags(uint64_t flags)
{
	return (flags & MS_MGC_MSK) == MS_MGC_VAL ?
	    flags & ~(uint64_t)MS_MGC_MSK :
	    flags;
}

int
mount_args_are_new(uint64_t flags)
{
	return (flags & NO_NEW_MOUNT) == 0;
}

int
mount_args_take_fd(char *options)
{
	char *p = options, *end;
	long fd;

	while (p != NULL && *p != '\0') {
		end = strchr(p, ',');
		if (strncmp(p, "fd=", 3) == 0) {
			fd = strtol(p + 3, NULL, 10);
			if (end != NULL)
				memmove(p, end + 1, strlen(end + 1) + 1);
			else if (p > options)
				p[-1] = '\0';
			else
				*p = '\0';
			return fd >= 0 && fd <= 1 << 20 ? (int)fd : -1;
		}
		p = end == NULL ? NULL : end + 1;
	}
	return -1;
}
