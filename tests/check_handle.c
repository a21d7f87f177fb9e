/* SPDX-License-Identifier: ISC */
/* The file-handle table against a model, and from many threads. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "passthrough/handle.h"
#include "tests/suite.h"

#define NODE 77

static struct handle_table table;

static void
table_make(void)
{
	handle_table_init(&table, HANDLE_MAX, 4711);
}

static void
table_drop(void)
{
	ck_assert_uint_eq(handle_table_fini(&table), 0);
}

static int
fd_new(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static int
fd_is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static int
get(uint64_t id, uint64_t ino, enum handle_use use)
{
	struct handle *h;
	int r = handle_get(&table, id, ino, use, &h);

	if (r == 0)
		handle_put(&table, h);
	else
		ck_assert_ptr_null(h);
	return r;
}

START_TEST(use_follows_the_access_mode)
{
	static const struct {
		int flags;
		int read, write, dir, any;
	} row[] = {
		{ O_RDONLY, 0, EBADF, EBADF, 0 },
		{ O_WRONLY, EBADF, 0, EBADF, 0 },
		{ O_RDWR, 0, 0, EBADF, 0 },
		{ O_WRONLY | O_APPEND, EBADF, 0, EBADF, 0 },
	};
	uint64_t id;

	ck_assert_int_eq(
	    handle_open(&table, fd_new(), row[_i].flags, NODE, &id), 0);
	ck_assert_int_eq(get(id, NODE, HANDLE_READ), row[_i].read);
	ck_assert_int_eq(get(id, NODE, HANDLE_WRITE), row[_i].write);
	ck_assert_int_eq(get(id, NODE, HANDLE_DIR), row[_i].dir);
	ck_assert_int_eq(get(id, NODE, HANDLE_ANY), row[_i].any);
	ck_assert_int_eq(handle_release(&table, id, NODE), 0);
}
END_TEST

START_TEST(directory_is_no_file)
{
	DIR *stream = opendir("/");
	uint64_t id;

	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(handle_open_dir(&table, stream, NODE, &id), 0);
	ck_assert_int_eq(get(id, NODE, HANDLE_READ), EBADF);
	ck_assert_int_eq(get(id, NODE, HANDLE_WRITE), EBADF);
	ck_assert_int_eq(get(id, NODE, HANDLE_DIR), 0);
	ck_assert_int_eq(get(id, NODE, HANDLE_ANY), 0);
	ck_assert_int_eq(handle_release(&table, id, NODE), 0);
}
END_TEST

START_TEST(forged_ids_find_nothing)
{
	uint64_t id, bit;

	ck_assert_int_eq(handle_open(&table, fd_new(), O_RDWR, NODE, &id), 0);
	ck_assert_uint_ne(id, 0);
	ck_assert_uint_ne(id, UINT64_MAX);
	ck_assert_int_eq(get(0, NODE, HANDLE_ANY), EBADF);
	ck_assert_int_eq(get(UINT64_MAX, NODE, HANDLE_ANY), EBADF);
	for (bit = 1; bit != 0; bit <<= 1)
		ck_assert_int_eq(get(id ^ bit, NODE, HANDLE_ANY), EBADF);
	ck_assert_int_eq(get(id, NODE + 1, HANDLE_ANY), EBADF);
	ck_assert_int_eq(handle_release(&table, id, NODE + 1), EBADF);
	ck_assert_int_eq(handle_release(&table, id ^ 1, NODE), EBADF);
	ck_assert_int_eq(get(id, NODE, HANDLE_ANY), 0);
	ck_assert_int_eq(handle_release(&table, id, NODE), 0);
	ck_assert_int_eq(handle_release(&table, id, NODE), EBADF);
	ck_assert_int_eq(get(id, NODE, HANDLE_ANY), EBADF);
}
END_TEST

START_TEST(ids_never_come_back)
{
	uint64_t seen[1000];
	int i, j;

	for (i = 0; i < 1000; i++) {
		ck_assert_int_eq(
		    handle_open(&table, fd_new(), O_RDWR, NODE, &seen[i]), 0);
		for (j = 0; j < i; j++) {
			ck_assert_uint_ne(seen[i], seen[j]);
			ck_assert_int_eq(get(seen[j], NODE, HANDLE_ANY),
			    EBADF);
		}
		ck_assert_int_eq(handle_release(&table, seen[i], NODE), 0);
	}
}
END_TEST

START_TEST(generation_wraps_without_0)
{
	uint64_t id, last;
	struct slot_table t;
	int x;

	slot_init(&t, 1, UINT32_MAX - 3);
	ck_assert_int_eq(slot_add(&t, &x, &id), 0);
	ck_assert_uint_eq(id >> 32, UINT32_MAX - 2);
	for (last = id;; last = id) {
		ck_assert_ptr_eq(slot_take(&t, id), &x);
		ck_assert_ptr_null(slot_find(&t, id));
		ck_assert_int_eq(slot_add(&t, &x, &id), 0);
		if (id < last)
			break;
	}
	ck_assert_uint_eq(id >> 32, 1);
	slot_fini(&t);
}
END_TEST

/*
 * Places that went and came back give out no id for a second time; who
 * stayed is found all the while.
 */
