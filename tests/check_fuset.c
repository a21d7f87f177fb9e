/* SPDX-License-Identifier: ISC */
/*
 * FUSE-T's server is started as its own libraries start it.  The server is
 * this program again: with the variables of a server in its environment it
 * tells on the data channel what it found, and does what FUSET_TEST says.
 */
#include <check.h>
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "front/front.h"
#include "tests/suite.h"

#define FD_MAX 256

static struct event_base *base;
static struct reaper reaper;
static struct front *front;
static int stream_fd, mounts, first_status, mount_status, ends, end_status;

static void
stream_cb(void *arg, int fd)
{
	(void)arg;
	stream_fd = fd;
}

static void
mounted_cb(void *arg, int num, const struct kmount_made *made)
{
	(void)arg;
	(void)made;
	if (mounts++ == 0)
		first_status = num;
	mount_status = num;
}

static void
ended_cb(void *arg, int status)
{
	(void)arg;
	ends++;
	end_status = status;
}

static const struct front_events events = {
	.stream = stream_cb,
	.mounted = mounted_cb,
	.ended = ended_cb,
};

static void
other_cb(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

/* Which descriptors a child would inherit. */
static void
inherited(char open[FD_MAX + 1])
{
	int fd, flags;

	for (fd = 0; fd < FD_MAX; fd++) {
		flags = fcntl(fd, F_GETFD);
		open[fd] = flags != -1 && !(flags & FD_CLOEXEC) ? 'x' : '-';
	}
	open[FD_MAX] = '\0';
}

static void
setup(void)
{
	log_init("check", LOG_ERROR, -1);
	stream_fd = -1;
	mounts = ends = 0;
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	ck_assert_int_eq(reaper_init(&reaper, base, other_cb, NULL), E_OK);
}

static void
teardown(void)
{
	front_free(front);
	front = NULL;
	if (stream_fd != -1)
		close(stream_fd);
	reaper_fini(&reaper);
	event_base_free(base);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}

static void
start_as(const char *mode, int emulator)
{
	static char self[] = "/proc/self/exe", extra[] = "extra";
	static char *own[] = { extra, NULL };
	struct front_conf conf = { .kind = FRONT_FUSET,
		.server = self,
		.server_args = own,
		.pass_options = emulator };
	struct mount_request m = { .source = "s",
		.target = "/mnt point",
		.type = "fuse",
		.options = "",
		.device = -1 };

	setenv("FUSET_TEST", mode, 1);
	ck_assert_int_eq(
	    front_start(&front, &conf, base, &reaper, &m, &events, NULL),
	    E_OK);
	ck_assert_int_ne(stream_fd, -1);
	ck_assert_int_eq(front_mounts_first(front), emulator);
}

static void
start(const char *mode)
{
	start_as(mode, 0);
}

static void
wait_for(const int *flag)
{
	while (!*flag)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
}

/* What the server told, up to its end or to what a line holds. */
static void
read_report(char *buf, size_t cap)
{
	size_t n = 0;
	ssize_t got;

	ck_assert_int_eq(fcntl(stream_fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	fcntl(stream_fd, F_SETFL, 0);
	while (
	    n < cap - 1 && (got = read(stream_fd, buf + n, cap - 1 - n)) > 0) {
		n += (size_t)got;
		if (buf[n - 1] == '\n')
			break;
	}
	buf[n] = '\0';
}

START_TEST(server_finds_what_it_expects)
{
	char report[4096], want[1024], fds[FD_MAX + 1];
	int comm, mon;

	inherited(fds);
	start("serve");
	read_report(report, sizeof(report));
	ck_assert_int_eq(sscanf(report, "comm %d mon %d", &comm, &mon), 2);
	snprintf(want, sizeof(want),
	    "comm %d mon %d vers 2 types 1 1 args "
	    "extra|/mnt point| session own stdio null device yes fds ",
	    comm, mon);
	ck_assert_msg(strncmp(report, want, strlen(want)) == 0, "%s", report);
	/* Nothing beyond what it inherits anyway and its two channels. */
	fds[0] = fds[1] = fds[2] = fds[comm] = fds[mon] = 'x';
	report[strlen(report) - 1] = '\0';
	ck_assert_str_eq(strstr(report, " fds ") + 5, fds);
	wait_for(&mounts);
	ck_assert_int_eq(mount_status, 0);
	front_unmount(front, 0);
	wait_for(&ends);
	ck_assert(WIFEXITED(end_status) && WEXITSTATUS(end_status) == 0);
	ck_assert_int_eq(mounts, 1);
}
END_TEST

START_TEST(mount_fails)
{
	start("fail");
	wait_for(&mounts);
	ck_assert_int_eq(mount_status, -13);
	front_unmount(front, 0);
	wait_for(&ends);
	ck_assert_int_eq(mounts, 1);
}
END_TEST

START_TEST(server_dies_before_it_mounts)
{
	start("die");
	wait_for(&ends);
	ck_assert(WIFEXITED(end_status) && WEXITSTATUS(end_status) == 3);
	ck_assert_int_eq(mounts, 0);
	front_unmount(front, 0);
}
END_TEST

/* A status of the mount, then one of INIT: only what is new is told. */
START_TEST(f81_emulator_tells_twice)
{
	start_as(_i == 0 ? "both" : "late", 1);
	wait_for(&mounts);
	ck_assert_int_eq(first_status, 0);
	if (_i == 1)
		wait_for(&mount_status);
	front_unmount(front, 0);
	wait_for(&ends);
	ck_assert_int_eq(mount_status, _i == 0 ? 0 : 71);
	ck_assert_int_eq(mounts, _i == 0 ? 1 : 2);
}
END_TEST

/* The program waits for the mount: it is told that none comes. */
START_TEST(f81_emulator_dies_before_it_mounts)
{
	start_as("die", 1);
	wait_for(&ends);
	ck_assert_int_eq(mounts, 1);
	ck_assert_int_eq(mount_status, EIO);
}
END_TEST

START_TEST(server_is_killed_with_its_front)
{
	start("serve");
	wait_for(&mounts);
	front_free(front);
	front = NULL;
	ck_assert_int_gt(waitpid(-1, &end_status, 0), 0);
	ck_assert(WIFSIGNALED(end_status));
	ck_assert_int_eq(ends, 0);
}
END_TEST

START_TEST(server_can_not_be_started)
{
	struct front_conf conf = { .kind = FRONT_FUSET,
		.server = "/no/such/server" };
	struct mount_request m = { .source = "s",
		.target = "/mnt",
		.type = "fuse",
		.options = "",
		.device = -1 };

	ck_assert_int_eq(
	    front_start(&front, &conf, base, &reaper, &m, &events, NULL),
	    E_NOTFOUND);
	ck_assert_int_eq(stream_fd, -1);
}
END_TEST

/*
 * The server's side.
 */
static int
socket_type(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	return type;
}

static int
stdio_is_null(void)
{
	struct stat null, st;
	int fd;

	if (stat("/dev/null", &null) == -1)
		return 0;
	for (fd = 0; fd < 3; fd++)
		if (fstat(fd, &st) == -1 || st.st_rdev != null.st_rdev)
			return 0;
	return 1;
}

static void
server_report(int comm, int mon, int argc, char **argv)
{
	char fds[FD_MAX + 1];
	int i;

	inherited(fds);
	dprintf(comm, "comm %d mon %d vers %s types %d %d args ", comm, mon,
	    getenv("_FUSE_COMMVERS"), socket_type(comm) == SOCK_STREAM,
	    socket_type(mon) == SOCK_STREAM);
	for (i = 1; i < argc; i++)
		dprintf(comm, "%s|", argv[i]);
	dprintf(comm, " session %s stdio %s device %s fds %s\n",
	    getsid(0) == getpid() ? "own" : "shared",
	    stdio_is_null() ? "null" : "other",
	    access("/dev/null", R_OK) == 0 ? "yes" : "no", fds);
}

static int
server(int argc, char **argv)
{
	const char *mode = getenv("FUSET_TEST");
	int comm = atoi(getenv("_FUSE_COMMFD"));
	int mon = atoi(getenv("_FUSE_MONFD"));
	int32_t status = strcmp(mode, "fail") == 0 ? -13 : 0;
	char word[8] = "";

	if (strcmp(mode, "die") == 0)
		return 3;
	if (strcmp(mode, "serve") == 0)
		server_report(comm, mon, argc, argv);
	if (recv(mon, word, 5, MSG_WAITALL) != 5 ||
	    memcmp(word, "mount", 5) != 0)
		return 4;
	/* In two pieces, which a reader has to put together. */
	if (send(mon, &status, 1, 0) != 1 ||
	    send(mon, (char *)&status + 1, 3, 0) != 3)
		return 5;
	status = strcmp(mode, "late") == 0 ? 71 : 0;
	if ((status != 0 || strcmp(mode, "both") == 0) &&
	    send(mon, &status, 4, 0) != 4)
		return 5;
	if (recv(mon, word, 7, MSG_WAITALL) != 7 ||
	    memcmp(word, "unmount", 7) != 0)
		return 6;
	return 0;
}

int
main(int argc, char **argv)
{
	TCase *tc;
	Suite *s;

	if (getenv("_FUSE_COMMFD") != NULL)
		return server(argc, argv);
	s = suite_create("fuset");
	tc = tcase_create("fuset");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, server_finds_what_it_expects);
	tcase_add_test(tc, mount_fails);
	tcase_add_test(tc, server_dies_before_it_mounts);
	tcase_add_loop_test(tc, f81_emulator_tells_twice, 0, 2);
	tcase_add_test(tc, f81_emulator_dies_before_it_mounts);
	tcase_add_test(tc, server_is_killed_with_its_front);
	tcase_add_test(tc, server_can_not_be_started);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
