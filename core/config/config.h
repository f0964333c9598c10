/*
 * config.h - the INI files as sections and entries, each with its place
 *
 * A configuration is read once into an immutable object. iniparser gives the
 * values; a positional pre-scan of the same bytes gives file, line and column
 * and refuses what iniparser would silently bend. `include` is expanded in
 * place. Rooms then read the sections they know through option tables
 * (option.h); config_finish() reports what nobody knew.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "config/problems.h"

struct config;
struct config_section;

struct config_entry {
	const char *key;          /* lower case, as iniparser folds it */
	const char *value;        /* as iniparser gives it, unquoted */
	struct place place;       /* of the key */
	struct place value_place; /* of the value's first character */
};

/* Where the configuration is: path (--config), else $CASEROUTE_CONFIG, else
 * $XDG_CONFIG_HOME/caseroute/caseroute.ini, ~/.config/..., /etc/caseroute/....
 * A directory means its caseroute.ini. Returns a path to free(), or NULL if
 * there is none (only when path is NULL). */
char *config_find(const char *path);

/* Reads a file or directory and its includes. Never NULL; what is wrong is in
 * the problems. Owned by the caller. */
struct config *config_read(const char *path, struct problems *);
/* The same from memory, for tests: `name` stands for the file, no includes. */
struct config *config_read_text(const char *name, struct text, struct problems *);
void config_free(struct config *);

/* Sections in order. kind is the first word of the header, name the rest:
 * "[portal azure]" is kind "portal", name "azure"; "[ledger]" has name "". */
size_t config_count(const struct config *);
struct config_section *config_at(const struct config *, size_t);
/* The next section of a kind after `after` (NULL: the first). */
struct config_section *config_next(
    const struct config *, const char *kind, const struct config_section *after);
struct config_section *config_find_section(
    const struct config *, const char *kind, const char *name);

const char *section_kind(const struct config_section *);
const char *section_name(const struct config_section *); /* case kept as written */
struct place section_place(const struct config_section *);
size_t section_count(const struct config_section *);
const struct config_entry *section_at(const struct config_section *, size_t);
const struct config_entry *section_entry(
    const struct config_section *, const char *key); /* NULL if absent */

/* Reports sections of unknown kind and keys that no table knew (nearest word),
 * each once. Call it when all rooms have read their sections. */
void config_finish(struct config *, struct problems *);

/* `config dump`: effective values with origin; secrets masked. */
void config_dump(const struct config *, FILE *, bool json);

#endif
