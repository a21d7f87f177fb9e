/* SPDX-License-Identifier: ISC */
/* Fronts that read directories in right and wrong ways. */
#include <check.h>
#include <string.h>

#include "tests/quirk_own.h"
#include "tests/suite.h"
#include "tests/talk.h"
#include "wire/get.h"

/*
 * A directory: `records` records of `size` bytes in each reply, the n-th
 * record has the offset (n + 1) * step, or for step 0 the sum of sizes.
 */
struct dir {
	uint64_t nodeid, fh, step;
	unsigned records;
	uint32_t opcode;
	uint64_t asked;	      /* where the daemon was asked to go on */
	uint64_t number;      /* of the next record */
	uint64_t size, total; /* of the last reply, of all */
};

#define RECORD 32u /* fuse_dirent and a name of up to 8 */

static uint64_t
dir_offset(const struct dir *d, uint64_t number)
{
	return d->step == 0 ? number * RECORD : number * d->step;
}

static uint64_t
dir_next(const struct dir *d)
{
	return dir_offset(d, d->number);
}

static void
dir_request(struct dir *d, uint64_t offset)
{
	wire_begin_request(&talk.buf, d->opcode, 4, d->nodeid);
	wire_put_u64(&talk.buf, d->fh);
	wire_put_u64(&talk.buf, offset);
	wire_put_u32(&talk.buf, 65536);
	wire_put_zero(&talk.buf, 20);
	talk_request();
	ck_assert_uint_eq(talk_word(40), d->fh);
	d->asked = talk_word(48);
}

static void
dir_reply(struct dir *d, unsigned records)
{
	uint8_t before[TALK_MAX];
	uint64_t n;
	unsigned i;
	size_t entry_size = 0;

	if (d->opcode == FUSE_OP_READDIRPLUS)
		entry_size = op_out_size(op_find(FUSE_OP_LOOKUP), talk.proto);
	wire_begin_reply(&talk.buf, 4, 0);
	n = d->step == 0 ? d->asked / RECORD : d->asked / d->step;
	for (i = 0; i < records; i++, n++) {
		wire_put_zero(&talk.buf, entry_size);
		wire_put_u64(&talk.buf, 9);
		wire_put_u64(&talk.buf, dir_offset(d, n + 1));
		wire_put_u32(&talk.buf, 8);
		wire_put_u32(&talk.buf, 8);
		wire_put_bytes(&talk.buf, "12345678", 8);
	}
	memcpy(before, talk.buf.p, talk.buf.len);
	ck_assert_int_eq(talk_reply(), 0);
	ck_assert_mem_eq(before + 4, talk.msg + 4, talk.len - 4);
	d->number = n;
	d->size = records * (entry_size + RECORD);
	d->total += d->size;
}

static void
dir_read(struct dir *d, uint64_t offset)
{
	dir_request(d, offset);
	if (offset == 0)
		d->total = 0;
	dir_reply(d, d->records);
}

static const struct dir some_dir = { .nodeid = 1,
	.fh = 5,
	.step = 1000000,
	.records = 4,
	.opcode = FUSE_OP_READDIR };

static uint64_t
send_last(const struct dir *d)
{
	return d->size;
}

static uint64_t
send_total(const struct dir *d)
{
	return d->total;
}

static uint64_t
send_right(const struct dir *d)
{
	return dir_next(d);
}

/* Read on and on as a front that sends this; the daemon must be asked for
 * the right place each time. */
static void
read_through(struct dir *d, uint64_t (*send)(const struct dir *d), int times)
{
	uint64_t want;

	dir_read(d, 0);
	ck_assert_uint_eq(d->asked, 0);
	while (times-- > 0) {
		want = dir_next(d);
		dir_read(d, send(d));
		ck_assert_uint_eq(d->asked, want);
	}
}

