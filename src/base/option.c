/* SPDX-License-Identifier: ISC */
#include "base/option.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

#define OPTION_MOST 100
#define OPTION_FIRST 0x100 /* beyond all letters: the number of the first */
#define OPTION_COLUMN 32   /* that options are listed in */
#define OPTION_WIDTH 79
#define OPTION_SECONDS_MAX 1e6

int
option_wrong(struct option_given *g, const char *fmt, ...)
{
	va_list ap;
	int n;

	n = snprintf(g->why, OPTION_WHY_MAX, "%s%s%.100s: ", g->name,
	    g->value != NULL ? "=" : "", g->value != NULL ? g->value : "");
	va_start(ap, fmt);
	vsnprintf(g->why + n, OPTION_WHY_MAX - (size_t)n, fmt, ap);
	va_end(ap);
	return E_VALUE;
}

int
option_number(struct option_given *g, uint64_t min, uint64_t max,
    uint64_t *out)
{
	if (number_parse(g->value, min, max, out) == E_OK)
		return E_OK;
	return option_wrong(g, "not a number from %llu to %llu",
	    (unsigned long long)min, (unsigned long long)max);
}

/* The power of 2 that a letter stands for. */
static unsigned
option_shift(char letter)
{
	static const char letters[] = "KMGkmg";
	const char *p = letter != '\0' ? strchr(letters, letter) : NULL;

	return p != NULL ? 10 * (unsigned)((p - letters) % 3 + 1) : 0;
}

int
option_size(struct option_given *g, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *end = "";
	unsigned shift;
	uint64_t n;

	if (number_take(g->value, 0, max, &n, &end) == E_OK) {
		shift = option_shift(*end);
		if (end[shift != 0] == '\0' && n <= max >> shift &&
		    n << shift >= min) {
			*out = n << shift;
			return E_OK;
		}
	}
	return option_wrong(g,
	    "not a number from %llu to %llu (K, M or G may follow)",
	    (unsigned long long)min, (unsigned long long)max);
}

int
option_decimal(struct option_given *g, const char *unit, double max,
    double *out)
{
	char *end;
	double v = strtod(g->value, &end);

	if (end == g->value || *end != '\0' || !(v >= 0) || v > max)
		return option_wrong(g, "not a number of %s, 0 to %.0f", unit,
		    max);
	*out = v;
	return E_OK;
}

/* The value is which of the words? */
static int
option_word(struct option_given *g, const char *words, unsigned *out)
{
	const size_t len = strlen(g->value);
	char list[OPTION_WHY_MAX] = "";
	const char *p, *part = "";
	size_t n, have = 0;

	*out = 0;
	for (p = words;; p += n + 1, ++*out) {
		n = strcspn(p, "|");
		if (n == len && strncmp(p, g->value, n) == 0)
			return E_OK;
		have += (size_t)snprintf(list + have, sizeof(list) - have,
		    "%s%.*s", part, (int)n, p);
		if (p[n] == '\0')
			return option_wrong(g, "should be %s", list);
		part = strchr(p + n + 1, '|') != NULL ? ", " : " or ";
	}
}

static void
option_store(const struct option_row *row, void *at, uint64_t n)
{
	if (row->size == sizeof(n))
		*(uint64_t *)at = n;
	else
		*(uint32_t *)at = (uint32_t)n;
}

static int
option_take(const struct option_row *row, void *into, struct option_given *g)
{
	void *at = (char *)into + row->at;
	unsigned which;
	uint64_t n;
	double s;
	int r = E_OK;

	switch (row->kind) {
	case OPTION_PLAIN:
		break;
	case OPTION_TEXT:
		*(const char **)at = g->value;
		break;
	case OPTION_COUNT:
		++*(int *)at;
		break;
	case OPTION_WORD:
		if ((r = option_word(g, row->arg, &which)) == E_OK)
			option_store(row, at, which);
		break;
	case OPTION_NUMBER:
		if ((r = option_number(g, row->min, row->max, &n)) == E_OK)
			option_store(row, at, n);
		break;
	case OPTION_SIZE:
		if ((r = option_size(g, row->min, row->max, &n)) == E_OK)
			option_store(row, at, n);
		break;
	case OPTION_SECONDS:
		r = option_decimal(g, "seconds", OPTION_SECONDS_MAX, &s);
		if (r == E_OK)
			option_store(row, at, (uint64_t)(s * 1000));
		break;
	case OPTION_FRACTION:
		r = option_decimal(g, "seconds", OPTION_SECONDS_MAX, at);
		break;
	case OPTION_CALL:
		r = row->take(into, g);
		break;
	case OPTION_STOP:
		r = (int)row->min;
		break;
	}
	if (row->given != 0)
		*(int *)(void *)((char *)into + row->given) = 1;
	return r;
}

