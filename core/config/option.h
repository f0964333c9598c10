/*
 * option.h - typed tables: every key declared once
 *
 * A room declares the keys of its section as a table of options and reads a
 * section through it. Wrong values are reported with place, what is allowed
 * and the nearest right word. The same table prints the manual and samples.
 * Plugins' tables (portal.h) are turned into these by core/portal.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "base/failure.h"
#include "base/instant.h"
#include "config/config.h"

enum option_type {
	OPTION_TEXT = 1,
	OPTION_INTEGER = 2,  /* number, within [min, max] unless both are 0 */
	OPTION_BOOLEAN = 3,  /* true false yes no on off 1 0; number 0 or 1 */
	OPTION_DURATION = 4, /* "90s", "5m"; number in milliseconds */
	OPTION_CHOICE = 5,   /* a word of .choices; number its index */
	OPTION_ORIGIN = 6,   /* "https://host[:port]"; http only on loopback */
	OPTION_SECRET = 7,   /* "file:PATH", "env:NAME", "cred:NAME"; text is the reference */
	OPTION_DATE = 8,     /* RFC 3339 or plain date; number an instant (first ms) */
	OPTION_END = 9,      /* the same; a plain date means its last ms */
	OPTION_WORDS = 10,   /* comma list; each of .choices if there are any; text as written */
	OPTION_PATH = 11,    /* relative to the file that holds it; text is the full path */
	OPTION_URL = 12,     /* https (http on loopback) with path; no user, no fragment of ours */
};

enum {
	OPTION_REQUIRED = 1u,
	OPTION_NUMBERED = 2u, /* NAME.1 ... NAME.30, read in number order into a list */
	OPTION_OPEN = 4u,     /* NAME.ANYTHING: a family of keys; see value.entries */
	OPTION_BARE = 16u,    /* with NUMBERED: NAME itself may stand there, too, as .text */
	OPTION_HIDDEN = 8u,   /* value is masked in dumps though not a secret reference */
};

struct option {
	const char *name; /* lower case */
	uint32_t type;
	uint32_t flags;
	const char *fallback; /* as it would stand in the INI file; NULL: none */
	const char *choices;  /* words parted by blanks */
	int64_t min, max;
	const char *help; /* one line */
};

struct option_item {        /* of a NUMBERED or OPEN option */
	const char *suffix; /* "3", "azure"; lives as long as the config */
	struct text text;
	int64_t number;
	struct place place;
};

struct value {
	struct text text; /* as written (or the fallback); "" when absent */
	int64_t number;
	bool given;                      /* stands in the file */
	struct place place;              /* of the value; of the section when not given */
	const struct option_item *items; /* NUMBERED, OPEN; lives as long as the config */
	size_t n_items;
};

/* Reads a section through a table into values[0 .. n-1] (same order). True if
 * nothing was wrong; values of wrong entries are their fallbacks. All texts live
 * as long as the config. May be called with several tables for one section. */
bool option_read(struct config *, struct config_section *, const struct option *table, size_t n,
    struct value *values, struct problems *);

/* The section's keys are nobody's business (its plugin could not be loaded). */
void option_skip(struct config_section *);

/* Parses one value of an option's type; failure text names what is allowed. */
bool option_parse(const struct option *, struct text, struct value *, struct failure *);

/* "key = fallback ; help" lines, required keys first, others commented out. */
void option_print_sample(FILE *, const struct option *table, size_t n);
/* One paragraph an option: name, type, default, bounds, help. */
void option_print_manual(FILE *, const struct option *table, size_t n);

#endif
