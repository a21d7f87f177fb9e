/* SPDX-License-Identifier: ISC */
/*
 * fuset-client [OPTION...] SOURCE MOUNTPOINT: a client of FUSE-T, for tests.
 *
 * It starts FUSE-T's server (FUSE_NFSSRV_PATH) step by step as FUSE-T's
 * libraries do, and serves SOURCE on the data channel.  Steps and their
 * order are those of FUSE-T's C library, or with --go of the Go libraries.
 * The file system is the passthrough with an unpatched libfuse 3, which
 * takes one read() for one message; --patched puts a reader between that
 * takes the stream apart by itself, as the libraries for FUSE-T do.
 *
 *	--go		descriptors 3 and 4, no buffers asked for, no word
 *			at the end
 *	--patched	header first, then the rest (always with --go)
 *	--no-mount	as with FUSE_NO_MOUNT: "mount" is never said
 *	--arg=ARG	an argument for the server, before the mount point
 *
 * Lines on stdout: "pid N" of the server, "mount status N" or "no mount
 * status N", "file system status N", "server status N" at the end.  The exit
 * status is the server's.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#undef main

#define ARGS_MAX 32
#define MESSAGE_MAX (8u * 1024 * 1024)
#define BUFFER (4 * 1024 * 1024)
#define C_HEADER 40 /* what the C library reads first */
#define GO_HEADER 4 /* what the Go libraries read first */

int passthrough_main(int argc, char *argv[]);

struct client {
	int go, patched, no_mount;
	char *server_args[ARGS_MAX];
	int nserver_args;
	int data, monitor; /* our ends */
	int inner;	   /* --patched: whole messages to libfuse */
	pid_t server;
	pthread_t mounter, reader, writer;
};

static void
say(const char *what, int n)
{
	if (printf("%s %d\n", what, n) < 0 || fflush(stdout) != 0)
		err(1, "stdout");
}

static void
set_number(const char *name, int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	setenv(name, text, 1);
}

/* In the child: the C library leaves the numbers as they are. */
static void
exec_c(const char *server, char *argv[], const int data[2], const int mon[2])
{
	int null = open("/dev/null", O_RDWR), i;

	close(data[1]);
	close(mon[1]);
	setenv("_FUSE_DAEMON_PATH", "/usr/local/bin/fuset-client", 1);
	set_number("_FUSE_COMMFD", data[0]);
	set_number("_FUSE_MONFD", mon[0]);
	setenv("_FUSE_COMMVERS", "2", 1);
	setsid();
	for (i = 0; i < 3; i++)
		dup2(null, i);
	execv(server, argv);
	_exit(1);
}

/* In the child: Go passes its extra files from 3 on, closes all others. */
static void
exec_go(const char *server, char *argv[], const int data[2], const int mon[2])
{
	int null = open("/dev/null", O_RDWR), d, m, i;

	d = fcntl(data[0], F_DUPFD, 100);
	m = fcntl(mon[0], F_DUPFD, 100);
	if (dup2(d, 3) == -1 || dup2(m, 4) == -1)
		_exit(1);
	close(d);
	close(m);
	set_number("_FUSE_COMMFD", 3);
	set_number("_FUSE_MONFD", 4);
	setenv("_FUSE_COMMVERS", "2", 1);
	setsid();
	for (i = 0; i < 3; i++)
		dup2(null, i);
	execv(server, argv);
	_exit(1);
}

static void
pairs_c(int data[2], int mon[2])
{
	int size = BUFFER, i;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, data) == -1)
		err(1, "socketpair");
	for (i = 0; i < 2; i++) {
		setsockopt(data[i], SOL_SOCKET, SO_RCVBUF, &size,
		    sizeof(size));
		setsockopt(data[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
	}
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, mon) == -1)
		err(1, "socketpair");
}

static void
pairs_go(int data[2], int mon[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, data) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, mon) == -1)
		err(1, "socketpair");
}

static void
start_server(struct client *c, char *mountpoint)
{
	char *argv[ARGS_MAX + 2], *server = getenv("FUSE_NFSSRV_PATH");
	int data[2], mon[2], n = 0, i;

	if (server == NULL)
		errx(1, "FUSE_NFSSRV_PATH is not set");
	argv[n++] = server;
	for (i = 0; i < c->nserver_args; i++)
		argv[n++] = c->server_args[i];
	argv[n++] = mountpoint;
	argv[n] = NULL;
	if (!c->go)
		setenv("_FUSE_CALL_BY_LIB", "1", 1);
	(c->go ? pairs_go : pairs_c)(data, mon);
	if ((c->server = fork()) == -1)
		err(1, "fork");
	if (c->server == 0)
		(c->go ? exec_go : exec_c)(server, argv, data, mon);
	close(data[0]);
	close(mon[0]);
	c->data = data[1];
	c->monitor = mon[1];
	say("pid", (int)c->server);
}

