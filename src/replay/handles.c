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
	listing_fini(&handle->listing);
	table_drop(&h->table, handle);
}

void
handles_fini(struct replay_handles *h)
{
	while (h->table != NULL)
		handle_free(h, (void *)h->table);
}

struct replay_handle *
handles_find(const struct replay_handles *h, uint64_t was, uint64_t nodeid)
{
	const uint64_t key[] = { was, nodeid };

	return table_find(h->table, key, sizeof(key));
}

static struct replay_handle *
handle_new(struct replay_handles *h, uint64_t was, uint64_t nodeid)
{
	const uint64_t key[] = { was, nodeid };
	struct replay_handle *handle;

	handle = table_get(&h->table, key, sizeof(key), sizeof(*handle));
	if (handle != NULL)
		STAILQ_INIT(&handle->opens);
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
