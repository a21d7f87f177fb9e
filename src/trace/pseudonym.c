/* SPDX-License-Identifier: ISC */
#include "trace/pseudonym.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define EXTENSION_MAX 8 /* without its dot */
#define DIGITS_MOST 19	/* of a number that is counted in */

struct entry {
	struct entry *next; /* of all, for their end */
	size_t len, other_len;
	uint8_t *other; /* in `bytes`, behind the name */
	UT_hash_handle by_name, by_other;
	uint8_t bytes[];
};

struct pseudonyms {
	char letter;
	unsigned keeps;
	struct entry *by_name, *by_other, *all; /* all: owned */
	uint64_t next[PSEUDONYM_MAX + 1];	/* number, by length */
};

struct pseudonyms *
pseudonyms_new(char letter, unsigned keeps)
{
	struct pseudonyms *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->letter = letter;
	p->keeps = keeps;
	return p;
}

void
pseudonyms_free(struct pseudonyms *p)
{
	struct entry *e;

	if (p == NULL)
		return;
	HASH_CLEAR(by_name, p->by_name);
	HASH_CLEAR(by_other, p->by_other);
	while ((e = p->all) != NULL) {
		p->all = e->next;
		free(e);
	}
	free(p);
}

/* How much of the name's end is its extension, with the dot. */
static size_t
extension(struct span name)
{
	size_t n = 0;

	while (n < name.len && n <= EXTENSION_MAX &&
	    isalnum(name.p[name.len - n - 1]))
		n++;
	/* (".profile" is a name without an extension.) */
	if (n == 0 || n > EXTENSION_MAX || n + 1 >= name.len ||
	    name.p[name.len - n - 1] != '.')
		return 0;
	return n + 1;
}

/* How many numbers can be written as a letter and so many digits. */
static uint64_t
plain_numbers(size_t len)
{
	uint64_t n = 1;

	if (len > DIGITS_MOST)
		return UINT64_MAX;
	while (len-- > 1)
		n *= 10;
	return n;
}

/* The byte for a digit of the names that have no room for numbers: letters
 * and digits first, then all that a name may have. */
static uint8_t
dense_byte(unsigned digit)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	unsigned n = sizeof(first) - 1, byte;

	if (digit < n)
		return (uint8_t)first[digit];
	for (byte = 0x80; byte <= 0xff; byte++)
		if (n++ == digit)
			return (uint8_t)byte;
	for (byte = 0x7f; byte > 0; byte--)
		if (byte != '/' && byte != '.' && !isalnum((int)byte) &&
		    n++ == digit)
			return (uint8_t)byte;
	return '_';
}

#define DENSE_BYTES 253 /* all but NUL, '/' and '.' */

/* Write the nth name of this length. */
static void
name_number(const struct pseudonyms *p, uint8_t *to, size_t len, uint64_t n)
{
	uint64_t plain = len < 2 ? 0 : plain_numbers(len);
	size_t i;

	if (n < plain) {
		to[0] = (uint8_t)p->letter;
		for (i = len - 1; i > 0; i--, n /= 10)
			to[i] = (uint8_t)('0' + n % 10);
		return;
	}
	n -= plain;
	for (i = len; i > 0; i--, n /= DENSE_BYTES)
		to[i - 1] = dense_byte((unsigned)(n % DENSE_BYTES));
}

static int
is_taken(const struct pseudonyms *p, const struct entry *e)
{
	struct entry *found;

	HASH_FIND(by_other, p->by_other, e->other, e->other_len, found);
	return found != NULL;
}

/* Are there that many names of this length? */
static int
has_number(size_t len, uint64_t n)
{
	return len > 2 ||
	    n < (len == 2 ? plain_numbers(2) + DENSE_BYTES * DENSE_BYTES :
			    len * DENSE_BYTES);
}

/* Find a name that is not used yet. */
static int
entry_fill(struct pseudonyms *p, struct entry *e, size_t ext)
{
	size_t stem = e->len - ext;

	if ((!(p->keeps & PSEUDONYM_KEEPS_LENGTH) &&
		stem > PSEUDONYM_LENGTH) ||
	    (p->keeps & PSEUDONYM_OF_ONE_LENGTH))
		stem = PSEUDONYM_LENGTH;
	e->other = e->bytes + e->len;
	e->other_len = stem + ext;
	memcpy(e->other + stem, e->bytes + e->len - ext, ext);
	do {
		if (!has_number(stem, p->next[stem]))
			return E_FULL;
		name_number(p, e->other, stem, p->next[stem]++);
	} while (is_taken(p, e));
	return E_OK;
}

static struct entry *
entry_new(struct pseudonyms *p, struct span name)
{
	struct entry *e = calloc(1,
	    sizeof(*e) + 2 * name.len + PSEUDONYM_LENGTH);

	if (e == NULL)
		return NULL;
	e->len = name.len;
	memcpy(e->bytes, name.p, name.len);
	if (entry_fill(p, e,
		p->keeps & PSEUDONYM_KEEPS_EXTENSION ? extension(name) : 0) !=
	    E_OK) {
		free(e);
		return NULL;
	}
	HASH_ADD_KEYPTR(by_name, p->by_name, e->bytes, e->len, e);
	if (e->by_name.tbl == NULL) {
		free(e);
		return NULL;
	}
	HASH_ADD_KEYPTR(by_other, p->by_other, e->other, e->other_len, e);
	if (e->by_other.tbl == NULL) {
		HASH_DELETE(by_name, p->by_name, e);
		free(e);
		return NULL;
	}
	e->next = p->all;
	p->all = e;
	return e;
}

struct span
pseudonym(struct pseudonyms *p, struct span name)
{
	struct entry *e;

	if (name.len > PSEUDONYM_MAX)
		name.len = PSEUDONYM_MAX;
	HASH_FIND(by_name, p->by_name, name.p, name.len, e);
	if (e == NULL && name.len > 0)
		e = entry_new(p, name);
	return e == NULL ? (struct span){ NULL, 0 } :
			   (struct span){ e->other, e->other_len };
}
