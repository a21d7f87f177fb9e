/* SPDX-License-Identifier: ISC */
/* MSG_NOSIGNAL for systems without it; this project's programs ignore SIGPIPE
 * in any case. */
#ifndef FR_BASE_NOSIGNAL_H
#define FR_BASE_NOSIGNAL_H

#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

#endif
