/* SPDX-License-Identifier: ISC */
/*
 * What INIT must become when a socket carries the messages: no promise of
 * sizes that the device end can't carry, no flag that needs the real
 * device (wire/init_flags.def says which).
 */
#ifndef FR_RELAY_INIT_H
#define FR_RELAY_INIT_H

#include "relay/session.h"

/* Most bytes of file data that one request or reply may carry: what both
 * ends of the device pair hold and the user allows, in whole pages. */
size_t init_data_max(const struct session *s);

/* Bytes of the longest request that the daemon, whose reply this is as it came,
 * must have room for: no kernel reads into less. */
size_t init_request_max(const struct session *s, struct span reply);

/*
 * Rewrite the messages in place; data_max in bytes, `request` as the front
 * sent it, pr what was known before it.  Fields that a short form lacks
 * stay lacking.
 */
void init_rewrite_request(uint8_t *p, size_t len, size_t data_max,
    const struct wire_proto *pr);
void init_rewrite_reply(uint8_t *p, size_t len, struct span request,
    size_t data_max, const struct wire_proto *pr);

#endif
