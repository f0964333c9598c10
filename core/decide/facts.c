#include "decide/request.h"
#include "decide/words.h"
#include "decide/write.h"

#include <stddef.h>
#include <string.h>

const struct word account_type_words[] = { { "aad", ACCOUNT_AAD }, { "msa", ACCOUNT_MSA }, { 0 } };
const struct word program_words[] = { { "mpn", PROGRAM_MPN }, { "csp", PROGRAM_CSP }, { 0 } };
const struct word role_words[] = { { "global-admin", ROLE_GLOBAL_ADMIN },
	{ "mpn-partner-admin", ROLE_MPN_PARTNER_ADMIN }, { "admin-agent", ROLE_ADMIN_AGENT },
	{ 0 } };
const struct word csp_kind_words[] = { { "direct-bill", CSP_DIRECT_BILL },
	{ "provider", CSP_PROVIDER }, { "indirect-reseller", CSP_INDIRECT_RESELLER },
	{ "advisor", CSP_ADVISOR }, { 0 } };
const struct word centre_words[] = { { "partner-center", CENTRE_PARTNER_CENTER },
	{ "pmc", CENTRE_PMC }, { 0 } };
const struct word contract_plan_words[] = { { "partner-support", PLAN_PARTNER_SUPPORT },
	{ "signature-cloud", PLAN_SIGNATURE_CLOUD }, { 0 } };
const struct word paid_plan_words[] = { { "premier", PLAN_PREMIER }, { "advanced", PLAN_ADVANCED },
	{ 0 } };
static const struct word message_words[] = { { "M3", 1 }, { 0 } };

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is_absent(const struct json *value)
{
	return json_kind(value) == JSON_IS_NULL;
}

#define LIST_ITEMS 1000 /* more is no desk's knowledge, but somebody's attempt */

static bool need_array(const struct json *list, const char *where, struct failure *why)
{
	if (json_kind(list) != JSON_IS_ARRAY)
		return failure_set(why, FAILURE_DATA, "%s is %s; it must be an array", where,
		    json_kind_name(json_kind(list)));
	return json_length(list) <= LIST_ITEMS ||
	    failure_set(why, FAILURE_DATA, "%s has %zu items; at most %d are read", where,
		json_length(list), LIST_ITEMS);
}

/* ---- account ------------------------------------------------------------------- */

struct raw_account {
	const char *name;
	int type, csp_kind, centre;
};

static const struct member account_members[] = {
	{ "name", MEMBER_TEXT, offsetof(struct raw_account, name), NULL },
	{ "type", MEMBER_WORD, offsetof(struct raw_account, type), account_type_words },
	{ "programs", MEMBER_OTHER, 0, NULL },
	{ "roles", MEMBER_OTHER, 0, NULL },
	{ "csp_kind", MEMBER_WORD, offsetof(struct raw_account, csp_kind), csp_kind_words },
	{ "membership_centre", MEMBER_WORD, offsetof(struct raw_account, centre), centre_words },
};

static bool read_account(
    const struct json *object, struct arena *arena, struct facts *facts, struct failure *why)
{
	struct raw_account raw = { 0 };

	facts->account.programs = facts->account.roles = -1;
	if (is_absent(object))
		return true;
	if (!members_read(object, "facts.account", account_members, COUNT(account_members), arena,
		&raw, why) ||
	    !members_read_bits(json_get(object, "programs"), "facts.account.programs",
		program_words, &facts->account.programs, why) ||
	    !members_read_bits(json_get(object, "roles"), "facts.account.roles", role_words,
		&facts->account.roles, why))
		return false;
	facts->account.name = raw.name;
	facts->account.type = (enum account_type)raw.type;
	facts->account.csp_kind = (enum csp_kind)raw.csp_kind;
	facts->account.membership_centre = (enum centre)raw.centre;
	return true;
}

/* ---- offers --------------------------------------------------------------------- */

