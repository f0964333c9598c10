/*
 * tell.h - the stages of telling a product from text, for this room only
 *
 * spot: words, and the phrases, codes and cmdlets among them
 * weigh: which of the names is what fails, and which of its worlds is meant
 */
#ifndef CATALOGUE_TELL_H
#define CATALOGUE_TELL_H

#include "catalogue/inside.h"

#define TELL_MENTIONS 48
#define TELL_CANDIDATES 8

struct spot_word {
	const char *p;   /* as written */
	const char *cue; /* the name of the cue that it is a part of */
	uint32_t id, hash;
	uint32_t effects; /* of the phrase that it is a part of */
	uint16_t n, flags;
	uint16_t clause, sentence;
	uint16_t cue_n;   /* the words of the phrase that begins here; 0: none does */
	uint8_t place;    /* enum clue_place */
	bool is_suffixed; /* with an ending behind a name: its effects are those of the ending */
};

enum role { ROLE_NONE, ROLE_INSIDE, ROLE_BESIDE, ROLE_OBJECT };

struct mention {
	uint32_t first, n; /* words */
	uint32_t node;     /* 0: a code or a cmdlet */
	const char *cue;   /* "code", "cmdlet", "pair"; NULL: a name */
	enum strength strength;
	enum role role;
	bool is_failing, is_healthy;
	uint32_t products[TELL_CANDIDATES];
	size_t n_products;
	const struct release *release;
	uint32_t release_first, release_n; /* words; 0 of them: no release */
	int score;
};

struct telling_state {
	const struct catalogue *catalogue;
	const struct clue *clue;
	struct arena *arena;
	struct spot_word *words;
	size_t n_words, words_capacity;
	uint32_t said;            /* the effects of all phrases */
	uint8_t *clauses;         /* CLAUSE_FAILING, CLAUSE_HEALTHY; NULL before spot_clauses() */
	struct mention *mentions; /* room for TELL_MENTIONS */
	size_t n_mentions;
};

enum { CLAUSE_FAILING = 1, CLAUSE_HEALTHY = 2 };

/* Cuts the texts of the clue into words. */
void spot_words(struct telling_state *);
/* Finds the names, cues, codes and cmdlets. Names in CLUE_PRODUCT count in any case. */
void spot_mentions(struct telling_state *);
/* Leaves those of a mention's products that a release, as written, speaks for. */
void spot_release(const struct telling_state *, struct mention *, struct text release);
/* Finds which clauses tell of a failure and which of health: weigh_mentions() wants to know. */
void spot_clauses(struct telling_state *);

/* Scores the mentions; returns the one that is in trouble, or NULL. */
struct mention *weigh_mentions(struct telling_state *);
/* Finds how each name stands in its sentence; weigh_mentions does it as well. */
void weigh_roles(struct telling_state *);
/* Leaves those of a mention's products that the cues speak for. */
void weigh_candidates(const struct telling_state *, struct mention *);
/* What the text says of the world it is about: UNKNOWN if nothing, or both alike.
 * One world must be ahead by `firmness`. */
enum environment weigh_environment(
    const struct telling_state *, const struct mention *, int firmness);
/* Does the text say that the product runs in an Azure virtual machine? */
bool weigh_is_hosted(const struct telling_state *, const struct mention *);

struct text spot_text(const struct telling_state *, uint32_t first, uint32_t n);

#endif
