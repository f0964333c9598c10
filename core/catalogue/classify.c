/* One line of `classify`: what a text is about, and what told so. */
#include "catalogue/catalogue.h"
#include "base/json.h"

#include <string.h>

#define TITLE_BYTES 24 /* a shorter first sentence is a greeting: the next belongs to it */

static bool ends_sentence(struct text text, size_t i)
{
	if (text.p[i] == '\n')
		return true;
	return (text.p[i] == '.' || text.p[i] == '!' || text.p[i] == '?') && i + 1 < text.n &&
	    (text.p[i + 1] == ' ' || text.p[i + 1] == '\n');
}

/* The length of the first sentence or line. */
static size_t title_length(struct text text)
{
	static const char full_stop[] = "\xe3\x80\x82";

	for (size_t i = 0; i < text.n; i++) {
		if (i >= TITLE_BYTES && ends_sentence(text, i))
			return i + 1;
		if (i >= TITLE_BYTES && i + 3 <= text.n && memcmp(text.p + i, full_stop, 3) == 0)
			return i + 3;
	}
	return text.n;
}

static const char *place_name(enum clue_place place)
{
	static const char *const names[] = { "product", "title", "description" };

	return names[place];
}

static struct json *json_of_match(const struct match *match)
{
	struct json *json = json_new_object();

	json_set(json, "text", json_new_text(match->text));
	if (match->product)
		json_set(json, "product", json_new_string(match->product->id));
	if (match->cue)
		json_set(json, "cue", json_new_string(match->cue));
	json_set(json, "where", json_new_string(place_name(match->place)));
	return json;
}

static struct json *word_or_unknown(const char *word)
{
	return json_new_string(word ? word : "unknown");
}

struct json *catalogue_classify(
    const struct catalogue *catalogue, const char *id, struct text text, struct text product)
{
	size_t n = title_length(text);
	struct clue clue = { .product = product,
		.release = TEXT(""),
		.title = { text.p, n },
		.description = { text.p + n, text.n - n } };
	struct arena *arena = arena_new();
	struct json *json = json_new_object(), *matched = json_new_array();
	struct reading reading;

	catalogue_tell(catalogue, &clue, arena, &reading);
	json_set(json, "id", json_new_string(id));
	json_set(json, "environment", word_or_unknown(environment_name(reading.environment)));
	json_set(json, "workload", word_or_unknown(reading.workload));
	json_set(json, "product", word_or_unknown(reading.product ? reading.product->id : NULL));
	for (size_t i = 0; i < reading.n_matches; i++)
		json_append(matched, json_of_match(&reading.matches[i]));
	json_set(json, "matched", matched);
	arena_free(arena);
	return json;
}
