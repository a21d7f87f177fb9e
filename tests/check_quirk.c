/* SPDX-License-Identifier: ISC */
/* The quirks: each by itself, and what holds for all of them on messages of
 * every kind. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "quirk/quirk.h"
#include "tests/wire_samples.h"
#include "wire/check.h"
#include "wire/dirent.h"
#include "wire/get.h"

#define ALL (~0u)
#define MSG_MAX 16384

static struct quirks q;
static struct quirk_call call;
static struct wire_buf buf;
static uint8_t msg[MSG_MAX];
static size_t msg_len;
static const struct wire_proto *proto = &proto_linux;
static uint64_t rng;

static void
setup(void)
{
	wire_buf_init(&buf);
	quirks_init(&q, ALL);
	proto = &proto_linux;
}

static void
teardown(void)
{
	wire_buf_fini(&buf);
}

/* xorshift64*, as published by Vigna. */
static uint64_t
next_random(void)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return rng * UINT64_C(2685821657736338717);
}

static struct span
message(void)
{
	return (struct span){ msg, msg_len };
}

static void
take(void)
{
	struct span m;

	ck_assert_int_eq(wire_end(&buf, &m), E_OK);
	ck_assert_uint_le(m.len, MSG_MAX);
	memcpy(msg, m.p, m.len);
	msg_len = m.len;
}

/* Through the quirks; what `call` then holds is for its reply. */
static int
request(void)
{
	take();
	return quirks_request(&q, proto, op_find(get_u32(message(), 4)), msg,
	    msg_len, &call);
}

static int
reply(void)
{
	take();
	return quirks_reply(&q, proto, &call, msg, &msg_len);
}

/* The handle of a message at `at`. */
static uint64_t
word(size_t at)
{
	return get_u64(message(), at);
}

static int
ask_lookup(void)
{
	wire_begin_request(&buf, FUSE_OP_LOOKUP, 4, 1);
	wire_put_name(&buf, "name");
	return request();
}

static void
entry(uint64_t nodeid, uint64_t ino)
{
	wire_put_u64(&buf, nodeid);
	wire_put_zero(&buf, 32);
	wire_put_u64(&buf, ino);
	wire_put_zero(&buf, op_out_size(op_find(FUSE_OP_LOOKUP), proto) - 48);
}

START_TEST(lookup_ino0)
{
	ck_assert_int_eq(ask_lookup(), 0);
	wire_begin_reply(&buf, 4, 0);
	entry(0, 0);
	ck_assert_int_eq(reply(), 1);
	ck_assert_uint_eq(msg_len, 16);
	ck_assert_uint_eq(get_u32(message(), 0), 16);
	ck_assert_int_eq(get_i32(message(), 4), -ENOENT);
	ck_assert_uint_eq(word(8), 4);
	/* A node without an inode number is a node. */
	wire_begin_reply(&buf, 4, 0);
	entry(5, 0);
	ck_assert_int_eq(reply(), 0);
	/* An error stays that error. */
	wire_begin_reply(&buf, 4, -EACCES);
	ck_assert_int_eq(reply(), 0);
	ck_assert_int_eq(get_i32(message(), 4), -EACCES);
	/* In other entries 0 means something else, or is a fault. */
	wire_begin_request(&buf, FUSE_OP_MKDIR, 4, 1);
	wire_put_zero(&buf, 8);
	wire_put_name(&buf, "name");
	ck_assert_int_eq(request(), 0);
	wire_begin_reply(&buf, 4, 0);
	entry(0, 0);
	ck_assert_int_eq(reply(), 0);
	ck_assert_uint_eq(q.count[QUIRK_LOOKUP_INO0], 1);
}
END_TEST

