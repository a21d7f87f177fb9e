/* SPDX-License-Identifier: ISC */
#include "trace/view.h"

#include <stdarg.h>
#include <stdio.h>

#include "wire/get.h"
#include "wire/node_type.h"

void
view_line(const struct view_out *out, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(line))
		out->put(out->arg, line, (size_t)n);
}

struct span
view_data(const struct conn *conn, const struct wire_expect *e,
    const struct trace_record *r, size_t max, size_t *whole)
{
	struct span data = r->m;
	size_t off = wire_data_offset(&conn->proto, e, r->m,
	    r->kind == TRACE_REQUEST);

	*whole = r->m.len - off;
	if (data.len > r->kept)
		data.len = r->kept;
	data = span_from(data, off);
	if (data.len > max)
		data.len = max;
	return data;
}

const char *
view_spoilt_words(const struct call *c)
{
	if (c->opcode == FUSE_OP_WRITE)
		return "nothing written: EIO, but for direct I/O";
	return wire_is_spoilt_later(c->opcode) ?
	    "another file type: EIO to who has the node open" :
	    "another file type: the kernel makes EIO of it";
}

const char *
view_bad_words(const struct conn *conn, const struct wire_expect *e,
    const struct trace_record *r)
{
	enum wire_verdict verdict = REPLY_GOOD;
	const char *why = NULL;

	if (r->kind == TRACE_REPLY && (r->flags & TRACE_REPAIRED) && e != NULL)
		verdict = wire_check_reply(&conn->proto, e, r->m, &why);
	return verdict == REPLY_GOOD ? NULL : why;
}
