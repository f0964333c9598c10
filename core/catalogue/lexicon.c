#include "catalogue/lexicon.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BYTES_MAX 32 /* longer words are not looked for when misspelt */

struct entry { /* a word */
	uint32_t at, hash;
	uint32_t node; /* of the phrase of this word alone; 0: none begins with it */
	uint8_t n;
};

struct edge {
	uint64_t key; /* node and word; 0: free (word numbers begin at 1) */
	uint32_t to;
};

struct slip { /* a spelling with one letter left out */
	uint64_t hash;
	uint32_t word; /* 0: free */
};

struct lexicon {
	char *letters;
	size_t n_letters, letters_capacity;
	struct entry *words;
	size_t n_words, words_capacity;
	uint32_t *slots; /* word numbers by hash */
	size_t n_slots;
	uint32_t *parents; /* of nodes */
	size_t n_nodes, nodes_capacity;
	struct edge *edges;
	size_t n_edges, edge_slots;
	struct slip *slips;
	size_t n_slips, slip_slots;
	uint64_t *sieve; /* one bit for each slip's hash: most look-ups end here */
	size_t sieve_bits;
};

struct lexicon *lexicon_new(void)
{
	struct lexicon *lexicon = memory_new(sizeof *lexicon);

	lexicon->words = memory_grow(NULL, 0, &lexicon->words_capacity, sizeof *lexicon->words);
	lexicon->words[0] = (struct entry){ 0, 0, 0, 0 };
	lexicon->n_words = 1;
	lexicon->parents = memory_grow(NULL, 0, &lexicon->nodes_capacity, sizeof *lexicon->parents);
	lexicon->parents[0] = 0;
	lexicon->n_nodes = 1;
	lexicon->n_slots = lexicon->edge_slots = lexicon->slip_slots = 16384;
	lexicon->slots = memory_array(lexicon->n_slots, sizeof *lexicon->slots);
	lexicon->edges = memory_array(lexicon->edge_slots, sizeof *lexicon->edges);
	lexicon->slips = memory_array(lexicon->slip_slots, sizeof *lexicon->slips);
	lexicon->sieve_bits = lexicon->slip_slots * 8;
	lexicon->sieve = memory_array(lexicon->sieve_bits / 64, sizeof *lexicon->sieve);
	return lexicon;
}

void lexicon_free(struct lexicon *lexicon)
{
	if (!lexicon)
		return;
	free(lexicon->letters);
	free(lexicon->words);
	free(lexicon->slots);
	free(lexicon->parents);
	free(lexicon->edges);
	free(lexicon->slips);
	free(lexicon->sieve);
	free(lexicon);
}

/* ---- words ------------------------------------------------------------------- */

static inline size_t first_slot(const struct lexicon *lexicon, uint32_t hash)
{
	return (hash ^ hash >> 15) & (lexicon->n_slots - 1);
}

static inline size_t find_slot(
    const struct lexicon *lexicon, const char *p, size_t n, uint32_t hash)
{
	size_t mask = lexicon->n_slots - 1, at = first_slot(lexicon, hash);
	uint32_t word;

	for (; (word = lexicon->slots[at]); at = (at + 1) & mask) {
		const struct entry *entry = &lexicon->words[word];

		if (entry->hash == hash && entry->n == n &&
		    memcmp(lexicon->letters + entry->at, p, n) == 0)
			break;
	}
	return at;
}

uint32_t lexicon_word(const struct lexicon *lexicon, const struct word *word)
{
	return lexicon->slots[find_slot(lexicon, word->folded, word->n, word->hash)];
}

uint32_t lexicon_part(const struct lexicon *lexicon, const char *folded, size_t n)
{
	return lexicon->slots[find_slot(lexicon, folded, n, word_hash(folded, n))];
}

static void grow_slots(struct lexicon *lexicon)
{
	size_t n = lexicon->n_slots * 2;

	free(lexicon->slots);
	lexicon->slots = memory_array(n, sizeof *lexicon->slots);
	lexicon->n_slots = n;
	for (uint32_t i = 1; i < lexicon->n_words; i++) {
		size_t at = first_slot(lexicon, lexicon->words[i].hash);

		while (lexicon->slots[at])
			at = (at + 1) & (n - 1);
		lexicon->slots[at] = i;
	}
}

