/* SPDX-License-Identifier: ISC */
/*
 * FUSE-T's SMB backend takes a file handle of 0 for "no handle" and refuses
 * operations that need a handle.  Many daemons do not use handles and leave
 * them 0.
 *
 * So 0 and ~0 are exchanged in the handles that the daemon gives, and
 * exchanged back in every request that has a handle.  Unless the daemon gave
 * ~0 itself, a front's 0 passes unchanged: then it means that there is no
 * handle, as after an OPEN that was answered with ENOSYS.
 */
#include "quirk/quirk.h"
#include "wire/get.h"

static int
fh_give(struct quirks *q, struct quirk_msg *m)
{
	struct span s = { m->p, m->len };
	size_t at = op_out_fh(m->call->op, m->proto);
	uint64_t fh = get_u64(s, at);

	if (at == 0 || !span_holds(s, at, sizeof(fh)) ||
	    (fh != 0 && fh != UINT64_MAX))
		return 0;
	if (fh == UINT64_MAX)
		q->ones_given = 1;
	put_u64(m->p, m->len, at, ~fh);
	return 1;
}

int
quirk_nonzero_fh(struct quirks *q, struct quirk_msg *m)
{
	struct span s = { m->p, m->len };
	int nth, changed = 0;
	uint64_t fh;
	size_t at;

	if (m->is_reply)
		return fh_give(q, m);
	for (nth = 0; nth < 2; nth++) {
		at = op_in_fh(m->call->op, m->proto, s, nth);
		fh = get_u64(s, at);
		if (at == 0 ||
		    (fh != UINT64_MAX && !(fh == 0 && q->ones_given)))
			continue;
		put_u64(m->p, m->len, at, ~fh);
		changed = 1;
	}
	return changed;
}
