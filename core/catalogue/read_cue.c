/* Reading the [cue NAME] sections: the words around the names, in all languages. */
#include "catalogue/read.h"

#include <string.h>

enum { EFFECT, PRODUCT, WORDS, N_OPTIONS };

/* In the order of the bits of enum effect. */
static const char effect_names[] = "on-premises cloud host failure healthy passes negation break "
				   "inside beside object skip maker edition "
				   "after-inside after-beside suffix ordinary verb";

static const struct option options[N_OPTIONS] = {
	[EFFECT] = { "effect", OPTION_WORDS, OPTION_REQUIRED, NULL, effect_names, 0, 0,
	    "What the words tell" },
	[PRODUCT] = { "product", OPTION_TEXT, 0, NULL, NULL, 0, 0,
	    "effect = host: what it is filed as" },
	[WORDS] = { "words", OPTION_WORDS, OPTION_OPEN, NULL, NULL, 0, 0,
	    "The words and phrases, by language" },
};

static uint32_t bit_of(struct text effect)
{
	struct text rest = text_of(effect_names), name;

	for (uint32_t i = 0; text_split(&rest, ' ', &name); i++)
		if (text_equal(name, effect))
			return 1u << i;
	return 0;
}

static uint32_t bits_of(struct text list)
{
	struct text effect;
	uint32_t bits = 0;

	while (text_split(&list, ',', &effect))
		bits |= bit_of(effect);
	return bits;
}

static void read_words(
    struct catalogue *catalogue, const struct value *words, uint32_t effects, const char *name)
{
	for (size_t i = 0; i < words->n_items; i++) {
		struct text rest = words->items[i].text, phrase;

		while (text_split(&rest, ',', &phrase)) {
			uint32_t node = phrase_add(catalogue, phrase, false);

			catalogue->node_effects[node] |= effects;
			catalogue->node_cues[node] = name;
		}
	}
}

void cues_read(struct catalogue *catalogue, struct config *config, struct problems *problems)
{
	struct config_section *section = NULL;

	while ((section = config_next(config, "cue", section))) {
		struct value values[N_OPTIONS];
		const char *name = section_name(section);
		uint32_t effects;

		if (!option_read(config, section, options, N_OPTIONS, values, problems))
			continue;
		effects = bits_of(values[EFFECT].text);
		read_words(catalogue, &values[WORDS], effects,
		    arena_copy(catalogue->arena, name, strlen(name)));
	}
	endings_note(catalogue);
}
