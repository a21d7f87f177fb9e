/* SPDX-License-Identifier: ISC */
#include "serve/state.h"

#include <stddef.h>

#define IN(state) (1u << (state))

struct state_row {
	unsigned from; /* any of these states */
	int move, to;
};

static const struct state_row front_rows[] = {
	{ IN(FRONT_STARTING), FRONT_MOUNT, FRONT_UP },
	{ IN(FRONT_CANCELLED), FRONT_MOUNT, FRONT_UNMOUNTING },

	{ IN(FRONT_STARTING), FRONT_UNMOUNT, FRONT_CANCELLED },
	{ IN(FRONT_UP), FRONT_UNMOUNT, FRONT_UNMOUNTING },
	{ IN(FRONT_DETACHED), FRONT_UNMOUNT, FRONT_LEAVING },

	{ IN(FRONT_CANCELLED), FRONT_KEEP, FRONT_STARTING },
	{ IN(FRONT_UNMOUNTING), FRONT_KEEP, FRONT_UP },
	{ IN(FRONT_LEAVING), FRONT_KEEP, FRONT_DETACHED },

	{ IN(FRONT_CANCELLED) | IN(FRONT_UNMOUNTING) | IN(FRONT_LEAVING),
	    FRONT_DETACH, FRONT_DETACHED },

	{ IN(FRONT_STARTING) | IN(FRONT_CANCELLED) | IN(FRONT_UP) |
		IN(FRONT_UNMOUNTING),
	    FRONT_FAIL, FRONT_FAILED },
	{ IN(FRONT_DETACHED) | IN(FRONT_LEAVING), FRONT_FAIL, FRONT_UNSERVED },

	{ IN(FRONT_STARTING) | IN(FRONT_CANCELLED), FRONT_LOSE, FRONT_FAILED },
	{ IN(FRONT_UP) | IN(FRONT_UNMOUNTING) | IN(FRONT_DETACHED) |
		IN(FRONT_LEAVING) | IN(FRONT_FAILED),
	    FRONT_LOSE, FRONT_LOST },

	{ IN(FRONT_ENDED) - 1, FRONT_END, FRONT_ENDED }, /* from any other */
};

static const struct state_row daemon_rows[] = {
	{ IN(DAEMON_WAITING), DAEMON_GRANT, DAEMON_STARTING },
	{ IN(DAEMON_STARTING), DAEMON_SERVE, DAEMON_SERVING },
	{ IN(DAEMON_WAITING) | IN(DAEMON_STARTING) | IN(DAEMON_SERVING),
	    DAEMON_END, DAEMON_ENDING },
	{ IN(DAEMON_SERVING) | IN(DAEMON_ENDING), DAEMON_GIVE_UP,
	    DAEMON_GIVEN_UP },
	{ IN(DAEMON_WAITING) | IN(DAEMON_STARTING) | IN(DAEMON_SERVING) |
		IN(DAEMON_ENDING),
	    DAEMON_GO, DAEMON_GONE },
	{ IN(DAEMON_GIVEN_UP), DAEMON_GO, DAEMON_LEFT },
};

/* The state after a move; the same one, if no row has it. */
static int
state_after(const struct state_row *rows, size_t n, int state, int move)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].move == move && (rows[i].from & IN(state)))
			return rows[i].to;
	return state;
}

int
front_state_move(enum front_state *s, enum front_move move)
{
	const enum front_state was = *s;

	*s = (enum front_state)state_after(front_rows,
	    sizeof(front_rows) / sizeof(front_rows[0]), (int)was, (int)move);
	return *s != was;
}

int
daemon_state_move(enum daemon_state *s, enum daemon_move move)
{
	const enum daemon_state was = *s;

	*s = (enum daemon_state)state_after(daemon_rows,
	    sizeof(daemon_rows) / sizeof(daemon_rows[0]), (int)was, (int)move);
	return *s != was;
}

int
front_state_is_seen(enum front_state s)
{
	return s == FRONT_UP || s == FRONT_UNMOUNTING || s == FRONT_DETACHED ||
	    s == FRONT_LEAVING;
}

int
front_state_is_kept(enum front_state s)
{
	return s == FRONT_STARTING || s == FRONT_UP;
}

int
front_state_is_there(enum front_state s)
{
	return s <= FRONT_UNMOUNTING || s == FRONT_FAILED;
}

int
daemon_state_is_gone(enum daemon_state s)
{
	return s == DAEMON_GONE || s == DAEMON_LEFT;
}
