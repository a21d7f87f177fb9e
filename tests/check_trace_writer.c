/* SPDX-License-Identifier: ISC */
/*
 * The buffer and its thread: whole items in order, no waiting for a reader,
 * every loss counted; and the files they go to.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/suite.h"
#include "trace/lines.h"
#include "trace/outfile.h"
#include "trace/writer.h"

static uint64_t
rng(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- the writer ---- */

struct sink {
	uint64_t next; /* the item that must come */
	uint64_t flushed;
	int wrong, fail_at;
	int gate[2]; /* a pipe: one byte lets one flush go */
};

static int
sink_put(void *arg, struct span item)
{
	struct sink *k = arg;
	uint64_t n;
	size_t i;

	if (k->fail_at != 0 && k->next >= (uint64_t)k->fail_at) {
		errno = ENOSPC;
		return E_SYS;
	}
	memcpy(&n, item.p, sizeof(n));
	k->wrong |= n != k->next || item.len < sizeof(n);
	for (i = sizeof(n); i < item.len; i++)
		k->wrong |= item.p[i] != (uint8_t)(n + i);
	k->next = n + 1;
	return E_OK;
}

static int
sink_flush(void *arg)
{
	struct sink *k = arg;
	char byte;

	k->flushed = k->next;
	if (k->gate[0] != -1 && read(k->gate[0], &byte, 1) == -1)
		return E_SYS;
	return E_OK;
}

static const struct writer_ops sink_ops = { sink_put, sink_flush };

static int
put_item(struct writer *w, uint64_t n, size_t len)
{
	uint8_t body[4096];
	size_t i;

	for (i = 0; i < len; i++)
		body[i] = (uint8_t)(n + sizeof(n) + i);
	return writer_put(w, (struct span){ (uint8_t *)&n, sizeof(n) },
	    (struct span){ body, len });
}

/* Items of all sizes, faster and slower than they are written. */
START_TEST(items_come_whole_and_in_order)
{
	struct sink k = { .gate = { -1, -1 } };
	uint64_t state = 77 + (uint64_t)_i, n;
	struct timespec nap = { 0, 1000000 };
	struct writer *w;
	size_t len;
	int r;

	ck_assert_int_eq(
	    writer_new(&w, 5000 + 13 * (size_t)_i, WRITER_NAPS, &sink_ops, &k),
	    E_OK);
	for (n = 0; n < 2000; n++) {
		len = (size_t)(rng(&state) % (n % 3 == 0 ? 2000 : 60));
		while ((r = put_item(w, n, len)) == E_FULL)
			nanosleep(&nap, NULL);
		ck_assert_int_eq(r, E_OK);
	}
	ck_assert_int_eq(writer_close(w, SUITE_PATIENCE_MS), E_OK);
	ck_assert_int_eq(k.wrong, 0);
	ck_assert_uint_eq(k.next, 2000);
	ck_assert_uint_eq(k.flushed, 2000);
}
END_TEST

START_TEST(f27_a_stuck_reader_is_not_waited_for)
{
	/* (The thread that is left behind goes on with it.) */
	static struct sink k = { .gate = { -1, -1 } };
	struct writer *w;
	uint64_t n;
	int full = 0;

	ck_assert_int_eq(pipe(k.gate), 0);
	ck_assert_int_eq(writer_new(&w, 64 * 1024, WRITER_NAPS, &sink_ops, &k),
	    E_OK);
	for (n = 0; n < 100000; n++)
		full += put_item(w, n, 100) == E_FULL;
	ck_assert_int_gt(full, 1000);
	ck_assert_int_eq(writer_close(w, 50), E_TIMEOUT);
	close(k.gate[1]); /* the thread goes on by itself */
}
END_TEST

static struct {
	pthread_mutex_t lock;
	uint64_t items, flushed;
} seen = { PTHREAD_MUTEX_INITIALIZER, 0, 0 };

static int
seen_put(void *arg, struct span item)
{
	(void)arg;
	(void)item;
	seen.items++;
	return E_OK;
}

static int
seen_flush(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&seen.lock);
	seen.flushed = seen.items;
	pthread_mutex_unlock(&seen.lock);
	return E_OK;
}

static int
seen_flushed(uint64_t n)
{
	uint64_t flushed;

	pthread_mutex_lock(&seen.lock);
	flushed = seen.flushed;
	pthread_mutex_unlock(&seen.lock);
	return flushed >= n;
}

/* The quickest of many, so that a busy machine does not matter: no nap of 20
 * ms is in it. */
