/* SPDX-License-Identifier: ISC */
#include "trace/padded.h"

#include <stdlib.h>
#include <string.h>

int
padded_init(struct padded *i)
{
	i->dirty = 0;
	/* Pages that are never written to are not allocated. */
	i->buf = calloc(1, PADDED_MAX);
	return i->buf == NULL ? E_NOMEM : E_OK;
}

void
padded_fini(struct padded *i)
{
	free(i->buf);
	i->buf = NULL;
}

struct span
padded_message(struct padded *i, struct span kept, size_t len)
{
	if (kept.len > len)
		kept.len = len;
	if (i->dirty > kept.len)
		memset(i->buf + kept.len, 0, i->dirty - kept.len);
	memcpy(i->buf, kept.p, kept.len);
	i->dirty = kept.len;
	return (struct span){ i->buf, len };
}

void
padded_more(struct padded *i, struct span more, size_t len)
{
	if (more.len > len - i->dirty)
		more.len = len - i->dirty;
	memcpy(i->buf + i->dirty, more.p, more.len);
	i->dirty += more.len;
}
