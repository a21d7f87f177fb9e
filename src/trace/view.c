/* SPDX-License-Identifier: ISC */
#include "trace/view.h"

#include "wire/get.h"

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
