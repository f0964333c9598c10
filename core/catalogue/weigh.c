/* Which of the names in a text is what fails, and in which of its worlds (tell.h). */
#include "catalogue/tell.h"
#include "catalogue/words.h"

#include <string.h>

/* The weights. Only their order of size matters: a component in a side role still
 * wins against a plain product in the lead, a container hardly ever does. */
enum {
	WEIGHT_CONTAINER = 10,
	WEIGHT_PLAIN = 40,
	WEIGHT_COMPONENT = 60,
	WEIGHT_HINT = -12,
	WEIGHT_TITLE = 20,
	WEIGHT_LEAD = 6, /* the first name of the title */
	WEIGHT_INSIDE = -10,
	WEIGHT_BESIDE = -12,
	WEIGHT_OBJECT = 8,
	WEIGHT_FAILING = 14,
	WEIGHT_TITLE_FAILING = 4, /* nearly every title tells of a failure */
	WEIGHT_HEALTHY = -40,
	WEIGHT_HALF_HEALTHY = -25, /* well in one clause, failing in another */
	WEIGHT_AGAIN = 3,          /* for each further mention, three at most */
	WEIGHT_GENERIC = -12,      /* "Power BI" beside "Power BI Report Server" */
	WEIGHT_OTHER_WORLD = -20,  /* not where the agent says it is */
};

static const struct item *item_of(const struct telling_state *state, const struct mention *mention)
{
	return &state->catalogue->items[mention->products[0]];
}

/* ---- roles ------------------------------------------------------------------------- */

static enum role role_of(uint32_t effects)
{
	if (effects & CUE_OBJECT)
		return ROLE_OBJECT;
	if (effects & CUE_INSIDE)
		return ROLE_INSIDE;
	return effects & (CUE_BESIDE | CUE_PASSES) ? ROLE_BESIDE : ROLE_NONE;
}

static enum role role_before(const struct telling_state *state, const struct mention *mention)
{
	const struct spot_word *first = &state->words[mention->first];

	for (size_t i = mention->first, n = 0; i > 0 && n < 4; n++) {
		const struct spot_word *word = &state->words[--i];
		enum role role = role_of(word->effects);

		if (word->clause != first->clause || word->place != first->place)
			break;
		if (role != ROLE_NONE && !word->is_suffixed)
			return role;
		if (!(word->effects & CUE_SKIP))
			break;
	}
	return ROLE_NONE;
}

/* "Outlookban", "Outlook-ban", "Outlook から". */
static enum role role_behind(const struct telling_state *state, const struct mention *mention)
{
	size_t end = mention->first + mention->n;
	const struct spot_word *last = &state->words[end - 1], *next = &state->words[end];
	uint32_t effects = last->is_suffixed ? last->effects : 0;

	if (end < state->n_words && (next->flags & (WORD_HYPHEN | WORD_WIDE)) &&
	    next->place == last->place)
		effects |= next->effects;
	if (effects & CUE_AFTER_INSIDE)
		return ROLE_INSIDE;
	return effects & CUE_AFTER_BESIDE ? ROLE_BESIDE : ROLE_NONE;
}

void weigh_roles(struct telling_state *state)
{
	for (size_t i = 0; i < state->n_mentions; i++) {
		struct mention *mention = &state->mentions[i];

		mention->role = role_before(state, mention);
		if (mention->role == ROLE_NONE)
			mention->role = role_behind(state, mention);
	}
}

/* A clause without a name speaks of the one named last in its sentence. */
static void spread_failures(struct telling_state *state)
{
	const struct mention *last = NULL;
	size_t next = 0;

	for (size_t i = 0; i < state->n_words; i++) {
		if (next < state->n_mentions && state->mentions[next].first == i)
			last = &state->mentions[next++];
		if (last && (state->clauses[state->words[i].clause] & CLAUSE_FAILING) &&
		    state->words[i].sentence == state->words[last->first].sentence &&
		    last == &state->mentions[next - 1])
			state->mentions[next - 1].is_failing = true;
	}
	for (size_t i = 0; i < state->n_mentions; i++) {
		struct mention *mention = &state->mentions[i];
		uint8_t clause = state->clauses[state->words[mention->first].clause];

		mention->is_failing |= (clause & CLAUSE_FAILING) != 0;
		mention->is_healthy = clause == CLAUSE_HEALTHY;
	}
}

/* ---- hints, pairs ------------------------------------------------------------------ */

static bool has_second_clue(const struct telling_state *state, const struct mention *hint)
{
	const char *workload = item_of(state, hint)->product.workload;

	if (hint->release_n)
		return true;
	for (size_t i = 0; i < state->n_mentions; i++) {
		const struct mention *other = &state->mentions[i];

		if (other != hint && other->strength != NAME_HINT &&
		    text_same(item_of(state, other)->product.workload, workload))
			return true;
	}
	return false;
}

