/* SPDX-License-Identifier: ISC */
/* READs and WRITEs that are too large for one message. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bed.h"
#include "relay/init.h"

#define MIB (1024u * 1024)
#define LARGEST (32u * MIB)
#define PART MIB		/* bytes of data that the bed's session carries */
#define HEAD 80			/* of a READ or WRITE */
#define FH 0x1234567890abcdefu
#define OWNER 0xfeedu
#define FLAGS 0102001u		/* O_WRONLY | O_APPEND | O_LARGEFILE */

/* The daemon: a file, and what it does to the n-th part. */
static struct {
	uint8_t *file, *buf;
	uint64_t base;		/* file offset of file[0] */
	unsigned parts;		/* seen so far */
	unsigned at;		/* the part that is treated badly, from 0 */
	int error;		/* ...its error */
	int less;		/* ...bytes less than asked for */
	int spoil;		/* ...with a reply that does not fit */
	int silent;		/* ...not answered at all */
	uint64_t unique;	/* of the last part */
	uint32_t size;		/* data bytes in it */
} fs;

static void
start(const struct relay_conf *conf)
{
	memset(&fs, 0, sizeof(fs));
	fs.at = UINT32_MAX;
	fs.file = calloc(1, LARGEST + 2 * PART);
	fs.buf = malloc(DEVPAIR_CEILING + 1);
	ck_assert_ptr_nonnull(fs.file);
	ck_assert_ptr_nonnull(fs.buf);
	bed_open(conf);
}

static void
setup(void)
{
	start(NULL);
	bed_init();
}

static void
setup_dgram(void)
{
	struct relay_conf conf = relay_conf_default;

	conf.transport = TRANSPORT_DGRAM;
	start(&conf);
	bed_init();
}

static void
teardown(void)
{
	bed_close();
	free(fs.file);
	free(fs.buf);
}

static void
fill(uint8_t *p, size_t len, uint64_t seed)
{
	uint64_t x = seed * 2 + 1;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
		memcpy(p + i, &x, 8);
	}
	for (; i < len; i++)
		p[i] = (uint8_t)(i * 7);
}

/* The front asks; data NULL for a READ. */
static void
ask(uint64_t unique, uint64_t offset, uint32_t size, const uint8_t *data)
{
	uint32_t flags = FLAGS, kind = 1;
	uint64_t fh = FH, owner = OWNER;
	struct span m;

	wire_begin_request(&bed.b, data != NULL ? FUSE_OP_WRITE :
	    FUSE_OP_READ, unique, 99);
	wire_set_caller(&bed.b, 11, 12, 13);
	wire_put_u64(&bed.b, fh);
	wire_put_u64(&bed.b, offset);
	wire_put_u32(&bed.b, size);
	wire_put_u32(&bed.b, kind);
	wire_put_u64(&bed.b, owner);
	wire_put_u32(&bed.b, flags);
	wire_put_u32(&bed.b, 0);
	if (data != NULL)
		wire_put_bytes(&bed.b, data, size);
	ck_assert_int_eq(wire_end(&bed.b, &m), E_OK);
	bed_send(m.p, m.len);
	bed_settle();
}

static void
reply_part(uint64_t unique, int is_write, uint64_t offset, uint32_t size)
{
	uint32_t out[2] = { size, 0 };
	int bad = fs.parts == fs.at;

	fs.parts++;
	if (bad && fs.silent)
		return;
	if (bad && fs.error != 0) {
		bed_reply(unique, -fs.error, NULL, 0);
	} else if (bad && fs.spoil) {
		bed_reply(unique, 0, fs.file, 3);
	} else {
		if (bad)
			size -= (uint32_t)fs.less;
		out[0] = size;
		if (is_write)
			bed_reply(unique, 0, out, sizeof(out));
		else
			bed_reply(unique, 0, fs.file + (offset - fs.base),
			    size);
	}
}

