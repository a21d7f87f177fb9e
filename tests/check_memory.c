/* SPDX-License-Identifier: ISC */
/*
 * F51: no memory for what is kept in tables, or at the start: an error is
 * returned, and told where that was promised; the program goes on.
 *
 * The linker sends every request for memory of what is tested through here.
 */
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "emulator/client.h"
#include "live/live.h"
#include "passthrough/lock.h"
#include "tests/suite.h"

static unsigned fail_at; /* this request fails; 0: none */
static unsigned asked;

static long blocks; /* that are not given back */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
int __real_posix_memalign(void **p, size_t align, size_t size);
int __wrap_posix_memalign(void **p, size_t align, size_t size);

static int
memory_is_refused(void)
{
	if (++asked != fail_at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
__wrap_malloc(size_t size)
{
	if (memory_is_refused())
		return NULL;
	blocks++;
	return __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	if (memory_is_refused())
		return NULL;
	blocks++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	if (memory_is_refused())
		return NULL;
	blocks += p == NULL;
	return __real_realloc(p, size);
}

int
__wrap_posix_memalign(void **p, size_t align, size_t size)
{
	if (memory_is_refused())
		return ENOMEM;
	blocks++;
	return __real_posix_memalign(p, align, size);
}

void
__wrap_free(void *p)
{
	blocks -= p != NULL;
	__real_free(p);
}

static void
memory_fail(unsigned at)
{
	asked = 0;
	fail_at = at;
}

/* Refuse each request in turn; from the first that is not made on, all went
 * well. */
START_TEST(f51_lock_owners)
{
	struct handle h = { .ino = 1, .flags = O_RDWR };
	struct lock_owner *o;
	struct lock_table t;
	unsigned at = 0, failed = 0;
	int r;

	lock_table_init(&t, NULL);
	h.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	do {
		memory_fail(++at);
		r = lock_owner_get(&t, -1, &h, at, 1, &o);
		memory_fail(0);
		if (r == 0) {
			lock_owner_put(&t, o);
			continue;
		}
		ck_assert_int_eq(r, ENOMEM);
		ck_assert_ptr_null(o);
		failed++;
	} while (r != 0);
	ck_assert_uint_ge(failed, 3); /* it, its table, and the buckets */
	/* And it may lock again. */
	ck_assert_int_eq(lock_owner_get(&t, -1, &h, 1, 1, &o), 0);
	lock_owner_put(&t, o);
	lock_owner_drop(&t, 1, 1);
	lock_table_fini(&t);
	close(h.fd);
}
END_TEST

START_TEST(f51_client_nodes)
{
	struct client c = { .nodes = NULL };
	unsigned at = 0;
	int r;

	do {
		memory_fail(++at);
		r = client_ref(&c, 2);
		memory_fail(0);
		ck_assert(r == E_OK || r == E_NOMEM);
	} while (r != E_OK);
	ck_assert_uint_gt(at, 3);
	ck_assert_int_eq(client_ref(&c, 2), E_OK);
	ck_assert_int_eq(client_ref(&c, 3), E_OK);
	client_fini(&c);
}
END_TEST

static void
answer_cb(void *arg, void *user, uint32_t opcode, struct span m)
{
	(void)arg;
	(void)user;
	(void)opcode;
	(void)m;
}

static void
end_cb(void *arg, int r)
{
	(void)arg;
	(void)r;
}

static void
room_cb(void *arg)
{
	(void)arg;
}

/* An INIT, unanswered, and another one (of a capture of two mounts, say): what
 * was kept of the first is given back. */
START_TEST(f51_two_inits)
{
	static const struct channel_calls calls = { .reply = answer_cb,
		.end = end_cb,
		.room = room_cb };
	struct event_base *base = event_base_new();
	struct channel_conf conf = { .shape = { .kind = SHAPE_WHOLE,
					 .coalesce = 1 } };
	struct channel c;
	struct wire_buf b;
	struct span m;
	long before, after;
	int sv[2], i, r;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	wire_buf_init(&b);
	/* (What checks takes memory, too.) */
	before = blocks;
	r = channel_init(&c, base, sv[0], &conf, &calls, NULL);
	for (i = 1; i <= 2; i++) {
		wire_begin_request(&b, FUSE_OP_INIT, 2 * (uint64_t)i, 0);
		wire_put_u32(&b, 7);
		wire_put_u32(&b, 31);
		wire_put_zero(&b, 8);
		if (r == E_OK && (r = wire_end(&b, &m)) == E_OK)
			r = channel_ask(&c, m, NULL);
	}
	channel_fini(&c);
	wire_buf_fini(&b);
	after = blocks;
	ck_assert_int_eq(r, E_OK);
	ck_assert_int_eq(after, before);
	event_base_free(base);
	close(sv[1]);
}
END_TEST

static unsigned logged;

static void
log_count(int level, const char *line)
{
	(void)level;
	(void)line;
	logged++;
}

#define LIVE_KINDS 5

/* The traces that a run may be asked for. */
static void
live_opts(struct trace_opts *o, int which)
{
	trace_opts_init(o);
	o->output = "x.txt";
	o->lines = which == 1 || which == 2;
	o->json = which == 2;
	o->summary = which == 2;
	if (which == 3)
		o->capture.path = "x.pcap";
	if (which == 4)
		o->metrics = "unix:x.sock";
}

/* What can't be opened for want of memory is told. */
START_TEST(f51_trace_is_not_opened)
{
	char dir[] = "/tmp/check_memory.XXXXXX";
	struct event_base *base = event_base_new();
	struct trace_opts opts;
	unsigned at = 0, hits;
	struct live *live;
	int r;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	log_set_sink(log_count);
	do {
		live_opts(&opts, _i);
		logged = 0;
		memory_fail(++at);
		r = live_open(&live, &opts, base);
		hits = asked >= at;
		memory_fail(0);
		ck_assert_int_eq(r != E_OK, live == NULL);
		ck_assert_msg(r == E_OK || logged > 0,
		    "no memory at request %u, and not a word", at);
		live_close(live);
	} while (hits);
	ck_assert_uint_ge(at, 3);
	event_base_free(base);
	unlink("x.txt");
	unlink("x.pcap");
	unlink("x.sock");
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("memory");
	TCase *tc = tcase_create("memory");

	tcase_add_test(tc, f51_lock_owners);
	tcase_add_test(tc, f51_client_nodes);
	tcase_add_test(tc, f51_two_inits);
	tcase_add_loop_test(tc, f51_trace_is_not_opened, 0, LIVE_KINDS);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
