/* SPDX-License-Identifier: ISC */
/*
 * Print the protocol's tables as Lua, for the Wireshark dissector.  A
 * program of the build, linked with nothing.
 */
#include <stdint.h>
#include <stdio.h>

/* "ALL" to a list of bits: 1 Linux, 2 darwin, 4 darwin3. */
#define SET_ALL 7
#define SET_BOTH 7
#define SET_LINUX 1
#define SET_DARWIN 6
#define SET_DARWIN2 2
#define SET_DARWIN3 4
#define SET_NOT_DARWIN2 5
#define SET_NOT_DARWIN3 3

/* Dialects of a struct's flag, as indices from 1. */
#define INDEX_LINUX 1
#define INDEX_DARWIN 2
#define INDEX_DARWIN3 3

#define OP_NOREPLY 1
#define OP_MAYREPLY 2
#define OP_LINUX 4
#define OP_DARWIN 8
#define OP_ENTRY 16
#define OP_EXTS 32
#define OP_CHANGES 64
#define OP_NAMES 128
#define OP_LOCKS 256
#define OP_LEFT 512
#define OP_AHEAD 1024

static void
print_ops(void)
{
	printf("local ops = {\n");
#define OP(num, name, since, flags, in, tail, out, reply, fh, fh2, bit)  \
	printf("[%d]={name='%s',flags=%d,fixed='%s',tail='%s',out='%s'," \
	       "reply='%s'},\n",                                         \
	    num, #name, flags, #in, #tail, #out, #reply);
#include "wire/ops.def"
#undef OP
	printf("}\nlocal notifications = {\n");
#define NOTIFY(num, name, since, st, tail)                                  \
	printf("[%d]={name='%s',fixed='%s',tail='%s'},\n", num, #name, #st, \
	    #tail);
#include "wire/notify.def"
#undef NOTIFY
	printf("}\n");
}

static void
print_structs(void)
{
	printf("local structs = {\n");
#define STRUCT(name, since, l, d, d3) \
	printf("%s={size={%d,%d,%d},fields={}},\n", #name, l, d, d3);
#define STRUCT_OLD(name, since, l, d, d3, below, ol, od)                    \
	printf("%s={size={%d,%d,%d},old={%d,%d,%d},below=%d,fields={}},\n", \
	    #name, l, d, d3, ol, od, od, below);
#define STRUCT_LOOSE(name, since, l, d, d3, below, ol, od)               \
	printf("%s={size={%d,%d,%d},old={%d,%d,%d},below=%d,loose=true," \
	       "fields={}},\n",                                          \
	    #name, l, d, d3, ol, od, od, below);
#define STRUCT_FLAG(name, since, l, d, d3, dialect, bit, without)        \
	printf("%s={size={%d,%d,%d},old={%d,%d,%d},dialect=%d,bit=%d,"   \
	       "fields={}},\n",                                          \
	    #name, l, d, d3, without, without, without, INDEX_##dialect, \
	    bit);
#include "wire/structs.def"
#undef STRUCT
#undef STRUCT_OLD
#undef STRUCT_LOOSE
#undef STRUCT_FLAG
	printf("}\nlocal function field(of, name, off, size, since, "
	       "dialects, show, arg)\n"
	       "\tlocal f = structs[of].fields\n"
	       "\tf[#f + 1] = { name = name, off = off, size = size, "
	       "since = since,\n\t    dialects = dialects, show = show, "
	       "arg = arg }\nend\n");
#define FIELD(st, name, off, size, since, dialects, show, arg)              \
	printf("field('%s','%s',%d,%d,%d,%d,'%s','%s')\n", #st, #name, off, \
	    size, since, SET_##dialects, #show, #arg);
#include "wire/fields.def"
#undef FIELD
}

static void
print_flag(const char *table, int dialects, const char *name,
    unsigned long long value, unsigned long long mask)
{
	printf("flag('%s',%d,'%s',%llu,%llu)\n", table, dialects, name, value,
	    mask);
}

static void
print_flags(void)
{
	printf("local flags = {}\n"
	       "local function flag(of, dialects, name, value, mask)\n"
	       "\tflags[of] = flags[of] or {}\n"
	       "\tlocal f = flags[of]\n"
	       "\tf[#f + 1] = { dialects = dialects, name = name, "
	       "value = value,\n\t    mask = mask }\nend\n");
#define VALUE(table, dialects, name, value, mask) \
	print_flag(#table, SET_##dialects, #name, value, mask);
#define FLAG(table, dialects, name, value) \
	print_flag(#table, SET_##dialects, #name, value, value);
#define UFLAG(table, since, name, value) \
	print_flag(#table, SET_ALL, #name, value, value);
#define INIT_FLAG(bit, name, since, dialect, relay)                   \
	print_flag(bit < 32 ? "init" : "init2", SET_##dialect, #name, \
	    1ULL << (bit) % 32, 1ULL << (bit) % 32);
#include "wire/flags.def"
#include "wire/init_flags.def"
#undef VALUE
#undef FLAG
#undef UFLAG
#undef INIT_FLAG
}

/* Names of errors, by the system that numbers them. */
static void
print_errors(void)
{
	printf("local error_names = { linux = {\n");
#define BOTH(name, linux, darwin) printf("[%d]='%s',\n", linux, #name);
#define LINUX(name, linux) printf("[%d]='%s',\n", linux, #name);
#define DARWIN(name, darwin)
#include "wire/errors.def"
#undef BOTH
#undef LINUX
#undef DARWIN
	printf("}, darwin = {\n");
#define BOTH(name, linux, darwin) printf("[%d]='%s',\n", darwin, #name);
#define LINUX(name, linux)
#define DARWIN(name, darwin) printf("[%d]='%s',\n", darwin, #name);
#include "wire/errors.def"
#undef BOTH
#undef LINUX
#undef DARWIN
	printf("} }\n");
}

int
main(void)
{
	printf("-- SPDX-License-Identifier: ISC\n"
	       "-- Made from fuserelay's tables; do not edit.\n");
	print_ops();
	print_structs();
	print_flags();
	print_errors();
	return ferror(stdout) || fflush(stdout) != 0;
}