static void drop_lone_hints(struct telling_state *state)
{
	size_t kept = 0;

	for (size_t i = 0; i < state->n_mentions; i++)
		if (state->mentions[i].strength == NAME_HINT &&
		    !has_second_clue(state, &state->mentions[i]))
			state->mentions[i].score = -1;
	for (size_t i = 0; i < state->n_mentions; i++)
		if (state->mentions[i].score >= 0)
			state->mentions[kept++] = state->mentions[i];
	state->n_mentions = kept;
}

static const struct mention *mention_of(const struct telling_state *state, uint32_t product)
{
	for (size_t i = 0; i < state->n_mentions; i++)
		if (state->mentions[i].products[0] == product && !state->mentions[i].is_healthy)
			return &state->mentions[i];
	return NULL;
}

/* Teams and Outlook in one sentence mean what stands between them, the add-in. */
static void add_pairs(struct telling_state *state)
{
	const struct catalogue *catalogue = state->catalogue;

	for (size_t p = 0; p < catalogue->n_pairs && state->n_mentions < TELL_MENTIONS; p++) {
		uint32_t number = catalogue->pairs[p];
		const uint32_t *between = catalogue->items[number].between;
		const struct mention *a = mention_of(state, between[0] - 1),
				     *b = mention_of(state, between[1] - 1);
		struct mention pair;

		if (!a || !b || state->words[a->first].sentence != state->words[b->first].sentence)
			continue;
		pair = a->first < b->first ? *a : *b;
		pair.products[0] = number;
		pair.n_products = 1;
		pair.cue = "pair";
		pair.role = ROLE_NONE;
		pair.release = NULL;
		pair.release_n = 0;
		state->mentions[state->n_mentions++] = pair;
	}
}

/* ---- scores ------------------------------------------------------------------------- */

static int weight_of_kind(enum kind kind)
{
	if (kind == KIND_CONTAINER)
		return WEIGHT_CONTAINER;
	return kind == KIND_COMPONENT ? WEIGHT_COMPONENT : WEIGHT_PLAIN;
}

static int weight_of_role(enum role role)
{
	static const int weights[] = { 0, WEIGHT_INSIDE, WEIGHT_BESIDE, WEIGHT_OBJECT };

	return weights[role];
}

static bool shares_product(const struct mention *a, const struct mention *b)
{
	for (size_t i = 0; i < a->n_products; i++)
		for (size_t k = 0; k < b->n_products; k++)
			if (a->products[i] == b->products[k])
				return true;
	return false;
}

/* Is the phrase of `a` the beginning of that of `b`? */
static bool is_generic(
    const struct telling_state *state, const struct mention *a, const struct mention *b)
{
	uint32_t node = b->node;

	if (!a->node || a->node == b->node)
		return false;
	while (node && node != a->node)
		node = lexicon_parent(state->catalogue->lexicon, node);
	return node != 0;
}

/* Is `other` a further mention of the same thing? What is said under an ambiguous
 * name, "OWA opens", may be said of another product. */
static bool is_same_thing(const struct mention *mention, const struct mention *other)
{
	return shares_product(mention, other) &&
	    (other->n_products == 1 || other->node == mention->node);
}

static int weight_of_health(const struct telling_state *state, const struct mention *mention)
{
	bool is_healthy = mention->is_healthy, is_failing = mention->is_failing;

	for (size_t i = 0; i < state->n_mentions; i++) {
		const struct mention *other = &state->mentions[i];

		if (other != mention && is_same_thing(mention, other)) {
			is_healthy |= other->is_healthy;
			is_failing |= other->is_failing;
		}
	}
	if (!is_healthy)
		return 0;
	return is_failing ? WEIGHT_HALF_HEALTHY : WEIGHT_HEALTHY;
}

static int weight_beside_others(const struct telling_state *state, const struct mention *mention)
{
	int again = 0, generic = 0;

	for (size_t i = 0; i < state->n_mentions; i++) {
		const struct mention *other = &state->mentions[i];

		if (other == mention)
			continue;
		if (shares_product(mention, other))
			again += again < 3;
		else if (item_of(state, other)->kind != KIND_CONTAINER &&
		    is_generic(state, mention, other))
			generic = WEIGHT_GENERIC;
	}
	return again * WEIGHT_AGAIN + generic + weight_of_health(state, mention);
}

static bool is_elsewhere(const struct telling_state *state, const struct mention *mention)
{
	enum environment said = state->clue->environment;

	for (size_t i = 0; i < mention->n_products; i++) {
		enum environment own =
		    state->catalogue->items[mention->products[i]].product.environment;

		if (said == ENVIRONMENT_UNKNOWN || own == ENVIRONMENT_UNKNOWN || own == said ||
		    (own == ENVIRONMENT_HYBRID) != (said == ENVIRONMENT_ON_PREMISES))
			return false;
	}
	return true;
}

