/* SPDX-License-Identifier: ISC */
#include "bed.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/suite.h"

#define QUIET_TURNS 3
#define NARROW 16384

struct bed bed;

int
bed_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = -1;

	ck_assert_ptr_nonnull(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
bed_daemon_gone_cb(void *arg)
{
	(void)arg;
	bed.daemon_gone++;
}

static void
bed_front_gone_cb(void *arg, int r)
{
	(void)arg;
	bed.front_gone++;
	bed.front_error = r;
}

static const struct session_events bed_events = {
	.daemon_gone = bed_daemon_gone_cb,
	.front_gone = bed_front_gone_cb,
};

struct relay_conf
bed_conf(void)
{
	struct relay_conf conf = relay_conf_default;

	conf.transport = TRANSPORT_SEQPACKET;
	return conf;
}

void
bed_open(const struct relay_conf *conf)
{
	struct session_conf sc = { .front_kind = PORT_STREAM,
		.ev = &bed_events };
	struct relay_conf usual = bed_conf();
	int sv[2];

	memset(&bed, 0, sizeof(bed));
	bed.room = calloc(1, BED_ROOM);
	ck_assert_ptr_nonnull(bed.room);
	bed.fds = bed_fds();
	bed.log = memfd_create("log", MFD_CLOEXEC);
	log_init("bed", LOG_DEBUG, bed.log);
	wire_buf_init(&bed.b);
	bed.base = event_base_new();
	ck_assert_ptr_nonnull(bed.base);
	ck_assert_int_eq(
	    relay_init(&bed.relay, bed.base, conf != NULL ? conf : &usual),
	    E_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	ck_assert_int_eq(evutil_make_socket_nonblocking(sv[0]), 0);
	ck_assert_int_eq(devpair_make(&sc.pair, bed.relay.conf.transport,
			     bed.relay.conf.max_write),
	    E_OK);
	sc.front_fd = sv[0];
	bed.front = sv[1];
	bed.daemon = sc.pair.daemon;
	ck_assert_int_eq(session_new(&bed.s, &bed.relay, &sc), E_OK);
}

void
bed_open_default(void)
{
	bed_open(NULL);
}

void
bed_open_dgram(void)
{
	struct relay_conf conf = bed_conf();

	conf.transport = TRANSPORT_DGRAM;
	bed_open(&conf);
}

static void
bed_open_low_on(enum relay_transport transport)
{
	struct relay_conf conf = bed_conf();

	conf.transport = transport;
	conf.high_mark = BED_HIGH;
	conf.low_mark = BED_LOW;
	bed_open(&conf);
}

void
bed_open_low(void)
{
	bed_open_low_on(TRANSPORT_SEQPACKET);
}

void
bed_open_low_dgram(void)
{
	bed_open_low_on(TRANSPORT_DGRAM);
}

void
bed_close(void)
{
	struct session *s = bed.s;

	bed.s = NULL; /* its calls are no faults to be made any more */
	session_free(s);
	relay_fini(&bed.relay);
	event_base_free(bed.base);
	if (bed.front != -1)
		close(bed.front);
	if (bed.daemon != -1)
		close(bed.daemon);
	log_init("bed", LOG_ERROR, -1);
	close(bed.log);
	wire_buf_fini(&bed.b);
	free(bed.in);
	free(bed.room);
	ck_assert_int_eq(bed_fds(), bed.fds);
}

void
bed_settle(void)
{
	uint64_t was = bed_progress(), now;
	int quiet = 0;

	while (quiet < QUIET_TURNS) {
		event_base_loop(bed.base, EVLOOP_NONBLOCK);
		now = bed_progress();
		quiet = now == was ? quiet + 1 : 0;
		was = now;
	}
}

static void
bed_late_cb(evutil_socket_t fd, short what, void *arg)
{
	int *late = arg;

	(void)fd;
	(void)what;
	*late = 1;
}

void
bed_wait(const int *flag)
{
	struct timeval tv = { SUITE_PATIENCE_S, 0 };
	int late = 0;

	event_base_once(bed.base, -1, EV_TIMEOUT, bed_late_cb, &late, &tv);
	while (!*flag && !late)
		event_base_loop(bed.base, EVLOOP_ONCE);
	ck_assert_msg(*flag, "waited too long");
}

size_t
bed_try_send(const void *p, size_t len)
{
	ssize_t n = send(bed.front, p, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n == -1)
		ck_assert_int_eq(errno, EAGAIN);
	return n == -1 ? 0 : (size_t)n;
}

void
bed_send(const void *p, size_t len)
{
	const uint8_t *from = p;
	size_t n;

	while (len > 0) {
		n = bed_try_send(from, len);
		if (n == 0) {
			bed_settle();
			n = bed_try_send(from, len);
			ck_assert_msg(n > 0, "the relay does not read on");
		}
		from += n;
		len -= n;
	}
}

struct span
bed_build_request(uint32_t op, uint64_t unique, const void *body, size_t len)
{
	struct span m;

	wire_begin_request(&bed.b, op, unique, 1);
	wire_put_bytes(&bed.b, body, len);
	ck_assert_int_eq(wire_end(&bed.b, &m), E_OK);
	return m;
}

struct span
bed_build_reply(uint64_t unique, int error, const void *body, size_t len)
{
	struct span m;

	wire_begin_reply(&bed.b, unique, error);
	wire_put_bytes(&bed.b, body, len);
	ck_assert_int_eq(wire_end(&bed.b, &m), E_OK);
	return m;
}

void
bed_request(uint32_t op, uint64_t unique, const void *body, size_t len)
{
	struct span m = bed_build_request(op, unique, body, len);

	bed_send(m.p, m.len);
	bed_settle();
}

void
bed_narrow(int fd)
{
	int size = NARROW;

	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
}

void
bed_interrupt(uint64_t unique, uint64_t target)
{
	bed_request(FUSE_OP_INTERRUPT, unique, &target, sizeof(target));
}

unsigned
bed_send_until_queued(unsigned want)
{
	unsigned n = 0;

	bed_narrow(bed_device_fd());
	while (bed_queued_requests() < want)
		bed_request(3999, ++n * 2, NULL, 0);
	return n;
}

void
bed_packet(const void *p, size_t len)
{
	ck_assert_int_eq(send(bed.daemon, p, len, MSG_DONTWAIT | MSG_NOSIGNAL),
	    (ssize_t)len);
	bed_settle();
}

void
bed_reply(uint64_t unique, int error, const void *body, size_t len)
{
	struct span m = bed_build_reply(unique, error, body, len);

	bed_packet(m.p, m.len);
}

size_t
bed_recv(uint8_t *buf, size_t cap)
{
	ssize_t n = recv(bed.daemon, buf, cap, MSG_DONTWAIT);

	if (n == -1)
		ck_assert_int_eq(errno, EAGAIN);
	return n == -1 ? 0 : (size_t)n;
}

int
bed_answer(struct span *m)
{
	uint32_t len = 0;
	int settled = 0;
	ssize_t n;

	if (bed.in_done > 0) {
		memmove(bed.in, bed.in + bed.in_done,
		    bed.in_len - bed.in_done);
		bed.in_len -= bed.in_done;
		bed.in_done = 0;
	}
	for (;;) {
		if (bed.in_len >= sizeof(len)) {
			memcpy(&len, bed.in, sizeof(len));
			ck_assert_uint_ge(len, WIRE_REP_HEADER);
			ck_assert_uint_le(len, SESSION_REQUEST_MAX);
		}
		if (len > 0 && bed.in_len >= len)
			break;
		if (bed.in_cap < len + 4096u) {
			bed.in_cap = len + 4096u;
			bed.in = realloc(bed.in, bed.in_cap);
			ck_assert_ptr_nonnull(bed.in);
		}
		n = recv(bed.front, bed.in + bed.in_len,
		    (len > 0 ? len : WIRE_REP_HEADER) - bed.in_len,
		    MSG_DONTWAIT);
		if (n <= 0) {
			if (settled)
				return 0;
			bed_settle();
			settled = 1;
			continue;
		}
		bed.in_len += (size_t)n;
		settled = 0;
	}
	m->p = bed.in;
	m->len = len;
	bed.in_done = len;
	return 1;
}

void
bed_expect_request(uint32_t op, uint64_t unique)
{
	uint8_t buf[4096];
	size_t n = bed_recv(buf, sizeof(buf));
	struct span m = { buf, n };

	ck_assert_uint_ge(n, WIRE_REQ_HEADER);
	ck_assert_uint_eq(get_u32(m, 4), op);
	ck_assert_uint_eq(get_u64(m, 8), unique);
}

void
bed_request_read(uint64_t unique, uint32_t size)
{
	uint32_t body[10] = { 7, 0, 0, 0, size };

	bed_request(FUSE_OP_READ, unique, body, sizeof(body));
	bed_expect_request(FUSE_OP_READ, unique);
}

void
bed_request_statfs(uint64_t unique)
{
	bed_request(FUSE_OP_STATFS, unique, NULL, 0);
	bed_expect_request(FUSE_OP_STATFS, unique);
}

void
bed_expect_answer(uint64_t unique, int error)
{
	struct span m;

	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(get_u64(m, 8), unique);
	ck_assert_int_eq(get_i32(m, 4), error);
	if (error != 0)
		ck_assert_uint_eq(m.len, WIRE_REP_HEADER);
}

void
bed_expect_destroy(void)
{
	uint8_t b[8];

	while (recv(bed.daemon, b, sizeof(b), MSG_PEEK | MSG_DONTWAIT) == -1)
		ck_assert_int_eq(event_base_loop(bed.base, EVLOOP_ONCE), 0);
	bed_expect_request(FUSE_OP_DESTROY, SESSION_OWN_UNIQUE);
}

void
bed_expect_quiet(void)
{
	uint8_t buf[64];
	struct span m;

	ck_assert_uint_eq(bed_recv(buf, sizeof(buf)), 0);
	ck_assert_int_eq(bed_answer(&m), 0);
	ck_assert_uint_eq(bed.in_len, 0);
}

void
bed_init(void)
{
	uint32_t in[16] = { 7, 31, 131072, 0 };
	uint32_t out[16] = { 7, 31, 131072, 0, 0, 1u << 20 };

	bed_request(FUSE_OP_INIT, 2, in, sizeof(in));
	bed_expect_request(FUSE_OP_INIT, 2);
	bed_reply(2, 0, out, sizeof(out));
	bed_expect_answer(2, 0);
	ck_assert_int_eq(bed_is_ready(), 1);
}

void
bed_close_front(void)
{
	close(bed.front);
	bed.front = -1;
	bed_settle();
}

void
bed_close_daemon(void)
{
	close(bed.daemon);
	bed.daemon = -1;
	bed_settle();
}

int
bed_logged(const char *text)
{
	char buf[65536];
	ssize_t n = pread(bed.log, buf, sizeof(buf) - 1, 0);
	const char *p = buf;
	int found = 0;

	ck_assert_int_ge(n, 0);
	buf[n] = '\0';
	while ((p = strstr(p, text)) != NULL) {
		found++;
		p++;
	}
	return found;
}

/* xorshift64*, as published by Vigna. */
uint32_t
bed_random(uint64_t *state, uint32_t below)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return (uint32_t)((x * UINT64_C(2685821657736338717)) >> 33) % below;
}

void
bed_fill(uint8_t *p, size_t len, uint64_t seed)
{
	uint64_t state = seed * 2 + 1;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)bed_random(&state, 256);
}

void
bed_transports(Suite *s, void (*open)(void), void (*open_dgram)(void),
    void (*close)(void), void (*add)(TCase *tc, int dgram))
{
	TCase *tc;
	int dgram;

	for (dgram = 0; dgram < 2; dgram++) {
		tc = tcase_create(dgram ? "dgram" : "seqpacket");
		tcase_add_checked_fixture(tc, dgram ? open_dgram : open,
		    close);
		add(tc, dgram);
		suite_add_tcase(s, tc);
	}
}
