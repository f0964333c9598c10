/* Finding words, names, cues, codes and cmdlets in a text (tell.h). */
#include "catalogue/tell.h"
#include "catalogue/words.h"

#include <string.h>

#define TEXT_BYTES 8192 /* the trouble is told early: what lies behind is not read */
#define SLIP_LETTERS 6  /* shorter words are not taken for misspelt ones */

static void identify(
    const struct catalogue *catalogue, const struct word *word, struct spot_word *spot)
{
	spot->id = lexicon_word(catalogue->lexicon, word);
	if (spot->id || (word->flags & (WORD_NUMBER | WORD_WIDE)))
		return;
	spot->id = ending_cut(catalogue, word, &spot->effects);
	spot->is_suffixed = spot->id != 0;
	if (!spot->id && word->n >= SLIP_LETTERS && (word->flags & WORD_PLAIN))
		spot->id = lexicon_near(catalogue->lexicon, word->folded, word->n);
}

static void cut(struct telling_state *state, struct text text, enum clue_place place)
{
	struct word_reader reader = { text, false };
	struct spot_word *last = state->n_words ? &state->words[state->n_words - 1] : NULL;
	struct word word;

	for (unsigned breaks = WORD_SENTENCE;
	     state->n_words < state->words_capacity && word_next(&reader, &word); breaks = 0) {
		struct spot_word *spot = &state->words[state->n_words++];
		unsigned flags = word.flags | breaks;

		*spot = (struct spot_word){ .p = word.text.p,
			.n = (uint16_t)word.text.n,
			.hash = word.hash,
			.flags = (uint16_t)word.flags,
			.place = (uint8_t)place };
		if (last) {
			bool is_sentence = flags & WORD_SENTENCE;

			spot->sentence = (uint16_t)(last->sentence + is_sentence);
			spot->clause =
			    (uint16_t)(last->clause + (is_sentence || (flags & WORD_CLAUSE)));
		}
		identify(state->catalogue, &word, spot);
		last = spot;
	}
}

static struct text beginning(struct text text)
{
	return (struct text){ text.p, text.n < TEXT_BYTES ? text.n : TEXT_BYTES };
}

void spot_words(struct telling_state *state)
{
	struct text texts[] = { beginning(text_trim(state->clue->product)),
		beginning(state->clue->title), beginning(state->clue->description) };

	/* Words are two bytes apart; "a1b2c3" is not, and may be cut off. */
	state->words_capacity = (texts[0].n + texts[1].n + texts[2].n) / 2 + 16;
	state->words = memory_resize(NULL, state->words_capacity, sizeof *state->words);
	cut(state, texts[0], CLUE_PRODUCT);
	cut(state, texts[1], CLUE_TITLE);
	cut(state, texts[2], CLUE_DESCRIPTION);
}

struct text spot_text(const struct telling_state *state, uint32_t first, uint32_t n)
{
	const struct spot_word *last = &state->words[first + n - 1];

	return (struct text){ state->words[first].p,
		(size_t)(last->p + last->n - state->words[first].p) };
}

/* ---- releases behind a name ----------------------------------------------------- */

static bool is_year(const struct spot_word *word)
{
	return (word->flags & WORD_NUMBER) && word->n == 4 &&
	    (memcmp(word->p, "199", 3) == 0 || memcmp(word->p, "20", 2) == 0);
}

/* Where a release could begin behind the word at `at`: editions are passed over. */
static size_t release_start(const struct telling_state *state, size_t at)
{
	size_t i = at;

	while (i < state->n_words && i < at + 2 && state->words[i].id &&
	    !(state->words[i].flags & WORD_NUMBER) &&
	    (catalogue_effects(state->catalogue, state->words[i].id) & CUE_EDITION))
		i++;
	return i;
}

static const struct release *match_release(const struct item *item, struct text text)
{
	const struct product *product = &item->product;
	char key[128];

	if (release_key(text, key, sizeof key) > item->release_bytes)
		return NULL;
	for (size_t i = 0; i < product->n_releases; i++)
		if (product->releases[i].names && strstr(product->releases[i].names, key))
			return &product->releases[i];
	return NULL;
}

/* A dot is part of a word or not by what follows: alone, it may be another word. */
static bool may_start_release(const struct item *item, const struct spot_word *word)
{
	return *word->p == '.' || (item->release_starts >> word->hash % 64 & 1);
}

