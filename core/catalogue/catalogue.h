/*
 * catalogue.h - products, their names and releases, and which one a text means
 *
 * Read once from [product NAME], [release PRODUCT] and [cue NAME] sections;
 * immutable after that, so it is read from any thread without a lock. Telling a product from
 * text costs the same for 300 names and 30,000.
 */
#ifndef CATALOGUE_CATALOGUE_H
#define CATALOGUE_CATALOGUE_H

#include "base/instant.h"
#include "base/memory.h"
#include "config/config.h"

enum environment {
	ENVIRONMENT_UNKNOWN = 0,
	ENVIRONMENT_ON_PREMISES = 1,
	ENVIRONMENT_CLOUD = 2,
	ENVIRONMENT_HYBRID =
	    3, /* software at the customer's that serves a cloud service: decided as cloud */
};

const char *environment_name(enum environment);         /* "on-premises" ...; NULL for unknown */
bool environment_read(struct text, enum environment *); /* on-premises, cloud, hybrid */

struct release {
	const char *name;       /* "2019" */
	instant released;       /* first ms of the day; INSTANT_UNKNOWN */
	instant mainstream_end; /* last ms of the day; INSTANT_UNKNOWN: none given = covered */
	instant extended_end;
	const char *major; /* the major release it belongs to; its own name if it is one */
	const char *names; /* all its names, folded: "|2012 r 2|"; NULL: its name only */
};

struct product {
	const char *id;               /* "exchange-server": the name folded, words joined by '-' */
	const char *name;             /* "Exchange Server" */
	enum environment environment; /* UNKNOWN: sold in both worlds, ask */
	const char *workload;         /* "exchange-server", "azure" ... */
	const char
	    *portal; /* where it differs from the workload's portal ("lcs", "other-desk"); NULL */
	const char *note;
	const struct release *releases; /* newest first */
	size_t n_releases;              /* 0: not sold in releases, or none known */
};

struct catalogue;
struct json;

/* Reads the [product], [release] and [cue] sections; what is wrong is in the problems. */
struct catalogue *catalogue_read(struct config *, struct problems *); /* never NULL */
void catalogue_free(struct catalogue *);
size_t catalogue_count(const struct catalogue *);
const struct product *catalogue_at(const struct catalogue *, size_t);
/* By id, name or an alias that only one product has; folded. NULL if none or several. */
const struct product *catalogue_find(const struct catalogue *, struct text);

/* ---- telling ------------------------------------------------------------- */

/* What is known of the trouble; any text may be empty. */
struct clue {
	struct text product, release, title, description;
	enum environment environment; /* what the agent says; UNKNOWN: nothing */
};

enum telling {
	TELLING_UNKNOWN = 0,   /* no product to be seen */
	TELLING_AMBIGUOUS = 1, /* several readings of different environment, no cue between them */
	TELLING_TOLD = 2,  /* product (or at least environment and workload) found in the text */
	TELLING_NAMED = 3, /* the request names it */
};

enum clue_place { CLUE_PRODUCT, CLUE_TITLE, CLUE_DESCRIPTION };

struct match {
	enum clue_place place;
	struct text text;              /* the words as written */
	const struct product *product; /* NULL: a cue only */
	const char *cue; /* "server", "version-year", "cmdlet", "hybrid" ...; NULL for a name */
};

#define READING_MATCHES 16
#define READING_CANDIDATES 6

struct reading {
	enum telling telling;
	const struct product *product; /* NULL unless TOLD or NAMED (and not always then) */
	const struct release *release; /* NULL: not given or not listed */
	struct text release_text;      /* the release as written, listed or not; empty if none */
	enum environment environment;
	const char *workload; /* may be known when the environment is not; NULL */
	struct match matches[READING_MATCHES];
	size_t n_matches;
	const struct product *candidates[READING_CANDIDATES]; /* when AMBIGUOUS */
	size_t n_candidates;
};

/* Pure and thread-safe; allocates from the arena only. Texts in the reading
 * point into the clue. */
void catalogue_tell(
    const struct catalogue *, const struct clue *, struct arena *, struct reading *);

/* A line of `classify`: {"id", "environment", "workload", "product", "matched"}, with
 * "unknown" for what the text does not tell. The first sentence or line counts as
 * the title. `product` may be empty. The caller owns the result. */
struct json *catalogue_classify(
    const struct catalogue *, const char *id, struct text text, struct text product);

/* ---- releases: R23 and design: majors known at `now`, N and N-1, mainstream ---- */

enum standing {
	STANDING_COVERED = 0,
	STANDING_OLD = 1,     /* neither N nor N-1 */
	STANDING_ENDED = 2,   /* N or N-1, but mainstream support has ended */
	STANDING_NOT_YET = 3, /* released after `now` */
	STANDING_UNRELEASED =
	    4, /* the product has no releases in the catalogue: nothing to check */
};

enum standing release_standing(const struct product *, const struct release *, instant now);
/* A release of the product by name, alias or major ("2019", "SQL 2019", "21H1"); NULL if not
 * listed. */
const struct release *release_find(const struct product *, struct text);

#endif
