/*
 * scan.h - the positional pre-scan of one INI text
 *
 * Reads the same grammar as iniparser 4.1 and records where each section, key
 * and value stands. What iniparser would silently bend (cut comments, quoted
 * quotes, duplicates, long lines, NUL, BOM, continuations, colons) is a problem.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include "config/problems.h"

enum scan_kind { SCAN_SECTION, SCAN_KEY };

struct scan_item {
	enum scan_kind kind;
	struct text name;  /* section header without brackets, or key; as written */
	struct text value; /* SCAN_KEY: as our reading has it; iniparser is the judge */
	uint32_t line, column, value_column;
	size_t offset; /* of the line's first byte: files are cut at sections */
};

struct scan {
	struct scan_item *items;
	size_t n, capacity;
};

/* Adds problems with place.file = file. Items of bad lines are left out. */
void scan_text(struct scan *, const char *file, struct text, struct problems *);
void scan_free(struct scan *);

#define SCAN_LINE_BYTES 1022 /* iniparser refuses the whole file above this */

#endif
