/*
 * Any catalogue against any text, parted by a NUL byte: what is told comes from the
 * catalogue and the text, and is told the same again.
 */
#include "catalogue/catalogue.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static bool is_within(struct text part, struct text whole)
{
	return !part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static bool is_of(const struct catalogue *catalogue, const struct product *product)
{
	for (size_t i = 0; i < catalogue_count(catalogue); i++)
		if (catalogue_at(catalogue, i) == product)
			return true;
	return !product;
}

static void check(const struct catalogue *catalogue, const struct clue *clue,
    const struct reading *reading, struct text all)
{
	must(reading->n_matches <= READING_MATCHES, "matches are bounded");
	must(reading->n_candidates <= READING_CANDIDATES, "candidates are bounded");
	must(is_of(catalogue, reading->product), "the product is the catalogue's");
	must(is_within(reading->release_text, all), "the release stands in the text");
	must(reading->telling != TELLING_UNKNOWN || !reading->product, "unknown is unknown");
	must(reading->telling != TELLING_NAMED || clue->product.n, "what is named was named");
	for (size_t i = 0; i < reading->n_matches; i++)
		must(is_within(reading->matches[i].text, all), "matches stand in the text");
	for (size_t i = 0; i < reading->n_candidates; i++)
		must(is_of(catalogue, reading->candidates[i]), "candidates are the catalogue's");
}

static void tell(const struct catalogue *catalogue, struct text text)
{
	struct clue clues[] = { { .title = text }, { .description = text }, { .product = text },
		{ .product = text, .release = text, .environment = ENVIRONMENT_CLOUD } };
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof clues / sizeof clues[0]; i++) {
		struct reading first, second;

		catalogue_tell(catalogue, &clues[i], arena, &first);
		catalogue_tell(catalogue, &clues[i], arena, &second);
		check(catalogue, &clues[i], &first, text);
		must(first.product == second.product && first.telling == second.telling &&
			first.release == second.release && first.n_matches == second.n_matches,
		    "told once, told twice");
		for (size_t k = 0; first.product && k < first.product->n_releases; k++)
			release_standing(first.product, &first.product->releases[k], 1622538000000);
	}
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const uint8_t *end = n ? memchr(bytes, 0, n) : NULL;
	size_t first = end ? (size_t)(end - bytes) : n;
	struct text rest = { end ? (const char *)end + 1 : "", end ? n - first - 1 : 0 };
	struct problems *problems = problems_new();
	struct config *config = config_read_text(
	    "names.ini", (struct text){ n ? (const char *)bytes : "", first }, problems);
	struct catalogue *catalogue = catalogue_read(config, problems);

	tell(catalogue, rest);
	json_free(catalogue_classify(catalogue, "x", rest, TEXT("")));
	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct product *product = catalogue_at(catalogue, i);

		must(*product->id && *product->name, "a product has a name");
		tell(catalogue, text_of(product->name));
	}
	catalogue_free(catalogue);
	config_free(config);
	problems_free(problems);
	return 0;
}
