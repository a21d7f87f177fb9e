/* SPDX-License-Identifier: ISC */
#include "attach/privileges.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attach/caller.h"
#include "base/log.h"
#include "base/program.h"

void
privileges_check(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (caller_may_mount(getpid()) ||
	    program_find(path, name, getenv("PATH")) != E_OK ||
	    stat(path, &st) == -1)
		return;
	if ((st.st_mode & (S_ISUID | S_ISGID)) != 0 ||
	    getxattr(path, "security.capability", NULL, 0) > 0)
		log_warn("%s is set-user-ID, set-group-ID or has file "
			 "capabilities: under the mount trap it runs without "
			 "them",
		    path);
}
