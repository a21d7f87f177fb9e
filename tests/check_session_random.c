/* SPDX-License-Identifier: ISC */
/*
 * Random requests, cut at random, a daemon that behaves at random, against
 * what must hold whatever happens:
 *
 * 1. each request that wants an answer gets one, and one only;
 * 2. bytes come out as they went in;
 * 3. each direction keeps its order, INTERRUPT excepted;
 * 4. what is queued stays below its bound;
 * 5. at the end no descriptor is left (bed_close() looks).
 *
 * In every third run one in three of the session's own calls fails as well,
 * or does a part only.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bed.h"
#include "bed_faults.h"
#include "tests/suite.h"

#define STEPS 4000
#define REQUESTS 3000 /* uniques are 2 to 2 * REQUESTS */
#define BODY_MAX 20000
#define HIGH 300000
#define ERROR 61 /* what a relay never answers by itself */

enum fate {
	UNSENT,	 /* the front has not put it into the stream */
	SENT,	 /* on its way */
	HELD,	 /* with the daemon */
	REPLIED, /* the daemon has answered */
	NO_REPLY /* a FORGET */
};

struct request {
	enum fate fate;
	uint8_t forget, interrupted, spoilt, read, late;
	int expects; /* error that the front must see */
	size_t body; /* bytes behind the header of the reply */
};

static struct request req[REQUESTS + 1];
static uint8_t *stream; /* what the front still has to write */
static size_t stream_len, stream_cap;
static uint8_t pattern[BODY_MAX + 256];
static unsigned made, seen, answered, expected;
static uint64_t seed;

static uint32_t
rnd(uint32_t below)
{
	return bed_random(&seed, below);
}

static void
stream_add(struct span m)
{
	if (stream_cap - stream_len < m.len) {
		stream_cap = stream_cap * 2 + m.len;
		stream = realloc(stream, stream_cap);
		ck_assert_ptr_nonnull(stream);
	}
	memcpy(stream + stream_len, m.p, m.len);
	stream_len += m.len;
}

/* The body of request or reply i: a slice of the pattern. */
static const uint8_t *
body_of(unsigned i)
{
	return pattern + i % 251;
}

static size_t
some_length(void)
{
	return rnd(8) == 0 ? rnd(BODY_MAX) : rnd(200);
}

static void
front_makes(void)
{
	uint64_t u;

	if (made == REQUESTS)
		return;
	u = ++made * 2;
	req[made].fate = SENT;
	if (rnd(10) == 0) {
		req[made].forget = 1;
		stream_add(bed_build_request(FUSE_OP_FORGET, u, &u, 8));
		return;
	}
	expected++;
	stream_add(bed_build_request(3999, u, body_of(made), some_length()));
}

static void
front_interrupts(void)
{
	uint64_t target;
	unsigned i;

	if (made == 0)
		return;
	i = made - rnd(made < 50 ? made : 50);
	if (i == 0 || req[i].forget)
		return;
	req[i].interrupted = 1;
	target = i * 2;
	stream_add(
	    bed_build_request(FUSE_OP_INTERRUPT, target + 1, &target, 8));
}

static void
front_writes(void)
{
	size_t n = stream_len == 0 ? 0 : 1 + rnd((uint32_t)stream_len);

	if (rnd(3) == 0 && n > 50)
		n = rnd(50);
	if (n == 0)
		return;
	n = bed_try_send(stream, n);
	memmove(stream, stream + n, stream_len - n);
	stream_len -= n;
}

