/* SPDX-License-Identifier: ISC */
#include "relay/relay.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

static void
relay_event_log(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn("events: %s", text);
}

int
relay_init(struct relay *r, struct event_base *base,
    const struct relay_conf *conf)
{
	event_set_log_callback(relay_event_log);
	r->base = base;
	r->conf = *conf;
	r->sessions_made = 0;
	/* On one processor the peer can't run while the loop polls. */
	spin_init(&r->spin,
	    sysconf(_SC_NPROCESSORS_ONLN) > 1 ? conf->spin_usec : 0);
	return port_scratch_init(&r->scratch);
}

void
relay_fini(struct relay *r)
{
	port_scratch_fini(&r->scratch);
}

static uint64_t
relay_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int
relay_loop(struct relay *r)
{
	int flags = EVLOOP_ONCE, ret;

	while ((ret = event_base_loop(r->base, flags)) == 0 &&
	    !event_base_got_break(r->base)) {
		flags = EVLOOP_NONBLOCK;
		switch (spin_again(&r->spin, relay_now_ns())) {
		case SPIN_SLEEP:
			flags = EVLOOP_ONCE;
			break;
		case SPIN_LOOK:
			break;
		case SPIN_LOOK_ON:
			/* The peer may be waiting for this processor. */
			sched_yield();
			break;
		}
	}
	return ret == -1 ? E_SYS : E_OK;
}
