/* SPDX-License-Identifier: ISC */
/* What a mount can tell of itself: figures, and who waits for what. */
#include "base/log.h"
#include "cli/mount.h"

#define TELL_REQUESTS 100	/* at most so many of those in flight */

void
mount_tell_stats(const struct mount *m)
{
	const struct session_stats *t;
	const uint64_t *quirked;
	enum quirk_id id;

	if (m->session == NULL)
		return;
	t = &m->session->stats;
	quirked = m->session->quirks.count;
	log_say("%s: %llu requests, %llu in more than one piece (%llu pieces "
	    "in all), %llu glued to the one before; largest %u bytes",
	    m->target, (unsigned long long)t->requests,
	    (unsigned long long)t->split, (unsigned long long)t->pieces,
	    (unsigned long long)t->joined, t->largest);
	log_say("%s: %llu replies, %llu notifications; %llu dropped, %llu "
	    "repaired, %llu refused, %llu timed out; at most %zu in flight",
	    m->target, (unsigned long long)t->replies,
	    (unsigned long long)t->notifications,
	    (unsigned long long)t->dropped, (unsigned long long)t->repaired,
	    (unsigned long long)t->refused,
	    (unsigned long long)t->timed_out, m->session->inflight.peak);
	if (t->divided > 0)
		log_say("%s: %llu requests too large for one message, sent in "
		    "%llu parts", m->target, (unsigned long long)t->divided,
		    (unsigned long long)t->parts);
	for (id = 0; id < QUIRK_COUNT; id++)
		if (quirked[id] > 0)
			log_say("%s: %llu messages rewritten by quirk %s",
			    m->target, (unsigned long long)quirked[id],
			    quirk_name(id));
}

/* The path and the caller's name, as far as they are known. */
static void
mount_tell_request(const struct mount *m, const struct inflight_req *r,
    const struct timespec *now)
{
	char path[PATHS_TEXT_MAX] = "", comm[CALLER_NAME_MAX] = "?";
	const struct span none = { NULL, 0 };
	char name[OP_NAME_MAX];
	struct conn *conn = NULL;
	size_t len;

	if (live_model(m->run->live) != NULL)
		conn = model_conn(live_model(m->run->live), m->session->id);
	if (conn != NULL && r->nodeid != 0)
		paths_get(conn->paths, r->nodeid, none, path);
	len = caller_name(r->pid, comm);
	log_say("%s:   %s unique=%llu nodeid=%llu%s%s of process %u (%.*s) "
	    "for %lld ms", m->target, op_name_of(r->opcode, name),
	    (unsigned long long)r->unique, (unsigned long long)r->nodeid,
	    path[0] != '\0' ? " " : "", path, r->pid,
	    len > 0 ? (int)len : 1, len > 0 ? comm : "?",
	    inflight_age_ms(r, now));
}

void
mount_tell_inflight(const struct mount *m)
{
	const struct inflight_req *r;
	struct timespec now;
	size_t n = 0;

	if (m->session == NULL)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	log_say("%s: %zu requests in flight%s", m->target,
	    m->session->inflight.count,
	    m->session->inflight.count > 0 ? ", the oldest first:" : "");
	for (r = inflight_oldest(&m->session->inflight);
	    r != NULL && n < TELL_REQUESTS; r = TAILQ_NEXT(r, age), n++)
		mount_tell_request(m, r, &now);
}
