/* Reading the [product NAME] sections, and putting the catalogue together. */
#include "catalogue/read.h"
#include "catalogue/words.h"

#include <stdlib.h>
#include <string.h>

enum {
	ENVIRONMENT,
	WORKLOAD,
	PORTAL,
	KIND,
	ALIASES,
	ALSO,
	EXACT,
	HINTS,
	DATED,
	CMDLETS,
	CODES,
	CLOUD,
	ON_PREMISES,
	HOSTED,
	BETWEEN,
	NOTE,
	N_OPTIONS
};

static const struct option options[N_OPTIONS] = {
	[ENVIRONMENT] = { "environment", OPTION_CHOICE, OPTION_REQUIRED, NULL,
	    "unknown on-premises cloud hybrid", 0, 0,
	    "How it is supported; unknown: sold in both worlds, ask" },
	[WORKLOAD] = { "workload", OPTION_CHOICE, OPTION_REQUIRED, NULL,
	    "windows windows-server sql-server exchange-server sharepoint-server "
	    "skype-for-business-server "
	    "office-client developer-tools system-center azure microsoft365 intune security "
	    "power-platform "
	    "dynamics365 other",
	    0, 0, "The desk that takes it" },
	[PORTAL] = { "portal", OPTION_TEXT, 0, NULL, NULL, 0, 0,
	    "Where it differs from the workload's portal" },
	[KIND] = { "kind", OPTION_CHOICE, 0, "plain", "plain container component", 0, 0,
	    "container: loses against what runs in it; component: wins against what it is a part "
	    "of" },
	[ALIASES] = { "aliases", OPTION_WORDS, 0, NULL, NULL, 0, 0, "Other names" },
	[ALSO] = { "also", OPTION_WORDS, 0, NULL, NULL, 0, 0,
	    "More of them, where one line would be too long" },
	[EXACT] = { "exact", OPTION_WORDS, 0, NULL, NULL, 0, 0,
	    "Names that count only when spelled so" },
	[HINTS] = { "hints", OPTION_WORDS, 0, NULL, NULL, 0, 0,
	    "Names that count beside another clue only" },
	[DATED] = { "dated", OPTION_WORDS, 0, NULL, NULL, 0, 0,
	    "Names that count before a release or a year" },
	[CMDLETS] = { "cmdlets", OPTION_WORDS, 0, NULL, NULL, 0, 0,
	    "How the nouns of its cmdlets begin" },
	[CODES] = { "codes", OPTION_WORDS, 0, NULL, NULL, 0, 0,
	    "How its error codes begin; ? is a digit" },
	[CLOUD] = { "cloud", OPTION_TEXT, 0, NULL, NULL, 0, 0,
	    "The product it is when it is the cloud's" },
	[ON_PREMISES] = { "on-premises", OPTION_TEXT, 0, NULL, NULL, 0, 0,
	    "The product it is when it is one's own" },
	[HOSTED] = { "hosted", OPTION_TEXT, 0, NULL, NULL, 0, 0,
	    "What it is filed as in an Azure virtual machine" },
	[BETWEEN] = { "between", OPTION_WORDS, 0, NULL, NULL, 0, 0,
	    "Two products that mean this one when named together" },
	[NOTE] = { "note", OPTION_TEXT, 0, NULL, NULL, 0, 0, "What to know of it" },
};

static char *slug_of(struct arena *arena, const char *name)
{
	struct word_reader reader = { text_of(name), false };
	struct word word;
	struct buffer slug = { 0 };
	char *copy;

	while (word_next(&reader, &word)) {
		/* "Win10" keeps together; a dot that is part of a word is not wanted. */
		size_t dot = word.n && word.folded[0] == '.';

		if (slug.n && !(word.flags & WORD_GLUED))
			buffer_char(&slug, '-');
		buffer_append(&slug, word.folded + dot, word.n - dot);
	}
	copy = arena_copy(arena, slug.p ? slug.p : "", slug.n);
	buffer_free(&slug);
	return copy;
}

