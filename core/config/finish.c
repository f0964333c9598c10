/* What no room knew, and the dump of what they did (config.h). */
#include "config/section.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = { "caseroute", "partner", "ledger", "service", "portal", "route",
	"account", "customer", "contract", "credential", "profile", "offer", "product", "release",
	"cue", "caller", "issuer", "webhook", "budget", "retention" };

#define N_KINDS (sizeof kinds / sizeof kinds[0])

static bool is_known_kind(const char *kind)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

static void report_section(const struct config_section *section, struct problems *problems)
{
	const char *nearest = text_nearest(section->kind, kinds, N_KINDS);

	if (nearest)
		problem_add(problems, PROBLEM_ERROR, E_UNKNOWN_SECTION, section->place,
		    "unknown section [%s]; did you mean [%s]?", section->kind, nearest);
	else
		problem_add(problems, PROBLEM_ERROR, E_UNKNOWN_SECTION, section->place,
		    "unknown section [%s]; sections are caseroute, partner, ledger, portal, route, "
		    "account, customer, "
		    "contract, credential, profile, offer, product, release, cue, service, caller, "
		    "issuer, webhook, budget, retention",
		    section->kind);
}

static const char *nearest_key(const struct config_section *section, const char *key)
{
	const char *names[256];
	size_t n = 0;

	for (size_t t = 0; t < section->n_tables; t++)
		for (size_t i = 0; i < section->tables[t].n && n < 256; i++)
			names[n++] = section->tables[t].options[i].name;
	return text_nearest(key, names, n);
}

static void report_key(const struct config_section *section, const struct config_entry *entry,
    struct problems *problems)
{
	const char *nearest = nearest_key(section, entry->key);

	problem_add(problems, PROBLEM_ERROR, E_UNKNOWN_KEY, entry->place,
	    "[%s%s%s] unknown key \"%s\"%s%s%s", section->kind, *section->name ? " " : "",
	    section->name, entry->key, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
	    nearest ? "\"?" : "");
}

void config_finish(struct config *config, struct problems *problems)
{
	for (size_t i = 0; i < config->n; i++) {
		const struct config_section *section = config->sections[i];

		if (!is_known_kind(section->kind))
			report_section(section, problems);
		else if (section->n_tables && !section->is_skipped)
			for (size_t k = 0; k < section->n; k++)
				if (!section->known[k])
					report_key(section, &section->entries[k], problems);
	}
}

/* ---- dump --------------------------------------------------------------------- */

static bool is_secret(const struct option *option)
{
	return option->type == OPTION_SECRET || (option->flags & OPTION_HIDDEN);
}

/* A secret reference shows its kind, never what it points to. */
static const char *shown(const struct option *option, const char *value)
{
	if (!is_secret(option) || !*value)
		return value;
	if (strncmp(value, "file:", 5) == 0)
		return "file:********";
	if (strncmp(value, "env:", 4) == 0)
		return "env:********";
	return strncmp(value, "cred:", 5) == 0 ? "cred:********" : "********";
}

static const struct option *option_of(const struct config_section *section, const char *key)
{
	for (size_t t = 0; t < section->n_tables; t++)
		for (size_t i = 0; i < section->tables[t].n; i++) {
			const struct option *option = &section->tables[t].options[i];
			size_t n = strlen(option->name);

			if (strcmp(option->name, key) == 0 ||
			    ((option->flags & (OPTION_NUMBERED | OPTION_OPEN)) &&
				strncmp(option->name, key, n) == 0 && key[n] == '.'))
				return option;
		}
	return NULL;
}

/* The quotes that a value needs to be read back as it is. */
static const char *quote_of(const char *value)
{
	size_t n = strlen(value);

	if (strchr(value, '"'))
		return "'";
	return n && !strpbrk(value, ";#'") && value[0] != ' ' && value[n - 1] != ' ' ? "" : "\"";
}

struct dump {
	FILE *to;
	struct json *section; /* NULL: as text */
};

static void dump_value(
    struct dump *dump, const char *key, const char *value, const struct place *place)
{
	const char *quote = strchr(value, '"') ? "'" : "\"";
	struct json *one;

