/* SPDX-License-Identifier: ISC */
/*
 * The emulator's server with its built-in client against daemons that
 * behave, and against one for each way not to.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "emulator/server.h"
#include "tests/suite.h"
#include "wire/build.h"
#include "wire/get.h"

#define REQUEST_MAX (2u * 1024 * 1024)
#define REPORT_MAX 65536

/* What the fake daemon answers to the first MKDIR. */
enum trick {
	REFUSE, /* ENOSYS, a good reply */
	CLOSE,
	SILENT,
	LEN_SHORT,
	LEN_HUGE,
	LEN_ZERO,
	LEN_ABOVE,
	ERROR_POSITIVE,
	ERROR_LARGE,
	ERROR_WITH_BODY,
	BODY_SHORT,
	BODY_LONG,
	ROOT_ENTRY,
	OTHER_TYPE,
	UNKNOWN_UNIQUE,
	SECOND_REPLY,
	ODD_UNIQUE,
	NOTIFY_UNKNOWN,
	NOTIFY_SHORT,
	CUT_SHORT,
	NOTIFY_GOOD, /* dropped; then ENOSYS */
	INIT_ERROR,
	INIT_MAJOR,
	INIT_LONG,
	INIT_SILENT,
	INIT_CLOSE
};

static int data[2], monitor[2], report[2];
static pid_t daemon_pid;
static char text[REPORT_MAX];

/* The daemon: blocking reads, one request at a time. */

static int
read_all(int fd, uint8_t *p, size_t len)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = read(fd, p, len)) <= 0)
			return -1;
	return 0;
}

static int
read_request(uint8_t *p, struct span *m)
{
	uint32_t len;

	if (read_all(data[1], p, WIRE_REQ_HEADER) != 0)
		return -1;
	memcpy(&len, p, sizeof(len));
	if (len < WIRE_REQ_HEADER || len > REQUEST_MAX)
		return -1;
	if (read_all(data[1], p + WIRE_REQ_HEADER, len - WIRE_REQ_HEADER))
		return -1;
	*m = (struct span){ p, len };
	return 0;
}

static void
send_reply(struct wire_buf *b)
{
	struct span m;

	if (wire_end(b, &m) != E_OK ||
	    write(data[1], m.p, m.len) != (ssize_t)m.len)
		_exit(1);
}

static void
reply_error(struct wire_buf *b, uint64_t unique, int error, size_t body)
{
	wire_begin_reply(b, unique, error);
	wire_put_zero(b, body);
	send_reply(b);
}

static void
reply_init(struct wire_buf *b, uint64_t unique, enum trick trick)
{
	if (trick == INIT_SILENT)
		pause();
	if (trick == INIT_CLOSE)
		_exit(0);
	wire_begin_reply(b, unique, trick == INIT_ERROR ? -EPROTO : 0);
	if (trick != INIT_ERROR) {
		wire_put_u32(b, trick == INIT_MAJOR ? 6 : 7);
		wire_put_u32(b, 31);
		wire_put_zero(b, 12);
		wire_put_u32(b, 131072);
		wire_put_zero(b, trick == INIT_LONG ? 44 : 40);
	}
	send_reply(b);
}

/* An entry of this node and mode, with `more` bytes too many or few. */
static void
reply_entry(struct wire_buf *b, uint64_t unique, uint64_t node, uint32_t mode,
    int more)
{
	wire_begin_reply(b, unique, 0);
	wire_put_u64(b, node);
	wire_put_zero(b, 32 + 60);
	wire_put_u32(b, mode);
	wire_put_zero(b, 24 + (size_t)more);
	send_reply(b);
}

/* A message with a length word that is not its length. */
static void
reply_length(struct wire_buf *b, uint64_t unique, uint32_t len)
{
	struct span m;

	wire_begin_reply(b, unique, 0);
	if (wire_end(b, &m) != E_OK)
		_exit(1);
	put_u32(b->p, b->len, 0, len);
	if (write(data[1], b->p, b->len) == -1)
		_exit(1);
}

