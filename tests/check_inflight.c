/* SPDX-License-Identifier: ISC */
/* The table of requests in flight against a plain array. */
#include <check.h>
#include <string.h>

#include "relay/inflight.h"
#include "tests/suite.h"

static struct inflight table;

static void
setup(void)
{
	inflight_init(&table);
}

static void
teardown(void)
{
	inflight_fini(&table);
}

static struct inflight_req *
add(uint64_t unique)
{
	struct inflight_req *r;

	if (inflight_add(&table, unique, &r) != E_OK)
		ck_abort_msg("add failed");
	return r;
}

START_TEST(one_request)
{
	struct inflight_req *r, *again;

	ck_assert_ptr_null(inflight_oldest(&table));
	ck_assert_ptr_null(inflight_find(&table, 4));
	r = add(4);
	ck_assert_uint_eq(r->unique, 4);
	ck_assert_uint_eq(r->opcode, 0);
	ck_assert_uint_eq(r->own, 0);
	ck_assert_uint_eq(r->expired, 0);
	ck_assert_int_eq(inflight_add(&table, 4, &again), E_EXISTS);
	ck_assert_ptr_null(again);
	ck_assert_ptr_eq(inflight_find(&table, 4), r);
	ck_assert_ptr_eq(inflight_oldest(&table), r);
	inflight_done(&table, r);
	ck_assert_ptr_null(inflight_find(&table, 4));
	ck_assert_ptr_null(inflight_oldest(&table));
	ck_assert_uint_eq(table.count, 0);
	ck_assert_uint_eq(table.peak, 1);
}
END_TEST

/* A row that is used again has nothing of the one before. */
START_TEST(rows_are_clean)
{
	struct inflight_req *r = add(4);

	r->opcode = 1;
	r->own = r->warned = 1;
	r->interrupt = 9;
	r->expect.tail = 7;
	inflight_expire(&table, r);
	inflight_done(&table, r);
	r = add(6);
	ck_assert_uint_eq(r->opcode, 0);
	ck_assert_uint_eq(r->own, 0);
	ck_assert_uint_eq(r->warned, 0);
	ck_assert_uint_eq(r->expired, 0);
	ck_assert_uint_eq(r->interrupt, 0);
	ck_assert_uint_eq(r->expect.tail, 0);
}
END_TEST

START_TEST(f40_extreme_numbers)
{
	static const uint64_t unique[] = { 0, 1, UINT32_MAX, UINT64_C(1) << 32,
		UINT64_C(1) << 62, UINT64_C(1) << 63, UINT64_MAX - 1,
		UINT64_MAX };
	size_t i;

	for (i = 0; i < sizeof(unique) / sizeof(unique[0]); i++)
		add(unique[i]);
	for (i = 0; i < sizeof(unique) / sizeof(unique[0]); i++)
		ck_assert_uint_eq(inflight_find(&table, unique[i])->unique,
		    unique[i]);
	ck_assert_uint_eq(table.count, i);
}
END_TEST

START_TEST(expired_ones_are_found_but_do_not_wait)
{
	struct inflight_req *a = add(2), *b = add(4);

	inflight_expire(&table, a);
	ck_assert_ptr_eq(inflight_oldest(&table), b);
	ck_assert_ptr_eq(inflight_find(&table, 2), a);
	ck_assert_uint_eq(table.count, 1);
	ck_assert_uint_eq(table.nexpired, 1);
	inflight_done(&table, a);
	ck_assert_ptr_null(inflight_find(&table, 2));
	ck_assert_uint_eq(table.nexpired, 0);
	inflight_done(&table, b);
	ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(not_all_expired_ones_are_kept)
{
	uint64_t u, n = INFLIGHT_EXPIRED_MAX + 100;

	for (u = 1; u <= n; u++)
		inflight_expire(&table, add(u));
	ck_assert_uint_eq(table.count, 0);
	ck_assert_uint_eq(table.nexpired, INFLIGHT_EXPIRED_MAX);
	ck_assert_ptr_null(inflight_find(&table, 100));
	ck_assert_ptr_nonnull(inflight_find(&table, 101));
	ck_assert_ptr_nonnull(inflight_find(&table, n));
}
END_TEST

START_TEST(ages)
{
	struct inflight_req r = { .since = { 100, 900000000 } };
	struct timespec now = { 102, 100000000 };

	ck_assert_int_eq(inflight_age_ms(&r, &now), 1200);
	ck_assert_int_eq(inflight_age_ms(&r, &r.since), 0);
}
END_TEST

#define MODEL 500
#define RANGE 1000 /* uniques, so that many are there already */

/* Oldest first, as the table must have them. */
struct model {
	uint64_t unique[MODEL];
	size_t n, peak;
};

static size_t
model_find(const struct model *m, uint64_t unique)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->unique[i] == unique)
			break;
	return i;
}

