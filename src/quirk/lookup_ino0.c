/* SPDX-License-Identifier: ISC */
/*
 * A reply to LOOKUP with node 0 means that there is no such name, and for how
 * long the front may remember that.  FUSE-T takes it for a name that was
 * found, and shows the root directory under that name.
 *
 * So the reply becomes ENOENT, which means the same, without the time.
 */
#include <errno.h>

#include "quirk/quirk.h"
#include "wire/head.h"

int
quirk_lookup_ino0(struct quirks *q, struct quirk_msg *m)
{
	struct span s = { m->p, m->len };

	(void)q;
	if (!m->is_reply || op_code(m->call->op) != FUSE_OP_LOOKUP ||
	    !span_holds(s, REP_OFF(fuse_entry_out, nodeid),
		sizeof(uint64_t)) ||
	    get_u64(s, REP_OFF(fuse_entry_out, nodeid)) != 0)
		return 0;
	m->len = WIRE_REP_HEADER;
	head_put_reply(m->p, m->len, head_unique(s), -ENOENT);
	return 1;
}
