/* SPDX-License-Identifier: ISC */
#include "wire/names.h"

#include <errno.h>
#include <inttypes.h>

#include "wire/print.h"

static const struct {
	uint64_t value, mask;
	const char *name;
	uint8_t table;		/* enum flag_table */
	uint8_t dialects;	/* enum dialect_set */
} rows[] = {
#define VALUE(table, dialects, name, value, mask) \
	{ value, mask, #name, TABLE_##table, IN_##dialects },
#define FLAG(table, dialects, name, value) \
	{ value, value, #name, TABLE_##table, IN_##dialects },
#define UFLAG(table, since, name, value) \
	{ value, value, #name, TABLE_##table, IN_ALL },
#define INIT_FLAG(bit, name, since, dialect, relay)    \
	{ UINT64_C(1) << (bit) % 32,                   \
		UINT64_C(1) << (bit) % 32,             \
		#name,                                 \
		bit < 32 ? TABLE_init : TABLE_init2,   \
		IN_##dialect },
#include "wire/flags.def"
#include "wire/init_flags.def"
#undef VALUE
#undef FLAG
#undef UFLAG
#undef INIT_FLAG
};

void
names_put(struct text *t, enum flag_table table, enum wire_dialect d,
    uint64_t v)
{
	uint64_t left = v, named = 0;
	const char *bar = "";
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].table != table ||
		    (rows[i].dialects & 1 << d) == 0 ||
		    (v & rows[i].mask) != rows[i].value ||
		    (named & rows[i].mask) == rows[i].mask)
			continue;
		text_str(t, bar);
		text_str(t, rows[i].name);
		bar = "|";
		named |= rows[i].mask;
		left &= ~rows[i].mask;
	}
	if (left != 0)
		text_put(t, "%s0x%" PRIx64, bar, left);
	else if (*bar == '\0')
		text_str(t, "0");
}

static const struct {
	int num;
	const char *name;
} errors[] = {
#define ERRNO(name) { name, #name }
	ERRNO(EPERM), ERRNO(ENOENT), ERRNO(ESRCH), ERRNO(EINTR),
	ERRNO(EIO), ERRNO(ENXIO), ERRNO(E2BIG), ERRNO(ENOEXEC),
	ERRNO(EBADF), ERRNO(ECHILD), ERRNO(EAGAIN), ERRNO(ENOMEM),
	ERRNO(EACCES), ERRNO(EFAULT), ERRNO(ENOTBLK), ERRNO(EBUSY),
	ERRNO(EEXIST), ERRNO(EXDEV), ERRNO(ENODEV), ERRNO(ENOTDIR),
	ERRNO(EISDIR), ERRNO(EINVAL), ERRNO(ENFILE), ERRNO(EMFILE),
	ERRNO(ENOTTY), ERRNO(ETXTBSY), ERRNO(EFBIG), ERRNO(ENOSPC),
	ERRNO(ESPIPE), ERRNO(EROFS), ERRNO(EMLINK), ERRNO(EPIPE),
	ERRNO(EDOM), ERRNO(ERANGE), ERRNO(EDEADLK), ERRNO(ENAMETOOLONG),
	ERRNO(ENOLCK), ERRNO(ENOSYS), ERRNO(ENOTEMPTY), ERRNO(ELOOP),
	ERRNO(ENOMSG), ERRNO(EIDRM), ERRNO(ENOSTR), ERRNO(ENODATA),
	ERRNO(ETIME), ERRNO(ENOSR), ERRNO(EREMOTE), ERRNO(ENOLINK),
	ERRNO(EPROTO), ERRNO(EMULTIHOP), ERRNO(EBADMSG), ERRNO(EOVERFLOW),
	ERRNO(EILSEQ), ERRNO(EUSERS), ERRNO(ENOTSOCK), ERRNO(EDESTADDRREQ),
	ERRNO(EMSGSIZE), ERRNO(EPROTOTYPE), ERRNO(ENOPROTOOPT),
	ERRNO(EPROTONOSUPPORT), ERRNO(EOPNOTSUPP), ERRNO(ENOTSUP),
	ERRNO(EAFNOSUPPORT), ERRNO(EADDRINUSE), ERRNO(EADDRNOTAVAIL),
	ERRNO(ENETDOWN), ERRNO(ENETUNREACH), ERRNO(ENETRESET),
	ERRNO(ECONNABORTED), ERRNO(ECONNRESET), ERRNO(ENOBUFS),
	ERRNO(EISCONN), ERRNO(ENOTCONN), ERRNO(ESHUTDOWN), ERRNO(ETIMEDOUT),
	ERRNO(ECONNREFUSED), ERRNO(EHOSTUNREACH), ERRNO(EALREADY),
	ERRNO(EINPROGRESS), ERRNO(ESTALE), ERRNO(EDQUOT), ERRNO(ECANCELED),
	ERRNO(EOWNERDEAD), ERRNO(ENOTRECOVERABLE),
#ifdef EREMOTEIO
	ERRNO(EREMOTEIO), ERRNO(ENOKEY), ERRNO(EUCLEAN), ERRNO(ECOMM),
#endif
#ifdef ENOATTR
	ERRNO(ENOATTR),
#endif
#undef ERRNO
};

const char *
wire_errno_name(int num)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].num == num)
			return errors[i].name;
	return NULL;
}

void
names_put_error(struct text *t, int32_t error)
{
	const char *name = NULL;

	if (error < 0 && error != INT32_MIN)
		name = wire_errno_name(-error);
	if (name != NULL)
		text_put(t, "-%s", name);
	else
		text_put(t, "%" PRId32, error);
}
