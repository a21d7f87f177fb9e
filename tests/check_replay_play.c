/* SPDX-License-Identifier: ISC */
/* A replay as a whole: a capture on one side, on the other a file system
 * that is played by the test. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "frame/frame.h"
#include "replay/replay.h"
#include "tests/wire_samples.h"
#include "trace/capture.h"
#include "wire/get.h"

#define INIT_IN "4:7 4:38 4:0 4:0 4:0 0*44"
#define INIT_OUT "4:7 4:38 4:0 4:0 2:12 2:9 4:4096 4:1 2:0 2:0 0*32"
#define FILE_ATTR ATTR_LINUX("0100644")
#define READ_IN(fh) "8:" fh " 8:0 4:4096 4:0 8:0 4:0 4:0"
#define SEEN_MAX 64

static struct wire_buf buf;
static char dir[] = "/tmp/check_replay.XXXXXX", path[64];
static struct capture *capture;
static uint32_t session;

/* The file system. */
static int fd;
static struct frame frame;
static struct event_base *base;
static struct event *in;
static int closed;
static struct {
	uint32_t opcode;
	uint64_t unique, nodeid, first;	/* first word of its body */
} seen[SEEN_MAX];
static size_t nseen;
static void (*act)(uint32_t opcode, struct span m);

static char told[4096];		/* what the replay has told */
static struct replay_totals totals;

/* ---- the capture ---- */

static struct span
message(int is_request, uint32_t opcode, uint64_t unique, uint64_t nodeid,
    int32_t error, const char *body)
{
	struct span m;

	if (is_request)
		wire_begin_request(&buf, opcode, unique, nodeid);
	else
		wire_begin_reply(&buf, unique, error);
	sample_put(&buf, body);
	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	return m;
}

static void
record(enum trace_kind kind, uint16_t flags, struct span m, size_t kept)
{
	struct trace_record r = { .kind = (uint8_t)kind, .flags = flags,
		.session = session, .m = m, .kept = (uint32_t)kept,
		.proto = &proto_linux };

	capture_sink(capture)->record(capture_sink(capture), &r);
}

static void
asked(uint32_t opcode, uint64_t unique, uint64_t nodeid, const char *body)
{
	struct span m = message(1, opcode, unique, nodeid, 0, body);

	record(TRACE_REQUEST, 0, m, m.len);
}

static void
answered(uint64_t unique, int32_t error, const char *body)
{
	struct span m = message(0, 0, unique, 0, error, body);

	record(TRACE_REPLY, 0, m, m.len);
}

static void
capture_begin(void)
{
	struct capture_conf conf = { .path = path, .snaplen = 1u << 20 };

	ck_assert_int_eq(capture_open(&capture, &conf), E_OK);
	session = 1;
	asked(FUSE_OP_INIT, 2, 0, INIT_IN);
	answered(2, 0, INIT_OUT);
}

/* ---- the file system ---- */

static void
answer(struct span request, int32_t error, const char *body)
{
	struct span m = message(0, 0, get_u64(request, 8), 0, error, body);

	ck_assert_int_eq(write(fd, m.p, m.len), (ssize_t)m.len);
}

static void
answer_unique(uint64_t unique, int32_t error, const char *body)
{
	struct span m = message(0, 0, unique, 0, error, body);

	ck_assert_int_eq(write(fd, m.p, m.len), (ssize_t)m.len);
}

static void
got_message(struct span m)
{
	uint32_t opcode = get_u32(m, 4);

	ck_assert_uint_lt(nseen, SEEN_MAX);
	seen[nseen].opcode = opcode;
	seen[nseen].unique = get_u64(m, 8);
	seen[nseen].nodeid = get_u64(m, 16);
	seen[nseen++].first = get_u64(m, WIRE_REQ_HEADER);
	if (opcode == FUSE_OP_INIT)
		answer(m, 0, INIT_OUT);
	else
		act(opcode, m);
}

static void
in_cb(evutil_socket_t s, short what, void *arg)
{
	struct frame_msg m;
	uint8_t *room;
	ssize_t n;
	size_t len;

	(void)what;
	(void)arg;
	ck_assert_ptr_nonnull(room = frame_room(&frame, &len));
	n = read(s, room, len);
	if (n <= 0) {
		closed = 1;
		event_base_loopbreak(base);
		return;
	}
	frame_commit(&frame, (size_t)n);
	while (frame_next(&frame, &m) == 1)
		got_message((struct span){ m.p, m.len });
}