int
option_take_text(const struct option_table *table, const char *text,
    char why[OPTION_WHY_MAX])
{
	const size_t len = strcspn(text, "=");
	const struct option_row *row;
	struct option_given g = { .value = text + len, .why = why };

	g.value += *g.value == '=';
	for (row = table->rows; row < table->rows + table->n; row++)
		if (row->name != NULL && strlen(row->name) == len &&
		    strncmp(row->name, text, len) == 0) {
			g.name = row->name;
			return option_take(row, table->into, &g);
		}
	return E_NOTFOUND;
}

/* ---- reading ---- */

/* A row that may be given, and its table. */
struct option_choice {
	const struct option_row *row;
	const struct option_table *table;
};

static size_t
option_choices(const struct option_table *tables, size_t n, int commands,
    struct option_choice *choice)
{
	const struct option_row *row;
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		for (row = tables[i].rows; row < tables[i].rows + tables[i].n;
		     row++)
			if ((row->commands & commands) != 0 &&
			    count < OPTION_MOST)
				choice[count++] = (struct option_choice){ row,
					&tables[i] };
	return count;
}

/* 0: it has no value, 1: it has one, 2: it may have one. */
static int
option_has_value(const struct option_row *row)
{
	if (row->arg == NULL)
		return no_argument;
	return row->arg[0] == '[' ? optional_argument : required_argument;
}

/* The tables that getopt_long() wants. */
static void
option_getopt(const struct option_choice *choice, size_t n,
    struct option *longs, char *shorts)
{
	const struct option_row *row;
	size_t i;

	shorts += strlen(shorts);
	for (i = 0; i < n; i++) {
		row = choice[i].row;
		if (row->name != NULL)
			*longs++ = (struct option){ row->name,
				option_has_value(row), NULL,
				OPTION_FIRST + (int)i };
		if (row->letter == 0)
			continue;
		*shorts++ = (char)row->letter;
		if (row->arg != NULL)
			*shorts++ = ':';
	}
}

static const struct option_choice *
option_find(const struct option_choice *choice, int id)
{
	if (id >= OPTION_FIRST)
		return choice + (id - OPTION_FIRST);
	while (choice->row->letter != id)
		choice++;
	return choice;
}

static int
option_one(const struct option_choice *c, const char *value, char *why)
{
	char name[64];
	struct option_given g = { name, value, why };

	if (c->row->name != NULL)
		snprintf(name, sizeof(name), "--%s", c->row->name);
	else
		snprintf(name, sizeof(name), "-%c", c->row->letter);
	if (c->table->take != NULL)
		return c->table->take(c->table->into, &g);
	return option_take(c->row, c->table->into, &g);
}

int
option_read(const struct option_table *tables, size_t n, int commands,
    const char *order, int argc, char *const argv[], int *rest,
    char why[OPTION_WHY_MAX])
{
	struct option longs[OPTION_MOST + 1] = { { 0 } };
	struct option_choice choice[OPTION_MOST];
	char shorts[2 * OPTION_MOST + 2] = "";
	size_t count = option_choices(tables, n, commands, choice);
	int id, at, r = E_OK;

	strcpy(shorts, order);
	option_getopt(choice, count, longs, shorts);
	optind = 1;
	do {
		at = optind;
		id = getopt_long(argc, argv, shorts, longs, NULL);
		if (id == '?') {
			snprintf(why, OPTION_WHY_MAX,
			    "%.100s: not an option, or without its value",
			    argv[at]);
			r = E_NOTFOUND;
		} else if (id != -1) {
			r = option_one(option_find(choice, id), optarg, why);
		}
	} while (id != -1 && r == E_OK);
	*rest = optind;
	return r;
}

/* ---- help ---- */

static void
option_help_row(FILE *to, const struct option_row *row)
{
	char left[64], letter[8] = "   ";
	const char *word = row->help;
	int at, len;

	if (row->letter != 0)
		snprintf(letter, sizeof(letter), "-%c,", row->letter);
	snprintf(left, sizeof(left), "  %s --%s%s%s", letter, row->name,
	    row->arg != NULL ? "=" : "", row->arg != NULL ? row->arg : "");
	at = fprintf(to, "%-*s", OPTION_COLUMN, left);
	for (; *word != '\0'; word += len + (word[len] == ' ')) {
		len = (int)strcspn(word, " ");
		if (at + 1 + len > OPTION_WIDTH)
			at = fprintf(to, "\n%*s", OPTION_COLUMN, "") - 1;
		at += fprintf(to, " %.*s", len, word);
	}
	fputc('\n', to);
}

void
option_help(FILE *to, const struct option_table *tables, size_t n,
    int commands)
{
	struct option_choice choice[OPTION_MOST];
	size_t i, count = option_choices(tables, n, commands, choice);

	for (i = 0; i < count; i++)
		if (choice[i].row->help != NULL)
			option_help_row(to, choice[i].row);
}