static void
front_reads(unsigned most)
{
	struct request *r;
	struct span m;
	uint64_t u;
	int error;

	while (most-- > 0 && bed_answer(&m)) {
		u = get_u64(m, 8);
		error = get_i32(m, 4);
		if (u == 0) {
			ck_assert_int_eq(error, FUSE_NOTIFY_RESEND);
			continue;
		}
		ck_assert(u % 2 == 0 && u / 2 <= made);
		r = &req[u / 2];
		ck_assert(!r->forget && !r->read);
		r->read = 1;
		answered++;
		if (r->fate == REPLIED && error == r->expects) {
			if (error == 0)
				ck_assert_uint_eq(m.len, 16 + r->body);
			ck_assert_mem_eq(m.p + 16, body_of((unsigned)(u / 2)),
			    m.len - 16);
		} else if (error == -EINTR) {
			/* Taken out of the queue: never to be seen. */
			ck_assert(r->interrupted && r->fate == SENT);
		} else {
			ck_assert(r->late &&
			    (error == -ECONNABORTED || error == -ENOTCONN));
		}
	}
}

static void
daemon_reads(void)
{
	static uint8_t b[BODY_MAX + 4096];
	struct span m = { b, bed_recv(b, sizeof(b)) };
	uint64_t u = get_u64(m, 8);
	unsigned i;

	if (m.len == 0)
		return;
	ck_assert_uint_eq(get_u32(m, 0), m.len);
	if (u % 2 == 1) {
		ck_assert_uint_eq(get_u32(m, 4), FUSE_OP_INTERRUPT);
		ck_assert(req[u / 2].interrupted);
		ck_assert_uint_eq(get_u64(m, 40), u - 1);
		return;
	}
	/* Those in between were interrupted before they came here. */
	while (++seen < u / 2)
		ck_assert(req[seen].interrupted);
	i = seen;
	ck_assert_uint_eq(i, u / 2);
	ck_assert(req[i].fate == SENT && !req[i].read);
	req[i].fate = req[i].forget ? NO_REPLY : HELD;
	if (!req[i].forget)
		ck_assert_mem_eq(b + 40, body_of(i), m.len - 40);
}

static void
daemon_sends(struct span m)
{
	ck_assert_int_eq(send(bed.daemon, m.p, m.len, MSG_DONTWAIT),
	    (ssize_t)m.len);
}

/* Room for any reply, so that none is given up half way. */
static int
daemon_may_send(void)
{
	return !bed_device_is_held() && bed_queued_for_front() < HIGH / 2;
}

static void
daemon_replies(void)
{
	struct request *r;
	struct span m;
	unsigned i;
	size_t n;

	if (seen == 0 || !daemon_may_send())
		return;
	i = 1 + rnd(seen);
	r = &req[i];
	if (r->fate != HELD)
		return;
	r->fate = REPLIED;
	switch (rnd(8)) {
	case 0: /* an error */
		r->expects = -ERROR;
		daemon_sends(bed_build_reply(i * 2, -ERROR, NULL, 0));
		return;
	case 1: /* a bad one */
		r->expects = -EIO;
		n = rnd(2);
		m = bed_build_reply(i * 2, n ? ERROR : -ERROR, body_of(i),
		    1 + rnd(100));
		daemon_sends(m);
		return;
	case 2: /* in two pieces, back to back */
		r->body = 1 + some_length();
		m = bed_build_reply(i * 2, 0, body_of(i), r->body);
		n = 16 + rnd((uint32_t)r->body);
		daemon_sends((struct span){ m.p, n });
		daemon_sends((struct span){ m.p + n, m.len - n });
		return;
	default:
		r->body = some_length();
		daemon_sends(bed_build_reply(i * 2, 0, body_of(i), r->body));
		return;
	}
}

static void
daemon_misbehaves(void)
{
	unsigned i = 1 + rnd(REQUESTS);

	if (!daemon_may_send())
		return;
	switch (rnd(4)) {
	case 0:
		ck_assert_int_eq(send(bed.daemon, "", 0, 0), 0);
		break;
	case 1: /* nobody asked, or: once more */
		if (req[i].fate != HELD && req[i].fate != SENT)
			daemon_sends(bed_build_reply(i * 2, 0, pattern, 20));
		break;
	case 2:
		daemon_sends(bed_build_reply(0, FUSE_NOTIFY_RESEND, NULL, 0));
		break;
	default:
		daemon_sends(bed_build_reply(0, 1000, pattern, 20));
		break;
	}
}

