/* SPDX-License-Identifier: ISC */
#include "relay/watch.h"

#include "wire/ops.h"

#define WATCH_MOST_MS 1000
#define WATCH_LEAST_MS 20
#define WATCH_LOOKS 4 /* within a limit */

static void
watch_look_for(unsigned *ms, unsigned limit)
{
	if (limit / WATCH_LOOKS < *ms)
		*ms = limit / WATCH_LOOKS;
}

unsigned
watch_period_ms(const struct relay_conf *c)
{
	unsigned ms = WATCH_MOST_MS;

	watch_look_for(&ms, c->reread_ms);
	if (c->timeout_ms != 0)
		watch_look_for(&ms, c->timeout_ms);
	if (c->warn_ms != 0)
		watch_look_for(&ms, c->warn_ms);
	return ms < WATCH_LEAST_MS ? WATCH_LEAST_MS : ms;
}

/* Is nothing due for a request of this age, nor for younger ones? */
static int
watch_is_young(const struct relay_conf *c, long long age)
{
	return age < c->reread_ms && (c->warn_ms == 0 || age < c->warn_ms) &&
	    (c->timeout_ms == 0 || age < c->timeout_ms);
}

static int
watch_is_reread(const struct relay_conf *c, struct watch_found *f)
{
	const struct inflight_req *r = f->r;

	f->due = WATCH_REREAD;
	return r->reread == REREAD_ALLOWED && r->parts == NULL &&
	    r->interrupt == 0 && f->age_ms >= c->reread_ms;
}

static int
watch_is_late(const struct relay_conf *c, struct watch_found *f)
{
	const struct inflight_req *r = f->r;

	/* (A lock may be waited for as long as it takes.) */
	if (r->own || r->opcode == FUSE_OP_SETLKW)
		return 0;
	f->due = WATCH_EXPIRE;
	if (c->timeout_ms != 0 && f->age_ms >= c->timeout_ms)
		return 1;
	f->due = WATCH_WARN;
	return c->warn_ms != 0 && f->age_ms >= c->warn_ms && !r->warned;
}

static int
watch_next(const struct inflight *t, const struct relay_conf *c,
    const struct timespec *now, const struct inflight_req *after,
    int (*is_due)(const struct relay_conf *, struct watch_found *),
    struct watch_found *f)
{
	f->r = after == NULL ? inflight_oldest(t) : TAILQ_NEXT(after, age);
	for (; f->r != NULL; f->r = TAILQ_NEXT(f->r, age)) {
		f->age_ms = inflight_age_ms(f->r, now);
		if (watch_is_young(c, f->age_ms))
			return 0;
		if (is_due(c, f))
			return 1;
	}
	return 0;
}

int
watch_next_reread(const struct inflight *t, const struct relay_conf *c,
    const struct timespec *now, const struct inflight_req *after,
    struct watch_found *f)
{
	return watch_next(t, c, now, after, watch_is_reread, f);
}

int
watch_next_late(const struct inflight *t, const struct relay_conf *c,
    const struct timespec *now, const struct inflight_req *after,
    struct watch_found *f)
{
	return watch_next(t, c, now, after, watch_is_late, f);
}
