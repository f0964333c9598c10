/*
 * problems.h - everything that is wrong with a configuration, told at once
 *
 * Readers add problems and go on; at the end they are sorted by place and
 * printed as FILE:LINE:COL: error: ... [E012] with the line and a caret.
 */
#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "base/text.h"

struct place {
	const char *file; /* lives as long as the problems and the config */
	uint32_t line;    /* from 1; 0: the file as a whole */
	uint32_t column;  /* from 1, in characters */
};

enum severity { PROBLEM_ERROR, PROBLEM_WARNING, PROBLEM_NOTE };

/* Stable numbers; each has a sentence in the manual (problem_help). */
enum problem_code {
	E_FILE = 1,         /* cannot be read, not a regular file, too long, NUL, BOM */
	E_SYNTAX = 2,       /* neither section, key nor comment */
	E_LINE_LENGTH = 3,  /* over 1022 bytes */
	E_ENCODING = 4,     /* not UTF-8, or a BOM */
	E_QUOTE = 5,        /* a bare value that iniparser would cut or bend */
	E_CONTINUATION = 6, /* a trailing backslash */
	E_DUPLICATE = 7,    /* a section or key twice */
	E_COLON = 8,        /* ':' in a section or key name */
	E_INCLUDE = 9,      /* missing, cyclic, outside */
	E_UNKNOWN_SECTION = 11,
	E_UNKNOWN_KEY = 12,
	E_MISSING_KEY = 13,
	E_VALUE = 14,     /* not of its type, out of bounds, not a choice */
	E_REFERENCE = 15, /* names something that is not defined */
	E_NAME = 16,      /* a section name that does not fit */
	E_SECRET = 17,    /* a secret in the open, or unreadable */
	E_PLUGIN = 18,    /* a plugin that cannot be loaded or refuses its options */
	E_NO_LAST_ROUTE = 21,
	E_UNREACHABLE = 22,
	E_SHADOWED = 23,
	E_CATALOGUE = 24,
	E_PROFILE = 25,
	E_SECRET_MODE = 26, /* a secret's file that others can read */
};

struct problems;
struct json;

struct problems *problems_new(void);
void problems_free(struct problems *);
void problem_add(struct problems *, enum severity, enum problem_code, struct place,
    const char *format, ...) __attribute__((format(printf, 5, 6)));
unsigned problems_count(const struct problems *, enum severity);
/* Sorted by file, line, column; source lines with caret. `json`: a JSON array instead. */
void problems_print(struct problems *, FILE *, bool json);
/* The same array as a value, to free. */
struct json *problems_json(struct problems *);
/* To the log: for people as above, for machines each problem a line. */
void problems_log(struct problems *);
const char *problem_help(enum problem_code); /* NULL if there is no such code */

#endif
