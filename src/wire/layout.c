/* SPDX-License-Identifier: ISC */
/*
 * Hold the tables against the Linux header that is installed: every number
 * in them that it knows, at compile time.  The header may be older than the
 * tables: rows of a later minor are passed over, and one from before 7.36,
 * when INIT grew, is not looked at.  Does not include ops.h, whose
 * enumerators share names with the header's.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef HAVE_LINUX_FUSE_H
#include <linux/fuse.h>
#include <stddef.h>
#if FUSE_KERNEL_MINOR_VERSION >= 36

/* SINCE_n(x) is x if the header has minor n; 0: it is in none. */
#define SINCE_0(x)
#define SINCE_1(x) x
#define SINCE_2(x) x
#define SINCE_3(x) x
#define SINCE_4(x) x
#define SINCE_5(x) x
#define SINCE_6(x) x
#define SINCE_7(x) x
#define SINCE_8(x) x
#define SINCE_9(x) x
#define SINCE_10(x) x
#define SINCE_11(x) x
#define SINCE_12(x) x
#define SINCE_13(x) x
#define SINCE_14(x) x
#define SINCE_15(x) x
#define SINCE_16(x) x
#define SINCE_17(x) x
#define SINCE_18(x) x
#define SINCE_19(x) x
#define SINCE_20(x) x
#define SINCE_21(x) x
#define SINCE_22(x) x
#define SINCE_23(x) x
#define SINCE_24(x) x
#define SINCE_25(x) x
#define SINCE_26(x) x
#define SINCE_27(x) x
#define SINCE_28(x) x
#define SINCE_29(x) x
#define SINCE_30(x) x
#define SINCE_31(x) x
#define SINCE_32(x) x
#define SINCE_33(x) x
#define SINCE_34(x) x
#define SINCE_35(x) x
#define SINCE_36(x) x
#if FUSE_KERNEL_MINOR_VERSION >= 37
#define SINCE_37(x) x
#else
#define SINCE_37(x)
#endif
/* 7.38 grew while it was new: its last form has this macro. */
#if defined(FUSE_CREATE_SUPP_GROUP)
#define SINCE_38(x) x
#else
#define SINCE_38(x)
#endif
#if FUSE_KERNEL_MINOR_VERSION >= 39
#define SINCE_39(x) x
#else
#define SINCE_39(x)
#endif
#if FUSE_KERNEL_MINOR_VERSION >= 40
#define SINCE_40(x) x
#else
#define SINCE_40(x)
#endif
#if FUSE_KERNEL_MINOR_VERSION >= 41
#define SINCE_41(x) x
#else
#define SINCE_41(x)
#endif
#if FUSE_KERNEL_MINOR_VERSION >= 42
#define SINCE_42(x) x
#else
#define SINCE_42(x)
#endif
#if FUSE_KERNEL_MINOR_VERSION >= 43
#define SINCE_43(x) x
#else
#define SINCE_43(x)
#endif
#if FUSE_KERNEL_MINOR_VERSION >= 44
#define SINCE_44(x) x
#else
#define SINCE_44(x)
#endif
#if FUSE_KERNEL_MINOR_VERSION >= 45
#define SINCE_45(x) x
#else
#define SINCE_45(x)
#endif
#if FUSE_KERNEL_MINOR_VERSION >= 46
#define SINCE_46(x) x
#else
#define SINCE_46(x)
#endif

/* IF_set(x) is x if the set of dialects has Linux. */
#define IF_ALL(x) x
#define IF_BOTH(x) x
#define IF_LINUX(x) x
#define IF_NOT_DARWIN2(x) x
#define IF_NOT_DARWIN3(x) x
#define IF_DARWIN(x)
#define IF_DARWIN2(x)
#define IF_DARWIN3(x)

#define SAME(a, b) _Static_assert((a) == (b), #a);

/* Not in the Linux header, or not by this name. */
#define FUSE_SETVOLNAME 61
#define FUSE_GETXTIMES 62
#define FUSE_EXCHANGE 63
#define FUSE_CUSE_INIT CUSE_INIT

#define OP(num, name, since, ...) SINCE_##since(SAME(FUSE_##name, num))
#include "wire/ops.def"

#define NOTIFY(num, name, since, ...) \
	SINCE_##since(SAME(FUSE_NOTIFY_##name, num))
#include "wire/notify.def"

#define STRUCT(name, since, size, ...) \
	SINCE_##since(SAME(sizeof(struct name), size))
#define STRUCT_OLD STRUCT
#define STRUCT_LOOSE STRUCT
#define STRUCT_FLAG STRUCT
#include "wire/structs.def"

#define FIELD(st, name, off, size, since, dialects, ...)                 \
	IF_##dialects(SINCE_##since(SAME(offsetof(struct st, name), off) \
		SAME(sizeof(((struct st *)NULL)->name), size)))
#include "wire/fields.def"

#define INIT_FLAG(bit, name, since, dialect, relay) \
	IF_##dialect(SINCE_##since(SAME(FUSE_##name >> bit & 1, 1)))
#include "wire/init_flags.def"

#define UFLAG(table, since, name, value) SINCE_##since(SAME(name, value))
#define FLAG(...)
#define VALUE(...)
#include "wire/flags.def"

#endif
#endif