uint32_t lexicon_add_word(struct lexicon *lexicon, const char *folded, size_t n)
{
	uint32_t hash = word_hash(folded, n);
	size_t at = find_slot(lexicon, folded, n, hash);

	if (lexicon->slots[at])
		return lexicon->slots[at];
	if (lexicon->n_letters + n > lexicon->letters_capacity) {
		lexicon->letters_capacity = lexicon->letters_capacity * 2 + 4096 + n;
		lexicon->letters = memory_resize(lexicon->letters, lexicon->letters_capacity, 1);
	}
	memcpy(lexicon->letters + lexicon->n_letters, folded, n);
	lexicon->words = memory_grow(
	    lexicon->words, lexicon->n_words, &lexicon->words_capacity, sizeof *lexicon->words);
	lexicon->words[lexicon->n_words] =
	    (struct entry){ (uint32_t)lexicon->n_letters, hash, 0, (uint8_t)n };
	lexicon->n_letters += n;
	lexicon->slots[at] = (uint32_t)lexicon->n_words++;
	if (lexicon->n_words * 2 > lexicon->n_slots)
		grow_slots(lexicon);
	return (uint32_t)lexicon->n_words - 1;
}

struct text lexicon_spelling(const struct lexicon *lexicon, uint32_t word)
{
	return (struct text){ lexicon->letters + lexicon->words[word].at, lexicon->words[word].n };
}

size_t lexicon_words(const struct lexicon *lexicon)
{
	return lexicon->n_words;
}

/* ---- steps ------------------------------------------------------------------- */

static size_t mix(uint64_t key)
{
	key *= 0x9e3779b97f4a7c15u;
	return (size_t)(key ^ key >> 29);
}

static struct edge *find_edge(const struct lexicon *lexicon, uint64_t key)
{
	size_t mask = lexicon->edge_slots - 1, at = mix(key) & mask;

	while (lexicon->edges[at].key && lexicon->edges[at].key != key)
		at = (at + 1) & mask;
	return &lexicon->edges[at];
}

uint32_t lexicon_step(const struct lexicon *lexicon, uint32_t node, uint32_t word)
{
	if (!node) /* where nearly all words end */
		return lexicon->words[word].node;
	return word ? find_edge(lexicon, (uint64_t)node << 32 | word)->to : 0;
}

void lexicon_add_way(struct lexicon *lexicon, uint32_t from, uint32_t word, uint32_t to)
{
	uint64_t key = (uint64_t)from << 32 | word;
	struct edge *edge;

	if (lexicon_step(lexicon, from, word))
		return;
	if (!from) {
		lexicon->words[word].node = to;
		return;
	}
	edge = find_edge(lexicon, key);
	*edge = (struct edge){ key, to };
	if (++lexicon->n_edges * 2 > lexicon->edge_slots) {
		struct edge *old = lexicon->edges;
		size_t n = lexicon->edge_slots;

		lexicon->edge_slots = n * 2;
		lexicon->edges = memory_array(lexicon->edge_slots, sizeof *lexicon->edges);
		for (size_t i = 0; i < n; i++)
			if (old[i].key)
				*find_edge(lexicon, old[i].key) = old[i];
		free(old);
	}
}

uint32_t lexicon_add_step(struct lexicon *lexicon, uint32_t node, uint32_t word)
{
	uint32_t to = lexicon_step(lexicon, node, word);

	if (to)
		return to;
	to = (uint32_t)lexicon->n_nodes;
	lexicon->parents = memory_grow(
	    lexicon->parents, lexicon->n_nodes, &lexicon->nodes_capacity, sizeof *lexicon->parents);
	lexicon->parents[lexicon->n_nodes++] = node;
	lexicon_add_way(lexicon, node, word, to);
	return to;
}

uint32_t lexicon_parent(const struct lexicon *lexicon, uint32_t node)
{
	return lexicon->parents[node];
}

size_t lexicon_nodes(const struct lexicon *lexicon)
{
	return lexicon->n_nodes;
}

/* ---- slips: two words are one slip apart if they are equal with at most one ---
 * letter left out of each. The hash of a spelling with a letter left out comes
 * from those of its two halves, so all of them cost about as much as one. */

#define BASE 0x100000001b3u

