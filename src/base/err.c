/* SPDX-License-Identifier: ISC */
#include "base/err.h"

#include <errno.h>
#include <string.h>

const char *
err_text(int r)
{
	switch (r) {
	case E_OK:
		return "no error";
	case E_SYS:
		return "system call failed";
	case E_NOMEM:
		return "out of memory";
	case E_SHORT:
		return "message is shorter than its layout";
	case E_LONG:
		return "message is longer than its layout";
	case E_LEN:
		return "length word does not match the message";
	case E_NUL:
		return "name is not terminated";
	case E_NAME:
		return "bad name";
	case E_DESYNC:
		return "stream is out of step";
	case E_AGAIN:
		return "would block";
	case E_EOF:
		return "peer closed the connection";
	case E_BIG:
		return "message is too large";
	case E_VALUE:
		return "field has an illegal value";
	case E_PROTO:
		return "peer broke the protocol";
	case E_TIMEOUT:
		return "timed out";
	case E_NOTFOUND:
		return "not found";
	case E_EXISTS:
		return "already exists";
	case E_UNSUP:
		return "not supported here";
	case E_FULL:
		return "no room left";
	case E_HELD:
		return "waits for what was sent before";
	default:
		return "unknown error";
	}
}

const char *
err_why(int r)
{
	return r == E_SYS ? strerror(errno) : err_text(r);
}
