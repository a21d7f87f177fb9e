/* SPDX-License-Identifier: ISC */
/* Where a listening socket is made, and what it never replaces. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "front/front.h"
#include "tests/suite.h"

#define SOMEBODY 65534

static char dir[64], path[128];
static struct front_conf conf;

static void
setup(void)
{
	strcpy(dir, "/tmp/check-listen.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	memset(&conf, 0, sizeof(conf));
	conf.kind = FRONT_LISTEN;
	conf.path = path;
	conf.fd = -1;
	log_init("check", LOG_ERROR, -1);
}

static void
teardown(void)
{
	char command[128];

	front_listen_close(&conf);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static mode_t
mode_of(const char *p)
{
	struct stat st;

	return lstat(p, &st) == -1 ? 0 : st.st_mode;
}

static int
connects(const char *p)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), r;

	ck_assert_uint_lt(strlen(p), sizeof(sun.sun_path));
	strcpy(sun.sun_path, p);
	r = connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	close(fd);
	return r == 0;
}

static int
bound(int listening, int backlog)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sun.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	if (listening)
		ck_assert_int_eq(listen(fd, backlog), 0);
	return fd;
}

static void
refused(int r)
{
	ck_assert_int_eq(front_listen_open(&conf), r);
	ck_assert_int_eq(conf.fd, -1);
}

START_TEST(f46_opens_and_goes)
{
	mode_t mask = umask(_i == 0 ? 022 : 0);

	ck_assert_int_eq(front_listen_open(&conf), E_OK);
	ck_assert_uint_eq(mode_of(path), S_IFSOCK | 0600);
	ck_assert_uint_eq(umask(mask), _i == 0 ? 022 : 0);
	ck_assert_int_ne(fcntl(conf.fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_ne(fcntl(conf.fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert(connects(path));
	front_listen_close(&conf);
	ck_assert_int_eq(conf.fd, -1);
	ck_assert_uint_eq(mode_of(path), 0);
	front_listen_close(&conf);
}
END_TEST

START_TEST(f46_directory_that_others_write)
{
	static const mode_t mode[] = { 0777, 01777, 0770, 0702, 0720 };

	ck_assert_int_eq(chmod(dir, mode[_i]), 0);
	refused(E_VALUE);
	ck_assert_uint_eq(mode_of(path), 0);
	ck_assert_int_eq(chmod(dir, 0755), 0);
	ck_assert_int_eq(front_listen_open(&conf), E_OK);
}
END_TEST

START_TEST(directory_of_somebody_else)
{
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(dir, SOMEBODY, SOMEBODY), 0);
	} else {
		conf.path = "/s";
	}
	refused(E_VALUE);
	conf.path = path;
}
END_TEST

START_TEST(directory_that_is_none)
{
	static const char *const name[] = { "missing/s", "file/s" };
	int fd;

	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	snprintf(path, sizeof(path), "%s/%s", dir, name[_i]);
	refused(E_VALUE);
}
END_TEST

START_TEST(f47_dead_socket_is_replaced)
{
	struct stat was, is;
	int fd = bound(_i, 1);

	ck_assert_int_eq(fstat(fd, &was), 0);
	ck_assert_int_eq(lstat(path, &was), 0);
	close(fd);
	ck_assert_int_eq(front_listen_open(&conf), E_OK);
	ck_assert_int_eq(lstat(path, &is), 0);
	ck_assert(connects(path));
}
END_TEST

/* One that listens; one whose backlog is full, which must not block us. */
START_TEST(f47_live_socket_stays)
{
	int fd = bound(1, 0), waiting = -1;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat was, is;

	if (_i == 1) {
		waiting = socket(AF_UNIX, SOCK_STREAM, 0);
		strcpy(sun.sun_path, path);
		ck_assert_int_eq(
		    connect(waiting, (struct sockaddr *)&sun, sizeof(sun)), 0);
	}
	ck_assert_int_eq(lstat(path, &was), 0);
	refused(E_SYS);
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert_int_eq(lstat(path, &is), 0);
	ck_assert_uint_eq(was.st_ino, is.st_ino);
	close(fd);
	if (waiting != -1)
		close(waiting);
}
END_TEST

/* Nothing else is removed, nor followed. */
START_TEST(f47_other_files_stay)
{
	char target[128];
	mode_t type;
	int fd;

	snprintf(target, sizeof(target), "%s/target", dir);
	switch (_i) {
	case 0:
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		ck_assert_int_ge(fd, 0);
		close(fd);
		break;
	case 1:
		ck_assert_int_eq(mkdir(path, 0700), 0);
		break;
	case 2:
		ck_assert_int_eq(symlink(target, path), 0);
		break;
	default:
		/* A symbolic link to a dead socket. */
		fd = bound(0, 0);
		close(fd);
		ck_assert_int_eq(rename(path, target), 0);
		ck_assert_int_eq(symlink(target, path), 0);
		break;
	}
	type = mode_of(path);
	refused(E_SYS);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_uint_eq(mode_of(path), type);
	if (_i == 2)
		ck_assert_uint_eq(mode_of(target), 0);
}
END_TEST

