/* SPDX-License-Identifier: ISC */
#define HASH_NONFATAL_OOM 1
#include "replay/handles.h"

#include <stdlib.h>

static void
handle_free(struct replay_handles *h, struct replay_handle *handle)
{
	HASH_DEL(h->table, handle);
	listing_fini(&handle->listing);
	free(handle);
}

void
handles_fini(struct replay_handles *h)
{
	struct replay_handle *handle, *next;

	HASH_ITER(hh, h->table, handle, next)
		handle_free(h, handle);
}

struct replay_handle *
handles_find(const struct replay_handles *h, uint64_t was, uint64_t nodeid)
{
	struct replay_handle *handle, want = { .key = { was, nodeid } };

	HASH_FIND(hh, h->table, &want.key, sizeof(want.key), handle);
	return handle;
}

int
handles_enter(struct replay_handles *h, uint64_t was, uint64_t nodeid,
    uint64_t is)
{
	struct replay_handle *handle = handles_find(h, was, nodeid);

	if (handle == NULL) {
		if ((handle = calloc(1, sizeof(*handle))) == NULL)
			return E_NOMEM;
		handle->key.was = was;
		handle->key.nodeid = nodeid;
		HASH_ADD(hh, h->table, key, sizeof(handle->key), handle);
		if (handle->hh.tbl == NULL) {
			free(handle);
			return E_NOMEM;
		}
	}
	handle->is = is;
	handle->opens++;
	return E_OK;
}

void
handles_close(struct replay_handles *h, struct replay_handle *handle)
{
	if (--handle->opens == 0)
		handle_free(h, handle);
}
