/* SPDX-License-Identifier: ISC */
/* READs and WRITEs that are too large for one message: sizes, faults,
 * offsets. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "parts.h"
#include "tests/suite.h"

static const uint32_t sizes[] = { PART + 1, 2 * PART, 4 * MIB - 1, 4 * MIB,
	DEVPAIR_CEILING, DEVPAIR_CEILING + 1, LARGEST };
#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))

START_TEST(f8_write_of_any_size)
{
	uint32_t size = sizes[_i];
	uint8_t *data = malloc(size);

	parts_fill(data, size, size);
	parts_ask(4, 5, size, data);
	parts_serve();
	parts_expect_written(4, size);
	parts_expect_clean();
	ck_assert_int_eq(memcmp(fs.file + 5, data, size), 0);
	ck_assert_uint_eq(fs.parts, (size + PART - 1) / PART);
	ck_assert_uint_eq(session_stats(bed.s)->divided, 1);
	ck_assert_uint_eq(session_stats(bed.s)->parts, fs.parts);
	ck_assert_uint_eq(session_stats(bed.s)->requests, 2);
	free(data);
}
END_TEST

START_TEST(f8_read_of_any_size)
{
	uint32_t size = sizes[_i];

	parts_fill(fs.file, size, size);
	parts_ask(4, 0, size, NULL);
	parts_serve();
	parts_expect_read(4, fs.file, size);
	parts_expect_clean();
	ck_assert_uint_eq(fs.parts, (size + PART - 1) / PART);
}
END_TEST

/* What fits goes as it came, under its own number. */
START_TEST(what_fits_is_not_split)
{
	uint8_t *data = calloc(1, PART);

	parts_ask(4, 0, PART, data);
	ck_assert_int_eq(parts_serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 4);
	parts_expect_written(4, PART);
	parts_ask(6, 0, PART, NULL);
	ck_assert_int_eq(parts_serve_one(), 1);
	ck_assert_uint_eq(fs.unique, 6);
	parts_expect_read(6, fs.file, PART);
	parts_ask(8, 0, PART + 1, NULL);
	ck_assert_int_eq(parts_serve_one(), 1);
	ck_assert_uint_ge(fs.unique, SESSION_OWN_UNIQUE);
	ck_assert_uint_eq(fs.unique & 1, 0);
	ck_assert_uint_eq(fs.unique >> 63, 0);
	ck_assert_int_eq(parts_serve_one(), 1);
	parts_expect_read(8, fs.file, PART + 1);
	parts_expect_clean();
	free(data);
}
END_TEST

/* Part _i fails: what came before it counts. */
START_TEST(f8_error_in_a_part)
{
	uint32_t n = (uint32_t)_i;
	uint8_t *data = malloc(FAULTS * PART);

	parts_fill(data, FAULTS * PART, 3);
	fs.at = n;
	fs.error = ENOSPC;
	parts_ask(4, 0, FAULTS * PART, data);
	parts_serve();
	if (n == 0)
		bed_expect_answer(4, -ENOSPC);
	else
		parts_expect_written(4, n * PART);
	ck_assert_uint_eq(fs.parts, n + 1);
	fs.parts = 0;
	parts_ask(6, 0, FAULTS * PART, NULL);
	parts_serve();
	if (n == 0)
		bed_expect_answer(6, -ENOSPC);
	else
		parts_expect_read(6, data, n * PART);
	ck_assert_uint_eq(fs.parts, n + 1);
	parts_expect_clean();
	free(data);
}
END_TEST

START_TEST(f8_short_part_is_the_last)
{
	uint32_t n = (uint32_t)_i, less;
	uint8_t *data = malloc(FAULTS * PART);

	parts_fill(data, FAULTS * PART, 4);
	for (less = 1; less <= PART; less += PART - 1) {
		fs.at = n;
		fs.less = (int)less;
		fs.parts = 0;
		parts_ask(4, 0, FAULTS * PART, data);
		parts_serve();
		parts_expect_written(4, (n + 1) * PART - less);
		ck_assert_uint_eq(fs.parts, n + 1);
		memcpy(fs.file, data, FAULTS * PART);
		fs.parts = 0;
		parts_ask(6, 0, FAULTS * PART, NULL);
		parts_serve();
		parts_expect_read(6, data, (n + 1) * PART - less);
		ck_assert_uint_eq(fs.parts, n + 1);
	}
	parts_expect_clean();
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
	parts_ask(4, 0, FAULTS * PART, data);
	parts_serve();
	if (n == 0)
		bed_expect_answer(4, -EIO);
	else
		parts_expect_written(4, n * PART);
	ck_assert_uint_eq(session_stats(bed.s)->repaired, 1);
	ck_assert_int_eq(bed_logged("bad reply to a part of WRITE unique=4"),
	    1);
	parts_expect_clean();
	free(data);
}
END_TEST

