/* SPDX-License-Identifier: ISC */
/* The device end, packet by packet: one that leaves or comes in part only,
 * many writers at once, requests that nobody answers by the thousands. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bed.h"
#include "tests/suite.h"

/* ---- sent in part ---- */

/* The packet to the daemon that is cut next, 0 for the first of the batch;
 * -1: none. */
static int cut_packet = -1;
static size_t cut_to;

int
sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	if (cut_packet >= 0 && fd == bed_device_fd() &&
	    (unsigned)cut_packet < n) {
		struct iovec part = m[cut_packet].msg_hdr.msg_iov[0], *whole;
		long r;

		part.iov_len = cut_to;
		whole = m[cut_packet].msg_hdr.msg_iov;
		m[cut_packet].msg_hdr.msg_iov = &part;
		r = syscall(SYS_sendmmsg, fd, m, n, flags);
		m[cut_packet].msg_hdr.msg_iov = whole;
		cut_packet = -1;
		return (int)r;
	}
	return (int)syscall(SYS_sendmmsg, fd, m, n, flags);
}

ssize_t
send(int fd, const void *p, size_t len, int flags)
{
	if (bed.s != NULL && fd == bed_device_fd() && cut_packet >= 0 &&
	    cut_packet-- == 0)
		len = cut_to;
	return syscall(SYS_sendto, fd, p, len, flags, NULL, 0);
}

/* What no kernel should do: the daemon's end is of no use any more, and
 * everybody who waits hears so. */
START_TEST(f13_packet_that_leaves_in_part)
{
	static const size_t to[] = { 1, 20, 39 };
	uint8_t three[120];
	struct span m;
	unsigned i;

	bed_init();
	for (i = 0; i < 3; i++) {
		m = bed_build_request(FUSE_OP_STATFS, 4 + 2 * i, NULL, 0);
		memcpy(three + i * 40, m.p, m.len);
	}
	cut_packet = _i % 3;
	cut_to = to[_i / 3];
	bed_send(three, sizeof(three));
	bed_settle();
	ck_assert_int_eq(cut_packet, -1);
	ck_assert_int_eq(bed.daemon_gone, 1);
	for (i = 0; i < 3; i++)
		bed_expect_answer(4 + 2 * i, -ECONNABORTED);
	ck_assert_int_eq(bed_logged("the daemon's end: Protocol error"), 1);
	bed_request(FUSE_OP_STATFS, 10, NULL, 0);
	bed_expect_answer(10, -ENOTCONN);
}
END_TEST

/* ---- received in part ---- */

#define SLOT 4096

/*
 * A reply larger than any buffer for it: what is missing is lost, and is not
 * looked for in the replies that follow.  The second READ's reply has exactly
 * the length that the first one's lacks.
 */
START_TEST(f14_reply_larger_than_the_buffer)
{
	static const size_t beyond[] = { 1, 17, 920, 3000 };
	size_t n = SLOT + beyond[_i], rest;
	struct span m;

	bed_init();
	bed.relay.scratch.slot_size = SLOT;
	bed_request_read(4, 65536);
	bed_request_read(6, 65536);
	bed_request_read(8, 65536);
	bed_fill(bed.room, n, 7);
	bed_reply(4, 0, bed.room, n - 16);
	rest = beyond[_i] < 16 ? 0 : beyond[_i] - 16;
	bed_fill(bed.room, rest, 8);
	bed_reply(6, 0, bed.room, rest);
	bed_expect_answer(4, -EIO);
	ck_assert_int_eq(bed_logged("bad reply to READ unique=4"), 1);
	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(get_u64(m, 8), 6);
	ck_assert_uint_eq(m.len, 16 + rest);
	ck_assert_mem_eq(m.p + 16, bed.room, rest);
	/* One that just fits is whole. */
	bed_reply(8, 0, bed.room, SLOT - 16);
	bed_expect_answer(8, 0);
	bed_expect_quiet();
	ck_assert_uint_eq(session_stats(bed.s)->repaired, 1);
}
END_TEST

