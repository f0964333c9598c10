/* Entitlement profiles: what each offer gives, by generation of the programme. */
#include "decide/policy_parts.h"

#include <string.h>

enum {
	P_TITLE,
	P_STACK,
	P_COMPETENCIES,
	P_OFFER,
	P_ALIAS,
	P_PLAN,
	P_PROBE,
	P_NO_IDS,
	P_OWN_TENANT,
	P_AZURE_CSP
};

static const struct option profile_options[] = {
	[P_TITLE] = { .name = "title", .type = OPTION_TEXT, .help = "name for people" },
	[P_STACK] = { .name = "stack",
	    .type = OPTION_CHOICE,
	    .choices = "best sum",
	    .fallback = "best",
	    .help = "several offers: the best cell counts, or the counts add up" },
	[P_COMPETENCIES] = { .name = "cloud_competencies",
	    .type = OPTION_WORDS,
	    .help = "competencies that raise the cloud figure (R20)" },
	[P_OFFER] = { .name = "offer",
	    .type = OPTION_WORDS,
	    .flags = OPTION_OPEN,
	    .help = "offer.ID = on-premises, cloud[, cloud with a cloud competency]; a number, "
		    "none or unlimited" },
	[P_ALIAS] = { .name = "alias",
	    .type = OPTION_WORDS,
	    .flags = OPTION_OPEN,
	    .help = "alias.ID = other names of an offer" },
	[P_PLAN] = { .name = "plan",
	    .type = OPTION_TEXT,
	    .flags = OPTION_OPEN,
	    .help = "plan.ID = display names in portals, newest first, parted by '|'" },
	[P_PROBE] = { .name = "probe_product",
	    .type = OPTION_TEXT,
	    .fallback = "Windows 11",
	    .help =
		"product chosen to read the remaining incidents without creating anything (R27)" },
	[P_NO_IDS] = { .name = "no_contract_portals",
	    .type = OPTION_WORDS,
	    .help = "portals where Access ID and Contract ID cannot be entered: support is "
		    "included there" },
	[P_OWN_TENANT] = { .name = "csp_own_tenant",
	    .type = OPTION_BOOLEAN,
	    .fallback = "no",
	    .help = "the CSP plan also serves the partner's own tenant (2021)" },
	[P_AZURE_CSP] = { .name = "azure_csp",
	    .type = OPTION_WORDS,
	    .choices = "direct-bill provider indirect-reseller advisor",
	    .help = "kinds of CSP that may open Azure requests for a customer; empty: any" },
};

enum { N_OPTIONS = sizeof profile_options / sizeof profile_options[0] };

size_t fold_name(struct text text, char *out, size_t capacity)
{
	static const char tail[] = " competency";
	size_t n = text_fold(text_trim(text), out, capacity), to = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_blank = out[i] == ' ' || out[i] == '\t';

		if (!is_blank)
			out[to++] = out[i];
		else if (to && out[to - 1] != ' ')
			out[to++] = ' ';
	}
	if (to > sizeof tail - 1 &&
	    memcmp(out + to - (sizeof tail - 1), tail, sizeof tail - 1) == 0)
		to -= sizeof tail - 1;
	return to;
}

static bool same_name(struct text a, struct text b)
{
	char left[256], right[256];
	size_t n = fold_name(a, left, sizeof left), m = fold_name(b, right, sizeof right);

	return n == m && memcmp(left, right, n) == 0;
}

/* A name made ready to be looked for: "|gold|". */
struct sought {
	char text[258];
	size_t n; /* 0: no name can be it */
};

static struct sought sought(const char *name)
{
	struct sought s = { .text = "|" };

	s.n = name ? fold_name(text_of(name), s.text + 1, sizeof s.text - 2) : 0;
	if (!s.n || memchr(s.text + 1, '|', s.n))
		return (struct sought){ .n = 0 };
	s.text[s.n + 1] = '|';
	s.n += 2;
	return s;
}

static bool is_in(struct text folded, const struct sought *s)
{
	return s->n && memmem(folded.p, folded.n, s->text, s->n);
}

static void add_folded(struct buffer *list, struct text name)
{
	char folded[256];
	size_t n = fold_name(name, folded, sizeof folded);

	buffer_append(list, list->n ? "" : "|", list->n ? 0 : 1);
	buffer_append(list, folded, n);
	buffer_char(list, '|');
}

/* A comma list's names, behind `first` (may be NULL). */
static struct text folded_list(struct arena *arena, const char *first, struct text names)
{
	struct buffer list = { 0 };
	struct text name, kept;