/* OPEN is answered with fh: what the front gets. */
static uint64_t
open_gives(uint32_t opcode, uint64_t fh)
{
	const struct op *op = op_find(opcode);
	size_t at = op_out_fh(op, proto);

	wire_begin_request(&buf, opcode, 4, 1);
	wire_put_zero(&buf, op_in_size(op, proto));
	if (opcode == FUSE_OP_CREATE || opcode == FUSE_OP_TMPFILE)
		wire_put_name(&buf, "name");
	ck_assert_int_eq(request(), 0);
	wire_begin_reply(&buf, 4, 0);
	wire_put_zero(&buf, at - WIRE_REP_HEADER);
	wire_put_u64(&buf, fh);
	wire_put_zero(&buf, 8);
	reply();
	return word(at);
}

/* The front reads with fh: what the daemon gets. */
static uint64_t
read_asks(uint64_t fh)
{
	wire_begin_request(&buf, FUSE_OP_READ, 6, 1);
	wire_put_u64(&buf, fh);
	wire_put_zero(&buf, 32);
	request();
	return word(40);
}

static const uint32_t openers[] = { FUSE_OP_OPEN, FUSE_OP_OPENDIR,
	FUSE_OP_CREATE, FUSE_OP_TMPFILE };
static const struct wire_proto *const protos[] = { &proto_linux,
	&proto_linux_ext, &proto_linux_old, &proto_darwin, &proto_darwin_old,
	&proto_darwin3 };
#define PROTOS 6

START_TEST(nonzero_fh_given)
{
	size_t i;

	proto = protos[_i];
	for (i = 0; i < 4; i++) {
		if (op_out_fh(op_find(openers[i]), proto) == 0)
			continue;
		quirks_init(&q, ALL);
		ck_assert_uint_eq(open_gives(openers[i], 7), 7);
		ck_assert_uint_eq(q.count[QUIRK_NONZERO_FH], 0);
		ck_assert_uint_eq(open_gives(openers[i], 0), UINT64_MAX);
		ck_assert_uint_eq(q.count[QUIRK_NONZERO_FH], 1);
		ck_assert_uint_eq(read_asks(UINT64_MAX), 0);
		ck_assert_uint_eq(read_asks(7), 7);
		/* Nothing that was given: stands for no handle. */
		ck_assert_uint_eq(read_asks(0), 0);
		ck_assert_uint_eq(open_gives(openers[i], UINT64_MAX), 0);
		ck_assert_uint_eq(read_asks(0), UINT64_MAX);
		ck_assert_uint_eq(read_asks(UINT64_MAX), 0);
	}
}
END_TEST

/* Every request that carries a handle; conditions of its flags too. */
START_TEST(nonzero_fh_everywhere)
{
	const struct sample *s;
	struct span m;
	unsigned seen = 0;
	size_t i, at;
	int nth;

	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		if (s->kind != SAMPLE_REQUEST)
			continue;
		proto = s->proto;
		for (nth = 0; nth < 2; nth++) {
			m = sample_build(&buf, s);
			at = op_in_fh(op_find(s->opcode), proto, m, nth);
			if (at == 0)
				continue;
			quirks_init(&q, 1u << QUIRK_NONZERO_FH);
			put_u64(buf.p, buf.len, at, UINT64_MAX);
			ck_assert_int_eq(request(), 1);
			ck_assert_uint_eq(word(at), 0);
			seen++;
		}
	}
	ck_assert_uint_ge(seen, 20);
	/* Without its flag, GETATTR's and SETATTR's word is no handle. */
	proto = &proto_linux;
	for (i = 0; i < 2; i++) {
		wire_begin_request(&buf, i == 0 ? FUSE_OP_GETATTR :
		    FUSE_OP_SETATTR, 4, 1);
		wire_put_u64(&buf, 0);
		wire_put_u64(&buf, UINT64_MAX);
		wire_put_zero(&buf, i == 0 ? 0 : 72);
		ck_assert_int_eq(request(), 0);
		ck_assert_uint_eq(word(48), UINT64_MAX);
	}
	/* Both of COPY_FILE_RANGE. */
	quirks_init(&q, ALL);
	wire_begin_request(&buf, FUSE_OP_COPY_FILE_RANGE, 4, 1);
	wire_put_u64(&buf, UINT64_MAX);
	wire_put_zero(&buf, 16);
	wire_put_u64(&buf, UINT64_MAX);
	wire_put_zero(&buf, 24);
	ck_assert_int_eq(request(), 1);
	ck_assert_uint_eq(word(40), 0);
	ck_assert_uint_eq(word(64), 0);
	ck_assert_uint_eq(q.count[QUIRK_NONZERO_FH], 1);
}
END_TEST