static const struct member offer_members[] = {
	{ "offer", MEMBER_TEXT, offsetof(struct held_offer, offer), NULL },
	{ "competency", MEMBER_TEXT, offsetof(struct held_offer, competency), NULL },
};

static bool read_offers(const struct json *list, const char *where, struct arena *arena,
    const struct held_offer **offers, size_t *n, bool *known, struct failure *why)
{
	struct held_offer *all;

	if (is_absent(list))
		return true;
	if (!need_array(list, where, why))
		return false;
	*n = json_length(list);
	all = arena_take(arena, (*n + 1) * sizeof *all);
	for (size_t i = 0; i < *n; i++) {
		if (!members_read(json_at(list, i), where, offer_members, COUNT(offer_members),
			arena, &all[i], why))
			return false;
		if (!all[i].offer)
			return failure_set(
			    why, FAILURE_DATA, "%s[%zu] has no member offer", where, i);
	}
	*offers = all;
	*known = true;
	return true;
}

/* ---- contracts ------------------------------------------------------------------- */

struct raw_contract {
	struct contract_fact c;
	int plan, access_id, contract_id, linked;
};

#define CONTRACT(member) offsetof(struct raw_contract, member)

static const struct member contract_members[] = {
	{ "id", MEMBER_TEXT, CONTRACT(c.id), NULL },
	{ "plan", MEMBER_WORD, CONTRACT(plan), contract_plan_words },
	{ "access_id", MEMBER_BOOLEAN, CONTRACT(access_id), NULL },
	{ "contract_id", MEMBER_BOOLEAN, CONTRACT(contract_id), NULL },
	{ "start", MEMBER_INSTANT, CONTRACT(c.start), NULL },
	{ "end", MEMBER_END, CONTRACT(c.end), NULL },
	{ "remaining", MEMBER_OTHER, 0, NULL },
	{ "observed", MEMBER_OTHER, 0, NULL },
	{ "linked", MEMBER_BOOLEAN, CONTRACT(linked), NULL },
};

static const struct member observed_members[] = {
	{ "at", MEMBER_INSTANT, CONTRACT(c.observed_at), NULL },
	{ "portal", MEMBER_TEXT, CONTRACT(c.observed_portal), NULL },
};

static bool read_remaining(
    const struct json *value, const char *where, int64_t *remaining, struct failure *why)
{
	*remaining = REMAINING_UNKNOWN;
	if (is_absent(value))
		return true;
	if (text_is(json_text(value), "unlimited")) {
		*remaining = REMAINING_UNLIMITED;
		return true;
	}
	*remaining = json_number(value, -1);
	return (*remaining >= 0 && *remaining < REMAINING_UNLIMITED) ||
	    failure_set(why, FAILURE_DATA,
		"%s.remaining must be a number from 0, \"unlimited\" or null", where);
}

static bool read_contract(const struct json *object, size_t index, struct arena *arena,
    struct contract_fact *contract, struct failure *why)
{
	struct raw_contract raw = { .c = { .start = INSTANT_UNKNOWN,
					.end = INSTANT_UNKNOWN,
					.observed_at = INSTANT_UNKNOWN },
		.access_id = -1,
		.contract_id = -1,
		.linked = -1 };
	const struct json *observed = json_get(object, "observed");
	char where[64], inner[80];

	snprintf(where, sizeof where, "facts.contracts[%zu]", index);
	if (!members_read(
		object, where, contract_members, COUNT(contract_members), arena, &raw, why) ||
	    !read_remaining(json_get(object, "remaining"), where, &raw.c.remaining, why))
		return false;
	snprintf(inner, sizeof inner, "%s.observed", where);
	if (!is_absent(observed) &&
	    !members_read(
		observed, inner, observed_members, COUNT(observed_members), arena, &raw, why))
		return false;
	if (!raw.c.id || !raw.plan)
		return failure_set(why, FAILURE_DATA, "%s needs the members id and plan", where);
	*contract = raw.c;
	contract->plan = (enum plan_id)raw.plan;
	contract->access_id = (enum tristate)raw.access_id;
	contract->contract_id = (enum tristate)raw.contract_id;
	contract->linked = (enum tristate)raw.linked;
	return true;
}