/* Play the capture; what replay_result() says. */
static int
play(void (*how)(uint32_t opcode, struct span m), unsigned timeout_ms)
{
	struct timeval patience = { 20, 0 };
	char *files[] = { path, NULL };
	struct replay_conf conf = { .script.files = files,
		.shaping.shape = { .kind = SHAPE_WHOLE, .coalesce = 1 },
		.timeout_ms = timeout_ms };
	struct capture_result res;
	struct replay *r;
	int pair[2], ret;

	capture_close(capture, 5000, &res);
	ck_assert_int_eq(res.error, 0);
	conf.out = fmemopen(told, sizeof(told), "w");
	act = how;
	ck_assert_ptr_nonnull(base = event_base_new());
	ck_assert_int_eq(replay_new(&r, &conf), E_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fd = pair[0];
	ck_assert_int_eq(frame_init(&frame, WIRE_REQ_HEADER, 1 << 20), E_OK);
	in = event_new(base, fd, EV_READ | EV_PERSIST, in_cb, NULL);
	event_add(in, NULL);
	event_base_loopexit(base, &patience);
	ck_assert_int_eq(replay_start(r, base, pair[1]), E_OK);
	event_base_dispatch(base);
	replay_stop(r);
	event_free(in);
	event_base_free(base);
	if (fd != -1)
		close(fd);
	frame_fini(&frame);
	ck_assert_int_eq(closed, 1);
	ret = replay_result(r, &totals);
	fclose(conf.out);
	replay_free(r);
	unlink(path);
	return ret;
}

static uint64_t
skipped(void)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < SKIP_COUNT; i++)
		n += totals.skipped[i];
	return n;
}

/* ---- numbers ---- */

static void
numbers_act(uint32_t opcode, struct span m)
{
	switch (opcode) {
	case FUSE_OP_LOOKUP:
		answer(m, 0, ENTRY("77") FILE_ATTR);
		break;
	case FUSE_OP_OPEN:
		answer(m, 0, "8:0x55 4:0 4:0");
		break;
	case FUSE_OP_READ:
		answer(m, 0, "=hellO");
		break;
	case FUSE_OP_STATFS:
		answer(m, 0, "0*80");
		break;
	case FUSE_OP_FORGET:
		break;
	default:
		answer(m, 0, "");
		break;
	}
}

START_TEST(numbers_of_today)
{
	capture_begin();
	asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	answered(4, 0, ENTRY("10") FILE_ATTR);
	asked(FUSE_OP_OPEN, 6, 10, "4:0 4:0");
	answered(6, 0, "8:5 4:0 4:0");
	asked(FUSE_OP_READ, 8, 10, READ_IN("5"));
	answered(8, 0, "=hello");
	asked(FUSE_OP_RELEASE, 10, 10, "8:5 4:0 4:0 8:0");
	answered(10, 0, "");
	asked(FUSE_OP_FORGET, 12, 10, "8:1");
	ck_assert_int_eq(play(numbers_act, 5000), E_OK);
	ck_assert_uint_eq(nseen, 6);
	ck_assert_uint_eq(seen[2].nodeid, 77);
	ck_assert_uint_eq(seen[3].nodeid, 77);
	ck_assert_uint_eq(seen[3].first, 0x55);
	ck_assert_uint_eq(seen[4].first, 0x55);
	ck_assert_int_eq(seen[5].opcode, FUSE_OP_FORGET);
	ck_assert_uint_eq(seen[5].nodeid, 77);
	ck_assert_uint_eq(totals.requests, 6);
	ck_assert_uint_eq(totals.compared, 5);
	ck_assert_uint_eq(totals.differences, 1);
	ck_assert_str_eq(told, "record 7 unique 8 READ(\"/a\", fh=0x5, "
	    "offset=0, size=4096): byte 4 of the data is 0x4f, not 0x6f\n");
}
END_TEST

/* ---- order ---- */

static uint64_t held[2];