START_TEST(shrunk_table_knows_its_past)
{
	enum {
		MANY = 3000,
		KEPT = 100
	};
	static const uint32_t seeds[] = { 1, 4711, UINT32_MAX - 1,
		UINT32_MAX - 3 };
	static uint64_t id[3][MANY];
	struct slot_table t;
	int round, i, j, x[MANY];

	slot_init(&t, SLOT_MAX, seeds[_i]);
	for (round = 0; round < 3; round++) {
		for (i = round == 0 ? 0 : KEPT; i < MANY; i++) {
			ck_assert_int_eq(slot_add(&t, &x[i], &id[round][i]),
			    0);
			/* Some places are used more often than others. */
			for (j = 0; j < i % 3; j++) {
				slot_take(&t, id[round][i]);
				ck_assert_int_eq(
				    slot_add(&t, &x[i], &id[round][i]), 0);
			}
		}
		for (j = 0; j < round; j++)
			for (i = KEPT; i < MANY; i++)
				ck_assert_ptr_null(slot_find(&t, id[j][i]));
		for (i = KEPT; i < MANY; i++)
			ck_assert_ptr_eq(slot_take(&t, id[round][i]), &x[i]);
		ck_assert_uint_ge(t.cap, MANY);
		slot_shrink(&t);
		ck_assert_uint_eq(t.cap, KEPT);
		for (i = 0; i < KEPT; i++)
			ck_assert_ptr_eq(slot_find(&t, id[0][i]), &x[i]);
	}
	slot_fini(&t);
}
END_TEST

/* A place that was held while others went does not take them back in time. */
START_TEST(shrunk_table_keeps_its_age)
{
	enum {
		PLACES = 101,
		HELD = 70,
		USES = 10
	};
	static const uint32_t seeds[] = { 1, UINT32_MAX - 1, UINT32_MAX - 6 };
	uint64_t id[PLACES], seen[USES];
	struct slot_table t;
	int i, j, x;

	slot_init(&t, SLOT_MAX, seeds[_i]);
	for (i = 0; i < PLACES; i++)
		ck_assert_int_eq(slot_add(&t, &x, &id[i]), 0);
	for (i = 0; i < USES; i++) {
		seen[i] = id[PLACES - 1];
		slot_take(&t, id[PLACES - 1]);
		ck_assert_int_eq(slot_add(&t, &x, &id[PLACES - 1]), 0);
	}
	for (i = PLACES; i-- > HELD + 1;)
		slot_take(&t, id[i]);
	slot_shrink(&t);
	ck_assert_uint_eq(t.cap, HELD + 1);
	slot_take(&t, id[HELD]);
	slot_shrink(&t);
	ck_assert_uint_eq(t.cap, HELD);
	for (i = HELD; i < PLACES; i++)
		ck_assert_int_eq(slot_add(&t, &x, &id[i]), 0);
	for (i = 0; i < USES; i++) {
		for (j = 0; j < USES; j++)
			ck_assert_ptr_null(slot_find(&t, seen[j]));
		slot_take(&t, id[PLACES - 1]);
		ck_assert_int_eq(slot_add(&t, &x, &id[PLACES - 1]), 0);
	}
	slot_fini(&t);
}
END_TEST

