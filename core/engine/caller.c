#include "engine/caller.h"
#include "base/id.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HASH_WORD "sha256:"
#define NAME_MOST 64

enum { KEY, ROLES, UNTIL, N_OPTIONS };

static const struct option options[N_OPTIONS] = {
	[KEY] = { .name = "key",
	    .type = OPTION_TEXT,
	    .flags = OPTION_REQUIRED | OPTION_NUMBERED | OPTION_BARE | OPTION_HIDDEN,
	    .help = "sha256: and the hash of an API key, as `caseroute keys new` prints it; key.2 "
		    "beside it while keys change" },
	[ROLES] = { .name = "roles",
	    .type = OPTION_WORDS,
	    .flags = OPTION_REQUIRED,
	    .choices = CALLER_ROLES,
	    .help = "what the caller may do" },
	[UNTIL] = { .name = "until",
	    .type = OPTION_END,
	    .help = "last day on which its keys are good (UTC)" },
};

bool caller_name_ok(struct text name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!is_letter && !(c >= '0' && c <= '9') && !memchr("._@-", c, 4))
			return false;
	}
	return name.n >= 1 && name.n <= NAME_MOST;
}

/* ---- reading --------------------------------------------------------------------- */

/* The text is not shown: it may be the key itself. */
static void read_key(
    struct caller *caller, struct text text, struct place place, struct problems *problems)
{
	size_t word = strlen(HASH_WORD), n = 0;
	const char *end = NULL;

	if (text_starts(text, HASH_WORD) && text.n == CALLER_HASH_TEXT - 1 &&
	    sodium_hex2bin(caller->keys[caller->n_keys], CALLER_HASH, text.p + word, text.n - word,
		NULL, &n, &end) == 0 &&
	    n == CALLER_HASH) {
		caller->n_keys++;
		return;
	}
	problem_add(problems, PROBLEM_ERROR, E_SECRET, place,
	    "[caller %s] key must be " HASH_WORD " and 64 hexadecimal digits, as `caseroute keys "
	    "new` prints it; never the key itself",
	    caller->name);
}

static void read_keys(struct caller *caller, const struct value *value, bool has_bare,
    struct arena *arena, struct problems *problems)
{
	caller->keys = arena_take(arena, (value->n_items + 1) * sizeof *caller->keys);
	if (has_bare)
		read_key(caller, value->text, value->place, problems);
	for (size_t i = 0; i < value->n_items; i++)
		read_key(caller, value->items[i].text, value->items[i].place, problems);
}

static void read_caller(struct config *config, struct config_section *section,
    struct caller *caller, struct arena *arena, struct problems *problems)
{
	struct value v[N_OPTIONS];

	option_read(config, section, options, N_OPTIONS, v, problems);
	caller->name = section_name(section);
	caller->roles = (unsigned)v[ROLES].number;
	caller->until = v[UNTIL].given ? v[UNTIL].number : INSTANT_UNKNOWN;
	if (!caller_name_ok(text_of(caller->name)))
		problem_add(problems, PROBLEM_ERROR, E_NAME, section_place(section),
		    "[caller] needs a name of letters, digits and . _ @ -, at most %d: [caller "
		    "NAME]",
		    NAME_MOST);
	if (v[ROLES].given && !caller->roles)
		problem_add(problems, PROBLEM_ERROR, E_VALUE, v[ROLES].place,
		    "[caller %s] roles names none; allowed are: " CALLER_ROLES, caller->name);
	read_keys(caller, &v[KEY], section_entry(section, "key") != NULL, arena, problems);
}

/* Whose it is found by key: one of two would never be. */
static void check_twins(
    const struct callers *callers, size_t last, struct place place, struct problems *problems)
{
	const struct caller *caller = &callers->list[last];

	for (size_t i = 0; i <= last; i++)
		for (size_t a = 0; a < callers->list[i].n_keys; a++)
			for (size_t b = 0; b < caller->n_keys; b++)
				if ((i != last || a < b) &&
				    memcmp(callers->list[i].keys[a], caller->keys[b],
					CALLER_HASH) == 0)
					problem_add(problems, PROBLEM_ERROR, E_DUPLICATE, place,
					    "[caller %s] has a key that [caller %s] has already",
					    caller->name, callers->list[i].name);
}

struct callers *callers_read(struct config *config, struct arena *arena, struct problems *problems)
{
	struct callers *callers = arena_take(arena, sizeof *callers);
	size_t n = 0;

	for (struct config_section *s = NULL; (s = config_next(config, "caller", s));)
		n++;
	callers->list = arena_take(arena, (n + 1) * sizeof *callers->list);
	for (struct config_section *s = NULL; (s = config_next(config, "caller", s));) {
		read_caller(config, s, &callers->list[callers->n], arena, problems);
		check_twins(callers, callers->n++, section_place(s), problems);
	}
	return callers;
}

/* ---- finding --------------------------------------------------------------------------- */

/* All are compared, each in the same time: how long it takes says nothing. */
const struct caller *callers_find(const struct callers *callers, struct text key, instant now)
{
	unsigned char hash[CALLER_HASH];
	const struct caller *found = NULL;

	crypto_hash_sha256(hash, (const unsigned char *)key.p, key.n);
	for (size_t i = 0; i < callers->n; i++)
		for (size_t k = 0; k < callers->list[i].n_keys; k++)
			if (sodium_memcmp(hash, callers->list[i].keys[k], CALLER_HASH) == 0)
				found = &callers->list[i];
	if (found && found->until != INSTANT_UNKNOWN && now > found->until)
		return NULL;
	return found;
}

/* ---- making ---------------------------------------------------------------------------- */

void caller_new_key(char key[CALLER_KEY_TEXT], char hash[CALLER_HASH_TEXT])
{
	size_t prefix = strlen(CALLER_KEY_PREFIX), word = strlen(HASH_WORD);
	unsigned char raw[CALLER_HASH];

	random_bytes(raw, sizeof raw);
	memcpy(key, CALLER_KEY_PREFIX, prefix);
	sodium_bin2base64(key + prefix, CALLER_KEY_TEXT - prefix, raw, sizeof raw,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	crypto_hash_sha256(raw, (const unsigned char *)key, strlen(key));
	memcpy(hash, HASH_WORD, word);
	sodium_bin2hex(hash + word, CALLER_HASH_TEXT - word, raw, sizeof raw);
	explicit_bzero(raw, sizeof raw);
}
