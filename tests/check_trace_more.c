/* SPDX-License-Identifier: ISC */
/* Messages with more data than a packet of a capture holds. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/suite.h"
#include "trace/capture.h"
#include "trace/reader.h"
#include "wire/build.h"
#include "wire/get.h"

#define DATA (1024u * 1024)
#define LARGE (WIRE_WRITE_HEAD + DATA)

static char dir[] = "/tmp/check_trace_more.XXXXXX", path[64];
static char why[READER_WHY_MAX];
static uint8_t large[LARGE], small[WIRE_REQ_HEADER];
static struct capture *capture;

static void
put(enum trace_kind kind, uint32_t session, const uint8_t *p, size_t len)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.session = session,
		.m = { p, len },
		.kept = (uint32_t)len };

	capture_sink(capture)->record(capture_sink(capture), &r);
}

/* Small, large, large, small. */
static void
write_capture(uint32_t snaplen, uint64_t rotate_size)
{
	struct capture_conf conf = { .path = path,
		.snaplen = snaplen,
		.rotate_size = rotate_size,
		.chunks = 1 };
	struct capture_result res;

	ck_assert_int_eq(capture_open(&capture, &conf), E_OK);
	put(TRACE_REQUEST, 1, small, sizeof(small));
	put(TRACE_REQUEST, 1, large, sizeof(large));
	put(TRACE_CHUNK, 1, small, 1u << 20);
	put(TRACE_REQUEST, 2, large, sizeof(large));
	put(TRACE_REQUEST, 1, small, sizeof(small));
	capture_close(capture, SUITE_PATIENCE_MS, &res);
	ck_assert_int_eq(res.error, 0);
	ck_assert_uint_eq(res.lost, 0);
	ck_assert_uint_eq(res.records, 5);
}

static struct reader *
open_capture(const char *name)
{
	FILE *f = fopen(name, "rb");
	struct reader *rd;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(reader_open(&rd, f, READER_CAPTURE, why), E_OK);
	return rd;
}

static void
must_be_large(const struct trace_record *r, uint32_t kept)
{
	ck_assert_int_eq(r->kind, TRACE_REQUEST);
	ck_assert_uint_eq(r->m.len, LARGE);
	ck_assert_uint_eq(r->kept, kept);
	ck_assert_int_eq(memcmp(r->m.p, large, kept), 0);
	/* What was left out reads as zeros. */
	ck_assert(
	    kept == LARGE || (r->m.p[kept] == 0 && r->m.p[LARGE - 1] == 0));
}

/* Bytes of data that are kept: none, as a packet has room for, one more,
 * two packets' worth, all. */
static const uint32_t snaplens[] = { 0, 262144 - 76 - WIRE_WRITE_HEAD,
	262144 - 76 - WIRE_WRITE_HEAD + 1, 2 * (262144 - 76), DATA - 1, DATA };

START_TEST(read_as_they_were)
{
	uint32_t kept = WIRE_WRITE_HEAD + snaplens[_i];
	uint64_t packets = (kept + 262144 - 76 - 1) / (262144 - 76);
	struct trace_record r;
	struct reader *rd;

	write_capture(snaplens[_i], 0);
	rd = open_capture(path);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	ck_assert_uint_eq(r.m.len, sizeof(small));
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	must_be_large(&r, kept);
	ck_assert_uint_eq(reader_number(rd), 2);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	ck_assert_int_eq(r.kind, TRACE_CHUNK);
	ck_assert_uint_eq(reader_number(rd), 2 + packets);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	must_be_large(&r, kept);
	ck_assert_uint_eq(r.session, 2);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	ck_assert_uint_eq(r.m.len, sizeof(small));
	ck_assert_int_eq(memcmp(r.m.p, small, sizeof(small)), 0);
	ck_assert_int_eq(reader_next(rd, &r, why), 0);
	reader_free(rd);
	unlink(path);
}
END_TEST

/* A file that ends within such a message. */
START_TEST(f28_read_as_far_as_they_go)
{
	struct trace_record r;
	struct reader *rd;

	write_capture(DATA, 0);
	ck_assert_int_eq(truncate(path, 600000), 0);
	rd = open_capture(path);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	must_be_large(&r, 2 * (262144 - 76));
	ck_assert_int_eq(reader_next(rd, &r, why), E_EOF);
	ck_assert_ptr_nonnull(strstr(why, "record at byte 5244"));
	reader_free(rd);
	unlink(path);
}
END_TEST

/* What was written at once may fit in part: what did is kept. */
START_TEST(f27_full_file_keeps_what_fits)
{
	struct capture_conf conf = { .path = path };
	struct rlimit few = { 24 + 5 * (16 + 76 + sizeof(small)) + (rlim_t)_i,
		RLIM_INFINITY };
	struct capture_result res;
	struct trace_record r;
	struct reader *rd;
	int i;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &few), 0);
	ck_assert_int_eq(capture_open(&capture, &conf), E_OK);
	for (i = 0; i < 100; i++)
		put(TRACE_REQUEST, 1, small, sizeof(small));
	capture_close(capture, SUITE_PATIENCE_MS, &res);
	ck_assert_int_eq(res.error, EFBIG);
	few.rlim_cur = few.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &few), 0);
	rd = open_capture(path);
	for (i = 0; i < 5; i++)
		ck_assert_int_eq(reader_next(rd, &r, why), 1);
	ck_assert_int_eq(reader_next(rd, &r, why), 0);
	reader_free(rd);
}
END_TEST

/* They are not divided among files. */
START_TEST(stay_in_one_file)
{
	struct trace_record r;
	struct reader *rd;
	char name[80];

	write_capture(DATA, 300000);
	rd = open_capture(path);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	must_be_large(&r, LARGE);
	ck_assert_int_eq(reader_next(rd, &r, why), 0);
	reader_free(rd);
	snprintf(name, sizeof(name), "%s.1", path);
	rd = open_capture(name);
	do { /* (what still waits is told again) */
		ck_assert_int_eq(reader_next(rd, &r, why), 1);
	} while (r.flags & TRACE_AGAIN);
	ck_assert_int_eq(r.kind, TRACE_CHUNK);
	ck_assert_int_eq(reader_next(rd, &r, why), 1);
	must_be_large(&r, LARGE);
	ck_assert_int_eq(reader_next(rd, &r, why), 0);
	reader_free(rd);
}
END_TEST

static void
setup(void)
{
	size_t i;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/capture", dir);
	for (i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 7 + i / 256 + 1) | 1;
	put_u32(large, sizeof(large), 0, LARGE);
	put_u32(large, sizeof(large), 4, FUSE_OP_WRITE);
	put_u32(large, sizeof(large), 56, DATA);
	put_u32(small, sizeof(small), 0, sizeof(small));
	put_u32(small, sizeof(small), 4, FUSE_OP_STATFS);
}

static void
teardown(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
}

int
main(void)
{
	Suite *suite = suite_create("trace-more");
	TCase *t = tcase_create("more");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, read_as_they_were, 0,
	    sizeof(snaplens) / sizeof(snaplens[0]));
	tcase_add_test(t, f28_read_as_far_as_they_go);
	tcase_add_loop_test(t, f27_full_file_keeps_what_fits, 0, 3);
	tcase_add_test(t, stay_in_one_file);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