/* Take the next request and do what it says: 1, or 0 if there is none. */
static int
serve_one(void)
{
	size_t n = bed_recv(fs.buf, DEVPAIR_CEILING + 1);
	struct span m = { fs.buf, n };
	uint64_t offset = get_u64(m, 48);
	uint32_t size = get_u32(m, 56);
	int is_write = get_u32(m, 4) == FUSE_OP_WRITE;

	if (n == 0)
		return 0;
	ck_assert(is_write || get_u32(m, 4) == FUSE_OP_READ);
	ck_assert_uint_eq(get_u32(m, 0), n);
	ck_assert_uint_eq(n, HEAD + (is_write ? size : 0));
	/* What all parts have in common. */
	ck_assert_uint_eq(get_u64(m, 16), 99);
	ck_assert_uint_eq(get_u32(m, 24), 11);
	ck_assert_uint_eq(get_u32(m, 28), 12);
	ck_assert_uint_eq(get_u32(m, 32), 13);
	ck_assert_uint_eq(get_u64(m, 40), FH);
	ck_assert_uint_eq(get_u32(m, 60), 1);
	ck_assert_uint_eq(get_u64(m, 64), OWNER);
	ck_assert_uint_eq(get_u32(m, 72), FLAGS);
	fs.unique = get_u64(m, 8);
	fs.size = size;
	if (is_write)
		memcpy(fs.file + (offset - fs.base), fs.buf + HEAD, size);
	reply_part(fs.unique, is_write, offset, size);
	return 1;
}

static void
serve(void)
{
	while (serve_one())
		continue;
}

static void
expect_written(uint64_t unique, uint32_t size)
{
	struct span m;

	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, 24);
	ck_assert_int_eq(get_i32(m, 4), 0);
	ck_assert_uint_eq(get_u64(m, 8), unique);
	ck_assert_uint_eq(get_u32(m, 16), size);
}

static void
expect_read(uint64_t unique, const uint8_t *data, size_t size)
{
	struct span m;

	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, 16 + size);
	ck_assert_int_eq(get_i32(m, 4), 0);
	ck_assert_uint_eq(get_u64(m, 8), unique);
	ck_assert_int_eq(memcmp(m.p + 16, data, size), 0);
}

/* Nothing is left of any request. */
static void
expect_clean(void)
{
	bed_expect_quiet();
	ck_assert_uint_eq(bed.s->inflight.count, 0);
	ck_assert_uint_eq(bed.s->splits.bytes, 0);
	ck_assert(TAILQ_EMPTY(&bed.s->splits.list));
}

static const uint32_t sizes[] = {
	PART + 1, 2 * PART, 4 * MIB - 1, 4 * MIB, DEVPAIR_CEILING,
	DEVPAIR_CEILING + 1, LARGEST
};
#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))

START_TEST(write_of_any_size)
{
	uint32_t size = sizes[_i];
	uint8_t *data = malloc(size);

	fill(data, size, size);
	ask(4, 5, size, data);
	serve();
	expect_written(4, size);
	expect_clean();
	ck_assert_int_eq(memcmp(fs.file + 5, data, size), 0);
	ck_assert_uint_eq(fs.parts, (size + PART - 1) / PART);
	ck_assert_uint_eq(bed.s->stats.divided, 1);
	ck_assert_uint_eq(bed.s->stats.parts, fs.parts);
	ck_assert_uint_eq(bed.s->stats.requests, 2);
	free(data);
}
END_TEST

START_TEST(read_of_any_size)
{
	uint32_t size = sizes[_i];

	fill(fs.file, size, size);
	ask(4, 0, size, NULL);
	serve();
	expect_read(4, fs.file, size);
	expect_clean();
	ck_assert_uint_eq(fs.parts, (size + PART - 1) / PART);
}
END_TEST