START_TEST(f47_dead_socket_of_somebody_else_stays)
{
	if (geteuid() != 0)
		return;
	close(bound(0, 0));
	ck_assert_int_eq(chown(path, SOMEBODY, SOMEBODY), 0);
	refused(E_SYS);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_uint_eq(mode_of(path) & S_IFMT, S_IFSOCK);
}
END_TEST

/* The directory may be as deep as it likes; the name has to fit. */
START_TEST(f47_long_path)
{
	static char deep[1024];
	size_t n = strlen(dir);
	int i;

	strcpy(deep, dir);
	for (i = 0; i < 8; i++) {
		n += (size_t)snprintf(deep + n, sizeof(deep) - n,
		    "/a-directory-with-a-rather-long-name");
		ck_assert_int_eq(mkdir(deep, 0700), 0);
	}
	strcpy(deep + n, "/s");
	conf.path = deep;
	ck_assert_int_eq(front_listen_open(&conf), E_OK);
	ck_assert_uint_eq(mode_of(deep), S_IFSOCK | 0600);
	front_listen_close(&conf);
	ck_assert_uint_eq(mode_of(deep), 0);
	memset(deep + n + 1, 'x', 120);
	refused(E_SYS);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

START_TEST(relative_path)
{
	ck_assert_int_eq(chdir(dir), 0);
	conf.path = "s";
	ck_assert_int_eq(front_listen_open(&conf), E_OK);
	ck_assert(connects(path));
	front_listen_close(&conf);
	ck_assert_uint_eq(mode_of(path), 0);
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

static void
stream_cb(void *arg, int fd)
{
	*(int *)arg = fd;
}

static void
ended_cb(void *arg, int status)
{
	(void)arg;
	(void)status;
}

static unsigned
lines_in(int fd)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof(text), 0), i;
	unsigned lines = 0;

	ck_assert_int_ge(n, 0);
	for (i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

/* Not a single descriptor is left when the client comes: it is not asked for
 * over and over, and gets in when there is one again. */
START_TEST(f29_no_descriptor_is_free)
{
	static const struct front_events events = { .stream = stream_cb,
		.ended = ended_cb };
	struct mount_request m = { .device = -1 };
	struct event_base *base = event_base_new();
	struct rlimit was, none;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int log = memfd_create("log", MFD_CLOEXEC), client, stream = -1, i;
	struct front *f;

	ck_assert_int_eq(front_listen_open(&conf), E_OK);
	ck_assert_int_eq(
	    front_start(&f, &conf, base, NULL, &m, &events, &stream), E_OK);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(sun.sun_path, path);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&sun, sizeof(sun)),
	    0);
	log_init("check", LOG_WARN, log);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = (rlim_t)client + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (i = 0; i < 50; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(stream, -1);
	ck_assert_uint_eq(lines_in(log), 1);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	while (stream == -1)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	log_init("check", LOG_ERROR, -1);
	front_free(f);
	event_base_free(base);
	close(stream);
	close(client);
	close(log);
}
END_TEST

/* A child of another user connects; its status is 0 if it was sent away. */
static pid_t
stranger_connects(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char byte;
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (setuid(SOMEBODY) == -1 ||
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		_exit(2);
	_exit(read(fd, &byte, 1) == 0 ? 0 : 1);
}

/* Even where the socket is open to them, other users do not get in, and are
 * in nobody's way; once a client is there, nobody is. */
START_TEST(f46_strangers_are_turned_away)
{
	static const struct front_events events = { .stream = stream_cb,
		.ended = ended_cb };
	struct mount_request m = { .device = -1 };
	struct event_base *base = event_base_new();
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int client, stream = -1, status, i;
	struct front *f;
	pid_t pid;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(chmod(dir, 0755), 0);
	ck_assert_int_eq(front_listen_open(&conf), E_OK);
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(
	    front_start(&f, &conf, base, NULL, &m, &events, &stream), E_OK);
	for (i = 0; i < 10; i++) {
		pid = stranger_connects();
		while (waitpid(pid, &status, WNOHANG) == 0) {
			event_base_loop(base, EVLOOP_NONBLOCK);
			ck_assert_int_eq(stream, -1);
		}
		ck_assert_int_eq(status, 0);
	}
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(sun.sun_path, path);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&sun, sizeof(sun)),
	    0);
	while (stream == -1)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	ck_assert(!connects(path));
	front_free(f);
	event_base_free(base);
	close(stream);
	close(client);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("listen");
	TCase *tc = tcase_create("listen");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, f46_opens_and_goes, 0, 2);
	tcase_add_loop_test(tc, f46_directory_that_others_write, 0, 5);
	tcase_add_test(tc, directory_of_somebody_else);
	tcase_add_loop_test(tc, directory_that_is_none, 0, 2);
	tcase_add_loop_test(tc, f47_dead_socket_is_replaced, 0, 2);
	tcase_add_loop_test(tc, f47_live_socket_stays, 0, 2);
	tcase_add_loop_test(tc, f47_other_files_stay, 0, 4);
	tcase_add_test(tc, f47_dead_socket_of_somebody_else_stays);
	tcase_add_test(tc, f47_long_path);
	tcase_add_test(tc, relative_path);
	tcase_add_test(tc, f29_no_descriptor_is_free);
	tcase_add_test(tc, f46_strangers_are_turned_away);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
