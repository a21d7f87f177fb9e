/* SPDX-License-Identifier: ISC */
#include "front/front.h"

#include <stdlib.h>

int
front_start(struct front **out, struct front_conf *c,
    struct event_base *base, struct reaper *reaper,
    const struct front_mount *m, const struct front_events *ev, void *arg)
{
	struct front *f;
	int r;

	*out = NULL;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return E_NOMEM;
	f->ops = c->kind == FRONT_FUSET ? &front_fuset_ops :
	    &front_socket_ops;
	f->base = base;
	f->reaper = reaper;
	f->ev = ev;
	f->arg = arg;
	if ((r = f->ops->start(f, c, m)) != E_OK) {
		front_free(f);
		return r;
	}
	*out = f;
	return E_OK;
}

void
front_unmount(struct front *f)
{
	f->ops->unmount(f);
}

void
front_free(struct front *f)
{
	if (f == NULL)
		return;
	if (f->own != NULL)
		f->ops->free(f);
	free(f);
}
