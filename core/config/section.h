/*
 * section.h - the inside of struct config, for this room only
 */
#ifndef CONFIG_SECTION_H
#define CONFIG_SECTION_H

#include "base/memory.h"
#include "config/config.h"
#include "config/option.h"

struct section_table { /* an option table that a room has read the section with */
	const struct option *options;
	size_t n;
};

struct config_section {
	const char *kind, *name;
	const char *header; /* in lower case, as iniparser knows it */
	const char *folded; /* "kind name" in lower case, one blank between: what it is found by */
	size_t position;    /* in the configuration */
	struct place place;
	struct config_entry *entries;
	bool *known; /* by a table */
	size_t n, capacity, known_capacity;
	struct section_table *tables;
	size_t n_tables, tables_capacity;
	bool is_skipped;
};

/* Open addressing over section headers: 10,000 routes are looked up one by one. */
struct section_index {
	struct config_section **slots;
	size_t capacity, n;
};

struct config_section *index_find(const struct section_index *, const char *folded);
void index_add(struct section_index *, const char *folded, struct config_section *);
void index_free(struct section_index *);

struct config {
	struct arena *arena;
	struct config_section **sections;
	size_t n, capacity;
	struct section_index index;
};

#endif