static void
model_compare(const struct model *m)
{
	struct inflight_req *r = inflight_oldest(&table);
	struct timespec last = { 0, 0 };
	size_t i;

	if (table.count != m->n || table.peak != m->peak)
		ck_abort_msg("count %zu not %zu, peak %zu not %zu",
		    table.count, m->n, table.peak, m->peak);
	for (i = 0; i < m->n; i++) {
		if (r == NULL || r->unique != m->unique[i] ||
		    r->nodeid != r->unique * 3)
			ck_abort_msg("row %zu is wrong", i);
		if (inflight_age_ms(r, &last) > 0)
			ck_abort_msg("row %zu is older than those before", i);
		last = r->since;
		r = TAILQ_NEXT(r, age);
	}
	ck_assert_ptr_null(r);
}

START_TEST(agrees_with_a_model)
{
	uint64_t x = (uint64_t)_i * 77 + 1, u;
	struct model m = { .n = 0 };
	struct inflight_req *r;
	size_t at;
	int step, ret;

	for (step = 0; step < 20000; step++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
		u = (x >> 40) % RANGE;
		at = model_find(&m, u);
		r = inflight_find(&table, u);
		if ((r != NULL) != (at < m.n))
			ck_abort_msg("step %d: find differs", step);
		if ((x >> 33) % 2 == 0 && m.n < MODEL) {
			ret = inflight_add(&table, u, &r);
			if (ret != (at < m.n ? E_EXISTS : E_OK))
				ck_abort_msg("step %d: add gave %d", step,
				    ret);
			if (ret == E_OK) {
				r->nodeid = u * 3;
				m.unique[m.n++] = u;
				if (m.n > m.peak)
					m.peak = m.n;
			}
		} else if (r != NULL) {
			inflight_done(&table, r);
			memmove(m.unique + at, m.unique + at + 1,
			    (m.n - at - 1) * sizeof(m.unique[0]));
			m.n--;
		}
		if (step % 100 == 0)
			model_compare(&m);
	}
	model_compare(&m);
}
END_TEST

START_TEST(f39_many)
{
	enum {
		N = 100000
	};
	struct inflight_req *r;
	uint64_t u;

	for (u = 1; u <= N; u++)
		add(u * 2);
	ck_assert_uint_eq(table.peak, N);
	for (u = 1; u <= N; u++) {
		r = inflight_find(&table, u * 2);
		if (r == NULL || inflight_oldest(&table)->unique != u * 2)
			ck_abort_msg("%u is not there", (unsigned)u);
		inflight_done(&table, r);
	}
	ck_assert_uint_eq(table.count, 0);
	/* Rows left in the table are freed with it. */
	for (u = 1; u <= N; u++)
		r = add(u);
	inflight_expire(&table, r);
	ck_assert_uint_eq(table.count, N - 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("inflight");
	TCase *tc = tcase_create("inflight");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_request);
	tcase_add_test(tc, rows_are_clean);
	tcase_add_test(tc, f40_extreme_numbers);
	tcase_add_test(tc, expired_ones_are_found_but_do_not_wait);
	tcase_add_test(tc, not_all_expired_ones_are_kept);
	tcase_add_test(tc, ages);
	tcase_add_loop_test(tc, agrees_with_a_model, 0, 5);
	tcase_add_test(tc, f39_many);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