static void claim(
    struct catalogue *catalogue, struct text name, uint32_t product, enum strength strength)
{
	uint32_t node = phrase_add(catalogue, name, true), *first;

	if (!node)
		return;
	first = &catalogue->node_names[node];
	for (uint32_t i = *first; i; i = catalogue->names[i].next)
		if (catalogue->names[i].product == product &&
		    catalogue->names[i].strength == strength)
			return;
	catalogue->names = memory_grow(catalogue->names, catalogue->n_names,
	    &catalogue->names_capacity, sizeof *catalogue->names);
	catalogue->names[catalogue->n_names] = (struct name){ *first, product, strength,
		arena_copy(catalogue->arena, name.p, name.n) };
	*first = (uint32_t)catalogue->n_names++;
}

static void claim_all(
    struct catalogue *catalogue, struct text list, uint32_t product, enum strength strength)
{
	struct text item;

	while (text_split(&list, ',', &item))
		claim(catalogue, item, product, strength);
}

static void add_prefixes(
    struct catalogue *catalogue, struct prefixes *prefixes, struct text list, uint32_t product)
{
	struct text item;

	while (text_split(&list, ',', &item)) {
		char *folded = arena_copy(catalogue->arena, item.p, item.n);

		item.n = text_fold(item, folded, item.n);
		folded[item.n] = 0;
		prefixes->list = memory_grow(
		    prefixes->list, prefixes->n, &prefixes->capacity, sizeof *prefixes->list);
		prefixes->list[prefixes->n++] = (struct prefix){ folded, item.n, product };
	}
}

static int by_first_byte(const void *left, const void *right)
{
	const struct prefix *a = left, *b = right;

	if (a->folded[0] != b->folded[0])
		return (unsigned char)a->folded[0] < (unsigned char)b->folded[0] ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return strcmp(a->folded, b->folded);
}

static void sort_prefixes(struct prefixes *prefixes)
{
	if (prefixes->n)
		qsort(prefixes->list, prefixes->n, sizeof *prefixes->list, by_first_byte);
	for (size_t byte = 0, i = 0; byte <= 256; byte++) {
		while (i < prefixes->n && (unsigned char)prefixes->list[i].folded[0] < byte)
			i++;
		prefixes->start[byte] = (uint32_t)i;
	}
}

static bool is_double(const struct catalogue *catalogue, const struct config_section *section,
    const char *id, struct problems *problems)
{
	const struct product *other = product_named(catalogue, text_of(section_name(section)));

	if (other)
		problem_add(problems, PROBLEM_ERROR, E_CATALOGUE, section_place(section),
		    "[product %s] is the same as [product %s]: both are called %s",
		    section_name(section), other->name, id);
	return other != NULL;
}

static const char *copy_or_null(struct catalogue *catalogue, const struct value *value)
{
	return value->text.n ? arena_copy(catalogue->arena, value->text.p, value->text.n) : NULL;
}

static void add_names(struct catalogue *catalogue, const struct value *values, uint32_t number)
{
	const char *name = catalogue->items[number].product.name;

	claim(catalogue, text_of(name), number, NAME_STRONG);
	claim(catalogue, text_of(catalogue->items[number].product.id), number, NAME_STRONG);
	claim_all(catalogue, values[ALIASES].text, number, NAME_STRONG);
	claim_all(catalogue, values[ALSO].text, number, NAME_STRONG);
	claim_all(catalogue, values[EXACT].text, number, NAME_EXACT);
	claim_all(catalogue, values[HINTS].text, number, NAME_HINT);
	claim_all(catalogue, values[DATED].text, number, NAME_DATED);
	add_prefixes(catalogue, &catalogue->cmdlets, values[CMDLETS].text, number);
	add_prefixes(catalogue, &catalogue->codes, values[CODES].text, number);
}

static void read_product(struct catalogue *catalogue, struct config *config,
    struct config_section *section, struct problems *problems)
{
	struct value values[N_OPTIONS];
	const char *id = slug_of(catalogue->arena, section_name(section));
	struct item *item;

