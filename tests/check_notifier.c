/* SPDX-License-Identifier: ISC */
/*
 * Notifications to the kernel: replies wait for them, but not for ever.
 *
 * The device is a packet socket in blocking mode.  While its queue is full,
 * a write waits, as the kernel does for a lock.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bed.h"
#include "relay/notifier.h"
#include "relay/port.h"
#include "tests/suite.h"
#include "wire/get.h"

#define LARGE 65536

static struct event_base *base;
static struct notifier *notifier;
static int dev, kernel; /* both ends of the device */
static int progress, fds;
/* What was heard of the notification that was done last, and of how many. */
static int done, done_error;
static size_t done_head, done_whole;
static uint8_t buf[LARGE];

static void
progress_cb(void *arg)
{
	(void)arg;
	progress++;
}

static void
done_cb(void *arg, const struct notifier_head *h, int error)
{
	(void)arg;
	done++;
	done_error = error;
	done_head = h->head.len;
	done_whole = h->whole;
}

static const struct notifier_events notifier_events = {
	.progress = progress_cb,
	.done = done_cb
};

static void
setup(void)
{
	int sv[2];

	fds = bed_fds();
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv), 0);
	dev = sv[0];
	kernel = sv[1];
	progress = done = done_error = 0;
	notifier = NULL;
}

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* A message that begins with n. */
static struct span
message(uint8_t *p, size_t len, uint32_t n)
{
	memset(p, 0, len);
	put_u32(p, len, 0, n);
	return (struct span){ p, len };
}

/* The next message for the kernel: its first word. */
static uint32_t
taken(void)
{
	ssize_t n = recv(kernel, buf, sizeof(buf), 0);

	ck_assert_int_ge(n, 4);
	return get_u32((struct span){ buf, (size_t)n }, 0);
}

/* Fill the device with messages of 0, so that the next write waits. */
static size_t
fill(void)
{
	struct span m = message(buf, 1000, 0);
	size_t n = 0;

	while (send(dev, m.p, m.len, MSG_DONTWAIT) > 0)
		n++;
	ck_assert_uint_gt(n, 0);
	return n;
}

static void
empty(size_t n)
{
	while (n-- > 0)
		ck_assert_uint_eq(taken(), 0);
}

static void
start(void)
{
	ck_assert_int_eq(
	    notifier_new(&notifier, base, dev, &notifier_events, NULL), E_OK);
	ck_assert_int_eq(notifier_holds(notifier), 0);
}

static int
put(uint32_t n)
{
	uint8_t m[64];

	return notifier_put(notifier, message(m, sizeof(m), n));
}

static void
wait_for_holds(int want)
{
	time_t end = now() + SUITE_PATIENCE_S;

	while (notifier_holds(notifier) != want) {
		ck_assert_int_lt(now(), end);
		event_base_loop(base, EVLOOP_ONCE);
	}
}

/* The thread ends by itself, and nothing is left of it. */
static void
finish(void)
{
	time_t end = now() + SUITE_PATIENCE_S;

	notifier_free(notifier);
	close(dev);
	while (recv(kernel, buf, sizeof(buf), 0) > 0)
		;
	close(kernel);
	event_base_free(base);
	while (bed_fds() != fds) {
		ck_assert_int_lt(now(), end);
		ck_assert_int_eq(usleep(1000), 0);
	}
}

START_TEST(holds_until_done)
{
	start();
	ck_assert_int_eq(put(1), E_OK);
	ck_assert_int_eq(put(2), E_OK);
	ck_assert_int_eq(notifier_holds(notifier), 1);
	ck_assert_uint_eq(taken(), 1);
	ck_assert_uint_eq(taken(), 2);
	wait_for_holds(0);
	ck_assert_int_gt(progress, 0);
	finish();
}
END_TEST

/* A STORE's data is not kept. */
START_TEST(f71_tells_the_result)
{
	static uint8_t store[5000];

	start();
	message(store, sizeof(store), sizeof(store));
	put_u32(store, sizeof(store), 4, FUSE_NOTIFY_STORE);
	ck_assert_int_eq(
	    notifier_put(notifier, (struct span){ store, sizeof(store) }),
	    E_OK);
	ck_assert_uint_eq(taken(), sizeof(store));
	wait_for_holds(0);
	ck_assert_int_eq(done, 1);
	ck_assert_int_eq(done_error, 0);
	ck_assert_uint_eq(done_whole, sizeof(store));
	ck_assert_uint_eq(done_head, 40);
	/* The device says EMSGSIZE to one that is too large for it. */
	ck_assert_int_eq(
	    setsockopt(dev, SOL_SOCKET, SO_SNDBUF, &(int){ 1 }, sizeof(int)),
	    0);
	put_u32(store, sizeof(store), 4, FUSE_NOTIFY_DELETE);
	ck_assert_int_eq(
	    notifier_put(notifier, (struct span){ store, sizeof(store) }),
	    E_OK);
	wait_for_holds(0);
	ck_assert_int_eq(done, 2);
	ck_assert_int_eq(done_error, EMSGSIZE);
	ck_assert_uint_eq(done_whole, sizeof(store));
	ck_assert_uint_eq(done_head, NOTIFIER_HEAD_MAX);
	finish();
}
END_TEST

START_TEST(idle_wakes_nobody)
{
	struct timeval tv = { 0, 3 * NOTIFIER_HOLD_MS * 1000 };

	start();
	ck_assert_int_eq(put(1), E_OK);
	ck_assert_uint_eq(taken(), 1);
	wait_for_holds(0);
	progress = 0;
	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
	ck_assert_int_eq(progress, 0);
	finish();
}
END_TEST

