/* SPDX-License-Identifier: ISC */
#include "wire/dirent.h"

#include "wire/get.h"
#include "wire/init.h"
#include "wire/offsets.h"
#include "wire/op_row.h"

#define NAME_MAX_OLD 1024u
#define NAME_MAX_NEW 4095u /* with messages of more than a page */

size_t
wire_name_max(const struct wire_proto *pr)
{
	int pages = pr->dialect == WIRE_LINUX &&
	    (pr->flags >> WIRE_BIT_LINUX_MAX_PAGES & 1) != 0;

	return pages ? NAME_MAX_NEW : NAME_MAX_OLD;
}

int
wire_dirent_next(const struct wire_proto *pr, int plus, struct span *rest,
    struct wire_dirent *d)
{
	struct span m = *rest, dirent;
	size_t entry = plus ? struct_size(STRUCT_fuse_entry_out, pr) : 0;
	size_t head = entry + struct_size(STRUCT_fuse_dirent, pr);
	size_t namelen, size;

	memset(d, 0, sizeof(*d));
	if (m.len < head)
		return 0;
	dirent = span_from(m, entry);
	namelen = get_u32(dirent, OFF_fuse_dirent_namelen);
	if (namelen == 0 || namelen > wire_name_max(pr))
		return E_NAME;
	size = (head + namelen + 7) & ~(size_t)7;
	if (size > m.len)
		return 0;
	d->entry = (struct span){ m.p, entry };
	d->ino = get_u64(dirent, OFF_fuse_dirent_ino);
	d->off = get_u64(dirent, OFF_fuse_dirent_off);
	d->type = get_u32(dirent, OFF_fuse_dirent_type);
	d->name = (struct span){ m.p + head, namelen };
	if (memchr(d->name.p, '/', namelen) != NULL)
		return E_NAME;
	*rest = span_from(m, size);
	return 1;
}