/*
 * A directory: `records` records of `size` bytes in each reply, the n-th
 * record has the offset (n + 1) * step, or for step 0 the sum of sizes.
 */
struct dir {
	uint64_t nodeid, fh, step;
	unsigned records;
	uint32_t opcode;
	uint64_t asked;		/* where the daemon was asked to go on */
	uint64_t number;	/* of the next record */
	uint64_t size, total;	/* of the last reply, of all */
};

#define RECORD 32u		/* fuse_dirent and a name of up to 8 */

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
	wire_begin_request(&buf, d->opcode, 4, d->nodeid);
	wire_put_u64(&buf, d->fh);
	wire_put_u64(&buf, offset);
	wire_put_u32(&buf, 65536);
	wire_put_zero(&buf, 20);
	request();
	ck_assert_uint_eq(word(40), d->fh);
	d->asked = word(48);
}

static void
dir_reply(struct dir *d, unsigned records)
{
	uint8_t before[MSG_MAX];
	uint64_t n;
	unsigned i;
	size_t entry_size = 0;

	if (d->opcode == FUSE_OP_READDIRPLUS)
		entry_size = op_out_size(op_find(FUSE_OP_LOOKUP), proto);
	wire_begin_reply(&buf, 4, 0);
	n = d->step == 0 ? d->asked / RECORD : d->asked / d->step;
	for (i = 0; i < records; i++, n++) {
		wire_put_zero(&buf, entry_size);
		wire_put_u64(&buf, 9);
		wire_put_u64(&buf, dir_offset(d, n + 1));
		wire_put_u32(&buf, 8);
		wire_put_u32(&buf, 8);
		wire_put_bytes(&buf, "12345678", 8);
	}
	memcpy(before, buf.p, buf.len);
	ck_assert_int_eq(reply(), 0);
	ck_assert_mem_eq(before + 4, msg + 4, msg_len - 4);
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

static const struct dir some_dir = { .nodeid = 1, .fh = 5, .step = 1000000,
	.records = 4, .opcode = FUSE_OP_READDIR };

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
		quirks_init(&q, ALL);
		d.opcode = op[i % 2];
		read_through(&d, i < 2 ? send_last : send_total, 50);
		ck_assert_uint_eq(q.count[QUIRK_READDIR_OFFSET], 50);
		/* Again, and another directory. */
		read_through(&d, i < 2 ? send_last : send_total, 5);
		d.nodeid++;
		d.fh += 7;
		read_through(&d, i < 2 ? send_last : send_total, 5);
	}
	/* Replies of different size tell what the front means. */
	for (i = 0; i < 2; i++) {
		quirks_init(&q, ALL);
		d = some_dir;
		d.records = 4;
		read_through(&d, i == 0 ? send_last : send_total, 1);
		d.records = 5;
		dir_read(&d, i == 0 ? d.size : d.total);
		ck_assert_uint_eq(d.asked, 8 * d.step);
		dir_read(&d, i == 0 ? d.size : d.total);
		ck_assert_uint_eq(d.asked, 13 * d.step);
		ck_assert_int_eq(q.offsets, i == 0 ? OFFSETS_LAST :
		    OFFSETS_TOTAL);
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
		quirks_init(&q, ALL);
		read_through(&d, send_right, 40);
		read_through(&d, send_right, 3);
		ck_assert_uint_eq(q.count[QUIRK_READDIR_OFFSET], 0);
		if (d.step == 0)	/* nobody can tell */
			ck_assert_int_eq(q.offsets, OFFSETS_UNKNOWN);
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

	d.step = 4 * RECORD;	/* the first record's offset is the size */
	dir_read(&d, 0);
	dir_read(&d, d.step);
	ck_assert_uint_eq(d.asked, d.step);
	ck_assert_int_eq(q.offsets, OFFSETS_UNKNOWN);
	/* So may be what an earlier reply has given. */
	d.step = RECORD / 2;
	quirks_init(&q, ALL);
	d.records = 40;
	dir_read(&d, 0);
	d.records = 2;
	dir_read(&d, dir_next(&d));
	ck_assert_int_eq(q.offsets, OFFSETS_RIGHT);
	q.offsets = OFFSETS_UNKNOWN;
	dir_read(&d, 2 * RECORD);
	ck_assert_uint_eq(d.asked, 2 * RECORD);
	ck_assert_int_eq(q.offsets, OFFSETS_UNKNOWN);
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
		{ 64, 1, 4, 4 * RECORD },	/* size: in this reply */
		{ 64, 3, 5, 8 * RECORD },	/* sum: in this reply */
		{ 100, 40, 2, 2 * RECORD },	/* size: in the first? */
		{ 100, 40, 2, 42 * RECORD },	/* sum: in the first? */
	};
	struct dir d = some_dir;

	d.step = row[_i].step;
	d.records = row[_i].first;
	dir_read(&d, 0);
	d.records = row[_i].second;
	dir_read(&d, dir_next(&d));
	q.offsets = OFFSETS_UNKNOWN;
	ck_assert(row[_i].x == d.size || row[_i].x == d.total);
	dir_request(&d, row[_i].x);
	ck_assert_uint_eq(d.asked, row[_i].x);
	ck_assert_int_eq(q.offsets, OFFSETS_UNKNOWN);
}
END_TEST

