/* SPDX-License-Identifier: ISC */
#include "quirk/quirk.h"

#include "wire/head.h"

static const struct {
	const char *name, *reason;
	int (*rewrite)(struct quirks *q, struct quirk_msg *m);
	int by_default;
} rows[QUIRK_COUNT] = {
#define QUIRK(id, name, function, by_default, reason) \
	{ name, reason, function, by_default },
#include "quirk/quirks.def"
#undef QUIRK
};

unsigned
quirk_defaults(void)
{
	unsigned on = 0, i;

	for (i = 0; i < QUIRK_COUNT; i++)
		if (rows[i].by_default)
			on |= 1u << i;
	return on;
}

int
quirk_find(const char *name, enum quirk_id *id)
{
	unsigned i;

	for (i = 0; i < QUIRK_COUNT; i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		*id = (enum quirk_id)i;
		return E_OK;
	}
	return E_NOTFOUND;
}

const char *
quirk_name(enum quirk_id id)
{
	return rows[id].name;
}

const char *
quirk_reason(enum quirk_id id)
{
	return rows[id].reason;
}

void
quirks_init(struct quirks *q, unsigned on)
{
	memset(q, 0, sizeof(*q));
	q->on = on;
}

static int
quirk_apply(struct quirks *q, unsigned i, struct quirk_msg *m)
{
	if ((q->on >> i & 1) == 0 || !rows[i].rewrite(q, m))
		return 0;
	q->count[i]++;
	return 1;
}

int
quirks_request(struct quirks *q, const struct wire_proto *pr,
    const struct op *op, uint8_t *p, size_t len, struct quirk_call *call)
{
	struct quirk_msg m = { .proto = pr, .call = call, .p = p, .len = len };
	int changed = 0;
	unsigned i;

	memset(call, 0, sizeof(*call));
	if (q->on == 0 || op == NULL)
		return 0;
	call->op = op;
	call->nodeid = head_nodeid((struct span){ p, len });
	for (i = 0; i < QUIRK_COUNT; i++)
		changed |= quirk_apply(q, i, &m);
	return changed;
}

int
quirks_reply(struct quirks *q, const struct wire_proto *pr,
    struct quirk_call *call, uint8_t *p, size_t *len)
{
	struct quirk_msg m = { .proto = pr,
		.call = call,
		.is_reply = 1,
		.p = p,
		.len = *len };
	int changed = 0;
	unsigned i;

	if (call->op == NULL || head_error((struct span){ p, *len }) != 0)
		return 0;
	for (i = QUIRK_COUNT; i-- > 0;)
		changed |= quirk_apply(q, i, &m);
	*len = m.len;
	return changed;
}
