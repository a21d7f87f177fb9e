/* SPDX-License-Identifier: ISC */
/* Nodes and paths: as a tree of names has them, and within bounds. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/suite.h"
#include "trace/paths.h"

static struct span
name_of(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

static const struct span none = { NULL, 0 };

static void
path_is(const struct paths *p, uint64_t node, const char *name,
    const char *want)
{
	char buf[PATHS_TEXT_MAX];
	size_t n = paths_get(p, node, name != NULL ? name_of(name) : none,
	    buf);

	ck_assert_str_eq(buf, want);
	ck_assert_uint_eq(n, strlen(want));
}

START_TEST(names_make_paths)
{
	struct paths *p = paths_new(100);

	path_is(p, 1, NULL, "/");
	path_is(p, 1, "a", "/a");
	path_is(p, 2, NULL, "#2");
	path_is(p, 2, "a", "#2/a");
	paths_enter(p, 1, name_of("dir"), 2);
	paths_enter(p, 2, name_of("file"), 3);
	path_is(p, 2, NULL, "/dir");
	path_is(p, 3, NULL, "/dir/file");
	path_is(p, 2, "new", "/dir/new");
	/* These name no node, or not by a name that is its own. */
	paths_enter(p, 2, name_of("."), 2);
	paths_enter(p, 2, name_of(".."), 1);
	paths_enter(p, 1, name_of("negative"), 0);
	paths_enter(p, 1, name_of("root"), 1);
	path_is(p, 2, NULL, "/dir");
	path_is(p, 1, NULL, "/");
	ck_assert_uint_eq(paths_count(p), 2);
	paths_free(p);
}
END_TEST

static void
tell(void *arg, const struct paths_node *n)
{
	paths_enter_node(arg, n);
}

/* A table that lacks what another has gets as much as is needed. */
START_TEST(f61_told_to_another)
{
	struct paths *p = paths_new(100), *q = paths_new(100);

	paths_enter(p, 1, name_of("a"), 2);
	paths_enter(p, 2, name_of("b"), 3);
	paths_enter(p, 3, name_of("c"), 4);
	paths_enter(p, 3, name_of("d"), 5);
	paths_enter(p, 3, name_of("d"), 5);
	paths_repeat(p, 4, 1, tell, q); /* it has been entered */
	ck_assert_uint_eq(paths_count(q), 0);
	paths_next_file(p);
	paths_repeat(p, 4, 0, tell, q);
	paths_repeat(p, 4, 1, tell, q);
	path_is(q, 4, NULL, "/a/b/c");
	ck_assert_uint_eq(paths_count(q), 3);
	paths_remove(p, 3, name_of("c"));
	paths_remove(p, 3, name_of("d"));
	paths_enter(p, 3, name_of("d"), 6);
	paths_repeat(p, 5, 1, tell, q);
	paths_repeat(p, 6, 1, tell, q); /* it has been entered */
	path_is(q, 5, NULL, "/a/b/d (deleted)");
	path_is(q, 5, "x", "/a/b/d/x");
	path_is(q, 6, NULL, "#6");
	path_is(q, 4, NULL, "/a/b/c"); /* as it was told */
	/* As often as it was looked up. */
	paths_forget(q, 5, 1);
	path_is(q, 5, NULL, "/a/b/d (deleted)");
	paths_forget(q, 5, 1);
	path_is(q, 5, NULL, "#5");
	paths_repeat(p, 100, 1, tell, q);
	paths_repeat(p, 1, 1, tell, q);
	ck_assert_uint_eq(paths_count(q), 3);
	paths_free(p);
	paths_free(q);
}
END_TEST

START_TEST(forgets_count)
{
	struct paths *p = paths_new(100);

	paths_enter(p, 1, name_of("a"), 2);
	paths_enter(p, 1, name_of("a"), 2);
	paths_enter(p, 1, name_of("a"), 2);
	paths_forget(p, 2, 2);
	path_is(p, 2, NULL, "/a");
	paths_forget(p, 2, 1);
	path_is(p, 2, NULL, "#2");
	paths_forget(p, 2, 1);
	paths_enter(p, 1, name_of("a"), 2);
	paths_forget(p, 2, UINT64_MAX);
	ck_assert_uint_eq(paths_count(p), 0);
	paths_free(p);
}
END_TEST