/* What fits goes as it came, under its own number. */
START_TEST(what_fits_is_not_split)
{
	uint8_t *data = calloc(1, PART);

	ask(4, 0, PART, data);
	ck_assert_int_eq(serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 4);
	expect_written(4, PART);
	ask(6, 0, PART, NULL);
	ck_assert_int_eq(serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 6);
	expect_read(6, fs.file, PART);
	ask(8, 0, PART + 1, NULL);
	ck_assert_int_eq(serve_one(), 1);
	ck_assert_uint_ge(fs.unique, SESSION_OWN_UNIQUE);
	ck_assert_uint_eq(fs.unique & 1, 0);
	ck_assert_uint_eq(fs.unique >> 63, 0);
	ck_assert_int_eq(serve_one(), 1);
	expect_read(8, fs.file, PART + 1);
	expect_clean();
	free(data);
}
END_TEST

#define FAULTS 4	/* parts of a request in the fault tests */

/* Part _i fails: what came before it counts. */
START_TEST(error_in_a_part)
{
	uint32_t n = (uint32_t)_i;
	uint8_t *data = malloc(FAULTS * PART);

	fill(data, FAULTS * PART, 3);
	fs.at = n;
	fs.error = ENOSPC;
	ask(4, 0, FAULTS * PART, data);
	serve();
	if (n == 0)
		bed_expect_answer(4, -ENOSPC);
	else
		expect_written(4, n * PART);
	ck_assert_uint_eq(fs.parts, n + 1);
	fs.parts = 0;
	ask(6, 0, FAULTS * PART, NULL);
	serve();
	if (n == 0)
		bed_expect_answer(6, -ENOSPC);
	else
		expect_read(6, data, n * PART);
	ck_assert_uint_eq(fs.parts, n + 1);
	expect_clean();
	free(data);
}
END_TEST

START_TEST(short_part_is_the_last)
{
	uint32_t n = (uint32_t)_i, less;
	uint8_t *data = malloc(FAULTS * PART);

	fill(data, FAULTS * PART, 4);
	for (less = 1; less <= PART; less += PART - 1) {
		fs.at = n;
		fs.less = (int)less;
		fs.parts = 0;
		ask(4, 0, FAULTS * PART, data);
		serve();
		expect_written(4, (n + 1) * PART - less);
		ck_assert_uint_eq(fs.parts, n + 1);
		memcpy(fs.file, data, FAULTS * PART);
		fs.parts = 0;
		ask(6, 0, FAULTS * PART, NULL);
		serve();
		expect_read(6, data, (n + 1) * PART - less);
		ck_assert_uint_eq(fs.parts, n + 1);
	}
	expect_clean();
	free(data);
}
END_TEST

/* A reply that no kernel would take counts as EIO. */
START_TEST(bad_reply_to_a_part)
{
	uint32_t n = (uint32_t)_i;
	uint8_t *data = calloc(1, FAULTS * PART);

	fs.at = n;
	fs.spoil = 1;
	ask(4, 0, FAULTS * PART, data);
	serve();
	if (n == 0)
		bed_expect_answer(4, -EIO);
	else
		expect_written(4, n * PART);
	ck_assert_uint_eq(bed.s->stats.repaired, 1);
	ck_assert_int_eq(bed_logged("bad reply to a part of WRITE unique=4"),
	    1);
	expect_clean();
	free(data);
}
END_TEST

START_TEST(part_that_says_too_much)
{
	uint32_t out[2] = { PART + 1, 0 };

	fs.at = 0;
	fs.silent = 1;
	ask(4, 0, 2 * PART, fs.file);
	ck_assert_int_eq(serve_one(), 1);
	bed_reply(fs.unique, 0, out, sizeof(out));
	bed_expect_answer(4, -EIO);
	ask(6, 0, 2 * PART, NULL);
	fs.at = fs.parts;
	ck_assert_int_eq(serve_one(), 1);
	bed_reply(fs.unique, 0, fs.file, PART + 1);
	bed_expect_answer(6, -EIO);
	expect_clean();
}
END_TEST

static void
interrupt(uint64_t unique, uint64_t target)
{
	bed_request(FUSE_OP_INTERRUPT, unique, &target, sizeof(target));
}

/* The daemon gets an INTERRUPT for the part in flight; it is not given any
 * further one. */