static int score_of(const struct telling_state *state, const struct mention *mention, bool is_lead)
{
	bool is_title = state->words[mention->first].place == CLUE_TITLE;
	int score = weight_of_kind(item_of(state, mention)->kind) + weight_of_role(mention->role);

	if (mention->strength == NAME_HINT)
		score += WEIGHT_HINT;
	if (is_title)
		score += WEIGHT_TITLE;
	if (is_title && is_lead && (mention->role == ROLE_NONE || mention->role == ROLE_OBJECT))
		score += WEIGHT_LEAD;
	if (mention->is_failing)
		score += is_title ? WEIGHT_TITLE_FAILING : WEIGHT_FAILING;
	if (is_elsewhere(state, mention))
		score += WEIGHT_OTHER_WORLD;
	return score + weight_beside_others(state, mention);
}

struct mention *weigh_mentions(struct telling_state *state)
{
	struct mention *best = NULL;

	drop_lone_hints(state);
	weigh_roles(state);
	spread_failures(state);
	add_pairs(state);
	for (size_t i = 0; i < state->n_mentions; i++) {
		struct mention *mention = &state->mentions[i];

		mention->score = score_of(state, mention, i == 0 || mention->cue);
		if (!best || mention->score > best->score)
			best = mention;
	}
	return best;
}

/* ---- the world that is meant --------------------------------------------------------- */

/* Cues count more close to the name than anywhere in the text. */
static int evidence(
    const struct telling_state *state, const struct mention *mention, uint32_t effect)
{
	size_t end = mention->first + mention->n, sum = 0;

	for (size_t i = 0; i < state->n_words; i++) {
		bool is_close = i + 4 >= mention->first && i < end + 4 &&
		    state->words[i].clause == state->words[mention->first].clause;

		if ((i < mention->first || i >= end) && state->words[i].cue_n &&
		    (state->words[i].effects & effect))
			sum += is_close ? 3 : 1;
	}
	return (int)sum;
}

static int evidence_of_others(
    const struct telling_state *state, const struct mention *mention, enum environment world)
{
	int sum = 0;

	for (size_t i = 0; i < state->n_mentions; i++) {
		const struct mention *other = &state->mentions[i];
		const struct item *item = item_of(state, other);

		if (other == mention || other->n_products != 1 ||
		    item->product.environment != world)
			continue;
		if (shares_product(mention, other))
			sum += 4;
		else if (item->kind == KIND_CONTAINER &&
		    (world == ENVIRONMENT_CLOUD || other->role == ROLE_INSIDE) &&
		    !text_same(item->product.workload, "windows"))
			sum += 2;
	}
	return sum;
}

enum environment weigh_environment(
    const struct telling_state *state, const struct mention *mention, int firmness)
{
	int own = evidence(state, mention, CUE_ON_PREMISES) +
	    evidence_of_others(state, mention, ENVIRONMENT_ON_PREMISES);
	int cloud = evidence(state, mention, CUE_CLOUD) +
	    evidence_of_others(state, mention, ENVIRONMENT_CLOUD);

	if (state->clue->environment != ENVIRONMENT_UNKNOWN)
		return state->clue->environment;
	if (own - cloud >= firmness)
		return ENVIRONMENT_ON_PREMISES;
	return cloud - own >= firmness ? ENVIRONMENT_CLOUD : ENVIRONMENT_UNKNOWN;
}

static bool is_of_world(const struct telling_state *state, uint32_t product, enum environment world)
{
	enum environment own = state->catalogue->items[product].product.environment;

	return own == world || (own == ENVIRONMENT_HYBRID && world == ENVIRONMENT_CLOUD);
}

void weigh_candidates(const struct telling_state *state, struct mention *mention)
{
	enum environment world;
	size_t kept = 0;

	if (mention->n_products < 2)
		return;
	world = weigh_environment(state, mention, 1);
	for (size_t i = 0; i < mention->n_products && world != ENVIRONMENT_UNKNOWN; i++)
		if (is_of_world(state, mention->products[i], world))
			mention->products[kept++] = mention->products[i];
	mention->n_products = kept ? kept : mention->n_products;
}

static const char *host_workload(const struct telling_state *state)
{
	uint32_t host = state->catalogue->host;

	return host ? state->catalogue->items[host - 1].product.workload : NULL;
}

bool weigh_is_hosted(const struct telling_state *state, const struct mention *mention)
{
	for (size_t i = 0; i < state->n_mentions; i++) {
		const struct mention *other = &state->mentions[i];
		size_t end = mention->first + mention->n + mention->release_n;

		if (other == mention || !other->node)
			continue;
		if ((state->catalogue->node_effects[other->node] & CUE_HOST) &&
		    other->role == ROLE_INSIDE)
			return true;
		/* "SQL Server in Azure": right behind the name. */
		if (item_of(state, other)->kind == KIND_CONTAINER && other->role == ROLE_INSIDE &&
		    other->first > end && other->first - end <= 2 &&
		    text_same(item_of(state, other)->product.workload, host_workload(state)))
			return true;
	}
	return false;
}
