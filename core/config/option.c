#include "config/option.h"
#include "config/section.h"
#include "config/secret.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

/* ---- one value --------------------------------------------------------------- */

static bool choice_index(const char *choices, struct text word, int64_t *index)
{
	struct text rest = text_of(choices), choice;

	for (*index = 0; text_split(&rest, ' ', &choice); ++*index)
		if (choice.n == word.n && strncasecmp(choice.p, word.p, word.n) == 0)
			return true;
	return false;
}

static const char *nearest_choice(const char *choices, struct text word, char out[64])
{
	char copy[1024], wrong[64];
	const char *words[64], *nearest;
	size_t n = 0;

	if (strlen(choices) >= sizeof copy || word.n >= sizeof wrong)
		return NULL;
	strcpy(copy, choices);
	memcpy(wrong, word.p, word.n);
	wrong[word.n] = 0;
	for (char *save, *at = strtok_r(copy, " ", &save); at && n < 64;
	     at = strtok_r(NULL, " ", &save))
		words[n++] = at;
	nearest = text_nearest(wrong, words, n);
	if (!nearest)
		return NULL;
	snprintf(out, 64, "%s", nearest);
	return out;
}

static bool wrong_choice(const char *choices, struct text word, struct failure *why)
{
	char nearest[64];

	if (nearest_choice(choices, word, nearest))
		return failure_set(why, FAILURE_CONFIG,
		    "is \"%.*s\"; did you mean \"%s\"? Allowed are: %s", TEXT_ARGS(word), nearest,
		    choices);
	return failure_set(
	    why, FAILURE_CONFIG, "is \"%.*s\"; allowed are: %s", TEXT_ARGS(word), choices);
}

static bool parse_choice(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	return choice_index(option->choices, text, &value->number) ||
	    wrong_choice(option->choices, text, why);
}

static bool parse_words(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	struct text rest = text, word;
	int64_t index;

	value->number = 0; /* a bit for each choice that is there */
	while (option->choices && text_split(&rest, ',', &word)) {
		if (!choice_index(option->choices, word, &index))
			return wrong_choice(option->choices, word, why);
		if (index < 63)
			value->number |= (int64_t)1 << index;
	}
	return true;
}

static bool parse_boolean(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	static const char words[] = "no yes false true off on 0 1";
	int64_t index;

	(void)option;
	if (!choice_index(words, text, &index))
		return failure_set(
		    why, FAILURE_CONFIG, "is \"%.*s\"; write yes or no", TEXT_ARGS(text));
	value->number = index % 2;
	return true;
}

static bool parse_integer(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	if (!text_integer(text, &value->number))
		return failure_set(
		    why, FAILURE_CONFIG, "is \"%.*s\", not a whole number", TEXT_ARGS(text));
	if ((option->min || option->max) &&
	    (value->number < option->min || value->number > option->max))
		return failure_set(why, FAILURE_CONFIG, "is %lld; it must be %lld to %lld",
		    (long long)value->number, (long long)option->min, (long long)option->max);
	return true;
}

static bool parse_duration(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	if (!duration_read(text, &value->number))
		return failure_set(why, FAILURE_CONFIG,
		    "is \"%.*s\", not a duration; write 90s, 5m, 2h or 3d", TEXT_ARGS(text));
	if ((option->min || option->max) &&
	    (value->number < option->min || value->number > option->max))
		return failure_set(why, FAILURE_CONFIG, "is %.*s; it must be %lld ms to %lld ms",
		    TEXT_ARGS(text), (long long)option->min, (long long)option->max);
	return true;
}

static bool parse_date(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	bool is_ok = option->type == OPTION_END ? instant_read_end(text, &value->number)
						: instant_read_date(text, &value->number);

	return is_ok ||
	    failure_set(
		why, FAILURE_CONFIG, "is \"%.*s\", not a date; write 2026-11-24", TEXT_ARGS(text));
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "HOST[:PORT]" cut off the front of what follows the scheme. */
static struct text authority_of(struct text rest)
{
	size_t n = 0;

	while (n < rest.n && !strchr("/?#", rest.p[n]))
		n++;
	return (struct text){ rest.p, n };
}

/* The host of an authority; brackets of an IPv6 address stay. */
static struct text host_of(struct text authority)
{
	const char *end = authority.n && authority.p[0] == '['
	    ? memchr(authority.p, ']', authority.n)
	    : memchr(authority.p, ':', authority.n);
	size_t n = !end ? authority.n : (size_t)(end - authority.p) + (*end == ']');

	return (struct text){ authority.p, n };
}

static bool is_port(struct text rest)
{
	int64_t port;

	return !rest.n ||
	    (rest.n > 1 && rest.n <= 6 && rest.p[0] == ':' && rest.p[1] != '+' &&
		text_integer((struct text){ rest.p + 1, rest.n - 1 }, &port) && port > 0 &&
		port <= 65535);
}

/* A name or IPv4 address of letters, digits, dots and hyphens, or [IPv6]. */
static bool is_host_clean(struct text host)
{
	bool is_v6 = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	struct text inner = is_v6 ? (struct text){ host.p + 1, host.n - 2 } : host;

	for (size_t i = 0; i < inner.n; i++) {
		char c = inner.p[i];
		bool is_digit = c >= '0' && c <= '9';
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!is_digit &&
		    !(is_v6 ? is_hex(c) || c == ':' || c == '.'
			    : is_letter || c == '.' || c == '-'))
			return false;
	}
	return inner.n > 0 && inner.p[0] != '.' && inner.p[0] != '-';
}

