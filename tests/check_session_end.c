/* SPDX-License-Identifier: ISC */
/* How sessions end: the daemon first, the front first, the stream lost. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bed.h"
#include "tests/suite.h"

#define MANY 10000

static void
open_fuset(void)
{
	struct relay_conf conf = bed_conf();

	conf.dead_errno = EIO;
	conf.gone_errno = ESTALE;
	bed_open(&conf);
}

static void
send_statfs(uint64_t unique)
{
	struct span m = bed_build_request(FUSE_OP_STATFS, unique, NULL, 0);

	bed_send(m.p, m.len);
}

/* Answers for 2, 4, ... 2n, each once, in any order, all with `error`. */
static void
expect_answers(unsigned n, int error)
{
	uint8_t *seen = calloc(n + 1, 1);
	struct span m;
	unsigned i;
	uint64_t u;

	for (i = 0; i < n; i++) {
		ck_assert_int_eq(bed_answer(&m), 1);
		ck_assert_uint_eq(m.len, WIRE_REP_HEADER);
		ck_assert_int_eq(get_i32(m, 4), error);
		u = get_u64(m, 8) / 2;
		ck_assert(u >= 1 && u <= n && !seen[u]);
		seen[u] = 1;
	}
	ck_assert_int_eq(bed_answer(&m), 0);
	free(seen);
}

static const unsigned inflight[] = { 1, 100, MANY };

START_TEST(f18_daemon_dies_with_requests_in_flight)
{
	unsigned n = inflight[_i], i;

	for (i = 1; i <= n; i++)
		send_statfs(i * 2);
	bed_settle();
	ck_assert_uint_eq(session_in_flight(bed.s), n);
	bed_close_daemon();
	/* A datagram socket does not tell; the process' end does. */
	if (bed.relay.conf.transport == TRANSPORT_DGRAM)
		session_daemon_died(bed.s);
	ck_assert_int_eq(bed.daemon_gone, 1);
	expect_answers(n, -bed.relay.conf.dead_errno);
	ck_assert_int_eq(bed_logged("answered with an error"), 1);
	for (i = 1; i <= n; i++)
		send_statfs(i * 2);
	bed_settle();
	expect_answers(n, -bed.relay.conf.gone_errno);
	bed_close_front();
	ck_assert_int_eq(bed.front_gone, 1);
	ck_assert_int_eq(bed.front_error, E_EOF);
	ck_assert_int_eq(bed.daemon_gone, 1);
}
END_TEST

/* The daemon dies while most of the requests wait in the session's queue
 * and the front is held. */
/* A daemon that unmounts by itself leaves such behind: that is no bad end. */
START_TEST(f18_nobody_waits_for_a_release)
{
	static const uint8_t in[24];

	bed_request(FUSE_OP_RELEASE, 10, in, sizeof(in));
	bed_request(FUSE_OP_RELEASEDIR, 12, in, sizeof(in));
	bed_expect_request(FUSE_OP_RELEASE, 10);
	bed_expect_request(FUSE_OP_RELEASEDIR, 12);
	bed_close_daemon();
	if (bed.relay.conf.transport == TRANSPORT_DGRAM)
		session_daemon_died(bed.s);
	ck_assert_int_eq(bed.daemon_gone, 1);
	ck_assert_uint_eq(session_stats(bed.s)->unanswered, 0);
}
END_TEST

START_TEST(f18_daemon_dies_while_the_front_is_held)
{
	static uint8_t data[60000];
	unsigned n = 0, size = 16384;
	struct span m;

	if (_i == 1)
		bed_open_low_dgram();
	else
		bed_open_low();
	ck_assert_int_eq(setsockopt(bed_device_fd(), SOL_SOCKET, SO_SNDBUF,
			     &size, sizeof(size)),
	    0);
	bed_carry_at_most(size);
	while (!bed_front_is_held()) {
		m = bed_build_request(3999, ++n * 2, data, 10000);
		bed_send(m.p, m.len);
		bed_settle();
	}
	bed_close_daemon();
	if (_i == 1)
		session_daemon_died(bed.s);
	bed_settle();
	ck_assert_int_eq(bed.daemon_gone, 1);
	expect_answers(n, -ECONNABORTED);
	ck_assert_int_eq(bed_front_is_held(), 0);
	for (n = 1; n <= 1000; n++)
		send_statfs(n * 2);
	bed_settle();
	expect_answers(1000, -ENOTCONN);
	bed_close();
}
END_TEST