	if (!option_read(config, section, options, N_OPTIONS, values, problems))
		return;
	if (!*id) {
		problem_add(problems, PROBLEM_ERROR, E_NAME, section_place(section),
		    "[product] needs a name with letters or digits: [product Exchange Server]");
		return;
	}
	if (is_double(catalogue, section, id, problems))
		return;
	catalogue->items =
	    memory_grow(catalogue->items, catalogue->n, &catalogue->capacity, sizeof *item);
	item = &catalogue->items[catalogue->n];
	*item = (struct item){ .kind = (enum kind)values[KIND].number,
		.product = { .id = id,
		    .name = arena_copy(
			catalogue->arena, section_name(section), strlen(section_name(section))),
		    .environment = (enum environment)values[ENVIRONMENT].number,
		    .workload = copy_or_null(catalogue, &values[WORKLOAD]),
		    .portal = copy_or_null(catalogue, &values[PORTAL]),
		    .note = copy_or_null(catalogue, &values[NOTE]) } };
	add_names(catalogue, values, (uint32_t)catalogue->n++);
}

/* ---- references, once all products are known ----------------------------------- */

static void refer(struct catalogue *catalogue, const struct config_section *section,
    const char *key, uint32_t *to, struct problems *problems)
{
	const struct config_entry *entry = section_entry(section, key);

	if (entry)
		*to =
		    reference_read(catalogue, text_of(entry->value), entry->value_place, problems);
}

static void refer_between(struct catalogue *catalogue, const struct config_section *section,
    struct item *item, struct problems *problems)
{
	const struct config_entry *entry = section_entry(section, "between");
	struct text rest = text_of(entry ? entry->value : NULL), name;
	size_t n = 0;

	while (text_split(&rest, ',', &name) && n < 2)
		item->between[n++] = reference_read(catalogue, name, entry->value_place, problems);
	if (entry && (n != 2 || rest.n))
		problem_add(problems, PROBLEM_ERROR, E_VALUE, entry->value_place,
		    "between takes two products: Microsoft Teams, Outlook (desktop)");
	if (!item->between[0] || !item->between[1])
		return;
	catalogue->pairs = memory_grow(catalogue->pairs, catalogue->n_pairs,
	    &catalogue->pairs_capacity, sizeof *catalogue->pairs);
	catalogue->pairs[catalogue->n_pairs++] = (uint32_t)(item - catalogue->items);
}

static void read_references(
    struct catalogue *catalogue, struct config *config, struct problems *problems)
{
	struct config_section *section = NULL;

	while ((section = config_next(config, "product", section))) {
		const struct product *product =
		    product_named(catalogue, text_of(section_name(section)));
		struct item *item;

		if (!product)
			continue;
		item = &catalogue->items[(const struct item *)product - catalogue->items];
		refer(catalogue, section, "cloud", &item->cloud, problems);
		refer(catalogue, section, "on-premises", &item->on_premises, problems);
		refer(catalogue, section, "hosted", &item->hosted, problems);
		refer_between(catalogue, section, item, problems);
	}
	while ((section = config_next(config, "cue", section)))
		refer(catalogue, section, "product", &catalogue->host, problems);
}

/* ---- the whole ------------------------------------------------------------------ */

struct catalogue *catalogue_read(struct config *config, struct problems *problems)
{
	struct catalogue *catalogue = memory_new(sizeof *catalogue);
	struct config_section *section = NULL;

	catalogue->arena = arena_new();
	catalogue->lexicon = lexicon_new();
	catalogue->names =
	    memory_grow(NULL, 0, &catalogue->names_capacity, sizeof *catalogue->names);
	catalogue->n_names = 1;
	phrase_add(catalogue, TEXT(""), false);
	/* Cues first: names know then which of their words are ordinary ones. */
	cues_read(catalogue, config, problems);
	while ((section = config_next(config, "product", section)))
		read_product(catalogue, config, section, problems);
	read_references(catalogue, config, problems);
	releases_read(catalogue, config, problems);
	sort_prefixes(&catalogue->cmdlets);
	sort_prefixes(&catalogue->codes);
	return catalogue;
}
