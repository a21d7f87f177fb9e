/* SPDX-License-Identifier: ISC */
/*
 * The steps of a replay, in the order of the capture: send this request; wait
 * for the reply to that one.
 */
#ifndef FR_REPLAY_SCRIPT_H
#define FR_REPLAY_SCRIPT_H

#include "replay/call.h"

enum script_step {
	SCRIPT_END,
	SCRIPT_SEND,  /* the call has its request */
	SCRIPT_REPLY, /* and its recorded reply */
	SCRIPT_LOST   /* its reply is not in the capture */
};

struct script_conf {
	char *const *files; /* read as one; ends with NULL; borrowed */
	uint32_t session;   /* 0: the first that there is */
};

struct script;

/*
 * Open the capture; the session must begin in it, with INIT.  E_VALUE, E_SYS,
 * E_NOMEM: logged.
 */
int script_open(struct script **out,
    const struct script_conf *conf) ERR_MUSTCHECK;
/* Calls that were not handed out, or not yet with a reply, are freed. */
void script_free(struct script *s, struct replay_maps *maps);

/*
 * The next step.  The script owns the call, since it has to find it again; the
 * caller gives it back with script_done() after SCRIPT_REPLY or SCRIPT_LOST,
 * or when it has no reply.  If the capture can't be read any more, this is
 * logged and SCRIPT_END is returned.
 */
enum script_step script_next(struct script *s, struct replay_call **c);
void script_done(struct script *s, struct replay_call *c,
    struct replay_maps *maps);

/* The call in flight that was recorded with this unique, or NULL. */
struct replay_call *script_find(const struct script *s, uint64_t was);

/* What INIT settled in the recorded session. */
const struct wire_proto *script_proto(struct script *s);

/* Number of the record read last, from 1 on. */
uint64_t script_record(const struct script *s);

/* Was there something in the capture that could not be read? */
int script_failed(const struct script *s);

#endif
