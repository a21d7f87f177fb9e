/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/inherit.h"
#include "base/log.h"
#include "emulator/server.h"
#include "emulator/workload.h"

/* Descriptors of ours that fusermount3 shall not inherit. */
static void
main_keep(int fd)
{
	if (fd > 2)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int
main(int argc, char *argv[])
{
	struct options o;
	int data, monitor, type;

	log_init("fuset-emulator", LOG_WARN, 2);
	switch (options_parse(&o, argc, argv)) {
	case OPTIONS_RUN:
		break;
	case OPTIONS_HELP:
		options_usage();
		return 0;
	case OPTIONS_VERSION:
		puts("fuset-emulator " PACKAGE_VERSION);
		return 0;
	default:
		return SERVER_FAILED;
	}
	log_init("fuset-emulator", o.debug ? LOG_DEBUG : LOG_WARN, o.log_fd);
	main_keep(o.log_fd);
	main_keep(o.report_fd);
	if (o.workload != NULL && !workload_exists(o.workload)) {
		log_error("unknown workload \"%s\"", o.workload);
		return SERVER_FAILED;
	}
	if (o.check)
		return SERVER_FINE;
	if ((data = inherit_socket("_FUSE_COMMFD", &type)) == -1) {
		log_error("_FUSE_COMMFD does not name a socket: this program "
			  "is started by a FUSE-T library or by fuserelay");
		return SERVER_FAILED;
	}
	monitor = inherit_socket("_FUSE_MONFD", &type);
	shaping_draw_seed(&o.shaping);
	return server_run(&o, data, monitor);
}