static bool is_double(const struct contract_fact *contracts, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(contracts[i].id, id) == 0)
			return true;
	return false;
}

static bool read_contracts(
    const struct json *list, struct arena *arena, struct facts *facts, struct failure *why)
{
	struct contract_fact *all;
	size_t n = json_length(list);

	if (is_absent(list))
		return true;
	if (!need_array(list, "facts.contracts", why))
		return false;
	all = arena_take(arena, (n + 1) * sizeof *all);
	for (size_t i = 0; i < n; i++) {
		if (!read_contract(json_at(list, i), i, arena, &all[i], why))
			return false;
		if (is_double(all, i, all[i].id))
			return failure_set(why, FAILURE_DATA,
			    "facts.contracts: the id \"%.60s\" comes twice", all[i].id);
	}
	facts->contracts = all;
	facts->n_contracts = n;
	facts->contracts_known = true;
	return true;
}

/* ---- the rest --------------------------------------------------------------------- */

struct raw_paid {
	int plan, linked;
};

static const struct member paid_members[] = {
	{ "plan", MEMBER_WORD, offsetof(struct raw_paid, plan), paid_plan_words },
	{ "linked", MEMBER_BOOLEAN, offsetof(struct raw_paid, linked), NULL },
};

static bool read_paid_plans(
    const struct json *list, struct arena *arena, struct facts *facts, struct failure *why)
{
	struct paid_plan *all;
	size_t n = json_length(list);

	if (is_absent(list))
		return true;
	if (!need_array(list, "facts.paid_plans", why))
		return false;
	all = arena_take(arena, (n + 1) * sizeof *all);
	for (size_t i = 0; i < n; i++) {
		struct raw_paid raw = { 0, -1 };

		if (!members_read(json_at(list, i), "facts.paid_plans[]", paid_members,
			COUNT(paid_members), arena, &raw, why))
			return false;
		if (!raw.plan)
			return failure_set(
			    why, FAILURE_DATA, "facts.paid_plans[%zu] has no plan", i);
		all[i] = (struct paid_plan){ (enum plan_id)raw.plan, (enum tristate)raw.linked };
	}
	facts->paid_plans = all;
	facts->n_paid_plans = n;
	facts->paid_plans_known = true;
	return true;
}

struct raw_said {
	int message;
	const char *portal, *contract;
};

static const struct member said_members[] = {
	{ "message", MEMBER_WORD, offsetof(struct raw_said, message), message_words },
	{ "portal", MEMBER_TEXT, offsetof(struct raw_said, portal), NULL },
	{ "contract", MEMBER_TEXT, offsetof(struct raw_said, contract), NULL },
};

static bool read_said(
    const struct json *value, struct arena *arena, struct facts *facts, struct failure *why)
{
	struct raw_said raw = { 0 };

	if (is_absent(value))
		return true;
	if (json_kind(value) == JSON_IS_TEXT) {
		if (!text_is(json_text(value), "M3"))
			return failure_set(why, FAILURE_DATA,
			    "facts.portal_said is \"%.40s\"; only \"M3\" has a meaning here",
			    json_chars(value));
		raw.message = 1;
	} else if (!members_read(value, "facts.portal_said", said_members, COUNT(said_members),
		       arena, &raw, why)) {
		return false;
	}
	facts->portal_said.message = raw.message ? "M3" : NULL;
	facts->portal_said.portal = raw.portal;
	facts->portal_said.contract = raw.contract;
	return true;
}