START_TEST(f72_at_once_is_at_once)
{
	static const struct writer_ops ops = { seen_put, seen_flush };
	struct timespec nap = { 0, 100000 };
	long start, best = 1000;
	struct writer *w;
	uint64_t n;

	ck_assert_int_eq(writer_new(&w, 10000, WRITER_AT_ONCE, &ops, NULL),
	    E_OK);
	for (n = 1; n <= 200 && best > 10; n++) {
		start = now_ms();
		ck_assert_int_eq(put_item(w, n, 10), E_OK);
		while (!seen_flushed(n))
			nanosleep(&nap, NULL);
		if (now_ms() - start < best)
			best = now_ms() - start;
	}
	ck_assert_int_le(best, 10);
	ck_assert_int_eq(writer_close(w, SUITE_PATIENCE_MS), E_OK);
}
END_TEST

START_TEST(too_large_an_item_is_refused)
{
	struct sink k = { .gate = { -1, -1 } };
	struct writer *w;

	ck_assert_int_eq(writer_new(&w, 1000, WRITER_NAPS, &sink_ops, &k),
	    E_OK);
	ck_assert_int_eq(put_item(w, 0, 501), E_FULL);
	ck_assert_int_eq(put_item(w, 0, 400), E_OK);
	ck_assert_int_eq(writer_close(w, SUITE_PATIENCE_MS), E_OK);
	ck_assert_uint_eq(k.next, 1);
}
END_TEST

START_TEST(f27_an_error_ends_the_writing)
{
	struct sink k = { .gate = { -1, -1 }, .fail_at = 5 };
	struct timespec nap = { 0, 1000000 };
	struct writer *w;
	uint64_t n = 0;
	int r;

	ck_assert_int_eq(writer_new(&w, 10000, WRITER_NAPS, &sink_ops, &k),
	    E_OK);
	while ((r = put_item(w, n, 10)) != E_SYS) {
		n += r == E_OK;
		nanosleep(&nap, NULL);
	}
	ck_assert_int_eq(writer_error(w), ENOSPC);
	ck_assert_uint_eq(k.next, 5);
	ck_assert_int_eq(writer_close(w, SUITE_PATIENCE_MS), E_SYS);
	ck_assert_int_eq(errno, ENOSPC);
}
END_TEST

START_TEST(closing_writes_what_is_left)
{
	struct sink k = { .gate = { -1, -1 } };
	struct writer *w;

	ck_assert_int_eq(writer_new(&w, 10000, WRITER_NAPS, &sink_ops, &k),
	    E_OK);
	ck_assert_int_eq(put_item(w, 0, 10), E_OK);
	ck_assert_int_eq(writer_close(w, SUITE_PATIENCE_MS), E_OK);
	ck_assert_uint_eq(k.flushed, 1);
	ck_assert_int_eq(writer_new(&w, 10000, WRITER_NAPS, &sink_ops, &k),
	    E_OK);
	ck_assert_int_eq(writer_close(w, SUITE_PATIENCE_MS), E_OK);
}
END_TEST

/* ---- lines ---- */

START_TEST(f27_lost_lines_are_told)
{
	struct lines_result res;
	char text[4096];
	struct lines *l;
	size_t got = 0;
	ssize_t n;
	int p[2], i, marks = 0;
	char *at;

	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(lines_new(&l, p[1], WRITER_NAPS, "<<", ">>"), E_OK);
	/* More than the pipe and the buffer hold. */
	memset(text, 'x', 999);
	text[999] = '\n';
	for (i = 0; i < 5000; i++)
		lines_put(l, text, 1000);
	ck_assert_uint_gt(lines_lost(l), 0);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	for (i = 0; i < 1000 && marks == 0; i++) {
		while ((n = read(p[0], text, sizeof(text) - 1)) > 0) {
			text[n] = '\0';
			got += (size_t)n;
			if ((at = strstr(text, "<<")) != NULL)
				marks += atoi(at + 2) > 0;
		}
		nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
		lines_put(l, "y\n", 2);
	}
	ck_assert_int_ge(marks, 1); /* told at once or in parts */
	ck_assert_uint_gt(got, 1000000);
	lines_close(l, SUITE_PATIENCE_MS, &res);
	ck_assert_int_eq(res.error, 0);
	ck_assert_uint_gt(res.lost, 0);
	close(p[0]);
}
END_TEST