/* The longest run of words from `start` that is a release of the product. */
static const struct release *longest_release(
    const struct telling_state *state, const struct item *item, size_t start, uint32_t *n)
{
	size_t last = start + 1;

	*n = 0;
	if (!may_start_release(item, &state->words[start]))
		return NULL;
	while (last < state->n_words && last < start + 6 &&
	    state->words[last].clause == state->words[start].clause)
		last++;
	for (; last > start; last--) {
		const struct release *release = match_release(
		    item, spot_text(state, (uint32_t)start, (uint32_t)(last - start)));

		*n = (uint32_t)(last - start);
		if (release)
			return release;
	}
	*n = 0;
	return NULL;
}

/* Could a release stand here at all? Most words could not, and that is cheap to see. */
static bool may_be_release(const struct telling_state *state, size_t name, size_t at)
{
	const struct spot_word *word;

	if (at >= state->n_words || state->words[at].place != state->words[name].place)
		return false;
	word = &state->words[at];
	if (word->flags & WORD_NUMBER)
		return true;
	return word->id && (word->flags & WORD_CAPITAL) && word->n <= 12;
}

static void find_release(
    const struct telling_state *state, struct mention *mention, uint32_t number)
{
	const struct item *item = &state->catalogue->items[number];
	size_t end = mention->first + mention->n, starts[] = { end, release_start(state, end) };

	/* "Windows Server" is an edition too: the release may begin with such a word. */
	for (size_t i = 0; i < 2 && !mention->release && item->product.n_releases; i++) {
		size_t start = starts[i];
		uint32_t n = 0;

		if (!may_be_release(state, mention->first, start))
			continue;
		mention->release = longest_release(state, item, start, &n);
		if (mention->release) {
			mention->release_first = (uint32_t)start;
			mention->release_n = n;
		}
	}
}

/* A year behind the name, listed or not. */
static void find_year(const struct telling_state *state, struct mention *mention)
{
	size_t end = mention->first + mention->n;
	size_t start = release_start(state, end);

	if (!mention->release_n && may_be_release(state, mention->first, start) &&
	    is_year(&state->words[start])) {
		mention->release_first = (uint32_t)start;
		mention->release_n = 1;
	}
}

/* ---- names ------------------------------------------------------------------------ */

static bool is_separator(char c)
{
	return c == ' ' || c == '-' || c == '/' || c == '\t';
}

/* Does the text begin with the spelling, case and all? Blanks and hyphens are one. */
static bool is_spelled_so(struct text text, const char *spelling)
{
	size_t i = 0;

	for (; *spelling; spelling++) {
		if (is_separator(*spelling)) {
			while (i < text.n && is_separator(text.p[i]))
				i++;
		} else if (i >= text.n || text.p[i++] != *spelling) {
			return false;
		}
	}
	return true;
}

static bool has_maker(const struct telling_state *state, size_t first)
{
	return first && state->words[first - 1].id &&
	    (catalogue_effects(state->catalogue, state->words[first - 1].id) & CUE_MAKER);
}

static bool is_named(const struct telling_state *state, const struct mention *mention)
{
	return state->words[mention->first].place == CLUE_PRODUCT;
}

static bool counts(
    const struct telling_state *state, const struct mention *mention, const struct name *name)
{
	if (name->strength == NAME_EXACT)
		return is_named(state, mention) || has_maker(state, mention->first) ||
		    is_spelled_so(spot_text(state, mention->first, mention->n), name->spelling);
	return name->strength != NAME_DATED;
}

static void add_product(struct mention *mention, uint32_t number)
{
	for (size_t i = 0; i < mention->n_products; i++)
		if (mention->products[i] == number)
			return;
	if (mention->n_products < TELL_CANDIDATES)
		mention->products[mention->n_products++] = number;
}

/* Those who claim the name without a date, the strong before the weak. */
static void take_plain(const struct telling_state *state, struct mention *mention)
{
	const struct catalogue *catalogue = state->catalogue;
	enum strength best = NAME_DATED;

	for (uint32_t i = catalogue->node_names[mention->node]; i; i = catalogue->names[i].next) {
		const struct name *name = &catalogue->names[i];

		if (!counts(state, mention, name))
			continue;
		add_product(mention, name->product);
		best = name->strength < best ? name->strength : best;
	}
	if (best == NAME_HINT && (is_named(state, mention) || has_maker(state, mention->first)))
		best = NAME_EXACT;
	mention->strength = best;
}

/* A release that only some of the candidates have speaks for them. */
static void keep_those_with_release(const struct telling_state *state, struct mention *mention)
{
	struct mention one = *mention, found = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < mention->n_products; i++) {
		one.release = NULL;
		one.release_n = 0;
		find_release(state, &one, mention->products[i]);
		if (!one.release || (one.release_n < found.release_n))
			continue;
		if (one.release_n > found.release_n)
			kept = 0;
		mention->products[kept++] = mention->products[i];
		found = one;
	}
	if (!kept)
		return;
	mention->n_products = kept;
	mention->release = found.release;
	mention->release_first = found.release_first;
	mention->release_n = found.release_n;
}

