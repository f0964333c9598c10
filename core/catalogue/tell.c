/* Telling a product from what is known of the trouble (catalogue.h). */
#include "catalogue/tell.h"
#include "catalogue/words.h"

#include <stdlib.h>
#include <string.h>

#define FIRM_EVIDENCE 3 /* a cue close to the name, or several further away */

static const struct item *item_at(const struct telling_state *state, uint32_t number)
{
	return &state->catalogue->items[number];
}

/* ---- what was matched, for people to see ------------------------------------------ */

static void add_match(struct reading *reading, struct match match)
{
	if (reading->n_matches < READING_MATCHES)
		reading->matches[reading->n_matches++] = match;
}

static void add_mention(
    const struct telling_state *state, const struct mention *mention, struct reading *reading)
{
	uint32_t end = mention->first + mention->n;

	if (mention->release_n)
		end = mention->release_first + mention->release_n;
	add_match(reading,
	    (struct match){ (enum clue_place)state->words[mention->first].place,
		spot_text(state, mention->first, end - mention->first),
		&item_at(state, mention->products[0])->product, mention->cue });
}

/* Words that told between two worlds; those inside of names are not shown again. */
static void add_cues(const struct telling_state *state, struct reading *reading)
{
	const uint32_t worlds = CUE_ON_PREMISES | CUE_CLOUD | CUE_HOST;
	size_t next = 0, end = 0;

	for (size_t i = 0; i < state->n_words && (state->said & worlds); i++) {
		const struct spot_word *word = &state->words[i];

		while (next < state->n_mentions && state->mentions[next].first <= i) {
			size_t stop = state->mentions[next].first + state->mentions[next].n;

			end = stop > end ? stop : end;
			next++;
		}
		if (i >= end && word->cue_n && (word->effects & worlds))
			add_match(reading,
			    (struct match){ (enum clue_place)word->place,
				spot_text(state, (uint32_t)i, word->cue_n), NULL, word->cue });
	}
}

static void show_matches(
    const struct telling_state *state, const struct mention *best, struct reading *reading)
{
	if (best)
		add_mention(state, best, reading);
	for (size_t i = 0; i < state->n_mentions; i++)
		if (&state->mentions[i] != best)
			add_mention(state, &state->mentions[i], reading);
	add_cues(state, reading);
}

/* ---- from the mention in trouble to a reading --------------------------------------- */

/* "Windows 10" and "22H2": what the name holds of the release goes before it. */
static const struct release *find_given(const struct telling_state *state,
    const struct mention *mention, const struct product *product, struct text given)
{
	const struct release *found = NULL;

	if (mention->release) {
		const char *both =
		    arena_format(state->arena, "%s %.*s", mention->release->name, TEXT_ARGS(given));

		found = release_find(product, text_of(both));
		if (found == mention->release)
			found = NULL;
	}
	return found ? found : release_find(product, given);
}

static bool is_about(
    const struct telling_state *state, const struct mention *mention, const struct product *product)
{
	for (size_t i = 0; i < mention->n_products; i++)
		if (&item_at(state, mention->products[i])->product == product)
			return true;
	return false;
}

/* "SQL Server Agent stops since the upgrade to SQL Server 2022": the release stands at
 * another name of the same product. Two different ones tell nothing. */
static const struct mention *released_elsewhere(
    const struct telling_state *state, const struct product *product)
{
	const struct mention *found = NULL;

	for (size_t i = 0; i < state->n_mentions; i++) {
		const struct mention *mention = &state->mentions[i];

		if (!mention->release || !is_about(state, mention, product))
			continue;
		if (found && found->release != mention->release)
			return NULL;
		found = mention;
	}
	return found;
}

static void read_release(
    const struct telling_state *state, const struct mention *mention, struct reading *reading)
{
	struct text given = text_trim(state->clue->release);

	if (!given.n && !mention->release_n && reading->product) {
		const struct mention *other = released_elsewhere(state, reading->product);

		mention = other ? other : mention;
	}
	if (given.n) {
		reading->release_text = given;
		reading->release =
		    reading->product ? find_given(state, mention, reading->product, given) : NULL;
	} else if (mention->release_n) {
		reading->release_text =
		    spot_text(state, mention->release_first, mention->release_n);
		reading->release =
		    reading->product ? release_find(reading->product, reading->release_text) : NULL;
	}
}

/* A product of both worlds becomes the one of its own that is meant. */
static uint32_t settle(
    const struct telling_state *state, const struct mention *mention, enum environment *environment)
{
	uint32_t number = mention->products[0];
	const struct item *item = item_at(state, number);
	uint32_t other;

	*environment = item->product.environment;
	if (*environment != ENVIRONMENT_UNKNOWN)
		return number;
	*environment = weigh_environment(state, mention, FIRM_EVIDENCE);
	other = *environment == ENVIRONMENT_ON_PREMISES ? item->on_premises
	    : *environment == ENVIRONMENT_UNKNOWN       ? 0
							: item->cloud;
	return other ? other - 1 : number;
}