static void
play(struct wire_buf *b, uint64_t unique, enum trick trick)
{
	uint8_t part[8] = { 40 };

	switch (trick) {
	case CLOSE:
		_exit(0);
	case SILENT:
		pause();
		break;
	case LEN_SHORT:
		reply_length(b, unique, 15);
		break;
	case LEN_HUGE:
		reply_length(b, unique, 3300000000u);
		break;
	case LEN_ZERO:
		reply_length(b, unique, 0);
		break;
	case LEN_ABOVE:
		reply_length(b, unique, 24);
		break;
	case ERROR_POSITIVE:
		reply_error(b, unique, 2, 0);
		break;
	case ERROR_LARGE:
		reply_error(b, unique, -512, 0);
		break;
	case ERROR_WITH_BODY:
		reply_error(b, unique, -ENOENT, 128);
		break;
	case BODY_SHORT:
		reply_entry(b, unique, 2, 0040755, -8);
		break;
	case BODY_LONG:
		reply_entry(b, unique, 2, 0040755, 8);
		break;
	case ROOT_ENTRY:
		reply_entry(b, unique, 1, 0040755, 0);
		break;
	case OTHER_TYPE:
		reply_entry(b, unique, 2, 0100644, 0);
		break;
	case UNKNOWN_UNIQUE:
		reply_error(b, unique + 2, -ENOENT, 0);
		break;
	case ODD_UNIQUE:
		reply_error(b, unique + 1, -ENOSYS, 0);
		break;
	case SECOND_REPLY:
		/* The second comes while the next request is in flight. */
		reply_entry(b, unique, 2, 0040755, 0);
		reply_error(b, unique, -ENOSYS, 0);
		break;
	case NOTIFY_UNKNOWN:
		reply_error(b, 0, 99, 0);
		break;
	case NOTIFY_SHORT:
		reply_error(b, 0, FUSE_NOTIFY_INVAL_INODE, 16);
		break;
	case NOTIFY_GOOD:
		reply_error(b, 0, FUSE_NOTIFY_INVAL_INODE, 24);
		reply_error(b, unique, -ENOSYS, 0);
		break;
	case CUT_SHORT:
		if (write(data[1], part, sizeof(part)) == -1)
			_exit(1);
		_exit(0);
	default:
		reply_error(b, unique, -ENOSYS, 0);
		break;
	}
}

static void
daemon_main(enum trick trick)
{
	static uint8_t request[REQUEST_MAX];
	struct wire_buf b;
	struct span m;

	wire_buf_init(&b);
	while (read_request(request, &m) == 0) {
		if (get_u32(m, 4) == FUSE_OP_INIT)
			reply_init(&b, get_u64(m, 8), trick);
		else if (get_u32(m, 4) == FUSE_OP_MKDIR)
			play(&b, get_u64(m, 8), trick);
		else if (get_u32(m, 4) != FUSE_OP_FORGET)
			reply_error(&b, get_u64(m, 8), -ENOSYS, 0);
	}
	wire_buf_fini(&b);
	_exit(0);
}

/* Start the daemon; the server's ends are left for server_run(). */
static void
daemon_start(enum trick trick)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, data), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, monitor), 0);
	ck_assert_int_eq(pipe(report), 0);
	ck_assert_int_ge(daemon_pid = fork(), 0);
	if (daemon_pid == 0) {
		close(data[0]);
		close(monitor[0]);
		close(monitor[1]);
		daemon_main(trick);
	}
	close(data[1]);
}

static void
defaults(struct options *o)
{
	static char name[] = "fuset-emulator", work[] = "--workload=quick";
	static char target[] = "/nonexistent";
	char *argv[] = { name, work, target, NULL };

	ck_assert_int_eq(options_parse(o, 3, argv), OPTIONS_RUN);
	o->call_timeout = 2;
	o->shaping.shape.seed = 1;
	o->report_fd = report[1];
	o->log_fd = report[1];
	log_init("emu", LOG_WARN, report[1]);
}

