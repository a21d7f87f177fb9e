/* SPDX-License-Identifier: ISC */
/*
 * What a capture tells to do, in order: send this request; wait for the
 * reply to that one.
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
 * The next step.  A call stays the script's, which finds it again; it is
 * given back by script_done() after SCRIPT_REPLY or SCRIPT_LOST, or when it
 * has no reply.  What can't be read any more, after a log line, is the end.
 */
enum script_step script_next(struct script *s, struct replay_call **c);
void script_done(struct script *s, struct replay_call *c,
    struct replay_maps *maps);

/* The call in flight that was recorded with this unique, or NULL. */
struct replay_call *script_find(const struct script *s, uint64_t was);

/* What the recorded session had agreed on. */
const struct wire_proto *script_proto(struct script *s);

/* Number of the record read last, from 1 on. */
uint64_t script_record(const struct script *s);

/* Was there something that could not be read? */
int script_failed(const struct script *s);

#endif
