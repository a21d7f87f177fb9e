/* SPDX-License-Identifier: ISC */
/* The validator and the samples: whole, cut short, with bits flipped. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/wire_samples.h"
#include "wire/check.h"
#include "wire/get.h"
#include "wire/print.h"

/* More than a flipped bit may be made to claim. */
#define LINE_LEN 512

/* A copy in a block of its own, so that reading past it is found. */
static struct span
tight_copy(struct span m, size_t len)
{
	uint8_t *p = malloc(len + (len == 0));

	if (p == NULL)
		abort();
	memcpy(p, m.p, len);
	return (struct span){ p, len };
}

static void
tight_free(struct span m)
{
	free((void *)(uintptr_t)m.p);
}

static void
set_length_word(struct span m)
{
	put_u32((uint8_t *)(uintptr_t)m.p, m.len, 0, (uint32_t)m.len);
}

/* Every check and printer that takes m; 0 if m passed. */
static int
run_all(const struct sample *s, const struct wire_expect *e, struct span m)
{
	char line[LINE_LEN];
	const struct op *op;
	const char *why;
	size_t where;
	int r;

	switch (s->kind) {
	case SAMPLE_REQUEST:
		wire_print_request(line, sizeof(line), s->proto, m);
		r = wire_check_request(s->proto, m, &op, &where);
		ck_assert_uint_le(where, m.len);
		return r;
	case SAMPLE_REPLY:
		wire_print_reply(line, sizeof(line), s->proto, s->opcode, m);
		r = (int)wire_check_reply(s->proto, e, m, &why);
		ck_assert((why == NULL) == (r == REPLY_GOOD));
		return r;
	case SAMPLE_NOTIFY:
	default:
		wire_print_notify(line, sizeof(line), s->proto, m);
		return wire_check_notify(s->proto, m);
	}
}

START_TEST(samples_are_accepted)
{
	const struct sample *s;
	struct wire_expect e;
	struct wire_buf b;
	size_t i;

	wire_buf_init(&b);
	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		if (s->kind == SAMPLE_REPLY)
			sample_expect(&e, s->opcode, s->proto);
		ck_assert_msg(run_all(s, &e, sample_build(&b, s)) == 0, "%s",
		    s->line);
	}
	wire_buf_fini(&b);
}
END_TEST

/* May the message be shorter than it is? */
static int
may_shrink(const struct sample *s, size_t len)
{
	if (s->kind == SAMPLE_NOTIFY)
		return 0;
	if (s->kind == SAMPLE_REQUEST) {
		if (s->opcode == FUSE_OP_INIT)
			return len >= 48;
		/* Loose structs: the form that old kernels send. */
		return s->proto->minor < 9 &&
		    ((s->opcode == FUSE_OP_GETATTR && len == 40) ||
			(s->opcode == FUSE_OP_READ && len == 64));
	}
	switch (s->opcode) {
	case FUSE_OP_READ:
	case FUSE_OP_READLINK:
	case FUSE_OP_READDIR:
	case FUSE_OP_READDIRPLUS:
		return len >= 16;
	case FUSE_OP_GETXATTR:
		return s->proto != &proto_linux_ext && len >= 16;
	case FUSE_OP_LISTXATTR:
		return s->proto != &proto_linux_ext &&
		    (len == 16 || len == 23);
	case FUSE_OP_INIT:
		return len >= 20;
	case FUSE_OP_IOCTL:
		return len >= 32;
	case FUSE_OP_CUSE_INIT:
		return len >= 88;
	default:
		return s->error == 0 && len == 16 && s->body[0] == '\0';
	}
}

START_TEST(prefixes_are_refused)
{
	const struct sample *s;
	struct wire_expect e;
	struct wire_buf b;
	struct span m, cut;
	size_t i, n;

	wire_buf_init(&b);
	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		if (s->kind == SAMPLE_REPLY)
			sample_expect(&e, s->opcode, s->proto);
		m = sample_build(&b, s);
		for (n = 0; n < m.len; n++) {
			cut = tight_copy(m, n);
			ck_assert_int_ne(run_all(s, &e, cut), 0);
			set_length_word(cut);
			ck_assert_msg((run_all(s, &e, cut) == 0) ==
				may_shrink(s, n),
			    "%zu bytes of: %s", n, s->line);
			tight_free(cut);
		}
	}
	wire_buf_fini(&b);
}
END_TEST

START_TEST(flipped_bits_do_no_harm)
{
	const struct sample *s;
	struct wire_expect e;
	struct wire_buf b;
	struct span m, copy;
	size_t i, bit;
	uint8_t *p;

	wire_buf_init(&b);
	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		if (s->kind == SAMPLE_REPLY)
			sample_expect(&e, s->opcode, s->proto);
		m = sample_build(&b, s);
		copy = tight_copy(m, m.len);
		p = (uint8_t *)(uintptr_t)copy.p;
		for (bit = 0; bit < 8 * m.len; bit++) {
			p[bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (bit < 32)
				ck_assert_int_ne(run_all(s, &e, copy), 0);
			else
				run_all(s, &e, copy);
			p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		tight_free(copy);
	}
	wire_buf_fini(&b);
}
END_TEST

/* Bytes of no meaning, under headers that let them in. */
START_TEST(random_bytes_do_no_harm)
{
	uint64_t x = 0x9e3779b97f4a7c15u * (uint64_t)(_i + 1);
	const struct sample *s;
	struct wire_expect e;
	uint8_t bytes[400];
	struct span m;
	size_t i, n, j;

	for (i = 0; (s = sample_at(i)) != NULL; i++) {
		if (s->kind == SAMPLE_REPLY)
			sample_expect(&e, s->opcode, s->proto);
		for (j = 0; j < sizeof(bytes); j++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			/* Small numbers are the ones that lead on. */
			bytes[j] = (x & 0x700) != 0 ? (uint8_t)(x & 3) :
						      (uint8_t)x;
		}
		n = x % sizeof(bytes);
		put_u32(bytes, sizeof(bytes), 0, (uint32_t)n);
		if (s->kind == SAMPLE_REQUEST)
			put_u32(bytes, sizeof(bytes), 4, s->opcode);
		else
			put_u32(bytes, sizeof(bytes), 4,
			    s->kind == SAMPLE_NOTIFY ? s->opcode : 0);
		m = tight_copy((struct span){ bytes, n }, n);
		run_all(s, &e, m);
		tight_free(m);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire_check");
	TCase *t = tcase_create("check");

	tcase_add_test(t, samples_are_accepted);
	tcase_add_test(t, prefixes_are_refused);
	tcase_add_test(t, flipped_bits_do_no_harm);
	tcase_add_loop_test(t, random_bytes_do_no_harm, 0, 50);
	suite_add_tcase(s, t);
	return suite_run(s);
}