/* 127.0.0.0/8 in four plain numbers: "127.0.0.1.evil.example" is a name. */
static bool is_loopback_v4(struct text host)
{
	struct text rest = host, part;
	int64_t number;
	unsigned parts = 0;

	while (text_split(&rest, '.', &part)) {
		if (part.n > 3 || part.p[0] == '+' || part.p[0] == '-' ||
		    !text_integer(part, &number) || number > 255 || (parts == 0 && number != 127))
			return false;
		parts++;
	}
	return parts == 4 && host.p[host.n - 1] != '.' && !memmem(host.p, host.n, "..", 2);
}

static bool is_loopback(struct text host)
{
	return text_is(host, "localhost") || text_is(host, "[::1]") || is_loopback_v4(host);
}

/* Nothing that ends a line, parts words or names a user. */
static bool is_printable(struct text rest)
{
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] <= ' ' || rest.p[i] == 0x7f ||
		    strchr("@\\", rest.p[i]))
			return false;
	return true;
}

static bool parse_url(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	bool is_https = text_starts(text, "https://"), is_http = text_starts(text, "http://");
	size_t scheme = is_https ? 8 : 7;
	struct text rest, authority, host;

	(void)value;
	if (!is_https && !is_http)
		return failure_set(why, FAILURE_CONFIG, "is \"%.*s\"; it must begin with https://",
		    TEXT_ARGS(text));
	rest = (struct text){ text.p + scheme, text.n - scheme };
	authority = authority_of(rest);
	host = host_of(authority);
	if (!is_host_clean(host) || !is_printable(rest) ||
	    !is_port((struct text){ host.p + host.n, authority.n - host.n }))
		return failure_set(
		    why, FAILURE_CONFIG, "holds no clean host and port (or a user or a blank)");
	if (is_http && !is_loopback(host))
		return failure_set(why, FAILURE_CONFIG,
		    "is plain http; that is allowed to this machine (127.0.0.1) only");
	if (option->type == OPTION_ORIGIN && authority.n < rest.n)
		return failure_set(why, FAILURE_CONFIG,
		    "must be https://HOST or https://HOST:PORT without a path");
	return true;
}

static bool parse_secret(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	(void)option;
	(void)value;
	/* The text is not shown: it may be the secret itself. */
	return secret_reference_ok(text) ||
	    failure_set(why, FAILURE_CONFIG,
		"must name a secret, not hold it: file:PATH, env:NAME or cred:NAME");
}

static bool parse_any(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	(void)option;
	(void)text;
	(void)value;
	(void)why;
	return true;
}

bool option_parse(
    const struct option *option, struct text text, struct value *value, struct failure *why)
{
	static bool (*const parsers[])(
	    const struct option *, struct text, struct value *, struct failure *) = {
		[OPTION_TEXT] = parse_any,
		[OPTION_INTEGER] = parse_integer,
		[OPTION_BOOLEAN] = parse_boolean,
		[OPTION_DURATION] = parse_duration,
		[OPTION_CHOICE] = parse_choice,
		[OPTION_ORIGIN] = parse_url,
		[OPTION_SECRET] = parse_secret,
		[OPTION_DATE] = parse_date,
		[OPTION_END] = parse_date,
		[OPTION_WORDS] = parse_words,
		[OPTION_PATH] = parse_any,
		[OPTION_URL] = parse_url,
	};

	value->text = text;
	value->number = 0;
	return parsers[option->type](option, text, value, why);
}

/* ---- one section --------------------------------------------------------------- */

struct reading_state {
	struct config *config;
	struct config_section *section;
	struct problems *problems;
	bool is_ok;
};

static void report(struct reading_state *r, enum problem_code code, struct place place,
    const char *key, const char *text)
{
	const struct config_section *s = r->section;

	problem_add(r->problems, PROBLEM_ERROR, code, place, "[%s%s%s] %s %s", s->kind,
	    *s->name ? " " : "", s->name, key, text);
	r->is_ok = false;
}

static const char *full_path(struct reading_state *r, const char *file, const char *path)
{
	char *copy;
	const char *full;

	if (path[0] == '/' || !file)
		return path;
	copy = memory_copy_text(file);
	full = arena_format(r->config->arena, "%s/%s", dirname(copy), path);
	free(copy);
	return full;
}