static void
expect_interrupt(uint64_t part)
{
	uint8_t b[64];
	struct span m = { b, bed_recv(b, sizeof(b)) };

	ck_assert_uint_eq(m.len, 48);
	ck_assert_uint_eq(get_u32(m, 4), FUSE_OP_INTERRUPT);
	ck_assert_uint_eq(get_u64(m, 8), part | 1);
	ck_assert_uint_eq(get_u64(m, 40), part);
}

START_TEST(interrupt_in_the_middle)
{
	uint32_t n = (uint32_t)_i, out[2] = { PART, 0 };
	uint8_t *data = calloc(1, FAULTS * PART);

	/* The part gives up. */
	fs.at = n;
	fs.silent = 1;
	ask(4, 0, FAULTS * PART, data);
	serve();
	interrupt(5, 4);
	expect_interrupt(fs.unique);
	bed_reply(fs.unique, -EINTR, NULL, 0);
	if (n == 0)
		bed_expect_answer(4, -EINTR);
	else
		expect_written(4, n * PART);
	expect_clean();
	/* The part does not care, but is the last. */
	fs.parts = 0;
	ask(6, 0, FAULTS * PART, data);
	serve();
	interrupt(7, 6);
	expect_interrupt(fs.unique);
	bed_reply(fs.unique, 0, out, sizeof(out));
	expect_written(6, (n + 1) * PART);
	expect_clean();
	free(data);
}
END_TEST

START_TEST(answers_to_an_interrupt)
{
	fs.at = 0;
	fs.silent = 1;
	ask(4, 0, 2 * PART, NULL);
	serve();
	interrupt(5, 4);
	expect_interrupt(fs.unique);
	bed_reply(fs.unique | 1, -EAGAIN, NULL, 0);
	bed_expect_answer(5, -EAGAIN);
	interrupt(5, 4);
	expect_interrupt(fs.unique);
	bed_reply(fs.unique | 1, -ENOSYS, NULL, 0);
	bed_expect_answer(5, -ENOSYS);
	bed_reply(fs.unique | 1, -EINTR, NULL, 0);
	bed_reply(fs.unique, -EINTR, NULL, 0);
	bed_expect_answer(4, -EINTR);
	expect_clean();
	/* Nobody knows a part's number but the daemon. */
	ask(8, 0, 2 * PART, NULL);
	fs.at = fs.parts;
	serve();
	interrupt(9, fs.unique);
	bed_expect_quiet();
	bed_reply(fs.unique, -EIO, NULL, 0);
	bed_expect_answer(8, -EIO);
	expect_clean();
}
END_TEST

/* A part that waits for the socket never reaches the daemon. */
START_TEST(interrupt_before_the_part_is_sent)
{
	struct span m;
	uint64_t u = 100;

	while (bed.s->dev.out.count == 0) {
		m = bed_build_request(3999, u += 2, fs.file, PART / 2);
		bed_send(m.p, m.len);
		bed_settle();
	}
	ask(4, 0, 2 * PART, fs.file);
	interrupt(5, 4);
	bed_expect_answer(4, -EINTR);
	for (; u > 100; u -= 2) {
		bed_settle();
		ck_assert_uint_eq(bed_recv(fs.buf, DEVPAIR_CEILING),
		    40 + PART / 2);
	}
	bed_settle();
	bed_expect_quiet();
	ck_assert_uint_eq(bed.s->splits.bytes, 0);
}
END_TEST

START_TEST(daemon_dies_in_the_middle)
{
	int error = -bed.relay.conf.dead_errno;

	fs.at = (unsigned)_i;
	fs.silent = 1;
	ask(4, 0, FAULTS * PART, fs.file);
	serve();
	ask(6, 0, FAULTS * PART, NULL);
	bed_close_daemon();
	if (bed.daemon_gone == 0)	/* DGRAM does not tell */
		session_daemon_died(bed.s);
	bed_expect_answer(4, error);
	bed_expect_answer(6, error);
	ck_assert_uint_eq(bed.s->inflight.count, 0);
	ck_assert_uint_eq(bed.s->splits.bytes, 0);
	ck_assert_int_eq(bed.daemon_gone, 1);
	ask(8, 0, FAULTS * PART, NULL);
	bed_expect_answer(8, -bed.relay.conf.gone_errno);
}
END_TEST