static uint32_t settle_host(const struct telling_state *state, const struct mention *mention,
    uint32_t number, enum environment *environment)
{
	const struct item *item = item_at(state, number);
	uint32_t host = item->hosted ? item->hosted : state->catalogue->host;

	if (!host || item->product.environment != ENVIRONMENT_ON_PREMISES ||
	    !weigh_is_hosted(state, mention))
		return number;
	*environment = item_at(state, host - 1)->product.environment;
	return host - 1;
}

static void read_one(
    const struct telling_state *state, const struct mention *mention, struct reading *reading)
{
	enum environment environment;
	uint32_t number = settle(state, mention, &environment);

	number = settle_host(state, mention, number, &environment);
	reading->product = &item_at(state, number)->product;
	reading->environment = environment;
	reading->workload = reading->product->workload;
	read_release(state, mention, reading);
}

/* Several products: what they have in common is known. */
static void read_several(
    const struct telling_state *state, const struct mention *mention, struct reading *reading)
{
	const struct product *first = &item_at(state, mention->products[0])->product;

	reading->telling = TELLING_AMBIGUOUS;
	reading->environment = first->environment;
	reading->workload = first->workload;
	for (size_t i = 0; i < mention->n_products; i++) {
		const struct product *product = &item_at(state, mention->products[i])->product;

		if (reading->n_candidates < READING_CANDIDATES)
			reading->candidates[reading->n_candidates++] = product;
		if (product->environment != first->environment)
			reading->environment = ENVIRONMENT_UNKNOWN;
		if (!text_same(product->workload, first->workload))
			reading->workload = NULL;
	}
	read_release(state, mention, reading);
}

static void read_mention(const struct telling_state *state, struct mention *mention,
    enum telling telling, struct reading *reading)
{
	const struct product *first;

	weigh_candidates(state, mention);
	reading->telling = telling;
	if (mention->n_products == 1) {
		read_one(state, mention, reading);
		return;
	}
	read_several(state, mention, reading);
	first = &item_at(state, mention->products[0])->product;
	/* All in one world and at one desk: nothing is left to ask for. */
	if (reading->environment != ENVIRONMENT_UNKNOWN && reading->workload) {
		reading->telling = telling;
		reading->product = first;
		reading->n_candidates = 0;
		read_release(state, mention, reading);
	}
}

/* ---- the product as the request names it ---------------------------------------------- */

static bool is_covered(const struct telling_state *state, size_t word)
{
	const uint32_t harmless = CUE_SKIP | CUE_MAKER | CUE_EDITION | CUE_ON_PREMISES | CUE_CLOUD |
	    CUE_BESIDE | CUE_INSIDE | CUE_HOST;

	for (size_t i = 0; i < state->n_mentions; i++) {
		const struct mention *mention = &state->mentions[i];

		if (word >= mention->first && word < mention->first + mention->n)
			return true;
		if (word >= mention->release_first &&
		    word < mention->release_first + mention->release_n)
			return true;
	}
	return (state->words[word].effects & harmless) || (state->words[word].flags & WORD_NUMBER);
}

/* The longest name in the request's product, if nothing else stands there. */
static struct mention *named_mention(struct telling_state *state)
{
	struct mention *named = NULL;

	for (size_t i = 0; i < state->n_words && state->words[i].place == CLUE_PRODUCT; i++)
		if (!is_covered(state, i))
			return NULL;
	for (size_t i = 0; i < state->n_mentions; i++) {
		struct mention *mention = &state->mentions[i];

		if (state->words[mention->first].place == CLUE_PRODUCT &&
		    (!named || mention->n > named->n))
			named = mention;
	}
	return named;
}

static void tell_named(struct telling_state *state, struct reading *reading)
{
	struct mention *named = named_mention(state);

	if (!named) {
		reading->environment = state->clue->environment;
		return;
	}
	if (text_trim(state->clue->release).n)
		spot_release(state, named, text_trim(state->clue->release));
	weigh_roles(state);
	read_mention(state, named, TELLING_NAMED, reading);
	show_matches(state, named, reading);
}

static void tell_text(struct telling_state *state, struct reading *reading)
{
	struct mention *best;

	spot_clauses(state);
	best = weigh_mentions(state);
	if (best) {
		if (text_trim(state->clue->release).n)
			spot_release(state, best, text_trim(state->clue->release));
		read_mention(state, best, TELLING_TOLD, reading);
	} else {
		reading->environment = state->clue->environment;
	}
	show_matches(state, best, reading);
}

void catalogue_tell(const struct catalogue *catalogue, const struct clue *clue, struct arena *arena,
    struct reading *reading)
{
	struct mention mentions[TELL_MENTIONS];
	struct telling_state state = {
		.catalogue = catalogue, .clue = clue, .arena = arena, .mentions = mentions
	};
	struct text product = text_trim(clue->product);

	memset(reading, 0, sizeof *reading);
	reading->release_text = TEXT("");
	spot_words(&state);
	spot_mentions(&state);
	if (product.n)
		tell_named(&state, reading);
	else
		tell_text(&state, reading);
	free(state.words);
	free(state.clauses);
}