START_TEST(readdir_offset_sizes)
{
	static const uint32_t op[] = { FUSE_OP_READDIR, FUSE_OP_READDIRPLUS };
	struct dir d = some_dir;
	int i;

	for (i = 0; i < 4; i++) {
		quirks_init(&talk.q, TALK_ALL);
		d.opcode = op[i % 2];
		read_through(&d, i < 2 ? send_last : send_total, 50);
		ck_assert_uint_eq(talk.q.count[QUIRK_READDIR_OFFSET], 50);
		/* Again, and another directory. */
		read_through(&d, i < 2 ? send_last : send_total, 5);
		d.nodeid++;
		d.fh += 7;
		read_through(&d, i < 2 ? send_last : send_total, 5);
	}
	/* Replies of different size tell what the front means. */
	for (i = 0; i < 2; i++) {
		quirks_init(&talk.q, TALK_ALL);
		d = some_dir;
		d.records = 4;
		read_through(&d, i == 0 ? send_last : send_total, 1);
		d.records = 5;
		dir_read(&d, i == 0 ? d.size : d.total);
		ck_assert_uint_eq(d.asked, 8 * d.step);
		dir_read(&d, i == 0 ? d.size : d.total);
		ck_assert_uint_eq(d.asked, 13 * d.step);
		ck_assert_int_eq(quirk_own_offsets(&talk.q),
		    i == 0 ? OFFSETS_LAST : OFFSETS_TOTAL);
	}
}
END_TEST

/* A front that sends sums may go back to one that it has seen. */
START_TEST(readdir_offset_goes_back)
{
	struct dir d = some_dir;
	const uint64_t one = 4 * RECORD;

	read_through(&d, send_total, 5);
	dir_request(&d, 2 * one);
	ck_assert_uint_eq(d.asked, 8 * d.step);
	dir_reply(&d, 2);
	dir_request(&d, 2 * one + 2 * RECORD);
	ck_assert_uint_eq(d.asked, 10 * d.step);
	dir_reply(&d, 1);
	/* Never seen. */
	dir_request(&d, 12345);
	ck_assert_uint_eq(d.asked, 12345);
	dir_reply(&d, 0);
	dir_request(&d, 0);
	ck_assert_uint_eq(d.asked, 0);
}
END_TEST

/* A front that is right is left alone, whatever the offsets look like. */
START_TEST(readdir_offset_right)
{
	static const uint64_t step[] = { 0, 1, 2, 8, RECORD, 4 * RECORD,
		4 * RECORD / 3, 1000000, 1ull << 60 };
	struct dir d = some_dir;
	uint64_t i;

	for (i = 1; i < 9; i++) {
		d.step = step[_i];
		d.records = (unsigned)i;
		quirks_init(&talk.q, TALK_ALL);
		read_through(&d, send_right, 40);
		read_through(&d, send_right, 3);
		ck_assert_uint_eq(talk.q.count[QUIRK_READDIR_OFFSET], 0);
		if (d.step == 0) /* nobody can tell */
			ck_assert_int_eq(quirk_own_offsets(&talk.q),
			    OFFSETS_UNKNOWN);
		/* Back to anything that was given. */
		dir_read(&d, dir_offset(&d, 1));
		ck_assert_uint_eq(d.asked, dir_offset(&d, 1));
		dir_read(&d, dir_offset(&d, i));
		ck_assert_uint_eq(d.asked, dir_offset(&d, i));
	}
}
END_TEST

/* The front takes a part of a reply and goes on from there, at an offset
 * that is the size as well. */
START_TEST(readdir_offset_in_doubt)
{
	struct dir d = some_dir;

	d.step = 4 * RECORD; /* the first record's offset is the size */
	dir_read(&d, 0);
	dir_read(&d, d.step);
	ck_assert_uint_eq(d.asked, d.step);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_UNKNOWN);
	/* So may be what an earlier reply has given. */
	d.step = RECORD / 2;
	quirks_init(&talk.q, TALK_ALL);
	d.records = 40;
	dir_read(&d, 0);
	d.records = 2;
	dir_read(&d, dir_next(&d));
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_RIGHT);
	quirk_own_forget_offsets(&talk.q);
	dir_read(&d, 2 * RECORD);
	ck_assert_uint_eq(d.asked, 2 * RECORD);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_UNKNOWN);
}
END_TEST

/* In doubt about the second reply: its size, or the sum, is one of its
 * offsets or may be an earlier one. */