/* A datagram daemon that is gone shows when something is sent to it. */
START_TEST(f19_dgram_send_tells_of_the_end)
{
	send_statfs(2);
	bed_settle();
	bed_close_daemon();
	ck_assert_int_eq(bed.daemon_gone, 0);
	send_statfs(4);
	bed_settle();
	ck_assert_int_eq(bed.daemon_gone, 1);
	/* It came when nobody was there any more. */
	bed_expect_answer(4, -ENOTCONN);
	bed_expect_answer(2, -ECONNABORTED);
}
END_TEST

/*
 * What the daemon answered before it ended counts, however the session
 * hears of the end: by reading, by a failed send, by the process' end; with
 * requests that the daemon left unread, or none.  (Linux itself throws away
 * what a datagram socket has received when a send finds the peer gone.)
 */
START_TEST(f18_last_answers_are_not_lost)
{
	int how = _i % 3, unread = _i / 3;
	struct span m;
	unsigned i;

	if (how == 1 && bed.relay.conf.transport == TRANSPORT_DGRAM)
		return;
	for (i = 1; i <= 40; i++)
		send_statfs(i * 2);
	bed_settle();
	for (i = 1; i <= (unread ? 20u : 40u); i++)
		bed_expect_request(FUSE_OP_STATFS, i * 2);
	for (i = 1; i <= 20; i++) {
		m = bed_build_reply(i * 2, -EPERM, NULL, 0);
		ck_assert_int_eq(send(bed.daemon, m.p, m.len, 0),
		    (ssize_t)m.len);
	}
	close(bed.daemon);
	bed.daemon = -1;
	if (how == 1) {
		/* Not by the event: straight into the failing send. */
		m = bed_build_request(FUSE_OP_STATFS, 82, NULL, 0);
		bed_put_request(m);
	} else if (how == 2) {
		session_daemon_died(bed.s);
	}
	bed_settle();
	if (bed.relay.conf.transport == TRANSPORT_SEQPACKET || how != 0)
		ck_assert_int_eq(bed.daemon_gone, 1);
	else
		session_daemon_died(bed.s);
	for (i = 1; i <= 20; i++)
		bed_expect_answer(i * 2, -EPERM);
	for (i = 21; i <= 40; i++)
		bed_expect_answer(i * 2, -ECONNABORTED);
	ck_assert_int_eq(bed_answer(&m), 0);
	ck_assert_int_eq(bed.daemon_gone, 1);
}
END_TEST

/* ...nor behind an empty packet, which reads like the end. */
START_TEST(empty_packet_is_not_the_end)
{
	struct span m;

	send_statfs(2);
	bed_settle();
	m = bed_build_reply(2, -EPERM, NULL, 0);
	ck_assert_int_eq(send(bed.daemon, m.p, 0, 0), 0);
	ck_assert_int_eq(send(bed.daemon, m.p, m.len, 0), (ssize_t)m.len);
	ck_assert_int_eq(send(bed.daemon, m.p, 0, 0), 0);
	bed_close_daemon();
	bed_expect_answer(2, -EPERM);
	if (bed.relay.conf.transport == TRANSPORT_SEQPACKET)
		ck_assert_int_eq(bed.daemon_gone, 1);
}
END_TEST

START_TEST(daemon_death_is_told_once)
{
	bed_init();
	session_daemon_died(bed.s);
	session_daemon_died(bed.s);
	bed_close_daemon();
	session_daemon_died(bed.s);
	ck_assert_int_eq(bed.daemon_gone, 1);
	ck_assert_int_eq(bed.front_gone, 0);
	bed_close_front();
	ck_assert_int_eq(bed.front_gone, 1);
}
END_TEST

START_TEST(f22_f41_front_end_sends_destroy_once)
{
	bed_init();
	send_statfs(4);
	bed_settle();
	bed_expect_request(FUSE_OP_STATFS, 4);
	bed_close_front();
	ck_assert_int_eq(bed.front_gone, 0);
	bed_expect_destroy();
	bed_reply(4, -EPERM, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 0);
	session_end_front(bed.s);
	bed_reply(SESSION_OWN_UNIQUE, 0, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 1);
	ck_assert_int_eq(bed.front_error, E_EOF);
	session_end_front(bed.s);
	bed_settle();
	ck_assert_int_eq(bed.front_gone, 1);
	bed_close_daemon();
	session_daemon_died(bed.s);
	ck_assert_int_eq(bed.front_gone, 1);
	ck_assert_int_eq(bed.daemon_gone, 1);
}
END_TEST

