/* SPDX-License-Identifier: ISC */
/*
 * F74: what a capture tells of a user.  Other names, and nothing else: in every
 * message that there is a sample of, the same in every place.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/trace_feed.h"
#include "trace/anonymize.h"
#include "trace/pseudonym.h"
#include "wire/describe.h"
#include "wire/dirent.h"
#include "wire/get.h"

/* ---- pseudonyms ---- */

static struct span
span_of(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

static void
expect_other(struct pseudonyms *p, const char *name, const char *want)
{
	struct span is = pseudonym(p, span_of(name));

	ck_assert_uint_eq(is.len, strlen(want));
	ck_assert_mem_eq(is.p, want, is.len);
}

static const struct {
	unsigned keeps;
	const char *name[5], *want[5];
} forms[] = {
	{ 0, { "a-long-name.txt", "other", "a-long-name.txt", "x", "ab" },
	    { "n0000000", "n0000", "n0000000", "a", "n0" } },
	{ PSEUDONYM_KEEPS_LENGTH,
	    { "a-long-name.txt", "other.name.txt", "x", "a-long-name.txt",
		"a-lonG-name.txt" },
	    { "n00000000000000", "n0000000000000", "a", "n00000000000000",
		"n00000000000001" } },
	{ PSEUDONYM_KEEPS_EXTENSION,
	    { "a-long-name.txt", "a.c", ".profile", "b.toolongtobeone",
		"a-long-name.txU" },
	    { "n0000000.txt", "a.c", "n0000001", "n0000002",
		"n0000003.txU" } },
	{ PSEUDONYM_KEEPS_EXTENSION | PSEUDONYM_KEEPS_LENGTH,
	    { "a-long-name.txt", "x.tar.gz", "name.", "a.b-c", "q" },
	    { "n0000000000.txt", "n0000.gz", "n0001", "n0002", "a" } },
	{ PSEUDONYM_OF_ONE_LENGTH, { "a", "a program", "a", "b", "c" },
	    { "n0000000", "n0000001", "n0000000", "n0000002", "n0000003" } },
};

START_TEST(pseudonyms_have_a_form)
{
	struct pseudonyms *p = pseudonyms_new('n', forms[_i].keeps);
	int i;

	for (i = 0; i < 5; i++)
		expect_other(p, forms[_i].name[i], forms[_i].want[i]);
	pseudonyms_free(p);
}
END_TEST

/* As many short names as there can be have as many pseudonyms. */
START_TEST(short_names_stay_apart)
{
	static uint8_t seen[256][256];
	struct pseudonyms *p = pseudonyms_new('n', 0);
	unsigned a, b, step = _i == 0 ? 256 : 1;
	uint8_t name[2];
	struct span is;

	memset(seen, 0, sizeof(seen));
	for (a = 1; a < 256; a++) {
		for (b = 0; b < 256; b += step) {
			name[0] = (uint8_t)a;
			name[1] = (uint8_t)b;
			if (a == '/' || a == '.' || b == '/' || b == '.' ||
			    (_i == 1 && b == 0))
				continue;
			is = pseudonym(p,
			    (struct span){ name, (size_t)_i + 1 });
			ck_assert_uint_eq(is.len, (size_t)_i + 1);
			ck_assert(memchr(is.p, '/', is.len) == NULL);
			ck_assert(memchr(is.p, '\0', is.len) == NULL);
			ck_assert(is.p[0] != '.');
			ck_assert(!seen[is.p[0]][_i == 0 ? 0 : is.p[1]]++);
		}
	}
	pseudonyms_free(p);
}
END_TEST

START_TEST(too_many_short_names_are_an_error)
{
	struct pseudonyms *p = pseudonyms_new('n', PSEUDONYM_KEEPS_EXTENSION);
	uint8_t name[4] = { 0, '.', 'c', 'x' };
	unsigned i, none = 0;

	for (i = 1; i < 256; i++) {
		name[0] = (uint8_t)i;
		none += pseudonym(p, (struct span){ name, 1 }).len == 0;
		none += pseudonym(p, (struct span){ name, 3 }).len == 0;
	}
	ck_assert_uint_gt(none, 0);
	ck_assert_uint_lt(none, 300);
	pseudonyms_free(p);
}
END_TEST

/* ---- messages ---- */

/* A sink that anonymizes, and looks at what came of it. */
struct looker {
	struct trace_sink sink;
	struct anonymizer *a;
	unsigned messages, names, shorter;
};

static void
look_at_request(struct looker *k, const struct trace_record *was,
    const struct trace_record *is)
{
	struct span a[2], b[2];
	enum wire_names kind = wire_request_names(was->proto, was->m, a);
	const struct op *op;
	size_t where;
	int i, r = wire_check_request(was->proto, was->m, &op, &where);

	if (r != E_OK || op == NULL) {
		ck_assert_uint_le(is->kept, WIRE_REQ_HEADER);
		return;
	}
	ck_assert_int_eq(wire_check_request(was->proto, is->m, &op, &where),
	    E_OK);
	ck_assert_int_eq(wire_request_names(was->proto, is->m, b), kind);
	for (i = 0; i < 2 && kind != WIRE_NAMES_NONE; i++) {
		ck_assert_uint_le(b[i].len, a[i].len);
		ck_assert_int_eq(b[i].len == 0, a[i].len == 0);
		if (a[i].len < 3 ||
		    memmem(a[i].p, a[i].len, "security.", 9) != NULL)
			continue;
		k->names++;
		ck_assert_ptr_null(
		    memmem(is->m.p, is->kept, a[i].p, a[i].len));
	}
}

static void
look_at_reply(const struct trace_record *was, const struct trace_record *is)
{
	const char *why;

	if (was->expect == NULL)
		return;
	if (wire_check_reply(was->proto, was->expect, was->m, &why) ==
	    REPLY_GOOD)
		ck_assert_msg(wire_check_reply(was->proto, was->expect, is->m,
				  &why) == REPLY_GOOD,
		    "%u: %s", was->expect->opcode, why);
}

static void
look(struct trace_sink *s, const struct trace_record *was)
{
	struct looker *k = (struct looker *)(void *)s;
	struct trace_record is = *was;

	ck_assert_int_eq(anonymize(k->a, &is), E_OK);
	ck_assert_uint_eq(is.mono_ns, was->mono_ns);
	if (is.kind != TRACE_CALLER)
		ck_assert_uint_le(is.m.len, was->m.len);
	ck_assert_uint_le(is.kept, is.m.len);
	if (was->kind != TRACE_REQUEST && was->kind != TRACE_REPLY &&
	    was->kind != TRACE_NOTIFY)
		return;
	k->messages++;
	k->shorter += is.m.len < was->m.len;
	if (was->kind == TRACE_REQUEST)
		look_at_request(k, was, &is);
	else if (was->kind == TRACE_REPLY)
		look_at_reply(was, &is);
	else if (wire_check_notify(was->proto, was->m) == E_OK)
		ck_assert_int_eq(wire_check_notify(was->proto, is.m), E_OK);
}

static const unsigned keeps[] = { 0, PSEUDONYM_KEEPS_LENGTH,
	PSEUDONYM_KEEPS_EXTENSION };

START_TEST(f74_no_message_tells_a_name)
{
	struct looker k = { .sink.record = look };

	ck_assert_ptr_nonnull(k.a = anonymizer_new(keeps[_i]));
	feed_samples(&k.sink);
	ck_assert_uint_gt(k.messages, 150);
	ck_assert_uint_gt(k.names, 40);
	if (keeps[_i] == PSEUDONYM_KEEPS_LENGTH)
		ck_assert_uint_le(k.shorter, 2);
	else
		ck_assert_uint_gt(k.shorter, 1);
	anonymizer_free(k.a);
}
END_TEST

/* ---- the same in every place ---- */

static struct wire_buf buf;

static struct trace_record
made(struct anonymizer *a, enum trace_kind kind, struct span m,
    const struct wire_expect *e)
{
	struct trace_record r = { .kind = (uint8_t)kind,
		.m = m,
		.kept = (uint32_t)m.len,
		.proto = &proto_linux,
		.expect = e };

	ck_assert_int_eq(anonymize(a, &r), E_OK);
	return r;
}

/* Is this all of the message behind its header? */
static void
expect_body(const struct trace_record *r, size_t head, const char *text,
    size_t len)
{
	ck_assert_uint_eq(r->m.len, head + len);
	ck_assert_uint_eq(get_u32(r->m, 0), r->m.len);
	ck_assert_mem_eq(r->m.p + head, text, len);
}

START_TEST(f74_a_name_is_the_same_in_every_place)
{
	struct anonymizer *a = anonymizer_new(0);
	uint8_t note[WIRE_REP_HEADER + 16 + 13] = { 0 };
	struct wire_expect e;
	struct trace_record r;
	struct span m;

	wire_buf_init(&buf);
	r = made(a, TRACE_REQUEST,
	    sample_build_request(&buf, FUSE_OP_LOOKUP, 1, "'confidential"),
	    NULL);
	expect_body(&r, WIRE_REQ_HEADER, "n0000000", 9);
	r = made(a, TRACE_REQUEST,
	    sample_build_request(&buf, FUSE_OP_SYMLINK, 1,
		"'somewhere-else '../confidential/x/."),
	    NULL);
	expect_body(&r, WIRE_REQ_HEADER, "n0000001\0../n0000000/a/.", 25);
	m = sample_build_request(&buf, FUSE_OP_READLINK, 1, "");
	wire_expect_set(&e, &proto_linux, m);
	r = made(a, TRACE_REPLY,
	    sample_build_reply(&buf, "=/confidential/somewhere-else", 0), &e);
	expect_body(&r, WIRE_REP_HEADER, "/n0000000/n0000001", 18);
	m = (struct span){ note, sizeof(note) };
	put_u32(note, sizeof(note), 0, sizeof(note));
	put_u32(note, sizeof(note), 4, FUSE_NOTIFY_INVAL_ENTRY);
	put_u32(note, sizeof(note), WIRE_REP_HEADER + 8, 12);
	memcpy(note + WIRE_REP_HEADER + 16, "confidential", 13);
	r = made(a, TRACE_NOTIFY, m, NULL);
	ck_assert_uint_eq(get_u32(r.m, WIRE_REP_HEADER + 8), 8);
	expect_body(&r, WIRE_REP_HEADER + 16, "n0000000", 9);
	r = made(a, TRACE_BEGIN, span_of("/confidential"), NULL);
	ck_assert_uint_eq(r.m.len, 9);
	ck_assert_mem_eq(r.m.p, "/n0000000", 9);
	anonymizer_free(a);
	wire_buf_fini(&buf);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("anonymize");
	TCase *tc = tcase_create("anonymize");

	tcase_add_loop_test(tc, pseudonyms_have_a_form, 0,
	    sizeof(forms) / sizeof(forms[0]));
	tcase_add_loop_test(tc, short_names_stay_apart, 0, 2);
	tcase_add_test(tc, too_many_short_names_are_an_error);
	tcase_add_loop_test(tc, f74_no_message_tells_a_name, 0, 3);
	tcase_add_test(tc, f74_a_name_is_the_same_in_every_place);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