START_TEST(part_that_says_too_much)
{
	uint32_t out[2] = { PART + 1, 0 };

	fs.at = 0;
	fs.silent = 1;
	parts_ask(4, 0, 2 * PART, fs.file);
	ck_assert_int_eq(parts_serve_one(), 1);
	bed_reply(fs.unique, 0, out, sizeof(out));
	bed_expect_answer(4, -EIO);
	parts_ask(6, 0, 2 * PART, NULL);
	fs.at = fs.parts;
	ck_assert_int_eq(parts_serve_one(), 1);
	bed_reply(fs.unique, 0, fs.file, PART + 1);
	bed_expect_answer(6, -EIO);
	parts_expect_clean();
}
END_TEST

START_TEST(offsets_at_the_end)
{
	fs.base = (uint64_t)INT64_MAX - PART;
	parts_ask(4, fs.base, 3 * PART, fs.file);
	parts_serve();
	parts_expect_written(4, 2 * PART);
	ck_assert_uint_eq(fs.parts, 2);
	fs.parts = 0;
	fs.base = (uint64_t)INT64_MAX + 1 - PART;
	parts_ask(6, fs.base, 3 * PART, NULL);
	parts_serve();
	parts_expect_read(6, fs.file, PART);
	ck_assert_uint_eq(fs.parts, 1);
	/* What the front itself asks for is the daemon's to judge. */
	fs.parts = 0;
	fs.base = UINT64_MAX;
	parts_ask(8, fs.base, 3 * PART, fs.file);
	parts_serve();
	parts_expect_written(8, PART);
	ck_assert_uint_eq(fs.parts, 1);
	parts_expect_clean();
}
END_TEST

/* A front whose numbers are in our range. */
START_TEST(malformed_is_not_split)
{
	uint32_t body[20] = { 0 };

	body[4] = 3 * PART; /* the size of the data */
	bed_request(FUSE_OP_WRITE, 4, body, sizeof(body));
	ck_assert_uint_eq(bed_recv(fs.buf, 1000), 40 + sizeof(body));
	bed_reply(4, -EINVAL, NULL, 0);
	bed_expect_answer(4, -EINVAL);
	bed_request(FUSE_OP_WRITE, 6, fs.file, 5 * PART);
	bed_expect_answer(6, -EIO);
	ck_assert_uint_eq(session_stats(bed.s)->divided, 0);
	parts_expect_clean();
}
END_TEST

START_TEST(read_of_too_much)
{
	parts_ask(4, 0, LARGEST + 1, NULL);
	bed_expect_answer(4, -EIO);
	parts_ask(6, 0, UINT32_MAX, NULL);
	bed_expect_answer(6, -EIO);
	ck_assert_uint_eq(session_stats(bed.s)->refused, 2);
	ck_assert_int_eq(bed_logged("can't be split"), 2);
	parts_expect_clean();
}
END_TEST

static void
add(TCase *tc, int dgram)
{
	(void)dgram;
	tcase_add_loop_test(tc, f8_write_of_any_size, 0, SIZES);
	tcase_add_loop_test(tc, f8_read_of_any_size, 0, SIZES);
	tcase_add_test(tc, what_fits_is_not_split);
	tcase_add_loop_test(tc, f8_error_in_a_part, 0, FAULTS);
	tcase_add_loop_test(tc, f8_short_part_is_the_last, 0, FAULTS);
	tcase_add_loop_test(tc, bad_reply_to_a_part, 0, FAULTS);
	tcase_add_test(tc, part_that_says_too_much);
	tcase_add_test(tc, offsets_at_the_end);
	tcase_add_test(tc, read_of_too_much);
	tcase_add_test(tc, malformed_is_not_split);
}

int
main(void)
{
	Suite *s = suite_create("split");

	bed_transports(s, parts_open, parts_open_dgram, parts_close, add);
	return suite_run(s);
}
