/*
 * inside.h - the inside of struct catalogue, for this room only
 */
#ifndef CATALOGUE_INSIDE_H
#define CATALOGUE_INSIDE_H

#include "catalogue/catalogue.h"
#include "catalogue/lexicon.h"

enum strength {
	NAME_STRONG, /* in any case */
	NAME_EXACT,  /* only as it is spelled: Word, AD */
	NAME_HINT,   /* only beside another clue: Access, Forms */
	NAME_DATED,  /* only before a release or a year: Exchange 2019 */
};

struct name {          /* one product's claim to a phrase */
	uint32_t next; /* further claims to the same phrase; 0: none */
	uint32_t product;
	enum strength strength;
	const char *spelling;
};

/* What a phrase says beside naming something; a phrase may say several things. */
enum effect {
	CUE_ON_PREMISES = 1u << 0,
	CUE_CLOUD = 1u << 1,
	CUE_HOST = 1u << 2, /* an Azure virtual machine */
	CUE_FAILURE = 1u << 3,
	CUE_HEALTHY = 1u << 4,
	CUE_PASSES = 1u << 5, /* "goes through": healthy at the end of a clause, else a way */
	CUE_NEGATION = 1u << 6,
	CUE_BREAK = 1u << 7,         /* a new clause begins: but, while */
	CUE_INSIDE = 1u << 8,        /* what follows is where it happens: on, in */
	CUE_BESIDE = 1u << 9,        /* what follows takes part only: with, from, and */
	CUE_OBJECT = 1u << 10,       /* what follows is what fails: "problem with" */
	CUE_SKIP = 1u << 11,         /* stands between a preposition and its name: the, our */
	CUE_MAKER = 1u << 12,        /* Microsoft: makes a name of the ordinary word behind it */
	CUE_EDITION = 1u << 13,      /* stands between a name and its release: Standard, version */
	CUE_AFTER_INSIDE = 1u << 14, /* as INSIDE and BESIDE, but behind the name or glued to it */
	CUE_AFTER_BESIDE = 1u << 15,
	CUE_SUFFIX = 1u << 16,   /* may be glued to a name: Outlookban, Servers */
	CUE_ORDINARY = 1u << 17, /* a word of everyday language, never a slip of a name */
	CUE_VERB = 1u << 18,     /* of cmdlets */
};

enum kind { KIND_PLAIN, KIND_CONTAINER, KIND_COMPONENT };

struct item {
	struct product product;
	enum kind kind;
	uint32_t cloud, on_premises, hosted, between[2]; /* numbers of products, from 1; 0: none */
	/* Of the names of its releases, so that most words are seen to be none of them. */
	uint64_t release_starts; /* bit word_hash() % 64 for each first word */
	size_t release_bytes;    /* of the longest as a key */
};

struct prefix {
	const char *folded;
	size_t n;
	uint32_t product;
};

struct prefixes { /* sorted by first byte, longer ones first */
	struct prefix *list;
	size_t n, capacity;
	uint32_t start[257];
};

struct endings { /* sorted by last byte, shorter ones first */
	struct ending *list;
	size_t n, capacity;
	uint32_t start[257];
};

struct catalogue {
	struct arena *arena;
	struct item *items;
	size_t n, capacity;
	struct lexicon *lexicon;
	struct name *names; /* from 1 */
	size_t n_names, names_capacity;
	uint32_t *node_names; /* first claim to a phrase, by node */
	uint32_t *node_effects;
	const char **node_cues; /* the cue's name, by node */
	size_t n_nodes, nodes_capacity;
	struct endings endings;
	struct prefixes cmdlets, codes;
	uint32_t *pairs; /* the products that stand between two others */
	size_t n_pairs, pairs_capacity;
	uint32_t host; /* what runs in a virtual machine of Azure is filed as; 0: nothing */
};

/* The node of a whole phrase, or 0. */
uint32_t catalogue_phrase(const struct catalogue *, struct text);
/* The effects of a single word. */
uint32_t catalogue_effects(const struct catalogue *, uint32_t word);
/* Notes which of the words known so far are endings. */
void endings_note(struct catalogue *);
/* The known word that a word is but for its ending, and what the ending says: effects that are
 * CUE_AFTER_...; 0 if there is none. */
uint32_t ending_cut(const struct catalogue *, const struct word *, uint32_t *effects);
/* The longest prefix that the token begins with, or NULL. Of cmdlets the next
 * letter must be a capital where the token has both cases: Get-ADUser, not Get-Adviser. */
const struct prefix *prefix_find(const struct prefixes *, struct text token, bool is_cmdlet);

/* "2012 R2" as "|2012 r 2|", the form in which releases are compared. */
size_t release_key(struct text, char *out, size_t capacity);

#endif
