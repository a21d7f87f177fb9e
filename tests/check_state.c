/* SPDX-License-Identifier: ISC */
/* The two sides of a mount: every state with every move. */
#include <check.h>
#include <string.h>

#include "serve/state.h"
#include "tests/suite.h"

static const char *const front_names[] = { [FRONT_STARTING] = "starting",
	[FRONT_CANCELLED] = "cancelled",
	[FRONT_UP] = "up",
	[FRONT_UNMOUNTING] = "unmounting",
	[FRONT_DETACHED] = "detached",
	[FRONT_LEAVING] = "leaving",
	[FRONT_FAILED] = "failed",
	[FRONT_UNSERVED] = "unserved",
	[FRONT_LOST] = "lost",
	[FRONT_ENDED] = "ended" };

/* What each move leads to, from each state; "-": it does not matter. */
static const char *const front_after[FRONT_STATES][FRONT_MOVES] = {
	/* MOUNT, UNMOUNT, KEEP, DETACH, FAIL, LOSE, END */
	[FRONT_STARTING] = { "up", "cancelled", "-", "-", "failed", "failed",
	    "ended" },
	[FRONT_CANCELLED] = { "unmounting", "-", "starting", "detached",
	    "failed", "failed", "ended" },
	[FRONT_UP] = { "-", "unmounting", "-", "-", "failed", "lost",
	    "ended" },
	[FRONT_UNMOUNTING] = { "-", "-", "up", "detached", "failed", "lost",
	    "ended" },
	[FRONT_DETACHED] = { "-", "leaving", "-", "-", "unserved", "lost",
	    "ended" },
	[FRONT_LEAVING] = { "-", "-", "detached", "detached", "unserved",
	    "lost", "ended" },
	[FRONT_FAILED] = { "-", "-", "-", "-", "-", "lost", "ended" },
	[FRONT_UNSERVED] = { "-", "-", "-", "-", "-", "-", "ended" },
	[FRONT_LOST] = { "-", "-", "-", "-", "-", "-", "ended" },
	[FRONT_ENDED] = { "-", "-", "-", "-", "-", "-", "-" },
};

static const char *const daemon_names[] = { [DAEMON_WAITING] = "waiting",
	[DAEMON_STARTING] = "starting",
	[DAEMON_SERVING] = "serving",
	[DAEMON_ENDING] = "ending",
	[DAEMON_GIVEN_UP] = "given up",
	[DAEMON_GONE] = "gone",
	[DAEMON_LEFT] = "left" };

static const char *const daemon_after[DAEMON_STATES][DAEMON_MOVES] = {
	/* GRANT, SERVE, END, GIVE_UP, GO */
	[DAEMON_WAITING] = { "starting", "-", "ending", "-", "gone" },
	[DAEMON_STARTING] = { "-", "serving", "ending", "-", "gone" },
	[DAEMON_SERVING] = { "-", "-", "ending", "given up", "gone" },
	[DAEMON_ENDING] = { "-", "-", "-", "given up", "gone" },
	[DAEMON_GIVEN_UP] = { "-", "-", "-", "-", "left" },
	[DAEMON_GONE] = { "-", "-", "-", "-", "-" },
	[DAEMON_LEFT] = { "-", "-", "-", "-", "-" },
};

START_TEST(front)
{
	const enum front_state from = (enum front_state)(_i / FRONT_MOVES);
	const enum front_move move = (enum front_move)(_i % FRONT_MOVES);
	const char *want = front_after[from][move];
	enum front_state s = from;
	int moved = front_state_move(&s, move);

	ck_assert_int_eq(moved, strcmp(want, "-") != 0);
	ck_assert_str_eq(front_names[s], moved ? want : front_names[from]);
}
END_TEST

START_TEST(daemon_side)
{
	const enum daemon_state from = (enum daemon_state)(_i / DAEMON_MOVES);
	const enum daemon_move move = (enum daemon_move)(_i % DAEMON_MOVES);
	const char *want = daemon_after[from][move];
	enum daemon_state s = from;
	int moved = daemon_state_move(&s, move);

	ck_assert_int_eq(moved, strcmp(want, "-") != 0);
	ck_assert_str_eq(daemon_names[s], moved ? want : daemon_names[from]);
}
END_TEST

START_TEST(questions)
{
	enum front_state f;
	enum daemon_state d;

	for (f = FRONT_STARTING; f < FRONT_STATES; f++)
		ck_assert_int_eq(front_state_is_kept(f),
		    f == FRONT_STARTING || f == FRONT_UP);
	for (d = DAEMON_WAITING; d < DAEMON_STATES; d++)
		ck_assert_int_eq(daemon_state_is_gone(d), d >= DAEMON_GONE);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("state");
	TCase *tc = tcase_create("state");

	tcase_add_loop_test(tc, front, 0, FRONT_STATES * FRONT_MOVES);
	tcase_add_loop_test(tc, daemon_side, 0, DAEMON_STATES * DAEMON_MOVES);
	tcase_add_test(tc, questions);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