static void
order_act(uint32_t opcode, struct span m)
{
	if (opcode == FUSE_OP_LOOKUP && nseen == 2) {
		held[0] = get_u64(m, 8);
	} else if (opcode == FUSE_OP_LOOKUP && nseen == 3) {
		/* Both are here; the later one is answered first. */
		held[1] = get_u64(m, 8);
		answer_unique(held[1], 0, ENTRY("72") FILE_ATTR);
		answer_unique(held[0], 0, ENTRY("71") FILE_ATTR);
	} else {
		answer(m, 0, "8:1 4:0 4:0" FILE_ATTR);
	}
}

START_TEST(together_as_recorded)
{
	capture_begin();
	asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	asked(FUSE_OP_LOOKUP, 6, 1, "'b");
	answered(4, 0, ENTRY("10") FILE_ATTR);
	/* Follows from the reply to the first, not from the second. */
	asked(FUSE_OP_GETATTR, 8, 10, "0*16");
	answered(6, 0, ENTRY("11") FILE_ATTR);
	answered(8, 0, "8:1 4:0 4:0" FILE_ATTR);
	asked(FUSE_OP_GETATTR, 10, 11, "0*16");
	answered(10, 0, "8:1 4:0 4:0" FILE_ATTR);
	ck_assert_int_eq(play(order_act, 5000), E_OK);
	ck_assert_uint_eq(nseen, 5);
	ck_assert_uint_eq(seen[3].nodeid, 71);
	ck_assert_uint_eq(seen[4].nodeid, 72);
	ck_assert_uint_eq(totals.compared, 5);
	ck_assert_str_eq(told, "");
}
END_TEST

/* ---- locks, interrupts, silence ---- */

static uint64_t blocked;

static void
lock_act(uint32_t opcode, struct span m)
{
	switch (opcode) {
	case FUSE_OP_OPEN:
		answer(m, 0, "8:0x55 4:0 4:0");
		break;
	case FUSE_OP_SETLKW:
		blocked = get_u64(m, 8);
		break;
	case FUSE_OP_INTERRUPT:
		ck_assert_uint_eq(get_u64(m, WIRE_REQ_HEADER), blocked);
		/* It was too late. */
		answer_unique(blocked, 0, "");
		break;
	case FUSE_OP_SETLK:
		answer(m, 0, "");
		answer_unique(blocked, 0, "");
		break;
	default:
		break;
	}
}

#define LOCK_IN "8:5 8:1 8:0 8:99 4:1 4:1 4:0 4:0"

static void
lock_begin(void)
{
	capture_begin();
	asked(FUSE_OP_OPEN, 4, 1, "4:0 4:0");
	answered(4, 0, "8:5 4:0 4:0");
	asked(FUSE_OP_SETLKW, 66, 1, LOCK_IN);
}

START_TEST(what_a_blocked_one_waits_for)
{
	lock_begin();
	asked(FUSE_OP_SETLK, 68, 1, LOCK_IN);
	answered(68, 0, "");
	answered(66, 0, "");
	ck_assert_int_eq(play(lock_act, 5000), E_OK);
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(totals.requests, 4);
	ck_assert_uint_eq(totals.undecided, 2);
}
END_TEST

START_TEST(interrupts_reach_their_request)
{
	lock_begin();
	asked(FUSE_OP_INTERRUPT, 67, 0, "8:66");
	answered(66, -EINTR, "");
	/* Of what was answered long ago. */
	asked(FUSE_OP_INTERRUPT, 67, 0, "8:66");
	ck_assert_int_eq(play(lock_act, 5000), E_OK);
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(nseen, 4);
	ck_assert_uint_eq(seen[3].unique, blocked | 1);
	ck_assert_uint_ne(blocked, 66);
	ck_assert_uint_eq(totals.undecided, 1);
	ck_assert_uint_eq(totals.skipped[SKIP_TARGET], 1);
}
END_TEST

START_TEST(silence_is_a_difference)
{
	lock_begin();
	answered(66, 0, "");
	asked(FUSE_OP_OPEN, 8, 1, "4:0 4:0");
	answered(8, 0, "8:5 4:0 4:0");
	/* In flight at the end of the capture. */
	asked(FUSE_OP_SETLKW, 10, 1, LOCK_IN);
	ck_assert_int_eq(play(lock_act, 50), E_OK);
	ck_assert_str_eq(told, "record 5 unique 66 SETLKW(\"/\", fh=0x5, "
	    "owner=0x1, lk={start=0, end=99, type=F_WRLCK, pid=1}): "
	    "no reply in 0.05 s\n");
	ck_assert_uint_eq(nseen, 5);
	ck_assert_uint_eq(totals.compared, 3);
}
END_TEST