static bool read_closed(
    const struct json *list, struct arena *arena, struct facts *facts, struct failure *why)
{
	const char **all;

	if (is_absent(list))
		return true;
	if (!need_array(list, "facts.closed_portals", why))
		return false;
	all = arena_take(arena, (json_length(list) + 1) * sizeof *all);
	for (size_t i = 0; i < json_length(list); i++) {
		struct text name = json_text(json_at(list, i));

		if (!name.n)
			return failure_set(why, FAILURE_DATA,
			    "facts.closed_portals[%zu] is not the name of a portal", i);
		all[i] = arena_copy(arena, name.p, name.n);
	}
	facts->closed_portals = all;
	facts->n_closed_portals = json_length(list);
	return true;
}

struct raw_benefit {
	int activated;
};

static const struct member benefit_members[] = {
	{ "activated", MEMBER_BOOLEAN, offsetof(struct raw_benefit, activated), NULL },
};

static bool read_benefit(
    const struct json *object, struct arena *arena, struct facts *facts, struct failure *why)
{
	struct raw_benefit raw = { -1 };

	if (!is_absent(object) &&
	    !members_read(
		object, "facts.benefit", benefit_members, COUNT(benefit_members), arena, &raw, why))
		return false;
	facts->activated = (enum tristate)raw.activated;
	return true;
}

static const struct member facts_members[] = {
	{ "now", MEMBER_INSTANT, offsetof(struct facts, now), NULL },
	{ "profile", MEMBER_TEXT, offsetof(struct facts, profile), NULL },
	{ "account", MEMBER_OTHER, 0, NULL },
	{ "offers", MEMBER_OTHER, 0, NULL },
	{ "company_offers", MEMBER_OTHER, 0, NULL },
	{ "benefit", MEMBER_OTHER, 0, NULL },
	{ "contracts", MEMBER_OTHER, 0, NULL },
	{ "paid_plans", MEMBER_OTHER, 0, NULL },
	{ "portal_said", MEMBER_OTHER, 0, NULL },
	{ "closed_portals", MEMBER_OTHER, 0, NULL },
};

bool facts_read(
    const struct json *object, struct arena *arena, struct facts *facts, struct failure *why)
{
	*facts = (struct facts){ .now = INSTANT_UNKNOWN, .activated = TRI_UNKNOWN };
	return members_read(
		   object, "facts", facts_members, COUNT(facts_members), arena, facts, why) &&
	    read_account(json_get(object, "account"), arena, facts, why) &&
	    read_offers(json_get(object, "offers"), "facts.offers", arena, &facts->offers,
		&facts->n_offers, &facts->offers_known, why) &&
	    read_offers(json_get(object, "company_offers"), "facts.company_offers", arena,
		&facts->company_offers, &facts->n_company_offers, &facts->company_offers_known,
		why) &&
	    read_benefit(json_get(object, "benefit"), arena, facts, why) &&
	    read_contracts(json_get(object, "contracts"), arena, facts, why) &&
	    read_paid_plans(json_get(object, "paid_plans"), arena, facts, why) &&
	    read_said(json_get(object, "portal_said"), arena, facts, why) &&
	    read_closed(json_get(object, "closed_portals"), arena, facts, why);
}

/* ---- writing ------------------------------------------------------------------------ */

static void write_bits(struct json_out *out, const char *name, const struct word *words, int bits)
{
	if (bits < 0) {
		json_out_null(out, name);
		return;
	}
	json_out_open(out, name, '[');
	for (; words->word; words++)
		if (bits & words->number)
			json_out_string(out, NULL, words->word);
	json_out_close(out, ']');
}