/* Run the server; its exit status.  What it printed is in `text`. */
static int
serve(struct options *o)
{
	ssize_t n;
	int status;

	status = server_run(o, data[0], monitor[0]);
	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, NULL, 0);
	close(report[1]);
	n = read(report[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(report[0]);
	return status;
}

static int
run(enum trick trick)
{
	struct options o;

	daemon_start(trick);
	defaults(&o);
	return serve(&o);
}

#define says(what)                                                           \
	ck_assert_msg(strstr(text, what) != NULL, "no \"%s\" in:\n%s", what, \
	    text)

/* Each bad reply ends the program with status 3 and is shown. */
START_TEST(bad_replies)
{
	static const struct {
		enum trick trick;
		const char *why;
	} row[] = {
		{ LEN_SHORT, "impossible length word" },
		{ LEN_HUGE, "len=3300000000" },
		{ LEN_ZERO, "impossible length word" },
		{ ERROR_POSITIVE, "opcode=MKDIR" },
		{ ERROR_LARGE, "opcode=MKDIR" },
		{ ERROR_WITH_BODY, "opcode=MKDIR" },
		{ BODY_SHORT, "opcode=MKDIR len=136" },
		{ BODY_LONG, "opcode=MKDIR len=152" },
		{ ROOT_ENTRY, "opcode=MKDIR" },
		{ OTHER_TYPE, "opcode=MKDIR" },
		{ UNKNOWN_UNIQUE, "no such request is in flight" },
		{ SECOND_REPLY, "unique=8" },
		{ ODD_UNIQUE, "no such request is in flight" },
		{ NOTIFY_UNKNOWN, "unique=0" },
		{ NOTIFY_SHORT, "unique=0" },
		{ CUT_SHORT, "end of file after 8 of 40 bytes" },
		{ LEN_ABOVE, "nothing more after 16 of 24 bytes" },
		{ INIT_LONG, "opcode=INIT" },
		{ INIT_MAJOR, "opcode=INIT" },
	};

	ck_assert_int_eq(run(row[_i].trick), SERVER_BAD_REPLY);
	says("bad reply at offset ");
	says(row[_i].why);
	says("FAIL ");
}
END_TEST

/* Good replies that do not help, and none: a row fails, status 1. */
START_TEST(rows_fail)
{
	static const struct {
		enum trick trick;
		const char *why;
	} row[] = {
		{ REFUSE, "ENOSYS" },
		{ NOTIFY_GOOD, "ENOSYS" },
		{ CLOSE, "the daemon closed the channel" },
		{ SILENT, "no reply to MKDIR unique=8 within 2 s" },
		{ INIT_ERROR, "INIT: error 71 EPROTO" },
		{ INIT_SILENT, "no reply to INIT unique=2 within 2 s" },
		{ INIT_CLOSE, "INIT: the daemon closed the channel" },
	};

	ck_assert_int_eq(run(row[_i].trick), SERVER_ROWS_FAILED);
	says(row[_i].why);
	ck_assert_msg(strstr(text, "bad reply") == NULL, "%s", text);
}
END_TEST

/* "mount", in two parts, is answered when INIT is: 0, or an errno. */
START_TEST(monitor_status)
{
	struct options o;
	int32_t status = -1;

	daemon_start(_i == 0 ? REFUSE : INIT_ERROR);
	defaults(&o);
	ck_assert_int_eq(write(monitor[1], "mo", 2), 2);
	ck_assert_int_eq(write(monitor[1], "unt", 3), 3);
	ck_assert_int_eq(serve(&o), SERVER_ROWS_FAILED);
	ck_assert_int_eq(read(monitor[1], &status, sizeof(status)), 4);
	ck_assert_int_eq(status, _i == 0 ? 0 : EIO);
	/* Then the server has closed its end. */
	ck_assert_int_le(read(monitor[1], &status, sizeof(status)), 0);
}
END_TEST

/* The library closes the monitor: the daemon's user is gone. */
START_TEST(monitor_closes)
{
	struct options o;

	daemon_start(SILENT);
	defaults(&o);
	o.call_timeout = 60;
	close(monitor[1]);
	ck_assert_int_eq(serve(&o), SERVER_ROWS_FAILED);
	says("FAIL");
}
END_TEST

/* A mount point that is not there: the library is told, status 2. */
START_TEST(mount_fails)
{
	struct options o;
	int32_t status = -1;

	daemon_start(REFUSE);
	defaults(&o);
	o.workload = NULL;
	ck_assert_int_eq(write(monitor[1], "mount", 5), 5);
	ck_assert_int_eq(serve(&o), SERVER_FAILED);
	ck_assert_int_eq(read(monitor[1], &status, sizeof(status)), 4);
	ck_assert_int_eq(status, ENOENT);
	says("/nonexistent");
}
END_TEST

/* No "mount" (FUSE_NO_MOUNT): nothing is mounted, and "unmount" ends it. */
START_TEST(never_mounts)
{
	struct options o;

	daemon_start(REFUSE);
	defaults(&o);
	o.workload = NULL;
	ck_assert_int_eq(write(monitor[1], "unmount", 7), 7);
	ck_assert_int_eq(serve(&o), SERVER_FINE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("emulator");
	TCase *t = tcase_create("server");

	tcase_add_loop_test(t, bad_replies, 0, 19);
	tcase_add_loop_test(t, rows_fail, 0, 7);
	tcase_add_loop_test(t, monitor_status, 0, 2);
	tcase_add_test(t, monitor_closes);
	tcase_add_test(t, mount_fails);
	tcase_add_test(t, never_mounts);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