/* ---- directories ---- */

#define DIRENT(off, len, name) " 8:1 8:" off " 4:" len " 4:8 =" name
#define PLUS(nodeid, off, name) " " ENTRY(nodeid) FILE_ATTR \
	DIRENT(off, "8", name)

static void
directory_act(uint32_t opcode, struct span m)
{
	uint64_t offset = get_u64(m, WIRE_REQ_HEADER + 8);

	switch (opcode) {
	case FUSE_OP_OPENDIR:
		answer(m, 0, "8:0x55 4:0 4:0");
		break;
	case FUSE_OP_READDIRPLUS:
		/* Another order, offsets of its own, one in a reply. */
		if (offset == 0)
			answer(m, 0, PLUS("72", "901", "bbbbbbbb"));
		else if (offset == 901)
			answer(m, 0, PLUS("73", "902", "cccccccc"));
		else if (offset == 902)
			answer(m, 0, PLUS("71", "903", "aaaaaaaa"));
		else
			answer(m, 0, "");
		break;
	case FUSE_OP_LOOKUP:
		ck_assert_str_eq((const char *)m.p + WIRE_REQ_HEADER,
		    "aaaaaaaa");
		answer(m, 0, ENTRY("71") FILE_ATTR);
		break;
	case FUSE_OP_GETATTR:
		answer(m, 0, "8:1 4:0 4:0" FILE_ATTR);
		break;
	default:
		answer(m, 0, "");
		break;
	}
}

#define READDIR_IN(offset) "8:5 8:" offset " 4:4096 4:0 8:0 4:0 4:0"

START_TEST(listings_are_read_to_the_end)
{
	capture_begin();
	asked(FUSE_OP_OPENDIR, 4, 1, "4:0 4:0");
	answered(4, 0, "8:5 4:0 4:0");
	asked(FUSE_OP_READDIRPLUS, 6, 1, READDIR_IN("0"));
	answered(6, 0, PLUS("10", "1", "aaaaaaaa")
	    PLUS("11", "2", "bbbbbbbb"));
	/* Not in the new reply yet. */
	asked(FUSE_OP_GETATTR, 8, 10, "0*16");
	answered(8, 0, "8:1 4:0 4:0" FILE_ATTR);
	asked(FUSE_OP_READDIRPLUS, 10, 1, READDIR_IN("2"));
	answered(10, 0, "");
	asked(FUSE_OP_RELEASEDIR, 12, 1, "8:5 4:0 4:0 8:0");
	answered(12, 0, "");
	ck_assert_int_eq(play(directory_act, 5000), E_OK);
	ck_assert_str_eq(told, "record 9 unique 10 READDIRPLUS(\"/\", fh=0x5, "
	    "offset=2, size=4096): \"cccccccc\" is new\n");
	ck_assert_uint_eq(skipped(), 0);
	ck_assert_int_eq(seen[3].opcode, FUSE_OP_LOOKUP);
	ck_assert_int_eq(seen[4].opcode, FUSE_OP_GETATTR);
	ck_assert_uint_eq(seen[4].nodeid, 71);
	ck_assert_int_eq(seen[nseen - 1].opcode, FUSE_OP_RELEASEDIR);
	/* Of its own requests nothing is told. */
	ck_assert_uint_eq(totals.requests, 6);
}
END_TEST

/* ---- captures ---- */

