/* SPDX-License-Identifier: ISC */
/*
 * What POSIX and Linux promise about files, tried out in a directory.
 *
 *	posix-suite [-v] [-m TEXT] DIR
 *
 * Each case runs in a directory of its own below DIR.  A line per case that
 * failed, with -v per case, and a summary at the end.  -m: only cases whose
 * section or script has that text.  Status 0: none failed; 1: some did;
 * 2: could not be run.
 */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases.h"
#include "script.h"

#define LINE 20000

/* A case that takes longer hangs. */
#define CASE_SECONDS 300 /* what takes longer hangs */

static struct {
	unsigned passed, failed, skipped, number;
} count;
static int verbose;
static const char *only;
static char *base;

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st, (void)type, (void)f;
	return remove(path);
}

static void
case_report(enum script_end end, const char *section, const char *script,
    const char *why)
{
	static const char *const word[] = { "PASS", "FAIL", "SKIP" };

	if (end == SCRIPT_PASSED)
		count.passed++;
	else if (end == SCRIPT_FAILED)
		count.failed++;
	else
		count.skipped++;
	if (end == SCRIPT_FAILED || verbose)
		printf("%s %s: %s%s%s\n", word[end], section, script,
		    end == SCRIPT_PASSED ? "" : ": ", why);
	fflush(stdout);
}

static void
case_run(const char *section, const char *script)
{
	char path[64], why[1024] = "";
	enum script_end end = SCRIPT_SKIPPED;

	if (only != NULL && strstr(section, only) == NULL &&
	    strstr(script, only) == NULL)
		return;
	snprintf(path, sizeof(path), "case.%u.%d", count.number++,
	    (int)getpid());
	umask(022);
	if (chdir(base) == -1 || mkdir(path, 0777) == -1 ||
	    chmod(path, 0777) == -1 || chdir(path) == -1)
		script_mistake(path, strerror(errno));
	alarm(CASE_SECONDS);
	if (geteuid() != 0 && script_needs_root(script))
		strcpy(why, "needs root");
	else
		end = script_run(script, why, sizeof(why));
	case_report(end, section, script, why);
	if (chdir(base) == -1)
		script_mistake(base, strerror(errno));
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Puts `with` in the place of every "%" of text. */
static void
fill(char *to, const char *text, const char *with)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == '%') {
			if (LINE - n <= strlen(with))
				script_mistake("case too long", text);
			strcpy(to + n, with);
			n += strlen(with);
		} else if (n < LINE - 1)
			to[n++] = *text;
	}
	to[n] = '\0';
}

/* A setting is "PATH: SCRIPT". */
static void
path_case(const char *setting, const char *operation)
{
	char path[256], step[LINE], script[LINE];
	const char *colon = strchr(setting, ':');

	snprintf(path, sizeof(path), "%.*s", (int)(colon - setting), setting);
	fill(step, operation, path);
	fill(script, colon + 2, step);
	case_run("path", script);
}

int
main(int argc, char *argv[])
{
	const struct section *s;
	size_t i, j;
	int c;

	while ((c = getopt(argc, argv, "vm:")) != -1) {
		if (c == 'v')
			verbose = 1;
		else if (c == 'm')
			only = optarg;
		else
			return 2;
	}
	if (argc - optind != 1 ||
	    (base = realpath(argv[optind], NULL)) == NULL) {
		fprintf(stderr, "usage: posix-suite [-v] [-m TEXT] DIR\n");
		return 2;
	}
	for (s = sections; s->name != NULL; s++)
		for (i = 0; s->scripts[i] != NULL; i++)
			case_run(s->name, s->scripts[i]);
	for (i = 0; path_settings[i] != NULL; i++)
		for (j = 0; path_operations[j] != NULL; j++)
			path_case(path_settings[i], path_operations[j]);
	printf("%u passed, %u failed, %u skipped\n", count.passed,
	    count.failed, count.skipped);
	free(base);
	return count.failed != 0;
}