	if (first)
		add_folded(&list, text_of(first));
	while (text_split(&names, ',', &name))
		add_folded(&list, name);
	kept = (struct text){ arena_copy(arena, list.n ? list.p : "", list.n), list.n };
	buffer_free(&list);
	return kept;
}

/* ---- reading --------------------------------------------------------------- */

static bool read_cell(struct text text, int64_t *cell)
{
	if (text_is(text, "none"))
		*cell = 0;
	else if (text_is(text, "unlimited"))
		*cell = REMAINING_UNLIMITED;
	else
		return text_integer(text, cell) && *cell >= 0 && *cell < 1000000;
	return true;
}

static void read_offer(
    struct profile_offer *offer, const struct option_item *item, struct problems *problems)
{
	struct text rest = item->text, cell;
	int64_t *cells[] = { &offer->on_premises, &offer->cloud, &offer->cloud_competent };
	size_t n = 0;

	offer->id = item->suffix;
	while (n < 3 && text_split(&rest, ',', &cell) && read_cell(cell, cells[n]))
		n++;
	if (n < 2 || text_trim(rest).n)
		problem_add(problems, PROBLEM_ERROR, E_PROFILE, item->place,
		    "offer.%s must be ON-PREMISES, CLOUD or ON-PREMISES, CLOUD, CLOUD WITH CLOUD "
		    "COMPETENCY; each a number, "
		    "none or unlimited",
		    item->suffix);
	if (n == 2)
		offer->cloud_competent = offer->cloud;
}

static void read_offers(struct policy *policy, struct profile *profile, const struct value *values,
    struct problems *problems)
{
	const struct value *v = &values[P_OFFER], *aliases = &values[P_ALIAS];
	struct profile_offer *offers = arena_take(policy->arena, (v->n_items + 1) * sizeof *offers);

	for (size_t i = 0; i < v->n_items; i++)
		read_offer(&offers[i], &v->items[i], problems);
	for (size_t a = 0; a < aliases->n_items; a++) {
		size_t i = 0;

		while (i < v->n_items && strcmp(offers[i].id, aliases->items[a].suffix) != 0)
			i++;
		if (i < v->n_items)
			offers[i].aliases = aliases->items[a].text;
		else
			problem_add(problems, PROBLEM_ERROR, E_REFERENCE, aliases->items[a].place,
			    "alias.%s: this profile has no offer.%s", aliases->items[a].suffix,
			    aliases->items[a].suffix);
	}
	for (size_t i = 0; i < v->n_items; i++)
		offers[i].folded = folded_list(policy->arena, offers[i].id, offers[i].aliases);
	profile->offers = offers;
	profile->n_offers = v->n_items;
}

static void read_plans(struct profile *profile, const struct value *v, struct problems *problems)
{
	for (size_t i = 0; i < v->n_items; i++) {
		enum plan_id plan = plan_read(text_of(v->items[i].suffix));

		if (plan == PLAN_NONE)
			problem_add(problems, PROBLEM_ERROR, E_PROFILE, v->items[i].place,
			    "plan.%s: plans are partner-support, signature-cloud, csp, premier, "
			    "advanced, included",
			    v->items[i].suffix);
		else
			profile->plan_names[plan] = v->items[i].text;
	}
}

static void read_profile(struct policy *policy, struct config *config,
    struct config_section *section, struct problems *problems)
{
	struct value values[N_OPTIONS];
	struct profile *profile;

	option_read(config, section, profile_options, N_OPTIONS, values, problems);
	policy->profiles = memory_grow(
	    policy->profiles, policy->n_profiles, &policy->profiles_capacity, sizeof *profile);
	profile = &policy->profiles[policy->n_profiles++];
	*profile = (struct profile){ .id = section_name(section),
		.title = values[P_TITLE].given ? values[P_TITLE].text.p : section_name(section),
		.stacks = values[P_STACK].number == 1,
		.cloud_competencies = values[P_COMPETENCIES].text,
		.folded_competencies =
		    folded_list(policy->arena, NULL, values[P_COMPETENCIES].text),
		.probe_product = values[P_PROBE].text.p,
		.no_contract_portals = values[P_NO_IDS].text,
		.csp_own_tenant = values[P_OWN_TENANT].number != 0,
		.azure_csp = values[P_AZURE_CSP].text };
	read_offers(policy, profile, values, problems);
	read_plans(profile, &values[P_PLAN], problems);
}

