/* SPDX-License-Identifier: ISC */
#include "tests/replay_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "frame/frame.h"
#include "tests/replay_suite.h"
#include "tests/suite.h"
#include "trace/capture.h"
#include "wire/get.h"

#define INIT_IN "4:7 4:38 4:0 4:0 4:0 0*44"
#define INIT_OUT "4:7 4:38 4:0 4:0 2:12 2:9 4:4096 4:1 2:0 2:0 0*32"

struct played played;
uint32_t play_session;

static struct wire_buf buf;
static char dir[] = "/tmp/check_replay.XXXXXX", path[64];
static struct capture *capture;

/* The file system. */
static int fd;
static struct frame frame;
static struct event_base *base;
static struct event *in, *patience;
static int closed;
static play_act *act;

/* ---- the capture ---- */

struct span
play_message(int is_request, uint32_t opcode, uint64_t unique, uint64_t nodeid,
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

void
play_record(enum trace_kind kind, uint16_t flags, struct span m, size_t kept)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.flags = flags,
		.session = play_session,
		.m = m,
		.kept = (uint32_t)kept,
		.proto = &proto_linux };

	capture_sink(capture)->record(capture_sink(capture), &r);
}

void
play_asked(uint32_t opcode, uint64_t unique, uint64_t nodeid, const char *body)
{
	struct span m = play_message(1, opcode, unique, nodeid, 0, body);

	play_record(TRACE_REQUEST, 0, m, m.len);
}

void
play_answered(uint64_t unique, int32_t error, const char *body)
{
	struct span m = play_message(0, 0, unique, 0, error, body);

	play_record(TRACE_REPLY, 0, m, m.len);
}

void
play_open(void)
{
	struct capture_conf conf = { .path = path, .snaplen = 1u << 20 };

	ck_assert_int_eq(capture_open(&capture, &conf), E_OK);
	play_session = 1;
}

void
play_begin(void)
{
	play_open();
	play_asked(FUSE_OP_INIT, 2, 0, INIT_IN);
	play_answered(2, 0, INIT_OUT);
}

/* ---- the file system ---- */

void
play_answer_unique(uint64_t unique, int32_t error, const char *body)
{
	struct span m = play_message(0, 0, unique, 0, error, body);

	ck_assert_int_eq(write(fd, m.p, m.len), (ssize_t)m.len);
}

void
play_answer(struct span request, int32_t error, const char *body)
{
	play_answer_unique(get_u64(request, 8), error, body);
}

static void
got_message(struct span m)
{
	uint32_t opcode = get_u32(m, 4);

	ck_assert_uint_lt(played.n, SEEN_MAX);
	played.seen[played.n].opcode = opcode;
	played.seen[played.n].unique = get_u64(m, 8);
	played.seen[played.n].nodeid = get_u64(m, 16);
	played.seen[played.n++].first = get_u64(m, WIRE_REQ_HEADER);
	if (opcode == FUSE_OP_INIT)
		play_answer(m, 0, INIT_OUT);
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

static void
patience_cb(evutil_socket_t at, short what, void *arg)
{
	(void)at;
	(void)what;
	(void)arg;
	event_base_loopbreak(base);
}

int
play_run(play_act *how, unsigned timeout_ms)
{
	struct timeval tv = { SUITE_PATIENCE_S, 0 };
	char *files[] = { path, NULL };
	struct replay_conf conf = { .script.files = files,
		.shaping.shape = { .kind = SHAPE_WHOLE, .coalesce = 1 },
		.timeout_ms = timeout_ms };
	struct capture_result res;
	struct replay *r;
	int pair[2], ret;

	capture_close(capture, SUITE_PATIENCE_MS, &res);
	ck_assert_int_eq(res.error, 0);
	conf.out = fmemopen(played.told, sizeof(played.told), "w");
	act = how;
	ck_assert_ptr_nonnull(base = event_base_new());
	ck_assert_int_eq(replay_new(&r, &conf), E_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fd = pair[0];
	ck_assert_int_eq(frame_init(&frame, WIRE_REQ_HEADER, 1 << 20), E_OK);
	in = event_new(base, fd, EV_READ | EV_PERSIST, in_cb, NULL);
	event_add(in, NULL);
	patience = evtimer_new(base, patience_cb, NULL);
	event_add(patience, &tv);
	ck_assert_int_eq(replay_start(r, base, pair[1]), E_OK);
	event_base_dispatch(base);
	replay_stop(r);
	event_free(in);
	event_free(patience);
	event_base_free(base);
	if (fd != -1)
		close(fd);
	frame_fini(&frame);
	ck_assert_int_eq(closed, 1);
	ret = replay_result(r, &played.totals);
	fclose(conf.out);
	replay_free(r);
	unlink(path);
	return ret;
}

uint64_t
play_skipped(void)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < SKIP_COUNT; i++)
		n += played.totals.skipped[i];
	return n;
}

void
play_files(uint32_t opcode, struct span m)
{
	switch (opcode) {
	case FUSE_OP_LOOKUP:
		play_answer(m, 0, ENTRY("77") FILE_ATTR);
		break;
	case FUSE_OP_OPEN:
		play_answer(m, 0, "8:0x55 4:0 4:0");
		break;
	case FUSE_OP_READ:
		play_answer(m, 0, "=hellO");
		break;
	case FUSE_OP_STATFS:
		play_answer(m, 0, "0*80");
		break;
	case FUSE_OP_FORGET:
		break;
	default:
		play_answer(m, 0, "");
		break;
	}
}

void
play_leave(void)
{
	event_del(in);
	event_del(patience); /* the loop ends when the replay has seen it */
	close(fd);
	fd = -1;
	closed = 1;
}

void
play_stop(void)
{
	closed = 1;
	event_base_loopbreak(base);
}

int
play_opens(uint32_t which)
{
	char *files[] = { path, NULL };
	struct replay_conf conf = { .script.files = files,
		.script.session = which,
		.out = stdout };
	struct capture_result res;
	struct replay *r;
	int ret;

	capture_close(capture, SUITE_PATIENCE_MS, &res);
	ret = replay_new(&r, &conf);
	replay_free(r);
	unlink(path);
	return ret;
}

static void
play_setup(void)
{
	log_init("replay", LOG_ERROR, -1);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/capture", dir);
	wire_buf_init(&buf);
}

static void
play_teardown(void)
{
	wire_buf_fini(&buf);
	rmdir(dir);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	played.n = 0;
	closed = 0;
}

int
play_main(const char *suite, void (*add)(TCase *tc))
{
	return replay_suite(suite, play_setup, play_teardown, add);
}