/* Nothing tells when a FORGET is done: DESTROY leaves it some time. */
START_TEST(f41_destroy_waits_for_forgets)
{
	uint32_t one[2] = { 1 };
	struct timespec from, to;

	bed_init();
	bed_request(FUSE_OP_FORGET, 4, one, sizeof(one));
	bed_expect_request(FUSE_OP_FORGET, 4);
	clock_gettime(CLOCK_MONOTONIC, &from);
	bed_close_front();
	bed_expect_destroy();
	clock_gettime(CLOCK_MONOTONIC, &to);
	ck_assert_int_ge((to.tv_sec - from.tv_sec) * 1000 +
		(to.tv_nsec - from.tv_nsec) / 1000000,
	    40);
	bed_reply(SESSION_OWN_UNIQUE, 0, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 1);
}
END_TEST

START_TEST(f41_no_destroy_before_init_or_twice)
{
	uint8_t b[64];

	if (_i == 1) {
		bed_init();
		bed_request(FUSE_OP_DESTROY, 4, NULL, 0);
		bed_expect_request(FUSE_OP_DESTROY, 4);
		bed_reply(4, 0, NULL, 0);
		bed_expect_answer(4, 0);
	}
	bed_close_front();
	ck_assert_int_eq(bed.front_gone, 1);
	ck_assert_uint_eq(bed_recv(b, sizeof(b)), 0);
}
END_TEST

START_TEST(f41_daemon_dies_instead_of_answering_destroy)
{
	bed_init();
	bed_close_front();
	bed_close_daemon();
	if (bed.relay.conf.transport == TRANSPORT_DGRAM)
		session_daemon_died(bed.s);
	ck_assert_int_eq(bed.front_gone, 1);
	ck_assert_int_eq(bed.daemon_gone, 1);
}
END_TEST

START_TEST(f41_deaf_daemon_is_not_waited_for_long)
{
	bed_init();
	bed_close_front();
	bed_wait(&bed.front_gone);
	ck_assert_int_eq(bed_logged("did not answer DESTROY"), 1);
	bed_close_daemon();
	ck_assert_int_eq(bed.front_gone, 1);
}
END_TEST

/* ...and so when the daemon was not read because the front was full. */
START_TEST(f18_daemon_dies_while_it_is_not_read)
{
	static uint8_t data[100000];
	unsigned i, n = 0;
	struct span m;

	if (_i % 2 == 1)
		bed_open_low_dgram();
	else
		bed_open_low();
	for (i = 1; i <= 60; i++)
		bed_request(3999, i * 2, NULL, 0);
	for (i = 1; i <= 60; i++)
		bed_expect_request(3999, i * 2);
	while (!bed_device_is_held())
		bed_reply(++n * 2, 0, data, sizeof(data));
	for (i = 0; i < 3; i++)
		bed_reply(++n * 2, -EPERM, NULL, 0);
	ck_assert_int_eq(bed_device_is_held(), 1);
	bed_close_daemon();
	ck_assert_int_eq(bed.daemon_gone, 0);
	if (_i > 0)
		session_daemon_died(bed.s);
	for (i = 1; i <= n; i++)
		bed_expect_answer(i * 2, i > n - 3 ? -EPERM : 0);
	bed_settle();
	ck_assert_int_eq(bed.daemon_gone, 1);
	for (; i <= 60; i++)
		bed_expect_answer(i * 2, -ECONNABORTED);
	ck_assert_int_eq(bed_answer(&m), 0);
	bed_close();
}
END_TEST

/* The front goes while it does not take its answers and the daemon is not
 * read because of that. */
START_TEST(f22_full_front_goes)
{
	static uint8_t data[100000];
	unsigned i;

	bed_open_low();
	bed_init();
	for (i = 2; i < 40; i++)
		bed_request(3999, i * 2, NULL, 0);
	for (i = 2; i < 40; i++)
		bed_expect_request(3999, i * 2);
	for (i = 2; i < 40 && !bed_device_is_held(); i++)
		bed_reply(i * 2, 0, data, sizeof(data));
	ck_assert_int_eq(bed_device_is_held(), 1);
	bed_reply(i * 2, 0, data, sizeof(data));
	bed_close_front();
	bed_expect_destroy();
	bed_reply(SESSION_OWN_UNIQUE, 0, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 1);
	bed_close();
}
END_TEST

START_TEST(f5_front_ends_inside_a_message)
{
	struct span m;
	size_t cut = (size_t)_i + 1;

	bed_init();
	m = bed_build_request(FUSE_OP_LOOKUP, 4, "name", 5);
	ck_assert_uint_lt(cut, m.len);
	bed_send(m.p, cut);
	bed_close_front();
	ck_assert_int_eq(bed_logged("closed inside a message"), 1);
	bed_expect_destroy();
	bed_reply(SESSION_OWN_UNIQUE, 0, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 1);
	ck_assert_int_eq(bed.front_error, E_EOF);
}
END_TEST

