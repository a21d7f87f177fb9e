/* SPDX-License-Identifier: ISC */
/* Ports by themselves: what a descriptor does not take. */
#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bed.h"
#include "relay/port.h"
#include "tests/suite.h"

#define LARGE (1024u * 1024)

static struct event_base *base;
static struct relay_conf conf;
static struct port port;
static int peer, fds;
static int no_memory;		/* sends fail */
static int closed, closed_by, refused, drained;
static uint8_t large[LARGE];

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	if (no_memory) {
		errno = ENOBUFS;
		return -1;
	}
	return syscall(SYS_sendmsg, fd, m, flags);
}

static void
batch_end_cb(void *arg)
{
	(void)arg;
}

static void
closed_cb(void *arg, int r)
{
	(void)arg;
	closed++;
	closed_by = r;
}

static void
drained_cb(void *arg)
{
	(void)arg;
	drained++;
}

static void
refused_cb(void *arg, struct span m, int r)
{
	(void)arg;
	(void)m;
	(void)r;
	refused++;
}

static const struct port_events events = { .batch_end = batch_end_cb,
	.closed = closed_cb, .drained = drained_cb, .refused = refused_cb };

static void
setup(void)
{
	struct port_conf pc = { .kind = PORT_STREAM, .min = 16, .max = LARGE,
		.conf = &conf, .ev = &events };
	int sv[2];

	fds = bed_fds();
	conf = bed_conf();
	conf.high_mark = 1000;
	conf.low_mark = 100;
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	ck_assert_int_eq(evutil_make_socket_nonblocking(sv[0]), 0);
	pc.base = base;
	pc.fd = sv[0];
	peer = sv[1];
	ck_assert_int_eq(port_init(&port, &pc), E_OK);
}

static void
teardown(void)
{
	port_fini(&port);
	close(peer);
	event_base_free(base);
	ck_assert_int_eq(bed_fds(), fds);
}

static void
put_large(void)
{
	put_u32(large, sizeof(large), 0, sizeof(large));
	port_put(&port, (struct span){ large, sizeof(large) });
	port_flush(&port);
	ck_assert_uint_eq(port_pending(&port), 1);
}

/* Half a message has left, and there is no memory for the rest: nothing can
 * come after it. */
START_TEST(f11_no_memory_within_a_message)
{
	put_large();
	ck_assert_uint_lt(port.out.bytes, LARGE);
	no_memory = 1;
	port_put(&port, (struct span){ large, 16 });
	port_drain(&port);
	while (!closed && !refused)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	ck_assert_int_eq(refused, 0);
	ck_assert_int_eq(closed, 1);
	ck_assert_int_eq(closed_by, E_NOMEM);
}
END_TEST

/* What overtakes the queue counts as well. */
START_TEST(f16_full_of_first_ones)
{
	conf.high_mark = 2 * LARGE;
	put_large();
	ck_assert_int_eq(port_full(&port), 0);
	port_put_first(&port, (struct span){ large, LARGE });
	ck_assert_int_eq(port_full(&port), 0);
	port_put_first(&port, (struct span){ large, LARGE });
	ck_assert_int_eq(port_full(&port), 1);
	while (port_pending(&port) > 0) {
		ck_assert_int_eq(drained, 0);
		ck_assert_int_gt(recv(peer, large, LARGE, 0), 0);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert_int_eq(drained, 1);
	ck_assert_int_eq(port_full(&port), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("port");
	TCase *tc = tcase_create("port");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, f11_no_memory_within_a_message);
	tcase_add_test(tc, f16_full_of_first_ones);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
