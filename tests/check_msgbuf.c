/* SPDX-License-Identifier: ISC */
/* Where buffers begin, and reading into those that others have placed. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/msgbuf.h"
#include "tests/suite.h"

#define MESSAGE 100000u

START_TEST(begins_in_a_fast_place)
{
	uint8_t *room = msgbuf_new(MESSAGE);

	ck_assert_ptr_nonnull(room);
	ck_assert_uint_eq((uintptr_t)room % MSGBUF_PAGE, MSGBUF_SHIFT);
	memset(room, 'x', MESSAGE);
	msgbuf_free(room);
	msgbuf_free(NULL);
	ck_assert_ptr_null(msgbuf_new(SIZE_MAX));
}
END_TEST

/* A message into a buffer that begins `shift` bytes into a page and has room
 * for `spare` bytes more: it comes whole, nothing behind the room changes. */
static void
read_at(unsigned shift, size_t spare, int fds[2])
{
	static uint8_t sent[MESSAGE];
	size_t len = MESSAGE + spare, i;
	uint8_t *buf;
	void *page;

	for (i = 0; i < MESSAGE; i++)
		sent[i] = (uint8_t)(i * 31 + shift);
	ck_assert_int_eq(posix_memalign(&page, MSGBUF_PAGE, shift + len + 1),
	    0);
	buf = (uint8_t *)page + shift;
	buf[len] = 0xa5;
	ck_assert_int_eq(send(fds[0], sent, MESSAGE, 0), MESSAGE);
	ck_assert_int_eq(msgbuf_read(fds[1], buf, len), MESSAGE);
	ck_assert_mem_eq(buf, sent, MESSAGE);
	ck_assert_uint_eq(buf[len], 0xa5);
	free(page);
}

START_TEST(reads_a_message_anywhere)
{
	static const unsigned shifts[] = { 0, 1, 16, 31, 32, 64, 4095 };
	int fds[2];
	char c;
	size_t i;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	for (i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
		read_at(shifts[i], MSGBUF_SHIFT, fds);
		read_at(shifts[i], MSGBUF_PAGE, fds);
	}
	close(fds[0]);
	ck_assert_int_eq(msgbuf_read(fds[1], &c, 1), 0);
	close(fds[1]);
	ck_assert_int_eq(msgbuf_read(-1, &c, 1), -1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("msgbuf");
	TCase *tc = tcase_create("msgbuf");

	tcase_add_test(tc, begins_in_a_fast_place);
	tcase_add_test(tc, reads_a_message_anywhere);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