START_TEST(front_goes_in_the_middle)
{
	uint32_t out[2] = { PART, 0 };

	fs.at = 1;
	fs.silent = 1;
	ask(4, 0, FAULTS * PART, fs.file);
	serve();
	bed_close_front();
	bed_reply(fs.unique, 0, out, sizeof(out));
	ck_assert_uint_eq(bed.s->splits.bytes, 0);
	ck_assert_uint_eq(bed_recv(fs.buf, 1000), 0);
	while (bed.s->own_unique == 0)
		event_base_loop(bed.base, EVLOOP_ONCE);
	bed_expect_request(FUSE_OP_DESTROY, SESSION_OWN_UNIQUE);
	bed_reply(SESSION_OWN_UNIQUE, 0, NULL, 0);
	ck_assert_int_eq(bed.front_gone, 1);
}
END_TEST

/* The daemon must not answer what it was not asked. */
START_TEST(whole_request_is_not_the_daemons)
{
	uint32_t out[2] = { 5, 0 };

	fs.at = 0;
	fs.silent = 1;
	ask(4, 0, 2 * PART, fs.file);
	serve();
	bed_reply(4, 0, out, sizeof(out));
	bed_expect_quiet();
	ck_assert_uint_eq(bed.s->stats.dropped, 1);
	out[0] = 7;
	bed_reply(fs.unique, 0, out, sizeof(out));
	expect_written(4, 7);
	bed_reply(fs.unique, 0, out, sizeof(out));
	expect_clean();
}
END_TEST

/* Parts begin at offsets that a file can have. */
START_TEST(offsets_at_the_end)
{
	fs.base = (uint64_t)INT64_MAX - PART;
	ask(4, fs.base, 3 * PART, fs.file);
	serve();
	expect_written(4, 2 * PART);
	ck_assert_uint_eq(fs.parts, 2);
	fs.parts = 0;
	fs.base = (uint64_t)INT64_MAX + 1 - PART;
	ask(6, fs.base, 3 * PART, NULL);
	serve();
	expect_read(6, fs.file, PART);
	ck_assert_uint_eq(fs.parts, 1);
	/* What the front itself asks for is the daemon's to judge. */
	fs.parts = 0;
	fs.base = UINT64_MAX;
	ask(8, fs.base, 3 * PART, fs.file);
	serve();
	expect_written(8, PART);
	ck_assert_uint_eq(fs.parts, 1);
	expect_clean();
}
END_TEST

/* A front whose numbers are in our range. */
START_TEST(numbers_of_our_range)
{
	uint64_t own = SESSION_OWN_UNIQUE + 2, i;

	for (i = 0; i < 4; i++)
		bed_request(FUSE_OP_STATFS, own + 2 * i, NULL, 0);
	for (i = 0; i < 4; i++)
		bed_expect_request(FUSE_OP_STATFS, own + 2 * i);
	ask(4, 0, 2 * PART, fs.file);
	serve();
	expect_written(4, 2 * PART);
	for (i = 0; i < 4; i++) {
		bed_reply(own + 2 * i, -EPERM, NULL, 0);
		bed_expect_answer(own + 2 * i, -EPERM);
	}
	expect_clean();
	/* Round the corner. */
	bed.s->part_unique = 2 * SESSION_OWN_UNIQUE - 2;
	ask(6, 0, 2 * PART, fs.file);
	serve();
	expect_written(6, 2 * PART);
	ck_assert_uint_lt(fs.unique, SESSION_OWN_UNIQUE + 20);
	expect_clean();
}
END_TEST

