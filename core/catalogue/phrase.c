/* Phrases on their way into the lexicon, with the other ways to spell them. */
#include "catalogue/read.h"
#include "catalogue/words.h"

#include <string.h>

static void grow_nodes(struct catalogue *catalogue)
{
	size_t n = lexicon_nodes(catalogue->lexicon), old = catalogue->n_nodes;

	if (n <= old)
		return;
	if (n > catalogue->nodes_capacity) {
		size_t capacity = catalogue->nodes_capacity = n * 2 + 64;

		catalogue->node_names =
		    memory_resize(catalogue->node_names, capacity, sizeof(uint32_t));
		catalogue->node_effects =
		    memory_resize(catalogue->node_effects, capacity, sizeof(uint32_t));
		catalogue->node_cues =
		    memory_resize(catalogue->node_cues, capacity, sizeof(char *));
	}
	memset(catalogue->node_names + old, 0, (n - old) * sizeof(uint32_t));
	memset(catalogue->node_effects + old, 0, (n - old) * sizeof(uint32_t));
	for (size_t i = old; i < n; i++)
		catalogue->node_cues[i] = NULL;
	catalogue->n_nodes = n;
}

/* "Power BI" is also written "PowerBI". */
static void add_joined(struct lexicon *lexicon, const struct word *before, const struct word *word,
    uint32_t from, uint32_t to)
{
	char joined[WORD_BYTES * 2];
	size_t n = before->n + word->n;

	if (!(before->flags & word->flags & WORD_PLAIN) || n < 5 || n > WORD_BYTES)
		return;
	memcpy(joined, before->folded, before->n);
	memcpy(joined + before->n, word->folded, word->n);
	lexicon_add_way(lexicon, from, lexicon_add_word(lexicon, joined, n), to);
}

/* "SharePoint" is also written "Share Point". */
static void add_parted(struct lexicon *lexicon, const struct word *word, uint32_t from, uint32_t to)
{
	size_t cut = 0;

	if (!(word->flags & WORD_CAMEL) || !(word->flags & WORD_PLAIN) || word->n != word->text.n)
		return;
	for (size_t i = 2; i + 2 < word->n && !cut; i++)
		if (word->text.p[i] < 'a' && word->text.p[i - 1] >= 'a')
			cut = i;
	if (cut) {
		uint32_t first = lexicon_add_word(lexicon, word->folded, cut);
		uint32_t second = lexicon_add_word(lexicon, word->folded + cut, word->n - cut);

		lexicon_add_way(lexicon, lexicon_add_step(lexicon, from, first), second, to);
	}
}

#define SLIP_LETTERS 7 /* shorter names have too many ordinary words one slip away */

/* The words that only names have are known in misspelt forms as well. */
static uint32_t add_word(struct lexicon *lexicon, const struct word *word, bool is_name)
{
	size_t known = lexicon_words(lexicon);
	uint32_t number = lexicon_add_word(lexicon, word->folded, word->n);

	if (is_name && number >= known && word->n >= SLIP_LETTERS && (word->flags & WORD_PLAIN))
		lexicon_add_near(lexicon, number);
	return number;
}

uint32_t phrase_add(struct catalogue *catalogue, struct text text, bool is_name)
{
	struct lexicon *lexicon = catalogue->lexicon;
	struct word_reader reader = { text, false };
	struct word words[2];
	uint32_t node = 0, before = 0;

	for (size_t i = 0; word_next(&reader, &words[i % 2]); i++) {
		const struct word *word = &words[i % 2];
		uint32_t from = node;

		node = lexicon_add_step(lexicon, node, add_word(lexicon, word, is_name));
		if (is_name && i)
			add_joined(lexicon, &words[(i + 1) % 2], word, before, node);
		if (is_name)
			add_parted(lexicon, word, from, node);
		before = from;
	}
	grow_nodes(catalogue);
	return node;
}