struct halves {
	uint64_t before[WORD_BYTES_MAX + 1], power[WORD_BYTES_MAX + 1];
};

static void halves_of(struct halves *h, const char *p, size_t n)
{
	h->before[0] = 0;
	h->power[0] = 1;
	for (size_t i = 0; i < n; i++) {
		h->before[i + 1] = h->before[i] * BASE + (unsigned char)p[i];
		h->power[i + 1] = h->power[i] * BASE;
	}
}

/* Without the letter at i; i == n leaves none out. */
static uint64_t hash_without(const struct halves *h, size_t n, size_t i)
{
	uint64_t behind;

	if (i == n)
		return h->before[n] | 1;
	behind = h->before[n] - h->before[i + 1] * h->power[n - i - 1];
	return (h->before[i] * h->power[n - i - 1] + behind) | 1;
}

static void place_slip(struct lexicon *lexicon, struct slip slip)
{
	size_t mask = lexicon->slip_slots - 1, at = mix(slip.hash) & mask, bit = mix(slip.hash);

	while (lexicon->slips[at].word) {
		if (lexicon->slips[at].hash == slip.hash && lexicon->slips[at].word == slip.word)
			return;
		at = (at + 1) & mask;
	}
	lexicon->slips[at] = slip;
	bit &= lexicon->sieve_bits - 1;
	lexicon->sieve[bit / 64] |= (uint64_t)1 << bit % 64;
	lexicon->n_slips++;
}

static void grow_slips(struct lexicon *lexicon)
{
	struct slip *old = lexicon->slips;
	size_t n = lexicon->slip_slots;

	free(lexicon->sieve);
	lexicon->slip_slots = n * 2;
	lexicon->slips = memory_array(lexicon->slip_slots, sizeof *lexicon->slips);
	lexicon->sieve_bits = lexicon->slip_slots * 8;
	lexicon->sieve = memory_array(lexicon->sieve_bits / 64, sizeof *lexicon->sieve);
	lexicon->n_slips = 0;
	for (size_t i = 0; i < n; i++)
		if (old[i].word)
			place_slip(lexicon, old[i]);
	free(old);
}

void lexicon_add_near(struct lexicon *lexicon, uint32_t word)
{
	struct text spelling = lexicon_spelling(lexicon, word);
	struct halves halves;

	if (spelling.n > WORD_BYTES_MAX)
		return;
	halves_of(&halves, spelling.p, spelling.n);
	for (size_t i = 1; i <= spelling.n; i++) {
		if (lexicon->n_slips * 2 > lexicon->slip_slots)
			grow_slips(lexicon);
		place_slip(lexicon, (struct slip){ hash_without(&halves, spelling.n, i), word });
	}
}

static bool is_one_slip(struct text a, struct text b)
{
	char left[WORD_BYTES_MAX + 1], right[WORD_BYTES_MAX + 1];

	if (a.n > WORD_BYTES_MAX || b.n > WORD_BYTES_MAX || a.p[0] != b.p[0])
		return false;
	memcpy(left, a.p, a.n);
	memcpy(right, b.p, b.n);
	left[a.n] = right[b.n] = 0;
	return text_distance(left, right, 1) <= 1;
}

static uint32_t find_slip(const struct lexicon *lexicon, uint64_t hash, struct text word)
{
	size_t mask = lexicon->slip_slots - 1, bit = mix(hash) & (lexicon->sieve_bits - 1);

	if (!(lexicon->sieve[bit / 64] >> bit % 64 & 1))
		return 0;
	for (size_t at = mix(hash) & mask; lexicon->slips[at].word; at = (at + 1) & mask)
		if (lexicon->slips[at].hash == hash &&
		    is_one_slip(lexicon_spelling(lexicon, lexicon->slips[at].word), word))
			return lexicon->slips[at].word;
	return 0;
}

uint32_t lexicon_near(const struct lexicon *lexicon, const char *folded, size_t n)
{
	struct halves halves;
	uint32_t word = 0;

	if (n > WORD_BYTES_MAX)
		return 0;
	halves_of(&halves, folded, n);
	for (size_t i = 1; i <= n && !word; i++)
		word = find_slip(lexicon, hash_without(&halves, n, i), (struct text){ folded, n });
	return word;
}