/* Many at once, with small requests between them, in disorder. */
START_TEST(several_at_once)
{
	enum { N = 3 };
	uint64_t part[N], u;
	uint32_t out[2] = { PART, 0 }, round;

	fs.silent = 1;
	for (u = 0; u < N; u++) {
		fs.at = fs.parts;
		ask(10 + 2 * u, u * 2 * PART, 2 * PART, fs.file);
		ck_assert_int_eq(serve_one(), 1);
		part[u] = fs.unique;
		bed_request(FUSE_OP_STATFS, 100 + 2 * u, NULL, 0);
		bed_expect_request(FUSE_OP_STATFS, 100 + 2 * u);
	}
	for (round = 0; round < 2; round++) {
		for (u = N; u-- > 0;) {
			bed_reply(part[u], 0, out, sizeof(out));
			if (round == 1) {
				expect_written(10 + 2 * u, 2 * PART);
				continue;
			}
			fs.at = fs.parts;
			ck_assert_int_eq(serve_one(), 1);
			part[u] = fs.unique;
		}
	}
	for (u = 0; u < N; u++) {
		bed_reply(100 + 2 * u, -EPERM, NULL, 0);
		bed_expect_answer(100 + 2 * u, -EPERM);
	}
	expect_clean();
}
END_TEST

/* Not more is kept than the mark and one request. */
START_TEST(front_waits_while_much_is_kept)
{
	const size_t mark = bed.relay.conf.high_mark, size = 4 * MIB;
	enum { SMALL = 50 };
	size_t sent = 0, n, most = 0;
	uint64_t u = 2, small = 0;
	struct span m;
	unsigned i;

	for (i = 0; i < SMALL; i++)
		bed_request(FUSE_OP_STATFS, 100 + 2 * i, NULL, 0);
	for (i = 0; i < SMALL; i++)
		bed_expect_request(FUSE_OP_STATFS, 100 + 2 * i);
	for (i = 0; i < 10; i++) {
		wire_begin_request(&bed.b, FUSE_OP_WRITE, u += 2, 99);
		wire_set_caller(&bed.b, 11, 12, 13);
		wire_put_u64(&bed.b, FH);
		wire_put_u64(&bed.b, 0);
		wire_put_u32(&bed.b, (uint32_t)size);
		wire_put_u32(&bed.b, 1);
		wire_put_u64(&bed.b, OWNER);
		wire_put_u32(&bed.b, FLAGS);
		wire_put_u32(&bed.b, 0);
		wire_put_zero(&bed.b, size);
		ck_assert_int_eq(wire_end(&bed.b, &m), E_OK);
		for (sent = 0; sent < m.len; sent += n) {
			n = bed_try_send(m.p + sent, m.len - sent);
			bed_settle();
			if (bed.s->splits.bytes > most)
				most = bed.s->splits.bytes;
			if (n > 0)
				continue;
			/* An answer to others is no reason to read on. */
			if (small < SMALL)
				bed_reply(100 + 2 * small++, -EPERM, NULL, 0);
			else if (!serve_one())
				ck_abort_msg("the relay does not read on");
		}
	}
	ck_assert_uint_le(most, mark + size + HEAD);
	ck_assert_uint_ge(most, mark - size);
	serve();
	for (; u > 2 || small > 0;) {
		ck_assert_int_eq(bed_answer(&m), 1);
		if (get_i32(m, 4) == -EPERM) {
			small--;
			continue;
		}
		ck_assert_uint_eq(get_u32(m, 16), size);
		u -= 2;
		serve();
	}
	expect_clean();
}
END_TEST

START_TEST(answered_by_the_clock)
{
	struct relay_conf conf = relay_conf_default;
	uint32_t out[2] = { PART, 0 };
	struct span m;

	teardown();
	conf.timeout_ms = 40;
	start(&conf);
	bed_init();
	fs.at = 1;
	fs.silent = 1;
	ask(4, 0, 4 * PART, fs.file);
	serve();
	while (bed.s->stats.timed_out == 0)
		event_base_loop(bed.base, EVLOOP_ONCE);
	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(get_u64(m, 8), 4);
	ck_assert_int_eq(get_i32(m, 4), -ETIMEDOUT);
	bed_reply(fs.unique, 0, out, sizeof(out));
	expect_clean();
	ck_assert_uint_eq(bed.s->stats.late, 1);
}
END_TEST

