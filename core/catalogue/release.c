/* Releases by name, and whether support covers them at a point in time (R23). */
#include "catalogue/inside.h"
#include "catalogue/words.h"

#include <string.h>

#define KEY_WORDS 12
#define SPAN_WORDS 8

struct span {
	const char *p;
	size_t n;
};

static size_t put(char *out, size_t at, size_t capacity, const char *p, size_t n)
{
	if (at + n + 1 > capacity)
		return at;
	memcpy(out + at, p, n);
	out[at + n] = 0;
	return at + n;
}

static size_t put_words(struct text text, char *out, size_t capacity, size_t max)
{
	struct word_reader reader = { text, false };
	struct word word;
	size_t at = put(out, 0, capacity, "|", 1);

	for (size_t i = 0; i < max && word_next(&reader, &word); i++) {
		if (i)
			at = put(out, at, capacity, " ", 1);
		at = put(out, at, capacity, word.folded, word.n);
	}
	return put(out, at, capacity, "|", 1);
}

size_t release_key(struct text text, char *out, size_t capacity)
{
	return put_words(text, out, capacity, KEY_WORDS);
}

static bool has_name(const struct release *release, const char *key)
{
	char own[128];

	if (release->names)
		return strstr(release->names, key) != NULL;
	release_key(text_of(release->name), own, sizeof own);
	return strcmp(own, key) == 0;
}

static const struct release *find_key(const struct product *product, const char *key)
{
	for (size_t i = 0; i < product->n_releases; i++)
		if (has_name(&product->releases[i], key))
			return &product->releases[i];
	return NULL;
}

static bool is_year(const struct word *word)
{
	return (word->flags & WORD_NUMBER) && word->n == 4 &&
	    (memcmp(word->folded, "19", 2) == 0 || memcmp(word->folded, "20", 2) == 0);
}

/* Words of the text from `first`, `n` of them, as a key. A year that is left out
 * of the span means that the release is another one: "2018 SP5" is not 5.0. */
static const struct release *find_span(
    const struct product *product, const struct word *words, size_t count, size_t first, size_t n)
{
	char key[WORD_BYTES * SPAN_WORDS + 16];
	size_t at = put(key, 0, sizeof key, "|", 1);

	for (size_t i = 0; i < count; i++)
		if ((i < first || i >= first + n) && is_year(&words[i]))
			return NULL;
	for (size_t i = first; i < first + n; i++) {
		if (i > first)
			at = put(key, at, sizeof key, " ", 1);
		at = put(key, at, sizeof key, words[i].folded, words[i].n);
	}
	put(key, at, sizeof key, "|", 1);
	return find_key(product, key);
}

const struct release *release_find(const struct product *product, struct text text)
{
	struct word_reader reader = { text, false };
	struct word words[KEY_WORDS];
	size_t count = 0;

	while (count < KEY_WORDS && word_next(&reader, &words[count]))
		count++;
	for (size_t n = count < SPAN_WORDS ? count : SPAN_WORDS; n; n--)
		for (size_t first = 0; first + n <= count; first++) {
			const struct release *found = find_span(product, words, count, first, n);

			if (found)
				return found;
		}
	return NULL;
}

/* ---- standing ------------------------------------------------------------------ */

static bool is_major(const struct release *release)
{
	return text_same(release->name, release->major);
}

static const struct release *major_of(const struct product *product, const struct release *release)
{
	for (size_t i = 0; i < product->n_releases; i++)
		if (is_major(&product->releases[i]) &&
		    text_same(product->releases[i].name, release->major))
			return &product->releases[i];
	return release;
}

/* How many majors had come out after this one, as seen at `now`. */
static size_t majors_since(const struct product *product, const struct release *major, instant now)
{
	size_t n = 0;

	for (size_t i = 0; i < product->n_releases; i++) {
		const struct release *other = &product->releases[i];

		n += is_major(other) && other->released <= now && other->released > major->released;
	}
	return n;
}

enum standing release_standing(
    const struct product *product, const struct release *release, instant now)
{
	const struct release *major;

	if (!product->n_releases || !release)
		return STANDING_UNRELEASED;
	major = major_of(product, release);
	if (release->released > now || major->released > now)
		return STANDING_NOT_YET;
	if (majors_since(product, major, now) > 1)
		return STANDING_OLD;
	if (major->mainstream_end == INSTANT_UNKNOWN || now <= major->mainstream_end)
		return STANDING_COVERED;
	/* An edition may live longer than its major release, never shorter. */
	if (release->mainstream_end != INSTANT_UNKNOWN && now <= release->mainstream_end)
		return STANDING_COVERED;
	return STANDING_ENDED;
}