/* "Exchange 2019": those who claim the name where a release or year follows. */
static void take_dated(const struct telling_state *state, struct mention *mention)
{
	const struct catalogue *catalogue = state->catalogue;
	struct mention dated = *mention;

	dated.n_products = 0;
	dated.release = NULL;
	dated.release_n = 0;
	for (uint32_t i = catalogue->node_names[mention->node]; i; i = catalogue->names[i].next)
		if (catalogue->names[i].strength == NAME_DATED)
			add_product(&dated, catalogue->names[i].product);
	if (!dated.n_products)
		return;
	keep_those_with_release(state, &dated);
	if (!dated.release)
		find_year(state, &dated);
	if (!dated.release_n)
		return;
	dated.strength = NAME_STRONG;
	*mention = dated;
}

void spot_release(const struct telling_state *state, struct mention *mention, struct text release)
{
	const struct catalogue *catalogue = state->catalogue;
	struct mention dated = { .n_products = 0 };
	size_t kept = 0;

	for (size_t i = 0; i < mention->n_products; i++)
		if (release_find(&catalogue->items[mention->products[i]].product, release))
			mention->products[kept++] = mention->products[i];
	if (kept) {
		mention->n_products = kept;
		return;
	}
	for (uint32_t i = mention->node ? catalogue->node_names[mention->node] : 0; i;
	     i = catalogue->names[i].next)
		if (catalogue->names[i].strength == NAME_DATED &&
		    release_find(&catalogue->items[catalogue->names[i].product].product, release))
			add_product(&dated, catalogue->names[i].product);
	if (!dated.n_products)
		return;
	memcpy(mention->products, dated.products, sizeof dated.products);
	mention->n_products = dated.n_products;
}

static void add_mention(struct telling_state *state, struct mention mention)
{
	if (mention.n_products && state->n_mentions < TELL_MENTIONS)
		state->mentions[state->n_mentions++] = mention;
}

static void take_name(struct telling_state *state, size_t first, size_t n, uint32_t node)
{
	struct mention mention = { .first = (uint32_t)first, .n = (uint32_t)n, .node = node };

	take_plain(state, &mention);
	if (may_be_release(state, first, first + n) ||
	    may_be_release(state, first, release_start(state, first + n))) {
		keep_those_with_release(state, &mention);
		if (!mention.release)
			take_dated(state, &mention);
		if (!mention.release)
			find_year(state, &mention);
	}
	add_mention(state, mention);
}

/* ---- codes and cmdlets -------------------------------------------------------------- */

static size_t token_end(const struct telling_state *state, size_t first)
{
	size_t end = first + 1;

	while (end < state->n_words && (state->words[end].flags & WORD_JOINED) &&
	    state->words[end].place == state->words[first].place)
		end++;
	return end;
}

static bool take_code(
    struct telling_state *state, size_t first, const struct prefixes *prefixes, const char *cue)
{
	size_t end = token_end(state, first);
	struct text token = spot_text(state, (uint32_t)first, (uint32_t)(end - first));
	const struct prefix *prefix =
	    prefix_find(prefixes, token, prefixes == &state->catalogue->cmdlets);
	struct mention mention = { .first = (uint32_t)first,
		.n = (uint32_t)(end - first),
		.cue = cue,
		.strength = NAME_STRONG };

	if (!prefix)
		return false;
	/* Others may claim the same beginning; they stand behind one another. */
	for (const struct prefix *same = prefix, *end_of_list = prefixes->list + prefixes->n;
	     same < end_of_list && text_same(same->folded, prefix->folded); same++)
		add_product(&mention, same->product);
	add_mention(state, mention);
	return true;
}

static bool is_cmdlet_noun(const struct telling_state *state, size_t i)
{
	const struct spot_word *word = &state->words[i];

	return (word->flags & WORD_HYPHEN) && i && word[-1].id &&
	    (catalogue_effects(state->catalogue, word[-1].id) & CUE_VERB);
}

static bool is_technical(const struct telling_state *state, size_t i)
{
	const struct spot_word *word = &state->words[i];

	return !(word->flags & WORD_GLUED) &&
	    ((word->flags & WORD_CAMEL) ||
		(i + 1 < state->n_words && (word[1].flags & WORD_JOINED)));
}

/* ---- all of it --------------------------------------------------------------------- */

