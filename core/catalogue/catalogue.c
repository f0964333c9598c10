/* What the catalogue knows by name, number and spelling (catalogue.h). */
#include "catalogue/inside.h"
#include "catalogue/words.h"

#include <stdlib.h>
#include <string.h>

static const char *const environment_names[] = { NULL, "on-premises", "cloud", "hybrid" };

const char *environment_name(enum environment environment)
{
	return environment_names[environment];
}

bool environment_read(struct text text, enum environment *environment)
{
	for (size_t i = 1; i < sizeof environment_names / sizeof environment_names[0]; i++)
		if (text_is(text, environment_names[i])) {
			*environment = (enum environment)i;
			return true;
		}
	return false;
}

void catalogue_free(struct catalogue *catalogue)
{
	if (!catalogue)
		return;
	arena_free(catalogue->arena);
	lexicon_free(catalogue->lexicon);
	free(catalogue->items);
	free(catalogue->names);
	free(catalogue->node_names);
	free(catalogue->node_effects);
	free(catalogue->node_cues);
	free(catalogue->pairs);
	free(catalogue->endings.list);
	free(catalogue->cmdlets.list);
	free(catalogue->codes.list);
	free(catalogue);
}

size_t catalogue_count(const struct catalogue *catalogue)
{
	return catalogue->n;
}

const struct product *catalogue_at(const struct catalogue *catalogue, size_t i)
{
	return i < catalogue->n ? &catalogue->items[i].product : NULL;
}

uint32_t catalogue_phrase(const struct catalogue *catalogue, struct text text)
{
	struct word_reader reader = { text, false };
	struct word word;
	uint32_t node = 0;

	while (word_next(&reader, &word)) {
		node =
		    lexicon_step(catalogue->lexicon, node, lexicon_word(catalogue->lexicon, &word));
		if (!node)
			return 0;
	}
	return node;
}

uint32_t catalogue_effects(const struct catalogue *catalogue, uint32_t word)
{
	uint32_t node = lexicon_step(catalogue->lexicon, 0, word);

	return node ? catalogue->node_effects[node] : 0;
}

/* The one product that claims a phrase; a name that needs a date is no claim. */
static const struct product *owner(const struct catalogue *catalogue, uint32_t node)
{
	const struct product *found = NULL;

	for (uint32_t i = node ? catalogue->node_names[node] : 0; i; i = catalogue->names[i].next) {
		const struct product *product =
		    &catalogue->items[catalogue->names[i].product].product;

		if (catalogue->names[i].strength == NAME_DATED)
			continue;
		if (found && found != product)
			return NULL;
		found = product;
	}
	return found;
}

/* "Windows Server 2019": a name and one of the releases behind it. */
static const struct product *find_with_release(const struct catalogue *catalogue, struct text text)
{
	struct word_reader reader = { text, false };
	struct word word;
	const struct product *found = NULL;
	uint32_t node = 0;

	while (word_next(&reader, &word)) {
		const struct product *product;

		node =
		    lexicon_step(catalogue->lexicon, node, lexicon_word(catalogue->lexicon, &word));
		if (!node)
			break;
		product = owner(catalogue, node);
		if (product && release_find(product, reader.rest))
			found = product;
	}
	return found;
}

const struct product *catalogue_find(const struct catalogue *catalogue, struct text text)
{
	const struct product *found = owner(catalogue, catalogue_phrase(catalogue, text));

	return found ? found : find_with_release(catalogue, text);
}

static bool has_prefix(const struct prefix *prefix, struct text token)
{
	if (token.n < prefix->n)
		return false;
	for (size_t i = 0; i < prefix->n; i++) {
		char c = token.p[i];

		if (prefix->folded[i] == '?') {
			if (c < '0' || c > '9')
				return false;
		} else if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != prefix->folded[i]) {
			return false;
		}
	}
	return true;
}

static bool ends_well(struct text token, size_t n)
{
	bool has_small = false;

	if (n == token.n || !(token.p[n] >= 'a' && token.p[n] <= 'z'))
		return true;
	for (size_t i = 0; i < n; i++)
		has_small |= token.p[i] >= 'a' && token.p[i] <= 'z';
	/* "get-mguser", all small, is taken at its word where the prefix is no syllable. */
	return has_small && n >= 2 && token.p[0] >= 'a' && token.p[0] <= 'z';
}

const struct prefix *prefix_find(const struct prefixes *prefixes, struct text token, bool is_cmdlet)
{
	unsigned char first;

	if (!token.n)
		return NULL;
	first =
	    (unsigned char)(token.p[0] >= 'A' && token.p[0] <= 'Z' ? token.p[0] + 32 : token.p[0]);
	for (uint32_t i = prefixes->start[first]; i < prefixes->start[first + 1]; i++)
		if (has_prefix(&prefixes->list[i], token) &&
		    (!is_cmdlet || ends_well(token, prefixes->list[i].n)))
			return &prefixes->list[i];
	return NULL;
}
