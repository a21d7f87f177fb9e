/* SPDX-License-Identifier: ISC */
/* Ports by themselves: what a descriptor does not take. */
#include <check.h>
#include <errno.h>
#include <sys/epoll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bed.h"
#include "tests/port_own.h"
#include "tests/suite.h"

#define LARGE (1024u * 1024)

static struct event_base *base;
static struct relay_conf conf;
static struct port *port;
static int peer, fds;
static int no_memory;	    /* sends fail */
static int write_errnos[4]; /* of the next writes, 0: they are made */
static unsigned writes;
static unsigned no_epoll; /* so many descriptors can't be waited for */
static int closed, closed_by, refused, drained, messages;
static struct port_scratch scratch;
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

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	int num = writes < 4 ? write_errnos[writes] : 0;

	writes++;
	if (num == 0)
		return syscall(SYS_writev, fd, iov, n);
	errno = num;
	return -1;
}

int
epoll_ctl(int fd, int op, int on, struct epoll_event *ev)
{
	if (op == EPOLL_CTL_DEL || no_epoll == 0)
		return (int)syscall(SYS_epoll_ctl, fd, op, on, ev);
	no_epoll--;
	errno = ENOMEM;
	return -1;
}

static void
message_cb(void *arg, const struct frame_msg *m)
{
	(void)arg;
	(void)m;
	messages++;
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

static const struct port_events events = { .message = message_cb,
	.batch_end = batch_end_cb,
	.closed = closed_cb,
	.drained = drained_cb,
	.refused = refused_cb };

static void
open_port(enum port_kind kind)
{
	struct port_conf pc = { .kind = kind,
		.min = 16,
		.max = LARGE,
		.conf = &conf,
		.ev = &events,
		.scratch = &scratch };
	int sv[2];

	fds = bed_fds();
	conf = bed_conf();
	conf.high_mark = 1000;
	conf.low_mark = 100;
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	ck_assert_int_eq(port_scratch_init(&scratch), E_OK);
	ck_assert_int_eq(
	    socketpair(AF_UNIX,
		kind == PORT_STREAM ? SOCK_STREAM : SOCK_SEQPACKET, 0, sv),
	    0);
	ck_assert_int_eq(evutil_make_socket_nonblocking(sv[0]), 0);
	pc.base = base;
	pc.fd = sv[0];
	peer = sv[1];
	ck_assert_int_eq(port_new(&port, &pc), E_OK);
}

static void
setup(void)
{
	open_port(PORT_STREAM);
}

static void
setup_device(void)
{
	open_port(PORT_DEVICE);
}

static void
teardown(void)
{
	port_free(port);
	port_scratch_fini(&scratch);
	close(peer);
	event_base_free(base);
	ck_assert_int_eq(bed_fds(), fds);
}

static void
put_large(void)
{
	put_u32(large, sizeof(large), 0, sizeof(large));
	port_put(port, (struct span){ large, sizeof(large) });
	port_flush(port);
	ck_assert_uint_eq(port_pending(port), 1);
}

/* Half a message has left, and there is no memory for the rest: nothing can
 * come after it. */
START_TEST(f11_no_memory_within_a_message)
{
	put_large();
	ck_assert_uint_lt(port_own_queued(port), LARGE);
	no_memory = 1;
	port_put(port, (struct span){ large, 16 });
	port_own_drain(port);
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
	ck_assert_int_eq(port_full(port), 0);
	port_put_first(port, (struct span){ large, LARGE });
	ck_assert_int_eq(port_full(port), 0);
	port_put_first(port, (struct span){ large, LARGE });
	ck_assert_int_eq(port_full(port), 1);
	while (port_pending(port) > 0) {
		ck_assert_int_eq(drained, 0);
		ck_assert_int_gt(recv(peer, large, LARGE, 0), 0);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert_int_eq(drained, 1);
	ck_assert_int_eq(port_full(port), 0);
}
END_TEST

static void
loop_until(const int *flag)
{
	while (!*flag)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
}

/* Who was paused is read again, although it can't be waited for at first. */
START_TEST(f80_resumed_without_memory)
{
	port_pause(port);
	put_u32(large, sizeof(large), 0, 16);
	ck_assert_int_eq(send(peer, large, 16, 0), 16);
	no_epoll = 3;
	port_resume(port);
	loop_until(&messages);
	ck_assert_uint_eq(no_epoll, 0);
	port_pause(port);
	no_epoll = 1;
	port_resume(port);
	port_pause(port);
	no_epoll = 0;
	ck_assert_int_eq(send(peer, large, 16, 0), 16);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(messages, 1);
}
END_TEST

/* What the descriptor did not take leaves later all the same. */
START_TEST(f80_queued_without_memory)
{
	no_epoll = 1;
	put_large();
	ck_assert_uint_eq(no_epoll, 0);
	while (port_pending(port) > 0) {
		while (recv(peer, large, LARGE, MSG_DONTWAIT) > 0)
			continue;
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	}
	ck_assert_int_eq(drained, 1);
}
END_TEST

static const struct {
	int errnos[4];
	int reply; /* error of what arrives, 1: the reply itself */
	unsigned writes;
} device[] = {
	{ { 0 }, 1, 1 }, { { EINTR, EINTR, 0 }, 1, 3 },
	{ { EINVAL, 0 }, -EIO, 2 }, { { EIO, EINTR, 0 }, -EIO, 3 },
	{ { EPERM, 0 }, -EIO, 2 },
	{ { ENOENT, 0 }, -EIO, 2 }, /* (if it is no lie, nobody minds) */
	{ { ENOMEM, 0 }, 1, 2 },
	{ { EINVAL, ENOENT }, 0, 2 }, /* it had its answer */
};

#define NDEVICE (sizeof(device) / sizeof(device[0]))

/* A reply that the kernel refuses leaves nobody waiting. */
START_TEST(f80_device_refuses_a_reply)
{
	uint8_t m[32] = { 0 };
	struct span got = { m, sizeof(m) };
	ssize_t n;

	memcpy(write_errnos, device[_i].errnos, sizeof(write_errnos));
	put_u32(m, sizeof(m), 0, 24);
	put_u64(m, sizeof(m), 8, 77);
	port_put(port, (struct span){ m, 24 });
	port_flush(port);
	while (port_pending(port) > 0)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	ck_assert_uint_eq(writes, device[_i].writes);
	n = recv(peer, m, sizeof(m), MSG_DONTWAIT);
	if (device[_i].reply == 0) {
		ck_assert_int_eq(n, -1);
		return;
	}
	ck_assert_int_eq(n, device[_i].reply == 1 ? 24 : 16);
	ck_assert_uint_eq(get_u32(got, 0), (unsigned)n);
	ck_assert_int_eq(get_i32(got, 4), device[_i].reply == 1 ? 0 : -EIO);
	ck_assert_uint_eq(get_u64(got, 8), 77);
	ck_assert_int_eq(closed, 0);
}
END_TEST

START_TEST(f80_device_is_gone_meanwhile)
{
	uint8_t m[24] = { 24 };

	m[8] = 77;
	write_errnos[0] = EINVAL;
	write_errnos[1] = ENODEV;
	port_put(port, (struct span){ m, sizeof(m) });
	port_flush(port);
	loop_until(&closed);
	ck_assert_int_eq(closed_by, E_EOF);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("port");
	TCase *tc = tcase_create("port"), *dev = tcase_create("device");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, f11_no_memory_within_a_message);
	tcase_add_test(tc, f16_full_of_first_ones);
	tcase_add_test(tc, f80_resumed_without_memory);
	tcase_add_test(tc, f80_queued_without_memory);
	tcase_add_checked_fixture(dev, setup_device, teardown);
	tcase_add_loop_test(dev, f80_device_refuses_a_reply, 0, NDEVICE);
	tcase_add_test(dev, f80_device_is_gone_meanwhile);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, dev);
	return suite_run(s);
}