static void
check_bounds(void)
{
	ck_assert_uint_le(bed_queued_for_daemon(), HIGH + FRAME_READ);
	ck_assert_uint_le(bed_queued_for_front(), HIGH + 32 * BODY_MAX);
	ck_assert_uint_le(session_in_flight(bed.s), made);
}

static void
step(void)
{
	unsigned i;

	switch (rnd(8)) {
	case 0:
		for (i = rnd(6); i > 0; i--)
			front_makes();
		break;
	case 1:
		front_interrupts();
		break;
	case 2:
		front_writes();
		break;
	case 3:
		front_reads(rnd(20));
		break;
	case 4:
		for (i = rnd(8); i > 0; i--)
			daemon_reads();
		break;
	case 5:
		for (i = rnd(8); i > 0; i--)
			daemon_replies();
		break;
	case 6:
		if (rnd(4) == 0)
			daemon_misbehaves();
		break;
	default:
		event_base_loop(bed.base, EVLOOP_NONBLOCK);
		check_bounds();
		break;
	}
}

/* Settle, and wait for a port that failed to try again. */
static void
calm_down(void)
{
	bed_settle();
	while (bed_is_backing_off()) {
		event_base_loop(bed.base, EVLOOP_ONCE);
		bed_settle();
	}
}

/* Whatever is on its way arrives; what the daemon holds is answered. */
static void
finish(void)
{
	unsigned i, turn;

	for (turn = 0; answered < expected && turn < 5000; turn++) {
		front_writes();
		calm_down();
		for (i = 0; i < 200; i++)
			daemon_reads();
		for (i = 0; i < 20 * REQUESTS && daemon_may_send(); i++)
			daemon_replies();
		calm_down();
		front_reads(UINT32_MAX);
	}
}

static void
kill_daemon(void)
{
	int dgram = bed.relay.conf.transport == TRANSPORT_DGRAM;
	unsigned i;

	bed_faults.rate = 0;
	calm_down();
	/* Linux may throw away what a datagram socket has received. */
	for (i = 1; i <= REQUESTS; i++)
		req[i].late = dgram || req[i].fate != REPLIED;
	bed_close_daemon();
	if (dgram)
		session_daemon_died(bed.s);
	while (stream_len > 0) {
		front_writes();
		calm_down();
		front_reads(UINT32_MAX);
	}
	calm_down();
	front_reads(UINT32_MAX);
	ck_assert_int_eq(bed.daemon_gone, 1);
}

START_TEST(f9_f10_invariants_hold)
{
	struct relay_conf conf = bed_conf();
	int size = 8192 << rnd(6);
	unsigned i, steps;

	seed = (uint64_t)_i + 1;
	conf.transport = _i % 2 ? TRANSPORT_DGRAM : TRANSPORT_SEQPACKET;
	conf.high_mark = HIGH;
	conf.low_mark = HIGH / 4;
	bed_open(&conf);
	bed_faults.rate = _i % 3 == 0 ? 3 : 0;
	bed_faults.seed = seed;
	if (size > 2 * BODY_MAX)
		setsockopt(bed_device_fd(), SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
	setsockopt(bed_front_fd(), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)rnd(256);
	steps = _i % 4 < 2 ? STEPS : rnd(STEPS);
	for (i = 0; i < steps; i++)
		step();
	if (_i % 4 < 2)
		finish();
	else
		kill_daemon();
	ck_assert_uint_eq(answered, expected);
	for (i = 1; i <= made; i++)
		ck_assert_uint_eq(req[i].read, !req[i].forget);
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
	ck_assert(_i % 3 != 0 || bed_faults.made > 0);
	free(stream);
	bed_close();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session_random");
	TCase *tc = tcase_create("invariants");

	tcase_add_loop_test(tc, f9_f10_invariants_hold, 0, 60);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