static const uint32_t bad_len[] = { 0, 1, 39, SESSION_REQUEST_MAX + 1,
	0x7fffffff, 0x80000000u, 0x80000001u, UINT32_MAX };

/* ...as the first message, after one, after 1000. */
START_TEST(f1_f2_stream_out_of_step_ends_the_front)
{
	static const unsigned before[] = { 0, 1, 1000 };
	unsigned n = before[_i % 3], i;
	uint32_t word = bad_len[_i / 3];
	uint8_t junk[40] = { 0 };
	char text[64];

	bed_init();
	for (i = 1; i <= n; i++)
		send_statfs(i * 2 + 2);
	memcpy(junk, &word, sizeof(word));
	bed_send(junk, sizeof(junk));
	bed_settle();
	for (i = 1; i <= n; i++)
		bed_expect_request(FUSE_OP_STATFS, i * 2 + 2);
	bed_expect_destroy();
	/* It hears that nothing more comes. */
	ck_assert_int_eq(recv(bed.front, junk, sizeof(junk), MSG_DONTWAIT), 0);
	bed_reply(4, -EPERM, NULL, 0);
	bed_reply(SESSION_OWN_UNIQUE, 0, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 1);
	ck_assert_int_eq(bed.front_error, E_DESYNC);
	snprintf(text, sizeof(text),
	    "out of step at byte %u: message length "
	    "%u ",
	    104 + n * 40, word);
	ck_assert_int_eq(bed_logged(text), 1);
	ck_assert_uint_le(bed_front_buffer(), FRAME_READ);
}
END_TEST

START_TEST(f18_device_is_closed_under_a_request)
{
	bed_init();
	bed_request_statfs(4);
	session_close_device(bed.s);
	bed_settle();
	bed_expect_answer(4, -ECONNABORTED);
	bed_request(FUSE_OP_STATFS, 6, NULL, 0);
	bed_expect_answer(6, -ENOTCONN);
}
END_TEST

START_TEST(device_is_closed_for_the_daemon)
{
	uint8_t b[64];

	bed_init();
	bed_close_front();
	bed_expect_destroy();
	session_close_device(bed.s);
	bed_settle();
	ck_assert_int_eq(recv(bed.daemon, b, sizeof(b), MSG_DONTWAIT), 0);
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	tcase_add_loop_test(tc, f18_daemon_dies_with_requests_in_flight, 0, 3);
	tcase_add_loop_test(tc, f18_last_answers_are_not_lost, 0, 6);
	tcase_add_test(tc, f18_nobody_waits_for_a_release);
	tcase_add_test(tc, empty_packet_is_not_the_end);
	tcase_add_test(tc, daemon_death_is_told_once);
	tcase_add_test(tc, f22_f41_front_end_sends_destroy_once);
	tcase_add_test(tc, f41_destroy_waits_for_forgets);
	tcase_add_loop_test(tc, f41_no_destroy_before_init_or_twice, 0, 2);
	tcase_add_test(tc, f41_daemon_dies_instead_of_answering_destroy);
	if (dgram)
		tcase_add_test(tc, f19_dgram_send_tells_of_the_end);
}

int
main(void)
{
	Suite *s = suite_create("session_end");
	TCase *tc;

	bed_transports(s, bed_open_default, bed_open_dgram, bed_close, add);
	tc = tcase_create("front");
	tcase_add_checked_fixture(tc, bed_open_default, bed_close);
	tcase_add_test(tc, f41_deaf_daemon_is_not_waited_for_long);
	tcase_add_loop_test(tc, f5_front_ends_inside_a_message, 0, 44);
	tcase_add_loop_test(tc, f1_f2_stream_out_of_step_ends_the_front, 0,
	    24);
	tcase_add_test(tc, f18_device_is_closed_under_a_request);
	tcase_add_test(tc, device_is_closed_for_the_daemon);
	suite_add_tcase(s, tc);
	tc = tcase_create("fuset");
	tcase_add_checked_fixture(tc, open_fuset, bed_close);
	tcase_add_loop_test(tc, f18_daemon_dies_with_requests_in_flight, 0, 3);
	suite_add_tcase(s, tc);
	tc = tcase_create("own settings");
	tcase_add_loop_test(tc, f18_daemon_dies_while_the_front_is_held, 0, 2);
	tcase_add_loop_test(tc, f18_daemon_dies_while_it_is_not_read, 0, 4);
	tcase_add_test(tc, f22_full_front_goes);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