START_TEST(full_table_is_ENFILE)
{
	struct handle_table t;
	uint64_t id[10], more;
	int i, fd;

	handle_table_init(&t, 10, 1);
	for (i = 0; i < 10; i++)
		ck_assert_int_eq(
		    handle_open(&t, fd_new(), O_RDWR, NODE, &id[i]), 0);
	fd = fd_new();
	ck_assert_int_eq(handle_open(&t, fd, O_RDWR, NODE, &more), ENFILE);
	ck_assert_uint_eq(more, 0);
	ck_assert(fd_is_open(fd));
	ck_assert_int_eq(handle_release(&t, id[4], NODE), 0);
	ck_assert_int_eq(handle_open(&t, fd, O_RDWR, NODE, &more), 0);
	ck_assert_uint_eq(handle_table_fini(&t), 10);
	ck_assert(!fd_is_open(fd));
}
END_TEST

/* The descriptor stays open for who uses it, and no longer. */
START_TEST(release_waits_for_the_borrower)
{
	struct handle *h;
	uint64_t id, next;
	int fd = fd_new();

	ck_assert_int_eq(handle_open(&table, fd, O_RDWR, NODE, &id), 0);
	ck_assert_int_eq(handle_get(&table, id, NODE, HANDLE_READ, &h), 0);
	ck_assert_int_eq(handle_release(&table, id, NODE), 0);
	ck_assert_int_eq(get(id, NODE, HANDLE_ANY), EBADF);
	ck_assert(fd_is_open(fd));
	/* Its place is free already, under another id. */
	ck_assert_int_eq(handle_open(&table, fd_new(), O_RDWR, NODE, &next),
	    0);
	ck_assert_uint_ne(next, id);
	ck_assert_int_eq(h->fd, fd);
	handle_put(&table, h);
	ck_assert(!fd_is_open(fd));
	ck_assert_int_eq(handle_release(&table, next, NODE), 0);
}
END_TEST

/* Random opens, uses and releases, with an array as the model. */
#define MODEL 200
#define STEPS 200000

struct model {
	uint64_t id, ino;
	int mode, live;
};

static void
model_step(struct model *m)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	int r, want;

	switch (random() % 4) {
	case 0:
		if (m->live)
			break;
		m->mode = modes[random() % 3];
		m->ino = (uint64_t)(random() % 5);
		ck_assert_int_eq(
		    handle_open(&table, fd_new(), m->mode, m->ino, &m->id), 0);
		m->live = 1;
		break;
	case 1:
		r = handle_release(&table, m->id, m->ino);
		ck_assert_int_eq(r, m->live ? 0 : EBADF);
		m->live = 0;
		break;
	case 2:
		want = m->live && m->mode != O_WRONLY ? 0 : EBADF;
		ck_assert_int_eq(get(m->id, m->ino, HANDLE_READ), want);
		break;
	default:
		want = m->live && m->mode != O_RDONLY ? 0 : EBADF;
		ck_assert_int_eq(get(m->id, m->ino, HANDLE_WRITE), want);
	}
}

START_TEST(agrees_with_a_model)
{
	static struct model model[MODEL];
	unsigned live = 0;
	int i;

	srandom((unsigned)_i);
	memset(model, 0, sizeof(model));
	for (i = 0; i < STEPS; i++)
		model_step(&model[random() % MODEL]);
	for (i = 0; i < MODEL; i++)
		live += (unsigned)model[i].live;
	ck_assert_uint_eq(handle_table_used(&table), live);
	for (i = 0; i < MODEL; i++)
		if (model[i].live)
			ck_assert_int_eq(
			    handle_release(&table, model[i].id, model[i].ino),
			    0);
}
END_TEST

