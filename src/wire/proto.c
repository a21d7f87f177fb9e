/* SPDX-License-Identifier: ISC */
#include "wire/proto.h"

#include <string.h>

const struct wire_proto wire_proto_unknown = { .dialect = WIRE_LINUX };

int
wire_proto_named(struct wire_proto *pr, const char *name)
{
	static const char *const names[] = { [WIRE_LINUX] = "linux",
		[WIRE_DARWIN] = "darwin",
		[WIRE_DARWIN3] = "darwin3" };
	enum wire_dialect d;

	*pr = wire_proto_unknown;
	if (strcmp(name, "auto") == 0)
		return E_OK;
	for (d = WIRE_LINUX; d <= WIRE_DARWIN3; d++) {
		if (strcmp(name, names[d]) != 0)
			continue;
		pr->dialect = d;
		pr->forced = 1;
		return E_OK;
	}
	return E_VALUE;
}