/* ...nor taken for a piece of the message before it. */
START_TEST(f14_reply_larger_than_the_buffer_as_a_piece)
{
	static uint8_t msg[16 + 20000];
	struct span m;

	bed_init();
	bed.relay.scratch.slot_size = SLOT;
	bed_request_read(4, 65536);
	bed_request_read(6, 65536);
	m = bed_build_reply(4, 0, bed.room, 20000);
	memcpy(msg, m.p, m.len);
	bed_packet(msg, 1000);
	bed_expect_quiet();
	bed_reply(6, 0, bed.room, 2 * SLOT);
	bed_expect_answer(4, -EIO);
	bed_expect_answer(6, -EIO);
	bed_expect_quiet();
}
END_TEST

/* ---- many writers ---- */

#define THREADS 64
#define CALLS (THREADS * 300)
#define BODY_MAX 3000
#define SUM 8 /* bytes of checksum at a body's end */

static atomic_uint bad, served;

static uint64_t
sum_of(const uint8_t *p, size_t len)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ p[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* A body for that unique, with its checksum; returns its length. */
static size_t
body_make(uint8_t *p, uint64_t unique, uint64_t salt)
{
	uint64_t state = unique * 2 + salt, sum;
	size_t len = sizeof(unique) +
	    bed_random(&state, BODY_MAX - sizeof(unique) - SUM + 1);

	bed_fill(p, len, unique + salt);
	memcpy(p, &unique, sizeof(unique));
	sum = sum_of(p, len);
	memcpy(p + len, &sum, SUM);
	return len + SUM;
}

static int
body_is_good(const uint8_t *p, size_t len, uint64_t unique)
{
	uint64_t sum;

	if (len < sizeof(unique) + SUM ||
	    memcmp(p, &unique, sizeof(unique)) != 0)
		return 0;
	memcpy(&sum, p + len - SUM, SUM);
	return sum == sum_of(p, len - SUM);
}

/* Reads requests and writes their replies, as daemons do it: with write(2),
 * or header and data apart with writev(2). */
static void *
worker(void *arg)
{
	uint8_t in[40 + BODY_MAX], out[16 + BODY_MAX];
	struct iovec iov[2] = { { out, 16 }, { out + 16, 0 } };
	struct span m = { in, 0 };
	uint64_t unique;
	uint32_t word;
	ssize_t n;

	while ((n = read(bed.daemon, in, sizeof(in))) > 0) {
		m.len = (size_t)n;
		unique = get_u64(m, 8);
		if (m.len < 40 || get_u32(m, 0) != m.len ||
		    !body_is_good(in + 40, m.len - 40, unique))
			atomic_fetch_add(&bad, 1);
		iov[1].iov_len = body_make(out + 16, unique, 1000);
		word = (uint32_t)(16 + iov[1].iov_len);
		memset(out, 0, 16);
		memcpy(out, &word, sizeof(word));
		memcpy(out + 8, &unique, sizeof(unique));
		if (*(int *)arg % 2 == 0)
			n = write(bed.daemon, out, word);
		else
			n = writev(bed.daemon, iov, 2);
		if (n != (ssize_t)word)
			atomic_fetch_add(&bad, 1);
		atomic_fetch_add(&served, 1);
	}
	return NULL;
}

/* Take the answers that are there; each must be whole and the only one. */
static unsigned
take_answers(uint8_t *seen)
{
	unsigned n = 0;
	struct span m;
	uint64_t u;

	while (bed_answer(&m)) {
		u = get_u64(m, 8);
		ck_assert(u % 2 == 0 && u >= 2 && u <= 2 * CALLS);
		ck_assert_uint_eq(seen[u / 2]++, 0);
		ck_assert_int_eq(get_i32(m, 4), 0);
		ck_assert(body_is_good(m.p + 16, m.len - 16, u));
		n++;
	}
	return n;
}

START_TEST(f37_many_writers_at_once)
{
	static uint8_t seen[CALLS + 1];
	static pthread_t thread[THREADS];
	static int number[THREADS];
	uint8_t body[BODY_MAX];
	unsigned i, answered = 0;
	struct span m;

	for (i = 0; i < THREADS; i++) {
		number[i] = (int)i;
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, worker, &number[i]), 0);
	}
	for (i = 1; i <= CALLS; i++) {
		m = bed_build_request(3999, 2 * i, body,
		    body_make(body, 2 * i, 0));
		bed_send(m.p, m.len);
		if (i % 50 == 0)
			answered += take_answers(seen);
	}
	while (answered < CALLS) {
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
		answered += take_answers(seen);
	}
	ck_assert_int_eq(shutdown(bed.daemon, SHUT_RDWR), 0);
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_eq(served, CALLS);
	ck_assert_uint_eq(session_stats(bed.s)->repaired, 0);
	ck_assert_uint_eq(session_stats(bed.s)->dropped, 0);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
}
END_TEST

