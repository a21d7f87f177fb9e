/* SPDX-License-Identifier: ISC */
/* What is added to the library's answer to INIT, and what is let alone. */
#include <check.h>
#include <linux/fuse.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "passthrough/negotiate.h"
#include "tests/suite.h"

#define BIG ((uint64_t)1 << 38)
#define SMALL ((uint64_t)1 << 18)
#define UNOFFERED ((uint64_t)1 << 20)

static int kernel, device; /* the two ends */
static struct negotiate n;

static void
setup(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	kernel = pair[0];
	device = pair[1];
	memset(&n, 0, sizeof(n));
}

static void
teardown(void)
{
	close(kernel);
	close(device);
}

static void
request(uint32_t opcode, uint64_t unique, uint64_t flags, size_t size)
{
	struct {
		struct fuse_in_header h;
		struct fuse_init_in in;
	} m = { .h = { .opcode = opcode, .unique = unique },
		.in = { .major = 7,
		    .minor = 40,
		    .flags = (uint32_t)flags,
		    .flags2 = (uint32_t)(flags >> 32) } };

	m.h.len = (uint32_t)(sizeof(m.h) + size);
	negotiate_request(&n, &m, m.h.len);
}

/* Flags that the kernel sees, when the library says `flags`. */
static uint64_t
reply(uint64_t unique, uint64_t flags, int error)
{
	struct fuse_out_header h = { .unique = unique, .error = error };
	struct fuse_init_out out = { .major = 7,
		.flags = (uint32_t)flags,
		.flags2 = (uint32_t)(flags >> 32) };
	struct iovec iov[2] = { { &h, sizeof(h) }, { &out, sizeof(out) } };
	char buf[256];

	h.len = sizeof(h) + sizeof(out);
	ck_assert_int_eq(negotiate_writev(&n, device, iov, 2), (int)h.len);
	ck_assert_int_eq(recv(kernel, buf, sizeof(buf), 0), (int)h.len);
	memcpy(&out, buf + sizeof(h), sizeof(out));
	return out.flags | (uint64_t)out.flags2 << 32;
}

START_TEST(adds_what_both_can)
{
	uint64_t offer = 0xff | SMALL | BIG | FUSE_INIT_EXT;

	request(FUSE_INIT, 1, offer, sizeof(struct fuse_init_in));
	ck_assert_uint_eq(n.offered, offer);
	n.want = SMALL | BIG | UNOFFERED;
	ck_assert_uint_eq(reply(1, 3 | FUSE_INIT_EXT, 0),
	    3 | SMALL | BIG | FUSE_INIT_EXT);
	/* Once. */
	ck_assert_uint_eq(reply(1, 3, 0), 3);
}
END_TEST

START_TEST(no_flags2_for_who_has_none)
{
	request(FUSE_INIT, 1, 0xff | SMALL | BIG, sizeof(struct fuse_init_in));
	ck_assert_uint_eq(n.offered, 0xff | SMALL);
	n.want = SMALL | BIG;
	ck_assert_uint_eq(reply(1, 3, 0), 3 | SMALL);
}
END_TEST

START_TEST(old_short_init)
{
	request(FUSE_INIT, 1, SMALL, 16);
	n.want = SMALL;
	ck_assert_uint_eq(reply(1, 0, 0), SMALL);
}
END_TEST

START_TEST(other_messages_pass)
{
	n.want = SMALL;
	request(FUSE_LOOKUP, 1, SMALL, sizeof(struct fuse_init_in));
	request(FUSE_INIT, 2, SMALL, sizeof(struct fuse_init_in));
	request(FUSE_GETATTR, 3, SMALL, 16);
	/* The same size, another request; then an error. */
	ck_assert_uint_eq(reply(1, 3, 0), 3);
	ck_assert_uint_eq(reply(2, 3, -5), 3);
	ck_assert_uint_eq(reply(2, 3, 0), 3 | SMALL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("negotiate");
	TCase *tc = tcase_create("init");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, adds_what_both_can);
	tcase_add_test(tc, no_flags2_for_who_has_none);
	tcase_add_test(tc, old_short_init);
	tcase_add_test(tc, other_messages_pass);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
