/* SPDX-License-Identifier: ISC */
/* What the ages of requests ask for. */
#include <check.h>

#include "relay/watch.h"
#include "tests/suite.h"

static struct inflight table;
static struct relay_conf conf;
static struct timespec now;

static void
setup(void)
{
	inflight_init(&table);
	conf = relay_conf_default;
	conf.reread_ms = 100;
	conf.warn_ms = 200;
	conf.timeout_ms = 300;
	now = (struct timespec){ 1000, 0 };
}

static void
teardown(void)
{
	inflight_fini(&table);
}

/* A row of this age; the oldest is to be added first. */
static struct inflight_req *
add(uint64_t unique, uint32_t opcode, unsigned age_ms)
{
	struct inflight_req *r;

	ck_assert_int_eq(inflight_add(&table, unique, &r), E_OK);
	r->opcode = opcode;
	r->since.tv_sec = now.tv_sec - 1;
	r->since.tv_nsec = (1000 - (long)age_ms) * 1000000;
	return r;
}

START_TEST(nothing_is_due_early)
{
	struct watch_found f;

	ck_assert_int_eq(watch_next_late(&table, &conf, &now, NULL, &f), 0);
	add(2, FUSE_OP_READ, 99)->reread = REREAD_ALLOWED;
	add(4, FUSE_OP_STATFS, 99);
	ck_assert_int_eq(watch_next_late(&table, &conf, &now, NULL, &f), 0);
	ck_assert_int_eq(watch_next_reread(&table, &conf, &now, NULL, &f), 0);
}
END_TEST

START_TEST(ages_are_judged)
{
	struct inflight_req *lock, *late, *warned, *slow;
	struct watch_found f;

	lock = add(2, FUSE_OP_SETLKW, 900); /* waits as long as it takes */
	late = add(4, FUSE_OP_STATFS, 300);
	warned = add(6, FUSE_OP_STATFS, 299);
	warned->warned = 1;
	slow = add(8, FUSE_OP_STATFS, 200);
	add(10, FUSE_OP_STATFS, 199);
	ck_assert_int_eq(watch_next_late(&table, &conf, &now, NULL, &f), 1);
	ck_assert_ptr_eq(f.r, late);
	ck_assert_int_eq(f.due, WATCH_EXPIRE);
	ck_assert_int_eq(f.age_ms, 300);
	ck_assert_int_eq(watch_next_late(&table, &conf, &now, lock, &f), 1);
	ck_assert_ptr_eq(f.r, late);
	ck_assert_int_eq(watch_next_late(&table, &conf, &now, late, &f), 1);
	ck_assert_ptr_eq(f.r, slow);
	ck_assert_int_eq(f.due, WATCH_WARN);
	ck_assert_int_eq(watch_next_late(&table, &conf, &now, slow, &f), 0);
	/* The session's own requests are nobody's trouble. */
	late->own = 1;
	ck_assert_int_eq(watch_next_late(&table, &conf, &now, NULL, &f), 1);
	ck_assert_ptr_eq(f.r, slow);
	/* Either limit may be off. */
	late->own = 0;
	conf.timeout_ms = 0;
	ck_assert_int_eq(watch_next_late(&table, &conf, &now, NULL, &f), 1);
	ck_assert_int_eq(f.due, WATCH_WARN);
	conf.warn_ms = 0;
	ck_assert_int_eq(watch_next_late(&table, &conf, &now, NULL, &f), 0);
}
END_TEST

START_TEST(reads_that_may_be_repeated)
{
	struct inflight_req *asked, *interrupted, *may;
	struct watch_found f;

	add(2, FUSE_OP_READ, 500);
	asked = add(4, FUSE_OP_READ, 400);
	asked->reread = REREAD_ASKED;
	interrupted = add(6, FUSE_OP_READ, 300);
	interrupted->reread = REREAD_ALLOWED;
	interrupted->interrupt = 7;
	may = add(8, FUSE_OP_READ, 100);
	may->reread = REREAD_ALLOWED;
	ck_assert_int_eq(watch_next_reread(&table, &conf, &now, NULL, &f), 1);
	ck_assert_ptr_eq(f.r, may);
	ck_assert_int_eq(f.due, WATCH_REREAD);
	ck_assert_int_eq(watch_next_reread(&table, &conf, &now, may, &f), 0);
}
END_TEST

START_TEST(it_looks_often_enough)
{
	static const struct {
		unsigned again, warn, timeout, period;
	} row[] = {
		{ 5000, 10000, 0, 1000 },
		{ 5000, 0, 0, 1000 },
		{ 1000, 0, 0, 250 },
		{ 5000, 400, 0, 100 },
		{ 5000, 400, 200, 50 },
		{ 5000, 400, 4, 20 },
	};

	conf.reread_ms = row[_i].again;
	conf.warn_ms = row[_i].warn;
	conf.timeout_ms = row[_i].timeout;
	ck_assert_uint_eq(watch_period_ms(&conf), row[_i].period);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("watch");
	TCase *tc = tcase_create("watch");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_due_early);
	tcase_add_test(tc, ages_are_judged);
	tcase_add_test(tc, reads_that_may_be_repeated);
	tcase_add_loop_test(tc, it_looks_often_enough, 0, 6);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
