/* SPDX-License-Identifier: ISC */
#include "parts.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct parts_fs fs;

void
parts_start(const struct relay_conf *conf)
{
	memset(&fs, 0, sizeof(fs));
	fs.at = UINT32_MAX;
	fs.file = calloc(1, LARGEST + 2 * PART);
	fs.buf = malloc(DEVPAIR_CEILING + 1);
	ck_assert_ptr_nonnull(fs.file);
	ck_assert_ptr_nonnull(fs.buf);
	bed_open(conf);
}

void
parts_open(void)
{
	parts_start(NULL);
	bed_init();
}

void
parts_open_dgram(void)
{
	struct relay_conf conf = bed_conf();

	conf.transport = TRANSPORT_DGRAM;
	parts_start(&conf);
	bed_init();
}

void
parts_close(void)
{
	bed_close();
	free(fs.file);
	free(fs.buf);
}

void
parts_fill(uint8_t *p, size_t len, uint64_t seed)
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

void
parts_ask(uint64_t unique, uint64_t offset, uint32_t size, const uint8_t *data)
{
	uint32_t flags = FLAGS, kind = 1;
	uint64_t fh = FH, owner = OWNER;
	struct span m;

	wire_begin_request(&bed.b, data != NULL ? FUSE_OP_WRITE : FUSE_OP_READ,
	    unique, 99);
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
int
parts_serve_one(void)
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

void
parts_serve(void)
{
	while (parts_serve_one())
		continue;
}

void
parts_expect_written(uint64_t unique, uint32_t size)
{
	struct span m;

	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, 24);
	ck_assert_int_eq(get_i32(m, 4), 0);
	ck_assert_uint_eq(get_u64(m, 8), unique);
	ck_assert_uint_eq(get_u32(m, 16), size);
}

void
parts_expect_read(uint64_t unique, const uint8_t *data, size_t size)
{
	struct span m;

	ck_assert_int_eq(bed_answer(&m), 1);
	ck_assert_uint_eq(m.len, 16 + size);
	ck_assert_int_eq(get_i32(m, 4), 0);
	ck_assert_uint_eq(get_u64(m, 8), unique);
	ck_assert_int_eq(memcmp(m.p + 16, data, size), 0);
}

void
parts_expect_clean(void)
{
	bed_expect_quiet();
	ck_assert_uint_eq(session_in_flight(bed.s), 0);
	ck_assert_uint_eq(bed_kept_of_writes(), 0);
	ck_assert_uint_eq(bed_kept_for_reads(), 0);
}