START_TEST(f36_one_that_waits_is_overtaken)
{
	size_t n = fill();

	start();
	ck_assert_int_eq(put(1), E_OK);
	ck_assert_int_eq(put(2), E_OK);
	wait_for_holds(0);
	ck_assert_int_gt(progress, 0);
	/* behind it nothing is held either */
	ck_assert_int_eq(put(3), E_OK);
	ck_assert_int_eq(notifier_holds(notifier), 0);
	empty(n);
	ck_assert_uint_eq(taken(), 1);
	ck_assert_uint_eq(taken(), 2);
	ck_assert_uint_eq(taken(), 3);
	/* once it is through, all is as before */
	event_base_loop(base, EVLOOP_ONCE);
	wait_for_holds(0);
	ck_assert_int_eq(put(4), E_OK);
	ck_assert_int_eq(notifier_holds(notifier), 1);
	ck_assert_uint_eq(taken(), 4);
	wait_for_holds(0);
	finish();
}
END_TEST

START_TEST(f36_bounded)
{
	static uint8_t large[LARGE];
	size_t n = fill();
	uint32_t i, count = 0;
	int r;

	start();
	while ((r = notifier_put(notifier,
		    message(large, LARGE, count + 1))) == E_OK) {
		count++;
		ck_assert_uint_lt(count, 1000);
	}
	ck_assert_int_eq(r, E_HELD);
	wait_for_holds(0);
	/* The thread has taken one, which left room for this or not. */
	while ((r = notifier_put(notifier,
		    message(large, LARGE, count + 1))) == E_OK)
		count++;
	ck_assert_int_eq(r, E_FULL);
	empty(n);
	for (i = 1; i <= count; i++)
		ck_assert_uint_eq(taken(), i);
	wait_for_holds(0);
	finish();
}
END_TEST

/* But for the one that is in the kernel already: what comes behind may wait
 * for replies that nobody gives any more. */
START_TEST(f36_left_ones_are_dropped)
{
	size_t n = fill();
	time_t end = now() + SUITE_PATIENCE_S;
	int before = bed_fds();

	start();
	ck_assert_int_eq(notifier_is_busy(notifier), 0);
	ck_assert_int_eq(put(1), E_OK);
	ck_assert_int_eq(put(2), E_OK);
	wait_for_holds(0); /* the first is being written */
	ck_assert_int_eq(notifier_is_busy(notifier), 1);
	notifier_free(notifier);
	notifier = NULL;
	empty(n);
	ck_assert_uint_eq(taken(), 1);
	while (bed_fds() != before) { /* the thread has ended */
		ck_assert_int_lt(now(), end);
		ck_assert_int_eq(usleep(1000), 0);
	}
	ck_assert_int_eq(recv(kernel, buf, sizeof(buf), MSG_DONTWAIT), -1);
	finish();
}
END_TEST

static void
batch_end(void *arg)
{
	(void)arg;
}

static const struct port_events events = { .batch_end = batch_end };

/* The same on a port of the kind that uses it. */
START_TEST(f36_replies_wait)
{
	const struct relay_conf conf = bed_conf();
	struct port_scratch scratch;
	struct port_conf pc = { .kind = PORT_DEVICE,
		.fd = dev,
		.min = 16,
		.max = LARGE,
		.base = base,
		.conf = &conf,
		.scratch = &scratch,
		.ev = &events };
	uint8_t note[24], reply[16];
	time_t end = now() + SUITE_PATIENCE_S;
	struct port *port;
	size_t n = fill();

	ck_assert_int_eq(port_scratch_init(&scratch), E_OK);
	ck_assert_int_eq(port_new(&port, &pc), E_OK);
	ck_assert_int_eq(port_is_notifying(port), 0);
	port_put(port, message(note, sizeof(note), 1));
	message(reply, sizeof(reply), 2);
	put_u64(reply, sizeof(reply), 8, 77);
	port_put(port, (struct span){ reply, sizeof(reply) });
	port_flush(port);
	ck_assert_uint_eq(port_pending(port), 1);
	port_put(port, message(note, sizeof(note), 3));
	port_flush(port);
	ck_assert_uint_eq(port_pending(port), 2);
	ck_assert_int_eq(port_is_notifying(port), 1);
	empty(n);
	ck_assert_uint_eq(taken(), 1);
	while (port_pending(port) > 0) {
		ck_assert_int_lt(now(), end);
		event_base_loop(base, EVLOOP_ONCE);
	}
	ck_assert_uint_eq(taken(), 2);
	ck_assert_uint_eq(taken(), 3);
	while (port_is_notifying(port)) {
		ck_assert_int_lt(now(), end);
		event_base_loop(base, EVLOOP_ONCE);
	}
	port_free(port); /* closes dev */
	dev = -1;
	port_scratch_fini(&scratch);
	finish();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("notifier");
	TCase *tc = tcase_create("notifier");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, holds_until_done);
	tcase_add_test(tc, f71_tells_the_result);
	tcase_add_test(tc, idle_wakes_nobody);
	tcase_add_test(tc, f36_one_that_waits_is_overtaken);
	tcase_add_test(tc, f36_bounded);
	tcase_add_test(tc, f36_left_ones_are_dropped);
	tcase_add_test(tc, f36_replies_wait);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