START_TEST(f27_a_dead_reader_is_an_error)
{
	struct lines_result res;
	struct lines *l;
	int p[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(lines_new(&l, p[1], WRITER_NAPS, "", ""), E_OK);
	close(p[0]);
	lines_put(l, "x\n", 2);
	lines_close(l, SUITE_PATIENCE_MS, &res);
	ck_assert_int_eq(res.error, EPIPE);
}
END_TEST

/* ---- files ---- */

static char dir[] = "/tmp/check_trace_writer.XXXXXX";

static void
start(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
}

static void
stop(void)
{
	static const char *const names[] = { "file", "file.2", "link", "fifo",
		"other" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
}

static int
file_create(const char *path, unsigned n, int *fd)
{
	struct outfile o;
	int r;

	ck_assert_int_eq(outfile_init(&o, path), E_OK);
	r = outfile_create(&o, n, fd);
	outfile_fini(&o);
	return r;
}

START_TEST(f49_files_are_new_and_private)
{
	struct stat st, old;
	int fd;

	umask(0);
	ck_assert_int_eq(file_create("file", 0, &fd), E_OK);
	ck_assert_int_eq(write(fd, "old", 3), 3);
	ck_assert_int_eq(fstat(fd, &old), 0);
	ck_assert_uint_eq(old.st_mode & 07777, 0600);
	close(fd);
	ck_assert_int_eq(link("file", "other"), 0);
	ck_assert_int_eq(chmod("file", 0666), 0);
	/* Another one takes its place; whoever holds the old one sees
	 * nothing. */
	ck_assert_int_eq(file_create("file", 0, &fd), E_OK);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_ne(st.st_ino, old.st_ino);
	close(fd);
	ck_assert_int_eq(file_create("file", 2, &fd), E_OK);
	close(fd);
	ck_assert_int_eq(access("file.2", F_OK), 0);
}
END_TEST

START_TEST(f49_links_are_refused)
{
	struct outfile o;
	int fd;

	ck_assert_int_eq(symlink("other", "link"), 0);
	ck_assert_int_eq(file_create("link", 0, &fd), E_SYS);
	ck_assert_int_eq(errno, ELOOP);
	ck_assert_int_eq(outfile_init(&o, "link"), E_OK);
	ck_assert_int_eq(outfile_append(&o, &fd), E_SYS);
	outfile_fini(&o);
	ck_assert_int_eq(access("other", F_OK), -1);
}
END_TEST

START_TEST(devices_and_descriptors_are_taken)
{
	char name[32], byte;
	int fd, p[2];

	ck_assert_int_eq(file_create("/dev/null", 0, &fd), E_OK);
	close(fd);
	ck_assert_int_eq(pipe(p), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", p[1]);
	ck_assert_int_eq(file_create(name, 0, &fd), E_OK);
	ck_assert_int_eq(write(fd, "z", 1), 1);
	ck_assert_int_eq(read(p[0], &byte, 1), 1);
	close(fd);
	close(p[0]);
	close(p[1]);
	ck_assert_int_eq(file_create("/dev/fd/x", 0, &fd), E_SYS);
	ck_assert_int_eq(file_create("/dev/fd/999999", 0, &fd), E_SYS);
}
END_TEST

START_TEST(the_directory_stays_the_same)
{
	struct outfile o;
	int fd;

	ck_assert_int_eq(outfile_init(&o, "./file"), E_OK);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(outfile_create(&o, 0, &fd), E_OK);
	close(fd);
	outfile_fini(&o);
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(access("file", F_OK), 0);
	ck_assert_int_eq(outfile_init(&o, "absent/file"), E_SYS);
	outfile_fini(&o);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_writer");
	TCase *tc = tcase_create("writer"), *files = tcase_create("files");

	tcase_add_loop_test(tc, items_come_whole_and_in_order, 0, 20);
	tcase_add_test(tc, f27_a_stuck_reader_is_not_waited_for);
	tcase_add_test(tc, f72_at_once_is_at_once);
	tcase_add_test(tc, too_large_an_item_is_refused);
	tcase_add_test(tc, f27_an_error_ends_the_writing);
	tcase_add_test(tc, closing_writes_what_is_left);
	tcase_add_test(tc, f27_lost_lines_are_told);
	tcase_add_test(tc, f27_a_dead_reader_is_an_error);
	tcase_add_checked_fixture(files, start, stop);
	tcase_add_test(files, f49_files_are_new_and_private);
	tcase_add_test(files, f49_links_are_refused);
	tcase_add_test(files, devices_and_descriptors_are_taken);
	tcase_add_test(files, the_directory_stays_the_same);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, files);
	return suite_run(s);
}