static void write_offers(
    struct json_out *out, const char *name, const struct held_offer *offers, size_t n, bool known)
{
	if (!known) {
		json_out_null(out, name);
		return;
	}
	json_out_open(out, name, '[');
	for (size_t i = 0; i < n; i++) {
		json_out_open(out, NULL, '{');
		json_out_string(out, "offer", offers[i].offer);
		json_out_string(out, "competency", offers[i].competency);
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

static void write_observed(struct json_out *out, const struct contract_fact *c)
{
	if (c->observed_at == INSTANT_UNKNOWN && !c->observed_portal) {
		json_out_null(out, "observed");
		return;
	}
	json_out_open(out, "observed", '{');
	write_instant(out, "at", c->observed_at);
	json_out_string(out, "portal", c->observed_portal);
	json_out_close(out, '}');
}

static void write_contract(struct json_out *out, const struct contract_fact *c)
{
	json_out_open(out, NULL, '{');
	json_out_string(out, "id", c->id);
	json_out_string(out, "plan", plan_name(c->plan));
	write_tri(out, "access_id", c->access_id);
	write_tri(out, "contract_id", c->contract_id);
	write_instant(out, "start", c->start);
	write_instant(out, "end", c->end);
	write_count(out, "remaining", c->remaining);
	write_observed(out, c);
	write_tri(out, "linked", c->linked);
	json_out_close(out, '}');
}

static void write_contracts(struct json_out *out, const struct facts *f)
{
	if (!f->contracts_known) {
		json_out_null(out, "contracts");
		return;
	}
	json_out_open(out, "contracts", '[');
	for (size_t i = 0; i < f->n_contracts; i++)
		write_contract(out, &f->contracts[i]);
	json_out_close(out, ']');
}

static void write_paid_plans(struct json_out *out, const struct facts *f)
{
	if (!f->paid_plans_known) {
		json_out_null(out, "paid_plans");
		return;
	}
	json_out_open(out, "paid_plans", '[');
	for (size_t i = 0; i < f->n_paid_plans; i++) {
		json_out_open(out, NULL, '{');
		json_out_string(out, "plan", plan_name(f->paid_plans[i].plan));
		write_tri(out, "linked", f->paid_plans[i].linked);
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

static void write_said(struct json_out *out, const struct facts *f)
{
	if (!f->portal_said.message) {
		json_out_null(out, "portal_said");
		return;
	}
	json_out_open(out, "portal_said", '{');
	json_out_string(out, "message", f->portal_said.message);
	json_out_string(out, "portal", f->portal_said.portal);
	json_out_string(out, "contract", f->portal_said.contract);
	json_out_close(out, '}');
}

static void write_closed(struct json_out *out, const struct facts *f)
{
	if (!f->n_closed_portals)
		return;
	json_out_open(out, "closed_portals", '[');
	for (size_t i = 0; i < f->n_closed_portals; i++)
		json_out_string(out, NULL, f->closed_portals[i]);
	json_out_close(out, ']');
}

static void write_account(struct json_out *out, const struct facts *f)
{
	json_out_open(out, "account", '{');
	json_out_string(out, "name", f->account.name);
	json_out_string(out, "type", word_of(account_type_words, (int)f->account.type));
	write_bits(out, "programs", program_words, f->account.programs);
	write_bits(out, "roles", role_words, f->account.roles);
	json_out_string(out, "csp_kind", word_of(csp_kind_words, (int)f->account.csp_kind));
	json_out_string(
	    out, "membership_centre", word_of(centre_words, (int)f->account.membership_centre));
	json_out_close(out, '}');
}

void facts_write(const struct facts *f, struct buffer *to)
{
	struct json_out out = { to, false };

	json_out_open(&out, NULL, '{');
	write_instant(&out, "now", f->now);
	json_out_string(&out, "profile", f->profile);
	write_account(&out, f);
	write_offers(&out, "offers", f->offers, f->n_offers, f->offers_known);
	write_offers(&out, "company_offers", f->company_offers, f->n_company_offers,
	    f->company_offers_known);
	json_out_open(&out, "benefit", '{');
	write_tri(&out, "activated", f->activated);
	json_out_close(&out, '}');
	write_contracts(&out, f);
	write_paid_plans(&out, f);
	write_said(&out, f);
	write_closed(&out, f);
	json_out_close(&out, '}');
}