/* Sums and sizes are told apart when they can be. */
START_TEST(readdir_offset_which)
{
	const uint64_t one = 4 * RECORD;
	struct dir d = some_dir;

	/* The size of the last reply, or the sum up to the first. */
	read_through(&d, send_last, 2);
	ck_assert_int_eq(q.offsets, OFFSETS_SIZES);
	dir_read(&d, d.total);
	ck_assert_uint_eq(d.asked, 12 * d.step);
	ck_assert_int_eq(q.offsets, OFFSETS_TOTAL);
	/* Now it is the sum up to the first. */
	dir_request(&d, one);
	ck_assert_uint_eq(d.asked, 4 * d.step);
	/* Who sends the last size knows no sums. */
	quirks_init(&q, ALL);
	read_through(&d, send_last, 1);
	d.records = 5;
	dir_read(&d, one);
	dir_read(&d, d.size);
	ck_assert_int_eq(q.offsets, OFFSETS_LAST);
	dir_request(&d, d.total);
	ck_assert_uint_eq(d.asked, d.total);
	dir_request(&d, one);
	ck_assert_uint_eq(d.asked, one);
	/* A sum that is the last record's offset as well. */
	quirks_init(&q, ALL);
	d = some_dir;
	d.step = RECORD / 2;
	read_through(&d, send_total, 3);
	ck_assert_int_eq(q.offsets, OFFSETS_TOTAL);
	ck_assert_uint_eq(dir_next(&d), 2 * one);
	dir_request(&d, 2 * one);
	ck_assert_uint_eq(d.asked, 8 * d.step);
	ck_assert_int_eq(q.offsets, OFFSETS_TOTAL);
	/* Read twice from the beginning: the first time is forgotten. */
	quirks_init(&q, ALL);
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
	ck_assert_int_eq(q.offsets, OFFSETS_RIGHT);
	dir_request(&d, d.size);
	ck_assert_uint_eq(d.asked, d.size);
	quirks_init(&q, ALL);
	read_through(&d, send_last, 1);
	ck_assert_int_eq(q.offsets, OFFSETS_SIZES);
	read_through(&d, send_right, 3);
	ck_assert_int_eq(q.offsets, OFFSETS_RIGHT);
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
	wire_begin_request(&buf, FUSE_OP_RELEASEDIR, 4, d.nodeid);
	wire_put_u64(&buf, d.fh);
	wire_put_zero(&buf, 16);
	ck_assert_int_eq(request(), 0);
	dir_request(&d, d.size);
	ck_assert_uint_eq(d.asked, d.size);
	/* ...and a new one of that number. */
	read_through(&d, send_last, 3);
	ck_assert_uint_eq(open_gives(FUSE_OP_OPENDIR, d.fh), d.fh);
	dir_request(&d, d.size);
	ck_assert_uint_eq(d.asked, d.size);
	for (i = 0; i < QUIRK_DIRS; i++)
		ck_assert_uint_eq(q.dir[i].used, 0);
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
	quirks_init(&q, ALL);
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
	quirks_init(&q, ALL);
	d = some_dir;
	d.step = 1u << 20;
	dir_request(&d, 0);
	d.asked = (uint64_t)-4 * d.step;	/* wraps to 0 */
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
	ck_assert_uint_eq(open_gives(FUSE_OP_OPENDIR, 0), UINT64_MAX);
	wire_begin_request(&buf, FUSE_OP_READDIR, 4, 1);
	wire_put_u64(&buf, UINT64_MAX);
	wire_put_zero(&buf, 32);
	ck_assert_int_eq(request(), 1);
	dir_reply(&d, 4);
	wire_begin_request(&buf, FUSE_OP_READDIR, 4, 1);
	wire_put_u64(&buf, UINT64_MAX);
	wire_put_u64(&buf, 4 * RECORD);
	wire_put_zero(&buf, 24);
	ck_assert_int_eq(request(), 1);
	ck_assert_uint_eq(word(40), 0);
	ck_assert_uint_eq(word(48), 4 * d.step);
	ck_assert_uint_eq(q.count[QUIRK_NONZERO_FH], 3);
	/* A new directory with the same handle, as the daemon knows it. */
	ck_assert_uint_eq(open_gives(FUSE_OP_OPENDIR, 0), UINT64_MAX);
	ck_assert_uint_eq(q.dir[0].used, 0);
	ck_assert_uint_eq(q.count[QUIRK_READDIR_OFFSET], 1);
}
END_TEST