START_TEST(readdir_offset_in_doubt_later)
{
	static const struct {
		uint64_t step;
		unsigned first, second;
		uint64_t x;
	} row[] = {
		{ 64, 1, 4, 4 * RECORD },    /* size: in this reply */
		{ 64, 3, 5, 8 * RECORD },    /* sum: in this reply */
		{ 100, 40, 2, 2 * RECORD },  /* size: in the first? */
		{ 100, 40, 2, 42 * RECORD }, /* sum: in the first? */
	};
	struct dir d = some_dir;

	d.step = row[_i].step;
	d.records = row[_i].first;
	dir_read(&d, 0);
	d.records = row[_i].second;
	dir_read(&d, dir_next(&d));
	quirk_own_forget_offsets(&talk.q);
	ck_assert(row[_i].x == d.size || row[_i].x == d.total);
	dir_request(&d, row[_i].x);
	ck_assert_uint_eq(d.asked, row[_i].x);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_UNKNOWN);
}
END_TEST

/* Sums and sizes are told apart when they can be. */
START_TEST(readdir_offset_which)
{
	const uint64_t one = 4 * RECORD;
	struct dir d = some_dir;

	/* The size of the last reply, or the sum up to the first. */
	read_through(&d, send_last, 2);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_SIZES);
	dir_read(&d, d.total);
	ck_assert_uint_eq(d.asked, 12 * d.step);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_TOTAL);
	/* Now it is the sum up to the first. */
	dir_request(&d, one);
	ck_assert_uint_eq(d.asked, 4 * d.step);
	/* Who sends the last size knows no sums. */
	quirks_init(&talk.q, TALK_ALL);
	read_through(&d, send_last, 1);
	d.records = 5;
	dir_read(&d, one);
	dir_read(&d, d.size);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_LAST);
	dir_request(&d, d.total);
	ck_assert_uint_eq(d.asked, d.total);
	dir_request(&d, one);
	ck_assert_uint_eq(d.asked, one);
	/* A sum that is the last record's offset as well. */
	quirks_init(&talk.q, TALK_ALL);
	d = some_dir;
	d.step = RECORD / 2;
	read_through(&d, send_total, 3);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_TOTAL);
	ck_assert_uint_eq(dir_next(&d), 2 * one);
	dir_request(&d, 2 * one);
	ck_assert_uint_eq(d.asked, 8 * d.step);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_TOTAL);
	/* Read twice from the beginning: the first time is forgotten. */
	quirks_init(&talk.q, TALK_ALL);
	d.step = 100;
	dir_read(&d, 0);
	dir_read(&d, 0);
	dir_request(&d, d.size);
	ck_assert_uint_eq(d.asked, dir_next(&d));
}
END_TEST

/* Once the front was right it is trusted; once it was wrong it may still
 * turn out to be right. */
START_TEST(readdir_offset_learns)
{
	struct dir d = some_dir;

	read_through(&d, send_right, 1);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_RIGHT);
	dir_request(&d, d.size);
	ck_assert_uint_eq(d.asked, d.size);
	quirks_init(&talk.q, TALK_ALL);
	read_through(&d, send_last, 1);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_SIZES);
	read_through(&d, send_right, 3);
	ck_assert_int_eq(quirk_own_offsets(&talk.q), OFFSETS_RIGHT);
}
END_TEST

START_TEST(readdir_offset_forgets)
{
	struct dir d = some_dir, other;
	unsigned i, found = 0;

	read_through(&d, send_last, 3);
	/* Another handle or node is another directory. */
	other = d;
	other.fh++;
	dir_request(&other, d.size);
	ck_assert_uint_eq(other.asked, d.size);
	other = d;
	other.nodeid++;
	dir_request(&other, d.size);
	ck_assert_uint_eq(other.asked, d.size);
	/* Its end... */
	wire_begin_request(&talk.buf, FUSE_OP_RELEASEDIR, 4, d.nodeid);
	wire_put_u64(&talk.buf, d.fh);
	wire_put_zero(&talk.buf, 16);
	ck_assert_int_eq(talk_request(), 0);
	dir_request(&d, d.size);
	ck_assert_uint_eq(d.asked, d.size);
	/* ...and a new one of that number. */
	read_through(&d, send_last, 3);
	ck_assert_uint_eq(talk_open_gives(FUSE_OP_OPENDIR, d.fh), d.fh);
	dir_request(&d, d.size);
	ck_assert_uint_eq(d.asked, d.size);
	ck_assert_uint_eq(quirk_own_dirs(&talk.q), 0);
	/* Of too many, the last ones are known. */
	for (i = 0; i < 3 * QUIRK_DIRS; i++) {
		d.fh = 100 + i;
		dir_read(&d, 0);
	}
	for (i = 0; i < 3 * QUIRK_DIRS; i++) {
		d.fh = 100 + i;
		dir_request(&d, d.size);
		found += d.asked == dir_next(&d);
		ck_assert(d.asked == d.size || i >= 2 * QUIRK_DIRS);
	}
	ck_assert_uint_eq(found, QUIRK_DIRS);
	/* Not the first, but the one not used for longest goes. */
	quirks_init(&talk.q, TALK_ALL);
	for (i = 0; i < QUIRK_DIRS + 1; i++) {
		d.fh = i;
		dir_read(&d, 0);
		d.fh = 0;
		dir_read(&d, d.size);
		ck_assert_uint_eq(d.asked, (i + 1) * 4 * d.step);
	}
}
END_TEST