static void mark(struct telling_state *state, size_t first, size_t n, uint32_t node)
{
	uint32_t effects = state->catalogue->node_effects[node];

	state->said |= effects;
	state->words[first].cue_n = (uint16_t)n;
	for (size_t i = first; i < first + n; i++) {
		state->words[i].effects |= effects;
		state->words[i].cue = state->catalogue->node_cues[node];
	}
}

/* The longest phrase that begins at a word; 0 words if none does. */
static size_t longest_phrase(const struct telling_state *state, size_t first, uint32_t *node)
{
	const struct catalogue *catalogue = state->catalogue;
	const struct spot_word *begin = &state->words[first], *word = begin,
			       *end = state->words + state->n_words;
	uint32_t at = 0;
	size_t n = 0;

	do {
		at = lexicon_step(catalogue->lexicon, at, word->id);
		if (!at)
			break;
		if (catalogue->node_names[at] || catalogue->node_effects[at]) {
			*node = at;
			n = (size_t)(word - begin) + 1;
		}
		/* An ending closes a phrase: "Exchanges Online" is none. */
		if (word->is_suffixed && word->effects)
			break;
	} while (++word < end && word->place == begin->place);
	return n;
}

/* Takes the code, the cmdlet or the phrase that begins at a word; the words it has. */
static size_t take(struct telling_state *state, size_t first)
{
	const struct catalogue *catalogue = state->catalogue;
	uint32_t node = 0;
	size_t n;

	if (is_cmdlet_noun(state, first) && take_code(state, first, &catalogue->cmdlets, "cmdlet"))
		return 0;
	if (is_technical(state, first) && take_code(state, first, &catalogue->codes, "code"))
		return 0;
	n = state->words[first].id ? longest_phrase(state, first, &node) : 0;
	if (n && catalogue->node_names[node])
		take_name(state, first, n, node);
	if (n)
		mark(state, first, n, node);
	return n;
}

static void break_clauses(struct telling_state *state)
{
	uint32_t added = 0;

	for (size_t i = 0; i < state->n_words; i++) {
		added += i && (state->words[i].effects & CUE_BREAK);
		state->words[i].clause = (uint16_t)(state->words[i].clause + added);
	}
}

void spot_mentions(struct telling_state *state)
{
	for (size_t first = 0; first < state->n_words;) {
		size_t n = take(state, first);

		first += n ? n : 1;
	}
	if (state->said & CUE_BREAK)
		break_clauses(state);
}

/* ---- clauses ---------------------------------------------------------------------- */

static bool is_negated(const struct telling_state *state, size_t at, size_t reach)
{
	const struct spot_word *word = &state->words[at];

	for (size_t i = at, n = 0; i > 0 && n < reach; n++) {
		const struct spot_word *before = &state->words[--i];

		if (before->clause != word->clause || before->place != word->place)
			break;
		if (before->effects & CUE_NEGATION)
			return true;
	}
	/* "funktioniert nicht": German puts it behind. */
	return at + 1 < state->n_words && state->words[at + 1].clause == word->clause &&
	    (state->words[at + 1].effects & CUE_NEGATION);
}

static bool ends_clause(const struct telling_state *state, size_t at)
{
	return at + 1 >= state->n_words || state->words[at + 1].clause != state->words[at].clause;
}

static uint8_t clause_sign(const struct telling_state *state, size_t i)
{
	uint32_t effects = state->words[i].effects;

	if (effects & CUE_FAILURE)
		return is_negated(state, i, 2) && !(effects & CUE_NEGATION) ? CLAUSE_HEALTHY
									    : CLAUSE_FAILING;
	if (effects & CUE_HEALTHY)
		return is_negated(state, i, 4) ? CLAUSE_FAILING : CLAUSE_HEALTHY;
	if ((effects & CUE_PASSES) && ends_clause(state, i))
		return CLAUSE_HEALTHY;
	return 0;
}

void spot_clauses(struct telling_state *state)
{
	const uint32_t telling = CUE_FAILURE | CUE_HEALTHY | CUE_PASSES | CUE_NEGATION;
	size_t n_clauses = state->n_words ? state->words[state->n_words - 1].clause + (size_t)1 : 0;

	state->clauses = memory_new(n_clauses + 1);
	if (!(state->said & telling))
		return;
	for (size_t i = 0; i < state->n_words; i++)
		if (state->words[i].effects & telling)
			state->clauses[state->words[i].clause] |= clause_sign(state, i);
	/* "uploads nothing", "does not sync": a denial alone is a failure. */
	for (size_t i = 0; i < state->n_words; i++)
		if ((state->words[i].effects & CUE_NEGATION) &&
		    !state->clauses[state->words[i].clause])
			state->clauses[state->words[i].clause] = CLAUSE_FAILING;
}
