/* SPDX-License-Identifier: ISC */
/* What a mount can tell of itself: figures, and who waits for what. */
#include <stdio.h>

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
mount_tell_request(const struct mount *m, struct model *known,
    const struct inflight_req *r, const struct timespec *now)
{
	char path[PATHS_TEXT_MAX] = "", comm[CALLER_NAME_MAX + 1] = "";
	char name[OP_NAME_MAX];
	struct call *c = NULL;
	size_t len;

	if (known != NULL)
		c = model_call(known, m->session->id, r->unique);
	if (c != NULL)
		call_path(c, 0, path);
	/* (It may have another name by now, or none.) */
	len = caller_name(r->pid, comm);
	if (c != NULL && c->comm[0] != '\0')
		snprintf(comm, sizeof(comm), "%s", c->comm);
	else
		comm[len] = '\0';
	log_say("%s:   %s%s%s unique=%llu nodeid=%llu of process %u (%s) for "
	    "%lld ms", m->target, op_name_of(r->opcode, name),
	    path[0] != '\0' ? " " : "", path,
	    (unsigned long long)r->unique, (unsigned long long)r->nodeid,
	    r->pid, comm[0] != '\0' ? comm : "?",
	    inflight_age_ms(r, now));
}

void
mount_tell_inflight(const struct mount *m)
{
	const struct inflight_req *r;
	struct timespec now;
	struct model *known;
	size_t n = 0;

	if (m->session == NULL)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	log_say("%s: %zu requests in flight%s", m->target,
	    m->session->inflight.count,
	    m->session->inflight.count > 0 ? ", the oldest first:" : "");
	if ((r = inflight_oldest(&m->session->inflight)) == NULL)
		return;
	known = live_look(m->run->live);
	for (; r != NULL && n < TELL_REQUESTS; r = TAILQ_NEXT(r, age), n++)
		mount_tell_request(m, known, r, &now);
	live_look_end(m->run->live, known);
}
