/* SPDX-License-Identifier: ISC */
/*
 * fuset-relay: takes the place of FUSE-T's server program, starts the real
 * one behind itself, and stands between it and the client.
 *
 * A FUSE-T library starts it as it would start the server, so that all its
 * arguments are the server's; its own settings come from the environment.
 * Nobody reads its stderr: it logs to a file or to the system's log.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/inherit.h"
#include "base/log.h"
#include "base/log_syslog.h"
#include "fuset-relay/between.h"
#include "fuset-relay/real.h"
#include "live/trace_words.h"
#include "quirk/quirk.h"

#define NAME "fuset-relay"
#define EXIT_FAILED 1

static enum log_level
main_log_level(void)
{
	static const char *const name[] = { "error", "warn", "info", "debug" };
	const char *text = getenv("FUSERELAY_LOG_LEVEL");
	enum log_level level;

	for (level = LOG_ERROR; text != NULL && level <= LOG_DEBUG; level++)
		if (strcmp(text, name[level]) == 0)
			return level;
	return LOG_INFO;
}

/* Several of these programs may share a file: lines tell the process. */
static void
main_start_log(void)
{
	const char *path = getenv("FUSERELAY_LOG");
	static char name[32];
	int fd = -1, num;

	if (path != NULL)
		fd = open(path,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	num = errno;
	snprintf(name, sizeof(name), NAME "[%ld]", (long)getpid());
	log_init(name, main_log_level(), fd);
	if (fd != -1)
		return;
	log_syslog_open(NAME);
	log_set_sink(log_syslog_write);
	if (path != NULL)
		log_error("%s: %s", path, strerror(num));
}

static int
main_channels(struct between_conf *c)
{
	int type;

	c->data = inherit_socket("_FUSE_COMMFD", &c->type);
	c->monitor = inherit_socket("_FUSE_MONFD", &type);
	if (c->data == -1 || c->monitor == -1 || c->data == c->monitor) {
		log_error(
		    "%s does not name a socket: this program is started "
		    "by a FUSE-T library, with FUSE_NFSSRV_PATH set to it",
		    c->data == -1 ? "_FUSE_COMMFD" : "_FUSE_MONFD");
		return E_VALUE;
	}
	if (c->type == SOCK_STREAM)
		log_warn(
		    "the client's data socket is a byte stream: messages "
		    "are checked, but they may still reach the client in "
		    "pieces or glued together (libfuset-attach hides that)");
	return E_OK;
}

static void
main_conf(struct between_conf *c)
{
	c->relay = relay_conf_default;
	c->relay.quirks = quirk_defaults();
	/* FUSE-T's clients speak NFS or SMB, which know no ECONNABORTED. */
	c->relay.dead_errno = c->relay.gone_errno = EIO;
	/* Nothing on a stream limits a message. */
	if (c->type == SOCK_STREAM)
		c->relay.max_write = SESSION_REQUEST_MAX;
}

/* What FUSERELAY_TRACE asks for; nothing if it is wrong. */
static const struct trace_opts *
main_trace(void)
{
	const char *text = getenv("FUSERELAY_TRACE");
	static struct trace_words words;
	static struct trace_opts t;

	trace_opts_init(&t);
	if (text == NULL)
		return &t;
	if (trace_words(&t, text, &words) != E_OK)
		log_error("FUSERELAY_TRACE: %s", t.why);
	else if ((t.lines || t.summary) && t.output == NULL)
		log_error("FUSERELAY_TRACE: lines need a file, -o");
	else
		return &t;
	trace_opts_init(&t);
	return &t;
}

int
main(int argc, char *argv[])
{
	struct between_conf c = { .data = -1, .monitor = -1 };
	static char server[FUSET_PATH_MAX];

	inherit_stdio();
	if (argc == 2 && strcmp(argv[1], "--version") == 0 &&
	    getenv("_FUSE_COMMFD") == NULL) {
		puts(NAME " " PACKAGE_VERSION);
		return 0;
	}
	main_start_log();
	if (argc < 1 || main_channels(&c) != E_OK)
		return EXIT_FAILED;
	if (real_mark() != E_OK || real_server(server) != E_OK) {
		devpair_say_end(c.data);
		return EXIT_FAILED;
	}
	main_conf(&c);
	argv[0] = server;
	c.argv = argv;
	c.mount_point = argv[argc - 1];
	c.trace = main_trace();
	c.relay.proto = c.trace->proto;
	log_info("server %s, mount point %s", server, argv[argc - 1]);
	return between_run(&c);
}