START_TEST(removed_and_moved)
{
	struct paths *p = paths_new(100);

	paths_enter(p, 1, name_of("a"), 2);
	paths_enter(p, 1, name_of("b"), 3);
	paths_enter(p, 2, name_of("c"), 4);
	paths_move(p, 1, name_of("a"), 3, name_of("d"), 0);
	path_is(p, 2, NULL, "/b/d");
	path_is(p, 4, NULL, "/b/d/c");
	/* Over another one. */
	paths_enter(p, 3, name_of("e"), 5);
	paths_move(p, 3, name_of("d"), 3, name_of("e"), 0);
	path_is(p, 2, NULL, "/b/e");
	path_is(p, 5, NULL, "/b/e (deleted)");
	path_is(p, 5, "x", "/b/e/x");
	/* Swapped. */
	paths_enter(p, 1, name_of("f"), 6);
	paths_move(p, 1, name_of("f"), 3, name_of("e"), 1);
	path_is(p, 6, NULL, "/b/e");
	path_is(p, 2, NULL, "/f");
	/* Gone, and there again. */
	paths_remove(p, 1, name_of("f"));
	path_is(p, 2, NULL, "/f (deleted)");
	paths_enter(p, 1, name_of("f"), 7);
	path_is(p, 7, NULL, "/f");
	path_is(p, 2, NULL, "/f (deleted)");
	/* What is not known. */
	paths_remove(p, 9, name_of("x"));
	paths_move(p, 9, name_of("x"), 9, name_of("y"), 1);
	paths_move(p, 1, name_of("f"), 1, name_of("f"), 0);
	path_is(p, 7, NULL, "/f");
	paths_free(p);
}
END_TEST

START_TEST(hard_links_have_the_last_name)
{
	struct paths *p = paths_new(100);

	paths_enter(p, 1, name_of("a"), 2);
	paths_enter(p, 1, name_of("b"), 2);
	path_is(p, 2, NULL, "/b");
	paths_remove(p, 1, name_of("a"));
	path_is(p, 2, NULL, "/b");
	paths_free(p);
}
END_TEST

START_TEST(circles_and_depth_end)
{
	struct paths *p = paths_new(5000);
	char buf[PATHS_TEXT_MAX], name[32];
	uint64_t i;
	size_t n;

	/* A daemon may say so. */
	paths_enter(p, 3, name_of("a"), 2);
	paths_enter(p, 2, name_of("b"), 3);
	n = paths_get(p, 3, none, buf);
	ck_assert_uint_lt(n, PATHS_TEXT_MAX);
	ck_assert_int_eq(strncmp(buf, ".../", 4), 0);
	for (i = 10; i < 1000; i++) {
		snprintf(name, sizeof(name), "directory-%llu",
		    (unsigned long long)i);
		paths_enter(p, i == 10 ? 1 : i - 1, name_of(name), i);
	}
	n = paths_get(p, 999, none, buf);
	ck_assert_uint_lt(n, PATHS_TEXT_MAX);
	ck_assert_int_eq(strncmp(buf, "...", 3), 0);
	ck_assert_str_eq(buf + n - 14, "/directory-999");
	paths_free(p);
}
END_TEST

START_TEST(long_names_are_cut)
{
	struct paths *p = paths_new(10);
	char name[PATHS_TEXT_MAX + 10], buf[PATHS_TEXT_MAX];
	size_t n;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	n = paths_get(p, 1, name_of(name), buf);
	ck_assert_uint_lt(n, PATHS_TEXT_MAX);
	ck_assert_int_eq(strncmp(buf, "...", 3), 0);
	paths_enter(p, 1, name_of(name), 2); /* too long to remember */
	path_is(p, 2, NULL, "#2");
	paths_free(p);
}
END_TEST

/* There is room for all; for the name and its "/"; for no more than those. */
static const struct {
	size_t name_len, len;
	const char *begin;
} longs[] = {
	{ 4088, 4095, "#12345/x" },
	{ 4089, 4093, ".../xxxx" },
	{ 4094, 4095, "...xxxxx" },
};