/* An empty reply is the end, and changes nothing; offset 0 is no place. */
START_TEST(readdir_offset_ends)
{
	struct dir d = some_dir;
	uint64_t size;

	read_through(&d, send_last, 2);
	size = d.size;
	dir_request(&d, size);
	dir_reply(&d, 0);
	dir_request(&d, size);
	ck_assert_uint_eq(d.asked, 12 * d.step);
	dir_reply(&d, 1);
	quirks_init(&talk.q, TALK_ALL);
	d = some_dir;
	d.step = 1u << 20;
	dir_request(&d, 0);
	d.asked = (uint64_t)-4 * d.step; /* wraps to 0 */
	dir_reply(&d, 4);
	dir_request(&d, 4 * RECORD);
	ck_assert_uint_eq(d.asked, 4 * RECORD);
}
END_TEST

/* Through all quirks at once: fh 0 and a wrong offset. */
START_TEST(quirks_go_together)
{
	struct dir d = some_dir;

	d.fh = UINT64_MAX;
	ck_assert_uint_eq(talk_open_gives(FUSE_OP_OPENDIR, 0), UINT64_MAX);
	wire_begin_request(&talk.buf, FUSE_OP_READDIR, 4, 1);
	wire_put_u64(&talk.buf, UINT64_MAX);
	wire_put_zero(&talk.buf, 32);
	ck_assert_int_eq(talk_request(), 1);
	dir_reply(&d, 4);
	wire_begin_request(&talk.buf, FUSE_OP_READDIR, 4, 1);
	wire_put_u64(&talk.buf, UINT64_MAX);
	wire_put_u64(&talk.buf, 4 * RECORD);
	wire_put_zero(&talk.buf, 24);
	ck_assert_int_eq(talk_request(), 1);
	ck_assert_uint_eq(talk_word(40), 0);
	ck_assert_uint_eq(talk_word(48), 4 * d.step);
	ck_assert_uint_eq(talk.q.count[QUIRK_NONZERO_FH], 3);
	/* A new directory with the same handle, as the daemon knows it. */
	ck_assert_uint_eq(talk_open_gives(FUSE_OP_OPENDIR, 0), UINT64_MAX);
	ck_assert_uint_eq(quirk_own_dirs(&talk.q), 0);
	ck_assert_uint_eq(talk.q.count[QUIRK_READDIR_OFFSET], 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("quirk_readdir");
	TCase *tc = tcase_create("each");

	tcase_add_checked_fixture(tc, talk_open, talk_close);
	tcase_add_test(tc, readdir_offset_sizes);
	tcase_add_test(tc, readdir_offset_goes_back);
	tcase_add_loop_test(tc, readdir_offset_right, 0, 9);
	tcase_add_test(tc, readdir_offset_in_doubt);
	tcase_add_loop_test(tc, readdir_offset_in_doubt_later, 0, 4);
	tcase_add_test(tc, readdir_offset_which);
	tcase_add_test(tc, readdir_offset_learns);
	tcase_add_test(tc, readdir_offset_forgets);
	tcase_add_test(tc, readdir_offset_ends);
	tcase_add_test(tc, quirks_go_together);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
