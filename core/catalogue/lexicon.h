/*
 * lexicon.h - words, phrases of words, and the words near a misspelt one
 *
 * Phrases share their beginnings: each is a path of steps from node 0, so that
 * a text is matched against all of them with one table look-up for each word,
 * however many there are. "Power BI" and "PowerBI" are two ways to one node.
 */
#ifndef CATALOGUE_LEXICON_H
#define CATALOGUE_LEXICON_H

#include "catalogue/words.h"

struct lexicon;

struct lexicon *lexicon_new(void);
void lexicon_free(struct lexicon *);

/* The word's number, from 1; 0 if it is not known. */
uint32_t lexicon_word(const struct lexicon *, const struct word *);
uint32_t lexicon_part(const struct lexicon *, const char *folded, size_t n); /* of a word */
uint32_t lexicon_add_word(struct lexicon *, const char *folded, size_t n);
struct text lexicon_spelling(const struct lexicon *, uint32_t word);
size_t lexicon_words(const struct lexicon *);

/* The node one word further; 0 if no phrase goes on so. */
uint32_t lexicon_step(const struct lexicon *, uint32_t node, uint32_t word);
uint32_t lexicon_add_step(struct lexicon *, uint32_t node, uint32_t word);
/* A second way to a node; does nothing if that way leads somewhere already. */
void lexicon_add_way(struct lexicon *, uint32_t from, uint32_t word, uint32_t to);
uint32_t lexicon_parent(const struct lexicon *, uint32_t node);
size_t lexicon_nodes(const struct lexicon *);

/* Makes a word findable when one letter is wrong, missing, doubled or swapped. */
void lexicon_add_near(struct lexicon *, uint32_t word);
/* The known word one slip away from a folded ASCII word; 0 if there is none.
 * The first letter must be right: people get it right, and it keeps this rare. */
uint32_t lexicon_near(const struct lexicon *, const char *folded, size_t n);

#endif