/* Change some words of the message being built, most of them to the values
 * that quirks look for. */
static void
disturb(size_t from)
{
	static const uint64_t v[] = { 0, UINT64_MAX, 1, 96, 128 };
	size_t at, n = next_random() % 4;

	while (n-- > 0 && buf.len > from + 8) {
		at = from + (size_t)(next_random() % ((buf.len - from) / 8)) *
		    8;
		put_u64(buf.p, buf.len, at, next_random() % 8 == 0 ?
		    next_random() : v[next_random() % 5]);
	}
}

/*
 * Messages of every kind, in any order: what passed the checks still does;
 * with a quirk off nothing changes; and a handle comes back to the daemon
 * as it gave it.
 */
static void
one_random_message(void)
{
	const struct sample *s;
	struct wire_expect e;
	const struct op *op;
	const char *why;
	uint8_t before[MSG_MAX];
	size_t i, where, len;
	int changed;

	do
		i = (size_t)(next_random() % 256);
	while ((s = sample_at(i)) == NULL || s->kind == SAMPLE_NOTIFY);
	proto = s->proto;
	if (s->kind == SAMPLE_REPLY &&
	    (s = sample_request(s->opcode, proto)) == NULL)
		return;
	sample_build(&buf, s);
	disturb(WIRE_REQ_HEADER);
	if (wire_check_request(proto, (struct span){ buf.p, buf.len }, &op,
		&where) != E_OK)
		return;
	memcpy(before, buf.p, buf.len);
	len = buf.len;
	changed = request();
	ck_assert_uint_eq(msg_len, len);
	ck_assert_int_eq(changed, memcmp(before, msg, len) != 0);
	ck_assert_int_eq(wire_check_request(proto, message(), &op, &where),
	    E_OK);
	wire_expect_set(&e, proto, message());

	for (i = (size_t)(next_random() % 256); (s = sample_at(i)) != NULL;
	    i++)
		if (s->kind == SAMPLE_REPLY && s->opcode == op_code(op) &&
		    s->proto == proto)
			break;
	if (s == NULL)
		return;
	sample_build(&buf, s);
	disturb(WIRE_REP_HEADER);
	if (wire_check_reply(proto, &e, (struct span){ buf.p, buf.len },
		&why) != REPLY_GOOD)
		return;
	memcpy(before, buf.p, buf.len);
	len = buf.len;
	changed = reply();
	ck_assert_uint_le(msg_len, len);
	ck_assert_int_eq(changed, msg_len != len ||
	    memcmp(before, msg, len) != 0);
	ck_assert_int_eq(wire_check_reply(proto, &e, message(), &why),
	    REPLY_GOOD);
}

