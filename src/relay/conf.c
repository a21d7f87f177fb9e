/* SPDX-License-Identifier: ISC */
#include "relay/conf.h"

#include "config.h"

#include <errno.h>

const struct relay_conf relay_conf_default = {
#ifdef DEFAULT_DGRAM
	.transport = TRANSPORT_DGRAM,
#else
	.transport = TRANSPORT_SEQPACKET,
#endif
	.max_write = 1024 * 1024,
	.high_mark = 8 * 1024 * 1024,
	.low_mark = 2 * 1024 * 1024,
	.warn_ms = 10000,
	.reread_ms = 5000,
	.parts_ms = 60000,
	.spin_usec = 50,
	.dead_errno = ECONNABORTED,
	.gone_errno = ENOTCONN,
};
