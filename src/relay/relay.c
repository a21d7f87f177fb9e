/* SPDX-License-Identifier: ISC */
#include "relay/relay.h"

int
relay_init(struct relay *r, struct event_base *base,
    const struct relay_conf *conf)
{
	r->base = base;
	r->conf = *conf;
	r->sessions_made = 0;
	return port_scratch_init(&r->scratch);
}

void
relay_fini(struct relay *r)
{
	port_scratch_fini(&r->scratch);
}