static void
shrink_device(void)
{
	int size = 65536;

	ck_assert_int_eq(setsockopt(bed.s->dev.fd, SOL_SOCKET, SO_SNDBUF,
	    &size, sizeof(size)), 0);
}

/* The socket does not take a part after all. */
START_TEST(part_that_can_not_be_sent)
{
	ask(4, 0, 2 * PART, fs.file);
	shrink_device();
	serve();
	expect_written(4, PART);
	ask(6, 0, 2 * PART, fs.file);
	bed_expect_answer(6, -EIO);
	ck_assert_uint_eq(bed.s->stats.refused, 2);
	expect_clean();
}
END_TEST

/* A request whose own words do not fit together is not taken apart. */
START_TEST(malformed_is_not_split)
{
	uint32_t body[20] = { 0 };

	body[4] = 3 * PART;		/* the size of the data */
	bed_request(FUSE_OP_WRITE, 4, body, sizeof(body));
	ck_assert_uint_eq(bed_recv(fs.buf, 1000), 40 + sizeof(body));
	bed_reply(4, -EINVAL, NULL, 0);
	bed_expect_answer(4, -EINVAL);
	bed_request(FUSE_OP_WRITE, 6, fs.file, 5 * PART);
	bed_expect_answer(6, -EIO);
	ck_assert_uint_eq(bed.s->stats.divided, 0);
	expect_clean();
}
END_TEST

START_TEST(read_of_too_much)
{
	ask(4, 0, LARGEST + 1, NULL);
	bed_expect_answer(4, -EIO);
	ask(6, 0, UINT32_MAX, NULL);
	bed_expect_answer(6, -EIO);
	ck_assert_uint_eq(bed.s->stats.refused, 2);
	ck_assert_int_eq(bed_logged("can't be split"), 2);
	expect_clean();
}
END_TEST

static void
init_with(uint32_t max_write, uint32_t max_pages)
{
	uint32_t in[16] = { 7, 31, 131072, 1u << 22 };
	uint32_t out[16] = { 7, 31, 131072, 0, 0, max_write };
	struct span m;

	if (max_pages != 0) {
		out[3] = 1u << 22;	/* MAX_PAGES */
		out[7] = max_pages;	/* behind time_gran; low half */
	}
	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	ck_assert_uint_gt(bed_recv(fs.buf, 1000), 0);
	bed_reply(2, 0, out, sizeof(out));
	ck_assert_int_eq(bed_answer(&m), 1);
}

/* Limits of the daemon's own: max_write for WRITE; for READ what a kernel
 * might ask for. */
static const struct {
	uint32_t max_write, max_pages, write, read;
} limit[] = {
	{ 0, 0, 4096, 131072 },
	{ 4096, 0, 4096, 131072 },
	{ 10000, 0, 8192, 131072 },
	{ 262144, 0, 262144, 262144 },
	{ 65536, 64, 65536, 262144 },
	{ 65536, 4, 65536, 65536 },
	{ LARGEST, 1024, PART, PART },
};

START_TEST(daemon_sets_the_limit)
{
	uint32_t size;
	unsigned parts;

	init_with(limit[_i].max_write, limit[_i].max_pages);
	size = 3 * limit[_i].write;
	ask(4, 0, size, fs.file);
	ck_assert_int_eq(serve_one(), 1);
	ck_assert_uint_eq(fs.size, limit[_i].write);
	serve();
	expect_written(4, size);
	ck_assert_uint_eq(fs.parts, 3);
	ask(6, 0, limit[_i].write, fs.file);
	ck_assert_int_eq(serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 6);
	expect_written(6, limit[_i].write);
	parts = fs.parts;
	ask(8, 0, 2 * limit[_i].read, NULL);
	serve();
	expect_read(8, fs.file, 2 * limit[_i].read);
	ck_assert_uint_eq(fs.parts, parts + 2);
	ask(10, 0, limit[_i].read, NULL);
	ck_assert_int_eq(serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 10);
	expect_read(10, fs.file, limit[_i].read);
	expect_clean();
}
END_TEST

