/* SPDX-License-Identifier: ISC */
/*
 * Small scripts of file system calls.
 *
 *	mkdir d 0755; create d/f 0644; rmdir d -> ENOTEMPTY
 *
 * Steps are separated by ";" and made of words.  What a step gives is "ok",
 * the name of an errno, or a value; it must be what follows "->", one of
 * several words with "|" between them.  Without "->" it must not be an
 * errno.  Before the command may stand, in this order:
 *
 *	?	the case is skipped if this is not supported here
 *	B:	done by a second process, which lives as long as the script
 *	u1 u2	done as an ordinary user; u1 is also in u2's group
 *
 * In words, {N} stands for N letters "x", and '' for nothing.  Open files
 * have numbers 0 to 7, which are the script's own.
 */
#ifndef POSIX_SCRIPT_H
#define POSIX_SCRIPT_H

#include <stddef.h>

/* Ids of the ordinary users. */
#define USER_1 65531u
#define USER_2 65532u

#define OUT_MAX 8192

enum script_end {
	SCRIPT_PASSED,
	SCRIPT_FAILED,
	SCRIPT_SKIPPED
};

/*
 * Runs a script in the current directory.  `why` gets a line for what
 * failed or was not supported.
 */
enum script_end script_run(const char *text, char *why, size_t why_size);

/* Does the script need user 0? */
int script_needs_root(const char *text);

/*
 * A command: 0, or -1 and errno.  Writes its value to out, if it has one;
 * else "ok" is there already.
 */
struct command {
	const char *name;
	int min, max; /* arguments, the name not counted */
	int (*run)(int argc, char *argv[], char *out);
};

/* The tables, each ended by a row without name. */
extern const struct command commands_name[];
extern const struct command commands_attr[];
extern const struct command commands_file[];

/* Open files by number; -1: none.  Shared by the tables. */
#define FILES 8
extern int files[FILES];

/* The words' meanings; a mistake in a script ends the program. */
int word_flags(const char *word); /* O_RDWR|O_CREAT, 0644... */
long long word_number(const char *word);
int word_file(const char *word); /* descriptor of an open file */
void script_mistake(const char *what, const char *word)
    __attribute__((noreturn));

#endif