/*
 * Threads share ids: each opens a file of its own contents, hands its id
 * to whoever comes next, and uses and releases what it finds.  A handle
 * must always be on the file that its id was given out for.
 */
#define THREADS 8
#define ROUNDS 5000
#define SHARED 16

static _Atomic uint64_t shared[SHARED];
static atomic_int released;

static void *
thread_main(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;
	struct handle *h;
	struct stat st;
	uint64_t id;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		_Atomic uint64_t *place = &shared[rand_r(&seed) % SHARED];
		int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (fd == -1 ||
		    handle_open(&table, fd, O_RDWR, NODE, &id) != 0)
			abort();
		id = atomic_exchange(place, id);
		if (id == 0)
			continue;
		if (handle_get(&table, id, NODE, HANDLE_READ, &h) != 0 ||
		    h->id != id)
			abort();
		if (handle_release(&table, id, NODE) == 0)
			atomic_fetch_add(&released, 1);
		if (fstat(h->fd, &st) != 0 || !S_ISCHR(st.st_mode))
			abort();
		handle_put(&table, h);
		if (handle_release(&table, id, NODE) != EBADF)
			abort();
	}
	return NULL;
}

START_TEST(threads_share_it)
{
	pthread_t thread[THREADS];
	uint64_t id;
	size_t i;
	int left = 0;

	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, thread_main,
				     (void *)(i + 1)),
		    0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < SHARED; i++)
		if ((id = atomic_load(&shared[i])) != 0) {
			ck_assert_int_eq(handle_release(&table, id, NODE), 0);
			left++;
		}
	ck_assert_int_eq(atomic_load(&released) + left, THREADS * ROUNDS);
	ck_assert_uint_eq(handle_table_used(&table), 0);
}
END_TEST

/* Does nothing to the table's speed that a growth by doubling would not. */
START_TEST(many_handles)
{
	enum {
		MANY = 200000
	};
	uint64_t *id = calloc(MANY, sizeof(*id));
	struct slot_table t;
	uint32_t i;

	slot_init(&t, SLOT_MAX, 9);
	for (i = 0; i < MANY; i++)
		ck_assert_int_eq(slot_add(&t, &id[i], &id[i]), 0);
	for (i = 0; i < MANY; i++)
		ck_assert_ptr_eq(slot_find(&t, id[i]), &id[i]);
	for (i = 0; i < MANY; i += 2)
		ck_assert_ptr_eq(slot_take(&t, id[i]), &id[i]);
	for (i = 0; i < MANY; i++)
		ck_assert_int_eq(slot_find(&t, id[i]) != NULL, i % 2);
	ck_assert_uint_eq(t.used, MANY / 2);
	slot_fini(&t);
	free(id);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("handle");
	TCase *tc = tcase_create("table"), *slow = tcase_create("random");

	tcase_add_checked_fixture(tc, table_make, table_drop);
	tcase_add_loop_test(tc, use_follows_the_access_mode, 0, 4);
	tcase_add_test(tc, directory_is_no_file);
	tcase_add_test(tc, forged_ids_find_nothing);
	tcase_add_test(tc, ids_never_come_back);
	tcase_add_test(tc, generation_wraps_without_0);
	tcase_add_loop_test(tc, shrunk_table_knows_its_past, 0, 4);
	tcase_add_loop_test(tc, shrunk_table_keeps_its_age, 0, 3);
	tcase_add_test(tc, full_table_is_ENFILE);
	tcase_add_test(tc, release_waits_for_the_borrower);
	tcase_add_test(tc, many_handles);
	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(slow, table_make, table_drop);
	tcase_add_loop_test(slow, agrees_with_a_model, 0, 4);
	tcase_add_test(slow, threads_share_it);
	suite_add_tcase(s, slow);
	return suite_run(s);
}
