/* SPDX-License-Identifier: ISC */
/*
 * What INIT must become when a socket carries the messages: no promise of
 * sizes that the device end can't carry, no flag that needs the real
 * device (wire/init_flags.def says which).
 */
#ifndef FR_RELAY_INIT_H
#define FR_RELAY_INIT_H

#include <stddef.h>

#include "wire/proto.h"

/* Most bytes of file data that one request or reply may carry, in whole pages:
 * what the user allows, and what the device pair holds of a request and of a
 * reply. */
size_t init_data_max(size_t max_write, size_t carry_request,
    size_t carry_reply);

/* Bytes of the longest request that the daemon, whose reply this is as it came,
 * must have room for: no kernel reads into less, and the device pair holds no
 * more. */
size_t init_request_max(struct span reply, size_t carry_request);

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
