/*
 * members.h - reading JSON objects strictly, by table
 *
 * Every object that comes from outside is a table of members; what is not in
 * the table is refused with the nearest name, and so is a wrong type or word.
 */
#ifndef DECIDE_MEMBERS_H
#define DECIDE_MEMBERS_H

#include "base/instant.h"
#include "base/json.h"
#include "base/memory.h"

enum member_type {
	MEMBER_TEXT,    /* const char *: NULL when null or absent */
	MEMBER_WORD,    /* int: a word of .words as its number */
	MEMBER_BOOLEAN, /* int: -1 unknown, 0, 1 */
	MEMBER_INSTANT, /* instant: RFC 3339 or a plain date (its first ms) */
	MEMBER_END,     /* instant: a plain date is its last ms */
	MEMBER_OTHER,   /* allowed; the caller reads it itself */
};

struct word {
	const char *word; /* NULL ends the table */
	int number;
};

struct member {
	const char *name;
	enum member_type type;
	size_t offset; /* in the struct */
	const struct word *words;
};

/* `where` names the object in failures: "request", "facts.account", "facts.contracts[2]". */
bool members_read(const struct json *object, const char *where, const struct member *table,
    size_t n, struct arena *, void *into, struct failure *);
/* A list of words as bits; *bits is -1 when the list is absent or null. */
bool members_read_bits(const struct json *list, const char *where, const struct word *words,
    int *bits, struct failure *);
const char *word_of(const struct word *, int number); /* NULL if none */

#endif
