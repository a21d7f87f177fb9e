/* SPDX-License-Identifier: ISC */
/* What the device pair says it carries, it carries, and no byte more. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/msgbuf.h"
#include "relay/devpair.h"
#include "relay/port.h"
#include "tests/suite.h"

static uint8_t *out, *in;
static struct devpair pair;

static void
setup(void)
{
	out = calloc(1, DEVPAIR_CEILING + 2);
	in = malloc(DEVPAIR_CEILING + 2);
	ck_assert_ptr_nonnull(out);
	ck_assert_ptr_nonnull(in);
}

static void
teardown(void)
{
	close(pair.relay);
	close(pair.daemon);
	free(out);
	free(in);
}

static int
is_set(int fd, int get, int flag)
{
	return (fcntl(fd, get) & flag) != 0;
}

static void
open_pair_for(int dgram, size_t max_data)
{
	socklen_t len = sizeof(int);
	int type = 0;

	ck_assert_int_eq(devpair_make(&pair,
			     dgram ? TRANSPORT_DGRAM : TRANSPORT_SEQPACKET,
			     max_data),
	    E_OK);
	ck_assert_int_eq(
	    getsockopt(pair.daemon, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	ck_assert_int_eq(type, dgram ? SOCK_DGRAM : SOCK_SEQPACKET);
}

static void
open_pair(int dgram)
{
	open_pair_for(dgram, 1024 * 1024);
}

static void
passes(int from, int to, size_t len)
{
	out[0] = 1;
	out[len - 1] = 2;
	in[len - 1] = 0;
	ck_assert_int_eq(send(from, out, len, MSG_DONTWAIT), (ssize_t)len);
	ck_assert_int_eq(recv(to, in, DEVPAIR_CEILING + 2, MSG_DONTWAIT),
	    (ssize_t)len);
	ck_assert_uint_eq(in[0], 1);
	ck_assert_uint_eq(in[len - 1], 2);
	out[len - 1] = 0;
}

static void
fails(int from, size_t len)
{
	ck_assert_int_eq(send(from, out, len, MSG_DONTWAIT), -1);
	ck_assert_msg(errno == EMSGSIZE || errno == ENOBUFS, "errno %d",
	    errno);
}

START_TEST(flags)
{
	open_pair(_i);
	ck_assert(is_set(pair.relay, F_GETFL, O_NONBLOCK));
	ck_assert(!is_set(pair.daemon, F_GETFL, O_NONBLOCK));
	ck_assert(is_set(pair.relay, F_GETFD, FD_CLOEXEC));
	ck_assert(is_set(pair.daemon, F_GETFD, FD_CLOEXEC));
}
END_TEST

START_TEST(f12_capacity_is_what_passes)
{
	open_pair(_i);
	ck_assert_uint_ge(pair.request, 65536);
	ck_assert_uint_le(pair.request, DEVPAIR_CEILING);
	passes(pair.relay, pair.daemon, pair.request);
	fails(pair.relay, pair.request + 1);
	passes(pair.daemon, pair.relay, pair.reply);
	fails(pair.daemon, pair.reply + 1);
	passes(pair.relay, pair.daemon, 2);
}
END_TEST

/* What INIT may promise, and more than any socket carries. */
static const size_t data[] = { 1, 1 << 20, 2 << 20, 4 << 20, 32 << 20 };

START_TEST(replies_of_what_was_promised)
{
	size_t want = data[_i / 2] + 16;

	open_pair_for(_i % 2, data[_i / 2]);
	if (want > pair.request) /* all that the system allows */
		want = pair.request;
	ck_assert_uint_ge(pair.reply, want);
	ck_assert_uint_le(pair.reply, pair.request);
	passes(pair.daemon, pair.relay, want);
	passes(pair.daemon, pair.relay, pair.reply);
}
END_TEST

/* Whatever size the system grants. */
static const int size[] = { 1, 4608, 8192, 50000, 212992, 1048576 };

START_TEST(capacity_of_other_sizes)
{
	size_t cap;

	open_pair(_i % 2);
	ck_assert_int_eq(setsockopt(pair.relay, SOL_SOCKET, SO_SNDBUF,
			     &size[_i / 2], sizeof(int)),
	    0);
	cap = devpair_capacity(pair.relay);
	ck_assert_uint_gt(cap, 0);
	passes(pair.relay, pair.daemon, cap);
	fails(pair.relay, cap + 1);
}
END_TEST

START_TEST(no_socket_carries_nothing)
{
	int fd[2];

	open_pair(0);
	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_uint_eq(devpair_capacity(fd[0]), 0);
	devpair_enlarge(fd[0]);
	close(fd[0]);
	close(fd[1]);
	ck_assert_uint_eq(devpair_capacity(-1), 0);
}
END_TEST

/* What packets are read into: see base/msgbuf.h. */
START_TEST(slots_begin_in_a_fast_place)
{
	struct port_scratch s;
	size_t i;

	ck_assert_int_eq(port_scratch_init(&s), E_OK);
	for (i = 0; i < s.count; i++)
		ck_assert_uint_eq((uintptr_t)(s.slots + i * s.slot_size) %
			MSGBUF_PAGE,
		    MSGBUF_SHIFT);
	s.slots[0] = s.slots[s.count * s.slot_size - 1] = 1;
	port_scratch_fini(&s);
	ck_assert_ptr_null(s.slots);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("devpair");
	TCase *tc = tcase_create("devpair");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, flags, 0, 2);
	tcase_add_loop_test(tc, f12_capacity_is_what_passes, 0, 2);
	tcase_add_loop_test(tc, replies_of_what_was_promised, 0, 10);
	tcase_add_loop_test(tc, capacity_of_other_sizes, 0, 12);
	tcase_add_test(tc, no_socket_carries_nothing);
	tcase_add_test(tc, slots_begin_in_a_fast_place);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
