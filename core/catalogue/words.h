/*
 * words.h - a text as folded words, with what stands between them
 *
 * A word is a run of letters or a run of digits, so "Win10", "Win 10" and
 * "WIN-10" are the same two words. Scripts written without blanks (kana, Han,
 * Hangul) give one word for each character: a phrase is then a run of them.
 */
#ifndef CATALOGUE_WORDS_H
#define CATALOGUE_WORDS_H

#include "base/text.h"

#define WORD_BYTES 48 /* folded; what is longer is no word of ours */

enum word_flag {
	WORD_JOINED = 1,  /* no blank before it: "-Mailbox" in Get-Mailbox */
	WORD_HYPHEN = 2,  /* joined by one hyphen */
	WORD_GLUED = 4,   /* nothing at all before it: "10" in Win10 */
	WORD_CAPITAL = 8, /* begins with a capital */
	WORD_CAMEL = 16,  /* has capitals behind its first letter, and small ones */
	WORD_NUMBER = 32,
	WORD_WIDE = 64,    /* one character of a script without blanks */
	WORD_CLAUSE = 128, /* a comma, colon, bracket or dash before it */
	WORD_SENTENCE = 256,
	WORD_PLAIN = 512, /* ASCII letters only, once folded */
};

struct word_reader {
	struct text rest;
	bool has_word; /* one was read: there is something to be joined to */
};

struct word {
	struct text text; /* as written */
	unsigned flags;
	uint32_t hash; /* word_hash() of folded: made while it is read */
	size_t n;      /* of folded */
	char folded[WORD_BYTES];
};

/* FNV-1a: a hash is known as soon as the last byte was read. */
#define WORD_HASH 2166136261u /* of no bytes */
static inline uint32_t word_hash_with(uint32_t hash, char next)
{
	return (hash ^ (unsigned char)next) * 16777619u;
}
uint32_t word_hash(const char *folded, size_t n);

/* The next word; false at the end. Bytes that are not UTF-8 part words. */
bool word_next(struct word_reader *, struct word *);

#endif