/* ---- FORGETs ---- */

#define FORGETS 1000 /* in one write */
#define ROUNDS 40

/* The daemon reads all there is: FORGETs in order, then perhaps a STATFS. */
static unsigned
take_forgets(uint64_t *next)
{
	unsigned statfs = 0;
	uint8_t b[64];
	struct span m = { b, 0 };

	while ((m.len = bed_recv(b, sizeof(b))) > 0) {
		if (get_u32(m, 4) == FUSE_OP_STATFS)
			statfs++;
		else
			ck_assert_uint_eq(get_u32(m, 4), FUSE_OP_FORGET);
		ck_assert_uint_eq(get_u64(m, 8), *next);
		*next += 2;
	}
	return statfs;
}

/* Tens of thousands, with a request among them now and then: nothing is
 * kept of them, and they do not hold it up. */
START_TEST(f38_storm_of_forgets)
{
	static uint8_t many[48 * FORGETS];
	uint64_t u = 0, next = 2, one = 1;
	unsigned round, i, statfs;
	struct span m;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < FORGETS; i++) {
			m = bed_build_request(FUSE_OP_FORGET, u += 2, &one,
			    sizeof(one));
			memcpy(many + i * 48, m.p, m.len);
		}
		bed_send(many, sizeof(many));
		m = bed_build_request(FUSE_OP_STATFS, u += 2, NULL, 0);
		bed_send(m.p, m.len);
		for (statfs = 0; statfs == 0; bed_settle()) {
			ck_assert_uint_le(session_in_flight(bed.s), 1);
			statfs = take_forgets(&next);
		}
		ck_assert_uint_eq(next, u + 2);
		ck_assert_uint_eq(bed_queued_requests(), 0);
		bed_reply(u, -EPERM, NULL, 0);
		bed_expect_answer(u, -EPERM);
		ck_assert_uint_eq(session_most_in_flight(bed.s), 1);
	}
	ck_assert_uint_eq(session_stats(bed.s)->requests,
	    ROUNDS * (FORGETS + 1));
	bed_expect_quiet();
}
END_TEST

/* Many in one message. */
START_TEST(f38_large_batch_of_forgets)
{
	size_t n = (bed_carries() - 40 - 8) / 16, got;
	uint32_t count;

	if (n > 30000)
		n = 30000;
	count = (uint32_t)n;
	memcpy(bed.room, &count, sizeof(count));
	bed_request(FUSE_OP_BATCH_FORGET, 4, bed.room, 8 + 16 * n);
	/* The kernel may have no room for it in one piece at once. */
	while ((got = bed_recv(bed.room, BED_ROOM)) == 0)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	ck_assert_uint_eq(got, 48 + 16 * n);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
	bed_expect_quiet();
	ck_assert_int_eq(bed_logged("malformed"), 0);
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	(void)dgram;
	tcase_add_loop_test(tc, f13_packet_that_leaves_in_part, 0, 9);
	tcase_add_loop_test(tc, f14_reply_larger_than_the_buffer, 0, 4);
	tcase_add_test(tc, f14_reply_larger_than_the_buffer_as_a_piece);
	tcase_add_test(tc, f37_many_writers_at_once);
	tcase_add_test(tc, f38_storm_of_forgets);
	tcase_add_test(tc, f38_large_batch_of_forgets);
}

int
main(void)
{
	Suite *s = suite_create("session_packets");

	bed_transports(s, bed_open_default, bed_open_dgram, bed_close, add);
	return suite_run(s);
}
