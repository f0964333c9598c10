/* Endings of words (CUE_SUFFIX): "Outlookban", "Servers". */
#include "catalogue/inside.h"

#include <stdlib.h>

#define ENDING_BYTES 4 /* folded, at most */

struct ending {
	uint32_t tail, mask; /* tail_of() the ending; the bits that its bytes are in */
	uint32_t effects;
	uint8_t n;
	unsigned char last; /* byte */
};

/* The last bytes of a folded word, the last one lowest. */
static uint32_t tail_of(const char *folded, size_t n)
{
	uint32_t tail = 0;

	for (size_t i = n < ENDING_BYTES ? n : ENDING_BYTES; i; i--)
		tail = tail << 8 | (unsigned char)folded[n - i];
	return tail;
}

static int by_last_byte(const void *left, const void *right)
{
	const struct ending *a = left, *b = right;

	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

static void add(struct endings *endings, struct text folded, uint32_t effects)
{
	endings->list =
	    memory_grow(endings->list, endings->n, &endings->capacity, sizeof *endings->list);
	endings->list[endings->n++] = (struct ending){ .tail = tail_of(folded.p, folded.n),
		.mask = UINT32_MAX >> (8 * (ENDING_BYTES - folded.n)),
		.effects = effects & (CUE_AFTER_INSIDE | CUE_AFTER_BESIDE),
		.n = (uint8_t)folded.n,
		.last = (unsigned char)folded.p[folded.n - 1] };
}

void endings_note(struct catalogue *catalogue)
{
	struct endings *endings = &catalogue->endings;

	for (uint32_t i = 1; i < lexicon_words(catalogue->lexicon); i++) {
		struct text word = lexicon_spelling(catalogue->lexicon, i);
		uint32_t effects = catalogue_effects(catalogue, i);

		if ((effects & CUE_SUFFIX) && word.n && word.n <= ENDING_BYTES)
			add(endings, word, effects);
	}
	if (endings->n)
		qsort(endings->list, endings->n, sizeof *endings->list, by_last_byte);
	for (size_t byte = 0, i = 0; byte <= 256; byte++) {
		while (i < endings->n && endings->list[i].last < byte)
			i++;
		endings->start[byte] = (uint32_t)i;
	}
}

/* Endings are small: "VMs" has one, "VSS" has not. Two letters have one only
 * where they are capitals. */
static bool may_end(const struct word *word, size_t n)
{
	const char *last = &word->text.p[word->text.n - 1];

	if (*last >= 'A' && *last <= 'Z')
		return false;
	return word->n - n > 2 || (last[-1] >= 'A' && last[-1] <= 'Z');
}

uint32_t ending_cut(const struct catalogue *catalogue, const struct word *word, uint32_t *effects)
{
	const struct endings *endings = &catalogue->endings;
	unsigned char last = word->n ? (unsigned char)word->folded[word->n - 1] : 0;
	uint32_t i = endings->start[last], end = endings->start[last + 1], tail;

	if (i == end) /* so do most words */
		return 0;
	tail = tail_of(word->folded, word->n);
	for (; i < end; i++) {
		const struct ending *ending = &endings->list[i];
		uint32_t stem;

		if ((tail & ending->mask) != ending->tail || ending->n + 2u > word->n ||
		    !may_end(word, ending->n))
			continue;
		stem = lexicon_part(catalogue->lexicon, word->folded, word->n - ending->n);
		if (stem) {
			*effects = ending->effects;
			return stem;
		}
	}
	return 0;
}
