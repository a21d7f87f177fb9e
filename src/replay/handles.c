/* SPDX-License-Identifier: ISC */
#include "replay/handles.h"

#include <stdlib.h>

static void
handle_free(struct replay_handles *h, struct replay_handle *handle)
{
	struct handle_open *o;

	while ((o = STAILQ_FIRST(&handle->opens)) != NULL) {
		STAILQ_REMOVE_HEAD(&handle->opens, link);
		free(o);
	}
	HASH_DEL(h->table, handle);
	listing_fini(&handle->listing);
	free(handle);
}

void
handles_fini(struct replay_handles *h)
{
	struct replay_handle *handle, *next;

	HASH_ITER (hh, h->table, handle, next)
		handle_free(h, handle);
}

struct replay_handle *
handles_find(const struct replay_handles *h, uint64_t was, uint64_t nodeid)
{
	struct replay_handle *handle, want = { .key = { was, nodeid } };

	HASH_FIND(hh, h->table, &want.key, sizeof(want.key), handle);
	return handle;
}

static struct replay_handle *
handle_new(struct replay_handles *h, uint64_t was, uint64_t nodeid)
{
	struct replay_handle *handle = calloc(1, sizeof(*handle));

	if (handle == NULL)
		return NULL;
	handle->key.was = was;
	handle->key.nodeid = nodeid;
	STAILQ_INIT(&handle->opens);
	HASH_ADD(hh, h->table, key, sizeof(handle->key), handle);
	if (handle->hh.tbl == NULL) {
		free(handle);
		return NULL;
	}
	return handle;
}

int
handles_enter(struct replay_handles *h, uint64_t was, uint64_t nodeid,
    uint64_t is)
{
	struct replay_handle *handle = handles_find(h, was, nodeid);
	struct handle_open *o = malloc(sizeof(*o));

	if (o != NULL && handle == NULL)
		handle = handle_new(h, was, nodeid);
	if (o == NULL || handle == NULL) {
		free(o);
		return E_NOMEM;
	}
	o->is = handle->is = is;
	STAILQ_INSERT_TAIL(&handle->opens, o, link);
	return E_OK;
}

uint64_t
handles_close(struct replay_handles *h, struct replay_handle *handle)
{
	struct handle_open *o = STAILQ_FIRST(&handle->opens);
	uint64_t is = o->is;

	STAILQ_REMOVE_HEAD(&handle->opens, link);
	free(o);
	if (STAILQ_EMPTY(&handle->opens))
		handle_free(h, handle);
	return is;
}