static void
setup_bare(void)
{
	start(NULL);
}

START_TEST(no_parts_before_init)
{
	uint32_t size = (uint32_t)bed.s->carry_request;

	ask(4, 0, size, fs.file);
	bed_expect_answer(4, -EIO);
	bed_expect_quiet();
	ck_assert_uint_eq(bed.s->stats.divided, 0);
	ck_assert_uint_eq(bed.s->stats.refused, 1);
}
END_TEST

/* A protocol before 7.9 has a shorter head. */
START_TEST(old_head)
{
	uint32_t in[4] = { 7, 8, 131072, 0 }, out[6] = { 7, 8, 0, 0, 0, 8192 };
	uint8_t body[24 + 10000] = { 0 };
	uint32_t word = 10000, done[2] = { 8192, 0 };
	struct span m = { fs.buf, 0 };

	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	bed_expect_request(FUSE_OP_INIT, 2);
	bed_reply(2, 0, out, sizeof(out));
	bed_expect_answer(2, 0);
	fill(body + 24, 10000, 1);
	memcpy(body + 16, &word, 4);
	bed_request(FUSE_OP_WRITE, 4, body, sizeof(body));
	ck_assert_uint_eq(m.len = bed_recv(fs.buf, MIB), 64 + 8192);
	ck_assert_mem_eq(fs.buf + 64, body + 24, 8192);
	bed_reply(get_u64(m, 8), 0, done, sizeof(done));
	ck_assert_uint_eq(m.len = bed_recv(fs.buf, MIB), 64 + 1808);
	ck_assert_mem_eq(fs.buf + 64, body + 24 + 8192, 1808);
	done[0] = 1808;
	bed_reply(get_u64(m, 8), 0, done, sizeof(done));
	expect_written(4, 10000);
	expect_clean();
}
END_TEST

static void
add_transport(Suite *s, const char *name, void (*set)(void))
{
	TCase *tc = tcase_create(name);

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set, teardown);
	tcase_add_loop_test(tc, write_of_any_size, 0, SIZES);
	tcase_add_loop_test(tc, read_of_any_size, 0, SIZES);
	tcase_add_test(tc, what_fits_is_not_split);
	tcase_add_loop_test(tc, error_in_a_part, 0, FAULTS);
	tcase_add_loop_test(tc, short_part_is_the_last, 0, FAULTS);
	tcase_add_loop_test(tc, bad_reply_to_a_part, 0, FAULTS);
	tcase_add_test(tc, part_that_says_too_much);
	tcase_add_loop_test(tc, interrupt_in_the_middle, 0, FAULTS);
	tcase_add_test(tc, answers_to_an_interrupt);
	tcase_add_test(tc, interrupt_before_the_part_is_sent);
	tcase_add_loop_test(tc, daemon_dies_in_the_middle, 0, FAULTS);
	tcase_add_test(tc, front_goes_in_the_middle);
	tcase_add_test(tc, whole_request_is_not_the_daemons);
	tcase_add_test(tc, offsets_at_the_end);
	tcase_add_test(tc, numbers_of_our_range);
	tcase_add_test(tc, several_at_once);
	tcase_add_test(tc, front_waits_while_much_is_kept);
	tcase_add_test(tc, answered_by_the_clock);
	tcase_add_test(tc, read_of_too_much);
	tcase_add_test(tc, part_that_can_not_be_sent);
	tcase_add_test(tc, malformed_is_not_split);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("split");
	TCase *tc = tcase_create("limits");
	SRunner *sr;
	int failed;

	add_transport(s, "seqpacket", setup);
	add_transport(s, "dgram", setup_dgram);
	tcase_add_checked_fixture(tc, setup_bare, teardown);
	tcase_add_loop_test(tc, daemon_sets_the_limit, 0,
	    sizeof(limit) / sizeof(limit[0]));
	tcase_add_test(tc, no_parts_before_init);
	tcase_add_test(tc, old_head);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
