/* SPDX-License-Identifier: ISC */
/* MSG_NOSIGNAL where there is none: our programs ignore SIGPIPE anyhow. */
#ifndef FR_BASE_NOSIGNAL_H
#define FR_BASE_NOSIGNAL_H

#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

#endif