START_TEST(what_the_front_got)
{
	struct span m;

	capture_begin();
	/* The relay had changed the handle... */
	asked(FUSE_OP_OPEN, 4, 1, "4:0 4:0");
	answered(4, 0, "8:0 4:0 4:0");
	m = message(0, 0, 4, 0, 0, "8:99 4:0 4:0");
	record(TRACE_REPLY, TRACE_REWRITTEN, m, m.len);
	m = message(1, FUSE_OP_READ, 6, 1, 0, READ_IN("99"));
	record(TRACE_REQUEST, 0, m, m.len);
	m = message(1, FUSE_OP_READ, 6, 1, 0, READ_IN("0"));
	record(TRACE_REQUEST, TRACE_REWRITTEN, m, m.len);
	/* ...and did not pass on this. */
	m = message(0, 0, 6, 0, 0, "=bad");
	record(TRACE_REPLY, TRACE_REPAIRED, m, m.len);
	m = message(0, 0, 6, 0, -EIO, "");
	record(TRACE_REPLY, TRACE_OWN, m, m.len);
	m = message(1, FUSE_OP_DESTROY, 8, 0, 0, "");
	record(TRACE_REQUEST, TRACE_OWN, m, m.len);
	ck_assert_int_eq(play(numbers_act, 5000), E_OK);
	ck_assert_uint_eq(nseen, 3);
	ck_assert_uint_eq(seen[2].first, 0x55);
	ck_assert_ptr_nonnull(strstr(told, ": result is 0, not -EIO\n"));
}
END_TEST

START_TEST(only_the_session_asked_for)
{
	struct span m;

	capture_begin();
	m = message(1, FUSE_OP_STATFS, 4, 1, 0, "");
	session = 2;
	record(TRACE_REQUEST, 0, m, m.len);
	session = 1;
	record(TRACE_REQUEST, 0, m, m.len);
	m = message(0, 0, 4, 0, -EACCES, "");
	session = 2;
	record(TRACE_REPLY, 0, m, m.len);
	session = 1;
	m = message(0, 0, 4, 0, 0, "0*80");
	record(TRACE_REPLY, 0, m, m.len);
	ck_assert_int_eq(play(numbers_act, 5000), E_OK);
	ck_assert_uint_eq(nseen, 2);
}
END_TEST

static void
leave_act(uint32_t opcode, struct span m)
{
	(void)m;
	if (opcode != FUSE_OP_LOOKUP)
		return;
	event_del(in);
	close(fd);
	fd = -1;
	closed = 1;
}

START_TEST(a_file_system_that_leaves)
{
	capture_begin();
	asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	answered(4, 0, ENTRY("10") FILE_ATTR);
	asked(FUSE_OP_GETATTR, 6, 10, "0*16");
	answered(6, 0, "8:1 4:0 4:0" FILE_ATTR);
	ck_assert_int_eq(play(leave_act, 5000), E_EOF);
	ck_assert_uint_eq(totals.compared, 1);
}
END_TEST

static int
opens(uint32_t which)
{
	char *files[] = { path, NULL };
	struct replay_conf conf = { .script.files = files,
		.script.session = which, .out = stdout };
	struct capture_result res;
	struct replay *r;
	int ret;

	capture_close(capture, 5000, &res);
	ret = replay_new(&r, &conf);
	replay_free(r);
	unlink(path);
	return ret;
}

START_TEST(captures_that_will_not_do)
{
	struct capture_conf conf = { .path = path };

	ck_assert_int_eq(capture_open(&capture, &conf), E_OK);
	ck_assert_int_eq(opens(0), E_VALUE);	/* empty */
	ck_assert_int_eq(capture_open(&capture, &conf), E_OK);
	session = 1;
	asked(FUSE_OP_LOOKUP, 4, 1, "'a");
	ck_assert_int_eq(opens(0), E_VALUE);	/* no INIT */
	capture_begin();
	ck_assert_int_eq(opens(2), E_VALUE);	/* no such session */
	capture_begin();
	ck_assert_int_eq(opens(1), E_OK);
}
END_TEST

static void
setup(void)
{
	log_init("replay", LOG_ERROR, -1);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/capture", dir);
	wire_buf_init(&buf);
}

static void
teardown(void)
{
	wire_buf_fini(&buf);
	rmdir(dir);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	nseen = 0;
	closed = 0;
}

int
main(void)
{
	Suite *suite = suite_create("replay-play");
	TCase *t = tcase_create("play");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, numbers_of_today);
	tcase_add_test(t, together_as_recorded);
	tcase_add_test(t, what_a_blocked_one_waits_for);
	tcase_add_test(t, interrupts_reach_their_request);
	tcase_add_test(t, silence_is_a_difference);
	tcase_add_test(t, listings_are_read_to_the_end);
	tcase_add_test(t, what_the_front_got);
	tcase_add_test(t, only_the_session_asked_for);
	tcase_add_test(t, a_file_system_that_leaves);
	tcase_add_test(t, captures_that_will_not_do);
	suite_add_tcase(suite, t);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
