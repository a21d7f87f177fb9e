/* SPDX-License-Identifier: ISC */
/*
 * Fuzz the checks and the printer, both directions.  The input is a byte
 * for the dialect, one for the minor, one for the flags, a request's
 * length (2 bytes), that request, and a reply or notification in the rest.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "wire/check.h"
#include "wire/get.h"
#include "wire/init.h"
#include "wire/print.h"

#define HEAD 5

static struct span
own_block(const uint8_t *p, size_t len)
{
	uint8_t *q = malloc(len + (len == 0));

	if (q == NULL)
		abort();
	memcpy(q, p, len);
	return (struct span){ q, len };
}

static void
must(int yes)
{
	if (!yes)
		abort();
}

static void
fuzz_request(const struct wire_proto *pr, struct span m)
{
	char line[1024];
	const struct op *op;
	size_t where, n, fh;
	int i;

	n = wire_print_request(line, sizeof(line), pr, m);
	must(n == strlen(line));
	if (wire_check_request(pr, m, &op, &where) == E_OK)
		must(where == 0);
	else
		must(where <= m.len);
	for (i = 0; op != NULL && i < 3; i++) {
		fh = op_in_fh(op, pr, m, i);
		must(fh == 0 || span_holds(m, fh, sizeof(uint64_t)));
	}
}

static void
fuzz_answer(struct wire_proto *pr, struct span request, struct span m)
{
	struct wire_proto agreed = *pr;
	struct wire_expect e;
	const struct op *op;
	const char *why;
	char line[200];
	size_t where;

	if (wire_check_request(pr, request, &op, &where) != E_OK)
		return;
	wire_expect_set(&e, pr, request);
	wire_proto_learn(pr, &e, m);
	must((wire_check_reply(pr, &e, m, &why) == REPLY_GOOD) ==
	    (why == NULL));
	wire_print_reply(line, sizeof(line), pr, e.opcode, m);
	if (wire_check_notify(pr, m) == E_OK)
		must(m.len >= WIRE_REP_HEADER);
	wire_print_notify(line, sizeof(line), pr, m);
	wire_print_hex(line, sizeof(line), " ", m, 64);
	if (wire_proto_from_init(&agreed, request, m) == E_OK)
		must(agreed.minor != 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_proto pr = { .dialect = WIRE_LINUX };
	struct span request, answer;
	uint16_t len;

	if (size < HEAD)
		return 0;
	pr.dialect = (enum wire_dialect)(data[0] % 3);
	pr.guessed = data[0] >> 7;
	pr.minor = data[1] % 50;
	/* The flags that layouts depend on. */
	pr.flags = (data[2] & 1 ? 1u << 29 : 0) |
	    (data[2] & 2 ? 1u << 25 : 0) | (data[2] & 4 ? 1u << 22 : 0) |
	    (data[2] & 8 ? UINT64_C(1) << 32 : 0);
	memcpy(&len, data + 3, sizeof(len));
	if (len > size - HEAD)
		len = (uint16_t)(size - HEAD);
	request = own_block(data + HEAD, len);
	answer = own_block(data + HEAD + len, size - HEAD - len);
	fuzz_request(&pr, request);
	fuzz_answer(&pr, request, answer);
	free((void *)(uintptr_t)request.p);
	free((void *)(uintptr_t)answer.p);
	return 0;
}