	if (!dump->section) {
		fprintf(dump->to, "%s = %s%s%s ; ", key, quote, value, quote);
		if (place)
			fprintf(dump->to, "%s:%u\n", place->file, place->line);
		else
			fputs("default\n", dump->to);
		return;
	}
	one = json_new_object();
	json_set(one, "value", json_new_string(value));
	json_set(one, "origin", place ? json_new_string(place->file) : json_new_string("default"));
	json_set(one, "line", place ? json_new_number(place->line) : json_new_null());
	json_set(dump->section, key, one);
}

static void dump_section(struct dump *dump, const struct config_section *section)
{
	for (size_t i = 0; i < section->n; i++) {
		const struct config_entry *entry = &section->entries[i];
		const struct option *option = option_of(section, entry->key);

		dump_value(dump, entry->key, option ? shown(option, entry->value) : "********",
		    &entry->place);
	}
	for (size_t t = 0; t < section->n_tables; t++)
		for (size_t i = 0; i < section->tables[t].n; i++) {
			const struct option *option = &section->tables[t].options[i];

			if (option->fallback && !section_entry(section, option->name))
				dump_value(
				    dump, option->name, shown(option, option->fallback), NULL);
		}
}

void config_dump(const struct config *config, FILE *to, bool json)
{
	struct json *sections = json_new_array();
	struct buffer text = { 0 };

	for (size_t i = 0; i < config->n; i++) {
		const struct config_section *section = config->sections[i];
		struct dump dump = { to, json ? json_new_object() : NULL };
		struct json *one;

		if (!json)
			fprintf(to, "%s[%s%s%s]\n", i ? "\n" : "", section->kind,
			    *section->name ? " " : "", section->name);
		dump_section(&dump, section);
		if (!json)
			continue;
		one = json_new_object();
		json_set(one, "section", json_new_string(section->kind));
		json_set(one, "name", json_new_string(section->name));
		json_set(one, "keys", dump.section);
		json_append(sections, one);
	}
	if (json) {
		json_write(sections, JSON_INDENTED, &text);
		fprintf(to, "%s\n", text.p);
	}
	buffer_free(&text);
	json_free(sections);
}

/* ---- samples and manual ---------------------------------------------------------- */

static const char *const type_names[] = { "", "text", "whole number", "yes or no", "duration",
	"one of", "origin", "secret reference: file:PATH, env:NAME or cred:NAME", "date", "date",
	"list of words", "path", "address" };

void option_print_sample(FILE *to, const struct option *table, size_t n)
{
	for (int required = 1; required >= 0; required--)
		for (size_t i = 0; i < n; i++) {
			const struct option *o = &table[i];
			bool is_family = o->flags & (OPTION_NUMBERED | OPTION_OPEN);
			const char *quote =
			    o->fallback && *o->fallback ? quote_of(o->fallback) : "";

			if (((o->flags & OPTION_REQUIRED) != 0) != (required != 0))
				continue;
			fprintf(to, "; %s%s%s%s\n%s%s%s = %s%s%s\n", o->help,
			    o->choices ? " (one of: " : "", o->choices ? o->choices : "",
			    o->choices ? ")" : "", required ? "" : "; ", o->name,
			    !is_family                         ? ""
				: (o->flags & OPTION_NUMBERED) ? ".1"
							       : ".NAME",
			    quote, o->fallback ? o->fallback : "", quote);
		}
}

void option_print_manual(FILE *to, const struct option *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct option *o = &table[i];

		fprintf(to, "  %s%s (%s%s%s%s)\n      %s\n", o->name,
		    (o->flags & OPTION_NUMBERED)   ? ".1 to .30"
			: (o->flags & OPTION_OPEN) ? ".NAME"
						   : "",
		    type_names[o->type], o->choices ? ": " : "", o->choices ? o->choices : "",
		    (o->flags & OPTION_REQUIRED) ? ", required" : "", o->help);
		if (o->fallback)
			fprintf(to, "      Default: %s\n", o->fallback);
		if (o->min || o->max)
			fprintf(to, "      Bounds: %lld to %lld\n", (long long)o->min,
			    (long long)o->max);
	}
}