START_TEST(any_messages)
{
	int i;

	rng = (uint64_t)_i * 2 + 1;
	for (i = 0; i < 20000; i++)
		one_random_message();
	ck_assert_uint_gt(q.count[QUIRK_NONZERO_FH], 0);
	ck_assert_uint_gt(q.count[QUIRK_LOOKUP_INO0], 0);
	quirks_init(&q, 0);
	for (i = 0; i < 1000; i++)
		one_random_message();
	for (i = 0; i < QUIRK_COUNT; i++)
		ck_assert_uint_eq(q.count[i], 0);
	quirks_init(&q, 1u << QUIRK_LOOKUP_INO0);
	for (i = 0; i < 10000; i++)
		one_random_message();
	for (i = 0; i < QUIRK_COUNT; i++)
		ck_assert(i == QUIRK_LOOKUP_INO0 || q.count[i] == 0);
}
END_TEST

START_TEST(handles_come_back)
{
	static const uint64_t v[] = { 0, UINT64_MAX, 1, UINT64_MAX - 1 };
	uint64_t fh, given;
	int i;

	rng = (uint64_t)_i * 2 + 1;
	for (i = 0; i < 5000; i++) {
		fh = next_random() % 2 ? v[next_random() % 4] : next_random();
		given = open_gives(openers[next_random() % 4], fh);
		ck_assert_uint_eq(read_asks(given), fh);
		ck_assert(fh == UINT64_MAX || given != 0);
	}
}
END_TEST

START_TEST(table)
{
	enum quirk_id id, found;

	for (id = 0; id < QUIRK_COUNT; id++) {
		ck_assert_int_eq(quirk_find(quirk_name(id), &found), E_OK);
		ck_assert_int_eq(found, id);
		ck_assert_uint_gt(strlen(quirk_reason(id)), 10);
	}
	ck_assert_int_eq(quirk_find("nonzero", &found), E_NOTFOUND);
	ck_assert_uint_eq(quirk_defaults() >> QUIRK_COUNT, 0);
	/* An opcode without a row. */
	wire_begin_request(&buf, 3999, 4, 1);
	wire_put_u64(&buf, UINT64_MAX);
	ck_assert_int_eq(request(), 0);
	wire_begin_reply(&buf, 4, 0);
	wire_put_u64(&buf, 0);
	ck_assert_int_eq(reply(), 0);
	ck_assert_uint_eq(msg_len, 24);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("quirk");
	TCase *tc = tcase_create("each");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, table);
	tcase_add_test(tc, lookup_ino0);
	tcase_add_loop_test(tc, nonzero_fh_given, 0, PROTOS);
	tcase_add_test(tc, nonzero_fh_everywhere);
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
	tc = tcase_create("all");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, any_messages, 0, 8);
	tcase_add_loop_test(tc, handles_come_back, 0, 4);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
