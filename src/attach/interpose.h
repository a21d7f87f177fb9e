/* SPDX-License-Identifier: ISC */
/*
 * Put a function in front of a library's, in a preloaded object.
 *
 * macOS: a table that the dynamic linker reads (DYLD_INSERT_LIBRARIES); our
 * own calls are not redirected.  Elsewhere (LD_PRELOAD): a function of the
 * same name, found first; the next one of that name is the library's.
 *
 *	REAL_OF(int, socketpair, (int d, int t, int p, int sv[2]))
 *	INTERPOSE(int, socketpair, (int d, int t, int p, int sv[2]))
 *	{
 *		return REAL(socketpair)(d, t, p, sv);
 *	}
 */
#ifndef FR_ATTACH_INTERPOSE_H
#define FR_ATTACH_INTERPOSE_H

#ifdef __APPLE__

#define REAL_OF(ret, name, args)
#define REAL(name) name
#define INTERPOSE(ret, name, args)                                \
	static ret attach_##name args;                            \
	__attribute__((used,                                      \
	    section("__DATA,__interpose"))) static const struct { \
		const void *ours, *theirs;                        \
	} interpose_##name = { (const void *)attach_##name,       \
		(const void *)name };                             \
	static ret attach_##name args

#else

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* The next function of this name; the program can't go on without it. */
static inline void
interpose_find(void *out, size_t size, const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort();
	memcpy(out, &p, size);
}

#define REAL_OF(ret, name, args)                              \
	typedef ret fn_##name args;                           \
	static fn_##name *real_##name(void)                   \
	{                                                     \
		static fn_##name *f;                          \
                                                              \
		if (f == NULL)                                \
			interpose_find(&f, sizeof(f), #name); \
		return f;                                     \
	}
#define REAL(name) real_##name()
#define INTERPOSE(ret, name, args) ret name args

#endif
#endif