START_TEST(long_names_below_what_is_unknown)
{
	struct paths *p = paths_new(10);
	char name[PATHS_TEXT_MAX], buf[PATHS_TEXT_MAX];

	memset(name, 'x', sizeof(name));
	memset(buf, '?', sizeof(buf));
	ck_assert_uint_eq(
	    paths_get(p, 12345,
		(struct span){ (uint8_t *)name, longs[_i].name_len }, buf),
	    longs[_i].len);
	ck_assert_int_eq(strncmp(buf, longs[_i].begin, 8), 0);
	paths_free(p);
}
END_TEST

START_TEST(the_table_is_bounded)
{
	struct paths *p = paths_new(64);
	char name[32];
	uint64_t i;

	for (i = 2; i < 10000; i++) {
		snprintf(name, sizeof(name), "%llu", (unsigned long long)i);
		paths_enter(p, 1, name_of(name), i);
		ck_assert_uint_le(paths_count(p), 64);
	}
	path_is(p, 9999, NULL, "/9999");
	path_is(p, 2, NULL, "#2");
	paths_free(p);
}
END_TEST

/* A few directories and names, as arrays say and as the table says. */
#define NODES 12
#define NAMES 6

struct reference {
	uint64_t parent[NODES]; /* 0: not known */
	unsigned name[NODES];
	int listed[NODES];
};

static uint64_t
rng(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
reference_unlist(struct reference *r, uint64_t parent, unsigned name)
{
	uint64_t i;

	for (i = 2; i < NODES; i++)
		if (r->listed[i] && r->parent[i] == parent &&
		    r->name[i] == name)
			r->listed[i] = 0;
}

static void
reference_enter(struct reference *r, uint64_t parent, unsigned name,
    uint64_t node)
{
	if (node == parent)
		return;
	reference_unlist(r, parent, name);
	r->parent[node] = parent;
	r->name[node] = name;
	r->listed[node] = 1;
}

START_TEST(random_calls_agree)
{
	static const char *const names[NAMES] = { "a", "b", "c", "dd", "e",
		"f" };
	uint64_t state = 88172645463325252u + (uint64_t)_i, node, dir;
	struct paths *p = paths_new(1000);
	struct reference ref = { { 0 }, { 0 }, { 0 } };
	char want[64], buf[PATHS_TEXT_MAX];
	unsigned name, step;

	for (step = 0; step < 3000; step++) {
		/* Two levels: directories 2 to 4 lie in the root. */
		node = 2 + rng(&state) % (NODES - 2);
		dir = node < 5 ? 1 : 1 + rng(&state) % 4;
		name = (unsigned)(rng(&state) % NAMES);
		switch (rng(&state) % 4) {
		case 0:
			paths_remove(p, dir, name_of(names[name]));
			reference_unlist(&ref, dir, name);
			break;
		case 1:
			paths_forget(p, node, UINT64_MAX);
			ref.parent[node] = 0;
			ref.listed[node] = 0;
			break;
		default:
			paths_enter(p, dir, name_of(names[name]), node);
			reference_enter(&ref, dir, name, node);
			break;
		}
		if (ref.parent[node] == 1)
			snprintf(want, sizeof(want), "/%s%s",
			    names[ref.name[node]],
			    ref.listed[node] ? "" : " (deleted)");
		else if (ref.parent[node] == 0)
			snprintf(want, sizeof(want), "#%llu",
			    (unsigned long long)node);
		else
			continue; /* told by its directory */
		paths_get(p, node, none, buf);
		ck_assert_str_eq(buf, want);
	}
	paths_free(p);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace_paths");
	TCase *tc = tcase_create("paths");

	tcase_add_test(tc, names_make_paths);
	tcase_add_test(tc, f61_told_to_another);
	tcase_add_test(tc, forgets_count);
	tcase_add_test(tc, removed_and_moved);
	tcase_add_test(tc, hard_links_have_the_last_name);
	tcase_add_test(tc, circles_and_depth_end);
	tcase_add_test(tc, long_names_are_cut);
	tcase_add_loop_test(tc, long_names_below_what_is_unknown, 0, 3);
	tcase_add_test(tc, the_table_is_bounded);
	tcase_add_loop_test(tc, random_calls_agree, 0, 8);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
