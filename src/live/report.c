/* SPDX-License-Identifier: ISC */
#include "live/report.h"

#include <stdio.h>

#include "trace/caller.h"
#include "trace/model.h"

#define REPORT_REQUESTS 100 /* at most so many of those in flight */

void
report_stats(const struct session *s, const char *name, report_fn *say)
{
	const struct session_stats *t = session_stats(s);
	enum quirk_id id;

	say("%s: %llu requests, %llu in more than one piece (%llu pieces "
	    "in all), %llu glued to the one before; largest %u bytes",
	    name, (unsigned long long)t->requests,
	    (unsigned long long)t->split, (unsigned long long)t->pieces,
	    (unsigned long long)t->joined, t->largest);
	say("%s: %llu replies, %llu notifications; %llu dropped, %llu "
	    "repaired, %llu refused, %llu timed out; at most %zu in flight",
	    name, (unsigned long long)t->replies,
	    (unsigned long long)t->notifications,
	    (unsigned long long)t->dropped, (unsigned long long)t->repaired,
	    (unsigned long long)t->refused, (unsigned long long)t->timed_out,
	    session_most_in_flight(s));
	if (t->divided > 0)
		say("%s: %llu requests too large for one message, sent in "
		    "%llu parts",
		    name, (unsigned long long)t->divided,
		    (unsigned long long)t->parts);
	if (t->spoilt > 0)
		say("%s: %llu replies that the kernel makes EIO of", name,
		    (unsigned long long)t->spoilt);
	if (t->repeated > 0)
		say("%s: %llu READs asked for again", name,
		    (unsigned long long)t->repeated);
	for (id = 0; id < QUIRK_COUNT; id++)
		if (session_quirked(s, id) > 0)
			say("%s: %llu messages rewritten by quirk %s", name,
			    (unsigned long long)session_quirked(s, id),
			    quirk_name(id));
}

/* The path and the caller's name, as far as they are known. */
static void
report_request(const struct session *s, const char *name, struct model *known,
    const struct session_waiting *w)
{
	char path[PATHS_TEXT_MAX] = "", comm[CALLER_NAME_MAX + 1] = "";
	char op[OP_NAME_MAX];
	struct call *c = NULL;
	size_t len;

	if (known != NULL)
		c = model_call(known, session_id(s), w->unique);
	if (c != NULL)
		call_path(c, 0, path);
	/* (It may have another name by now, or none.) */
	len = caller_name(w->pid, comm);
	if (c != NULL && c->comm[0] != '\0')
		snprintf(comm, sizeof(comm), "%s", c->comm);
	else
		comm[len] = '\0';
	log_say("%s:   %s%s%s unique=%llu nodeid=%llu of process %u (%s) for "
		"%lld ms",
	    name, op_name_of(w->opcode, op), path[0] != '\0' ? " " : "", path,
	    (unsigned long long)w->unique, (unsigned long long)w->nodeid,
	    w->pid, comm[0] != '\0' ? comm : "?", w->age_ms);
}

void
report_inflight(const struct session *s, const char *name, struct live *live)
{
	struct session_waiting waiting[REPORT_REQUESTS];
	size_t n = session_waiting(s, waiting, REPORT_REQUESTS), i;
	struct model *known;

	log_say("%s: %zu requests in flight%s", name, session_in_flight(s),
	    n > 0 ? ", the oldest first:" : "");
	if (n == 0)
		return;
	known = live_look(live);
	for (i = 0; i < n; i++)
		report_request(s, name, known, &waiting[i]);
	live_look_end(live, known);
}
