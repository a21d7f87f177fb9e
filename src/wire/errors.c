/* SPDX-License-Identifier: ISC */
#include "wire/errors.h"

#include <errno.h>
#include <inttypes.h>

static const struct {
	const char *name;
	int number[2]; /* by enum wire_system; 0: none */
} rows[] = {
#ifdef __linux__
/* (Some machines with Linux have numbers of their own.) */
#define BOTH(name, in_linux, in_darwin) { #name, { name, in_darwin } },
#define LINUX(name, in_linux) { #name, { name, 0 } },
#else
#define BOTH(name, in_linux, in_darwin) { #name, { in_linux, in_darwin } },
#define LINUX(name, in_linux) { #name, { in_linux, 0 } },
#endif
#define DARWIN(name, in_darwin) { #name, { 0, in_darwin } },
#include "wire/errors.def"
#undef BOTH
#undef LINUX
#undef DARWIN
};

enum wire_system
wire_proto_system(const struct wire_proto *pr)
{
	return pr->on_darwin || pr->dialect != WIRE_LINUX ? WIRE_ON_DARWIN :
							    WIRE_ON_LINUX;
}

const char *
wire_errno_name(enum wire_system s, int num)
{
	size_t i;

	for (i = 0; num != 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number[s] == num)
			return rows[i].name;
	return NULL;
}

const char *
wire_reply_errno(const struct wire_proto *pr, int32_t error)
{
	if (error >= 0 || error == INT32_MIN)
		return NULL;
	return wire_errno_name(wire_proto_system(pr), -error);
}

void
errors_put(struct text *t, const struct wire_proto *pr, int32_t error)
{
	const char *name = wire_reply_errno(pr, error);

	if (name != NULL)
		text_put(t, "-%s", name);
	else
		text_put(t, "%" PRId32, error);
}