static void *
mounter_run(void *arg)
{
	struct client *c = arg;
	int32_t status = -1;
	ssize_t n;

	if ((n = send(c->monitor, "mount", 5, MSG_NOSIGNAL)) != 5) {
		say("no mount status", (int)n);
		return NULL;
	}
	do
		n = recv(c->monitor, &status, sizeof(status), 0);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		say("no mount status", (int)n);
	else
		say("mount status", status);
	return NULL;
}

/* The C library asks with recv(), the Go libraries with read(). */
static int
read_full(const struct client *c, uint8_t *p, size_t n)
{
	ssize_t got;

	for (; n > 0; n -= (size_t)got, p += got) {
		got = c->go ? read(c->data, p, n) : recv(c->data, p, n, 0);
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return -1;
	}
	return 0;
}

static void *
reader_run(void *arg)
{
	size_t head;
	struct client *c = arg;
	uint8_t *m = malloc(MESSAGE_MAX);
	uint32_t len;

	head = c->go ? GO_HEADER : C_HEADER;
	while (m != NULL && read_full(c, m, head) == 0) {
		memcpy(&len, m, sizeof(len));
		if (len < C_HEADER || len > MESSAGE_MAX)
			errx(1, "a request of %u bytes", len);
		if (read_full(c, m + head, len - head) == -1 ||
		    send(c->inner, m, len, MSG_NOSIGNAL) == -1)
			break;
	}
	shutdown(c->inner, SHUT_RDWR);
	free(m);
	return NULL;
}

static void *
writer_run(void *arg)
{
	struct client *c = arg;
	uint8_t *m = malloc(MESSAGE_MAX);
	ssize_t n, done, k;

	while (m != NULL && (n = recv(c->inner, m, MESSAGE_MAX, 0)) > 0)
		for (done = 0; done < n; done += k)
			if ((k = send(c->data, m + done, (size_t)(n - done),
				 MSG_NOSIGNAL)) == -1)
				break;
	free(m);
	return NULL;
}

/* The descriptor that libfuse shall read. */
static int
start_reader(struct client *c)
{
	int sv[2], size = BUFFER, i;

	if (!c->patched)
		return c->data;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		err(1, "socketpair");
	for (i = 0; i < 2; i++)
		setsockopt(sv[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	c->inner = sv[0];
	if (pthread_create(&c->reader, NULL, reader_run, c) != 0 ||
	    pthread_create(&c->writer, NULL, writer_run, c) != 0)
		errx(1, "pthread_create");
	return sv[1];
}

static int
serve(int fd, char *source)
{
	static char name[] = "fuserelay-passthrough", foreground[] = "-f";
	char path[32], *argv[5] = { name, foreground, source, path, NULL };

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	return passthrough_main(4, argv);
}

static int
end(struct client *c)
{
	int status;

	if (!c->go && !c->no_mount &&
	    send(c->monitor, "unmount", 7, MSG_NOSIGNAL) == -1)
		warn("unmount");
	if (c->go)
		close(c->data);
	close(c->monitor);
	while (waitpid(c->server, &status, 0) == -1)
		if (errno != EINTR)
			err(1, "waitpid");
	if (!c->no_mount)
		pthread_join(c->mounter, NULL);
	status = WIFEXITED(status) ? WEXITSTATUS(status) :
				     128 + WTERMSIG(status);
	say("server status", status);
	return status;
}

int
main(int argc, char *argv[])
{
	struct client c = { .inner = -1 };
	int i;

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--go") == 0)
			c.go = c.patched = 1;
		else if (strcmp(argv[i], "--patched") == 0)
			c.patched = 1;
		else if (strcmp(argv[i], "--no-mount") == 0)
			c.no_mount = 1;
		else if (strncmp(argv[i], "--arg=", 6) == 0 &&
		    c.nserver_args < ARGS_MAX)
			c.server_args[c.nserver_args++] = argv[i] + 6;
		else
			errx(2, "no option %s", argv[i]);
	}
	if (argc - i != 2)
		errx(2, "usage: fuset-client [OPTION...] SOURCE MOUNTPOINT");
	start_server(&c, argv[i + 1]);
	if (!c.no_mount &&
	    pthread_create(&c.mounter, NULL, mounter_run, &c) != 0)
		errx(1, "pthread_create");
	/* libfuse calls a bare end of file an error. */
	say("file system status", serve(start_reader(&c), argv[i]));
	return end(&c);
}
