/* SPDX-License-Identifier: ISC */
#include "relay/inflight.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void
inflight_init(struct inflight *t)
{
	t->by_unique = NULL;
	TAILQ_INIT(&t->oldest);
	TAILQ_INIT(&t->expired);
	TAILQ_INIT(&t->spare);
	t->count = t->peak = t->nexpired = 0;
}

static void
inflight_free_list(struct inflight_list *list)
{
	struct inflight_req *r;

	while ((r = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, r, age);
		free(r);
	}
}

void
inflight_fini(struct inflight *t)
{
	HASH_CLEAR(hh, t->by_unique);
	inflight_free_list(&t->oldest);
	inflight_free_list(&t->expired);
	inflight_free_list(&t->spare);
	t->count = t->nexpired = 0;
}

int
inflight_add(struct inflight *t, uint64_t unique, struct inflight_req **out)
{
	struct inflight_req *r;

	*out = NULL;
	if (inflight_find(t, unique) != NULL)
		return E_EXISTS;
	if ((r = TAILQ_FIRST(&t->spare)) != NULL)
		TAILQ_REMOVE(&t->spare, r, age);
	else if ((r = malloc(sizeof(*r))) == NULL)
		return E_NOMEM;
	memset(r, 0, offsetof(struct inflight_req, read));
	r->unique = unique;
	HASH_ADD(hh, t->by_unique, unique, sizeof(r->unique), r);
	if (r->hh.tbl == NULL) { /* uthash found no memory */
		free(r);
		return E_NOMEM;
	}
	clock_gettime(CLOCK_MONOTONIC, &r->since);
	TAILQ_INSERT_TAIL(&t->oldest, r, age);
	if (++t->count > t->peak)
		t->peak = t->count;
	*out = r;
	return E_OK;
}

struct inflight_req *
inflight_find(const struct inflight *t, uint64_t unique)
{
	struct inflight_req *r;

	HASH_FIND(hh, t->by_unique, &unique, sizeof(unique), r);
	return r;
}

void
inflight_done(struct inflight *t, struct inflight_req *r)
{
	HASH_DELETE(hh, t->by_unique, r);
	TAILQ_REMOVE(r->expired ? &t->expired : &t->oldest, r, age);
	TAILQ_INSERT_HEAD(&t->spare, r, age);
	if (r->expired)
		t->nexpired--;
	else
		t->count--;
}

void
inflight_expire(struct inflight *t, struct inflight_req *r)
{
	TAILQ_REMOVE(&t->oldest, r, age);
	TAILQ_INSERT_TAIL(&t->expired, r, age);
	r->expired = 1;
	t->count--;
	if (++t->nexpired > INFLIGHT_EXPIRED_MAX)
		inflight_done(t, TAILQ_FIRST(&t->expired));
}

long long
inflight_age_ms(const struct inflight_req *r, const struct timespec *now)
{
	return (long long)(now->tv_sec - r->since.tv_sec) * 1000 +
	    (now->tv_nsec - r->since.tv_nsec) / 1000000;
}

struct inflight_req *
inflight_oldest(const struct inflight *t)
{
	return TAILQ_FIRST(&t->oldest);
}