void profiles_read(struct policy *policy, struct config *config, struct problems *problems)
{
	for (struct config_section *s = NULL; (s = config_next(config, "profile", s));)
		read_profile(policy, config, s, problems);
	if (!policy->n_profiles)
		problem_add(problems, PROBLEM_ERROR, E_PROFILE, (struct place){ 0 },
		    "there is no [profile NAME]; include profiles.ini");
	else if (policy->own_profile && !policy_profile(policy, policy->own_profile))
		problem_add(problems, PROBLEM_ERROR, E_REFERENCE, policy->own_profile_place,
		    "[partner] profile \"%s\" is not defined", policy->own_profile);
}

/* ---- asking ------------------------------------------------------------------- */

const struct profile *policy_profile(const struct policy *policy, const char *id)
{
	const char *wanted = id ? id : policy->own_profile;

	if (!wanted)
		return policy->n_profiles ? &policy->profiles[policy->n_profiles - 1] : NULL;
	for (size_t i = 0; i < policy->n_profiles; i++)
		if (strcmp(policy->profiles[i].id, wanted) == 0)
			return &policy->profiles[i];
	return NULL;
}

size_t policy_profile_count(const struct policy *policy)
{
	return policy->n_profiles;
}

const struct profile *policy_profile_at(const struct policy *policy, size_t i)
{
	return i < policy->n_profiles ? &policy->profiles[i] : NULL;
}

static const struct profile_offer *offer_in(
    const struct profile *profile, const struct sought *name)
{
	for (size_t i = 0; i < profile->n_offers; i++)
		if (is_in(profile->offers[i].folded, name))
			return &profile->offers[i];
	return NULL;
}

const struct profile_offer *profile_offer_find(const struct policy *policy,
    const struct profile *profile, const char *offer, bool *known_elsewhere)
{
	struct sought name = sought(offer);
	const struct profile_offer *found = offer_in(profile, &name);

	*known_elsewhere = false;
	for (size_t i = 0; !found && i < policy->n_profiles; i++)
		if (offer_in(&policy->profiles[i], &name))
			*known_elsewhere = true;
	return found;
}

bool profile_is_included(const struct profile *profile, const char *portal)
{
	return text_has_item(profile->no_contract_portals, ',', portal);
}

const char *profile_plan_title(
    const struct profile *profile, enum plan_id plan, struct arena *arena)
{
	struct text names = profile->plan_names[plan], first;

	if (text_split(&names, '|', &first))
		return arena_copy(arena, first.p, first.n);
	return plan_name(plan);
}

static int64_t add(int64_t a, int64_t b)
{
	return a == REMAINING_UNLIMITED || b == REMAINING_UNLIMITED ? REMAINING_UNLIMITED : a + b;
}

static int64_t more(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Is the same offer, under any of its names, with the same competency among those
 * before? One instance of each counts. */
static bool is_repeated(const struct profile_offer *offer, const struct held_offer *held, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		struct sought name = sought(held[k].offer);

		if (is_in(offer->folded, &name) &&
		    same_name(text_of(held[k].competency), text_of(held[i].competency)))
			return true;
	}
	return false;
}

bool profile_entitlement(const struct policy *policy, const struct profile *profile,
    const struct held_offer *held, size_t n, struct entitlement *out, struct failure *why)
{
	*out = (struct entitlement){ 0 };
	for (size_t i = 0; i < n; i++) {
		bool is_elsewhere;
		const struct profile_offer *offer =
		    profile_offer_find(policy, profile, held[i].offer, &is_elsewhere);
		struct sought competency = sought(held[i].competency);
		bool is_cloud = is_in(profile->folded_competencies, &competency);
		int64_t cloud;

		if (!offer && !is_elsewhere)
			return failure_set(
			    why, FAILURE_DATA, "offer \"%.60s\" is in no profile", held[i].offer);
		if (!offer) {
			out->n_foreign++;
			continue;
		}
		cloud = is_cloud ? offer->cloud_competent : offer->cloud;
		out->by_competency = out->by_competency || offer->cloud != offer->cloud_competent;
		out->n_counted++;
		if (profile->stacks && is_repeated(offer, held, i))
			continue;
		out->on_premises = profile->stacks ? add(out->on_premises, offer->on_premises)
						   : more(out->on_premises, offer->on_premises);
		out->cloud = profile->stacks ? add(out->cloud, cloud) : more(out->cloud, cloud);
	}
	return true;
}
