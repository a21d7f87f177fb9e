/* SPDX-License-Identifier: ISC */
#include "trace/reader.h"

#include <stdlib.h>
#include <string.h>

#include "trace/reader_kind.h"

int
reader_open(struct reader **out, FILE *f, enum reader_format format,
    char why[READER_WHY_MAX])
{
	static const struct reader_ops *const kinds[] = {
		[READER_CAPTURE] = &reader_capture_ops,
		[READER_FUSEDUMP] = &reader_fusedump_ops,
	};
	struct reader *rd;
	int r;

	*out = NULL;
	why[0] = '\0';
	if ((rd = calloc(1, sizeof(*rd))) == NULL) {
		fclose(f);
		return E_NOMEM;
	}
	rd->f = f;
	rd->ops = kinds[format];
	if ((r = padded_init(&rd->padded)) != E_OK ||
	    (r = rd->ops->open(rd, why)) != E_OK) {
		reader_free(rd);
		return r;
	}
	*out = rd;
	return E_OK;
}

int
reader_next(struct reader *rd, struct trace_record *r,
    char why[READER_WHY_MAX])
{
	return rd->ops->next(rd, r, why);
}

uint64_t
reader_number(const struct reader *rd)
{
	return rd->number;
}

uint64_t
reader_skipped(const struct reader *rd, char why[READER_WHY_MAX])
{
	memcpy(why, rd->skip_why, READER_WHY_MAX);
	return rd->skipped;
}

void
reader_free(struct reader *rd)
{
	if (rd == NULL)
		return;
	rd->ops->close(rd);
	if (rd->f != NULL)
		fclose(rd->f);
	padded_fini(&rd->padded);
	free(rd);
}