static void set_fallback(const struct option *option, struct place place, struct value *value)
{
	*value = (struct value){ .text = TEXT(""), .place = place };
	if (option->fallback)
		option_parse(option, text_of(option->fallback), value, NULL);
}

static bool read_entry(struct reading_state *r, const struct option *option,
    const struct config_entry *entry, struct value *value)
{
	struct failure why = { 0 };

	if (!entry->value[0] && option->type != OPTION_TEXT && option->type != OPTION_WORDS) {
		report(r, E_VALUE, entry->place, entry->key, "has no value");
		return false;
	}
	if (!option_parse(option, text_of(entry->value), value, &why)) {
		report(r, option->type == OPTION_SECRET ? E_SECRET : E_VALUE, entry->value_place,
		    entry->key, why.text);
		return false;
	}
	if (option->type == OPTION_PATH)
		value->text = text_of(full_path(r, entry->place.file, entry->value));
	return true;
}

static bool belongs(const struct option *option, const char *key)
{
	size_t n = strlen(option->name);

	return strncmp(key, option->name, n) == 0 && key[n] == '.' && key[n + 1];
}

static int by_number(const void *left, const void *right)
{
	const struct option_item *a = left, *b = right;

	return (int)(strtol(a->suffix, NULL, 10) - strtol(b->suffix, NULL, 10));
}

static bool is_suffix_ok(
    struct reading_state *r, const struct option *option, const struct config_entry *entry)
{
	const char *suffix = entry->key + strlen(option->name) + 1;
	int64_t number;

	if (!(option->flags & OPTION_NUMBERED))
		return true;
	if (text_integer(text_of(suffix), &number) && number >= 1 && number <= 30 &&
	    suffix[0] != '0' && suffix[0] != '+')
		return true;
	report(r, E_UNKNOWN_KEY, entry->place, entry->key, "must end in a number from 1 to 30");
	return false;
}

/* NAME.1, NAME.2 ... or NAME.ANYTHING: all of them, in order. */
static void read_family(struct reading_state *r, const struct option *option, struct value *value)
{
	struct config_section *section = r->section;
	struct option_item *items = arena_take(r->config->arena, (section->n + 1) * sizeof *items);

	for (size_t i = 0; i < section->n; i++) {
		const struct config_entry *entry = &section->entries[i];
		struct value one = { 0 };

		if (!belongs(option, entry->key))
			continue;
		section->known[i] = true;
		if (!is_suffix_ok(r, option, entry) || !read_entry(r, option, entry, &one))
			continue;
		items[value->n_items++] =
		    (struct option_item){ entry->key + strlen(option->name) + 1, one.text,
			    one.number, entry->value_place };
		value->given = true;
	}
	if (option->flags & OPTION_NUMBERED)
		qsort(items, value->n_items, sizeof *items, by_number);
	value->items = items;
}

/* "match = cloud" would be nobody's condition. */
static void report_bare(
    struct reading_state *r, const struct option *option, const struct config_entry *entry)
{
	char text[128];

	snprintf(text, sizeof text, "must be written %s.%s", option->name,
	    option->flags & OPTION_NUMBERED ? "1 to .30" : "NAME");
	report(r, E_UNKNOWN_KEY, entry->place, entry->key, text);
}

static void read_one(struct reading_state *r, const struct option *option, struct value *value)
{
	const struct config_entry *entry = section_entry(r->section, option->name);
	struct value given = { 0 };

	set_fallback(option, r->section->place, value);
	if (option->flags & (OPTION_NUMBERED | OPTION_OPEN))
		read_family(r, option, value);
	if (entry) {
		r->section->known[entry - r->section->entries] = true;
		if ((option->flags & (OPTION_NUMBERED | OPTION_OPEN)) &&
		    !(option->flags & OPTION_BARE)) {
			report_bare(r, option, entry);
			return;
		}
		if (!read_entry(r, option, entry, &given))
			return;
		value->text = given.text;
		value->number = given.number;
		value->given = true;
		value->place = entry->value_place;
	}
	if (!value->given && (option->flags & OPTION_REQUIRED)) {
		char text[256];

		snprintf(text, sizeof text, "is missing (%s)", option->help);
		report(r, E_MISSING_KEY, r->section->place, option->name, text);
	}
}

bool option_read(struct config *config, struct config_section *section, const struct option *table,
    size_t n, struct value *values, struct problems *problems)
{
	struct reading_state r = { config, section, problems, true };

	section->tables = memory_grow(
	    section->tables, section->n_tables, &section->tables_capacity, sizeof *section->tables);
	section->tables[section->n_tables++] = (struct section_table){ table, n };
	for (size_t i = 0; i < n; i++)
		read_one(&r, &table[i], &values[i]);
	return r.is_ok;
}

void option_skip(struct config_section *section)
{
	section->is_skipped = true;
}
