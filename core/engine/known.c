#include "engine/known.h"
#include "decide/words.h"

#include <string.h>

/* ---- offers and activation ---------------------------------------------------- */

static bool sees(const struct partner_offer *offer, const struct partner_account *account)
{
	if (offer->accounts.n) {
		struct text rest = offer->accounts, name;

		while (text_split(&rest, ',', &name))
			if (name.n == strlen(account->name) &&
			    strncasecmp(name.p, account->name, name.n) == 0)
				return true;
		return false;
	}
	return account->programs >= 0 && (account->programs & PROGRAM_MPN);
}

static void fill_offers(const struct known *k, const struct partner_account *account,
    struct arena *arena, struct facts *f)
{
	const struct partner *p = k->generation->partner;
	struct held_offer *all = arena_take(arena, (p->n_offers + 1) * sizeof *all);
	struct held_offer *seen = arena_take(arena, (p->n_offers + 1) * sizeof *seen);

	for (size_t i = 0; i < p->n_offers; i++) {
		all[f->n_company_offers++] = p->offers[i].held;
		if (account && sees(&p->offers[i], account))
			seen[f->n_offers++] = p->offers[i].held;
	}
	f->company_offers = all;
	f->company_offers_known = p->n_offers > 0 || p->has_no_offers;
	f->offers = seen;
	f->offers_known = f->company_offers_known && account;
}

/* One benefit that is activated is enough; not activated needs all to say so. */
static bool fill_activation(const struct known *k, struct facts *f, struct failure *why)
{
	const struct partner *p = k->generation->partner;
	bool all_no = p->n_offers > 0;

	for (size_t i = 0; i < p->n_offers; i++) {
		bool is_activated = p->offers[i].activated == TRI_YES;
		instant at;

		if (k->ledger &&
		    !ledger_benefit(k->ledger, p->offers[i].name, &is_activated, &at, why) &&
		    why->kind != FAILURE_NONE)
			return false;
		if (is_activated)
			f->activated = TRI_YES;
		all_no = all_no && p->offers[i].activated == TRI_NO;
	}
	if (f->activated != TRI_YES && all_no)
		f->activated = TRI_NO;
	return true;
}

/* ---- contracts ------------------------------------------------------------------ */

static bool lists_account(struct text list, const char *account)
{
	struct text name;

	while (account && text_split(&list, ',', &name))
		if (name.n == strlen(account) && strncasecmp(name.p, account, name.n) == 0)
			return true;
	return false;
}

static struct contract_fact from_configuration(
    const struct partner_contract *c, const char *account)
{
	return (struct contract_fact){ .id = c->id,
		.plan = c->plan,
		.access_id = c->access_id ? TRI_YES : TRI_NO,
		.contract_id = c->contract_id ? TRI_YES : TRI_NO,
		.start = c->start,
		.end = c->end,
		.remaining = c->remaining,
		.observed_at = c->observed_at,
		.linked = lists_account(c->linked, account) ? TRI_YES : TRI_NO };
}

/* What is left for a request: the incident that it holds itself is not missing. */
static bool count_own(
    const struct known *k, struct contract_fact *c, struct arena *arena, struct failure *why)
{
	struct balance b;

	if (!text_same(k->own_contract, c->id) || c->remaining == REMAINING_UNKNOWN ||
	    c->remaining == REMAINING_UNLIMITED)
		return true;
	if (!ledger_balance(k->ledger, c->id, arena, &b, why))
		return why->kind == FAILURE_NONE;
	c->remaining = b.observed - (b.reserved - 1) - b.spent_since;
	c->remaining = c->remaining > 0 ? c->remaining : 0;
	return true;
}

static enum tristate linked_by(enum link_mark mark)
{
	return mark == LINK_MARK_LINKED  ? TRI_YES
	    : mark == LINK_MARK_DOUBTFUL ? TRI_UNKNOWN
					 : TRI_NO;
}

static struct contract_fact from_ledger(const struct contract_choice *row)
{
	return (struct contract_fact){ .id = row->id,
		.plan = plan_read(text_of(row->plan)),
		.access_id = row->has_access_id ? TRI_YES : TRI_NO,
		.contract_id = row->has_contract_id ? TRI_YES : TRI_NO,
		.start = row->start,
		.end = row->end,
		.remaining = row->remaining,
		.observed_at = row->observed_at,
		.observed_portal = row->observed_portal,
		.linked = linked_by(row->mark) };
}

/* What the ledger knows goes before what the configuration says. */
static void overlay_contract(struct contract_fact *c, const struct contract_choice *row)
{
	if (row->observed_at != INSTANT_UNKNOWN) {
		c->remaining = row->remaining;
		c->observed_at = row->observed_at;
		c->observed_portal = row->observed_portal;
	}
	if (row->mark != LINK_MARK_NONE)
		c->linked = linked_by(row->mark);
	if (row->has_access_id && row->has_contract_id)
		c->access_id = c->contract_id = TRI_YES;
}

/* The configuration's dates may be newer than those that the ledger was told from it. */
static bool overlay_dates(
    const struct known *k, struct contract_fact *c, struct arena *arena, struct failure *why)
{
	struct observation_row *seen;
	size_t n;

	if (!ledger_observations(k->ledger, c->id, 10, arena, &seen, &n, why))
		return false;
	for (size_t i = n; i-- > 0;) { /* newest first: the newest date wins */
		c->start = seen[i].start != INSTANT_UNKNOWN ? seen[i].start : c->start;
		c->end = seen[i].end != INSTANT_UNKNOWN ? seen[i].end : c->end;
	}
	return true;
}

static struct contract_fact *find_contract(struct contract_fact *all, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(all[i].id, id) == 0)
			return &all[i];
	return NULL;
}

static bool fill_contracts(
    const struct known *k, struct arena *arena, struct facts *f, struct failure *why)
{
	const struct partner *p = k->generation->partner;
	struct contract_choice *rows = NULL;
	struct contract_fact *all;
	size_t n_rows = 0, n = 0;

	struct contract_wish wish = { .account = k->account,
		.now = k->now,
		.all = k->wants_all,
		.also = { k->own_contract, k->said.contract } };

	if (k->ledger && !ledger_contract_choice(k->ledger, &wish, arena, &rows, &n_rows, why))
		return false;
	all = arena_take(arena, (p->n_contracts + n_rows + 1) * sizeof *all);
	for (size_t i = 0; i < p->n_contracts; i++)
		all[n++] = from_configuration(&p->contracts[i], k->account);
	for (size_t i = 0; i < n_rows; i++) {
		struct contract_fact *configured = find_contract(all, p->n_contracts, rows[i].id);

		if (configured)
			overlay_contract(configured, &rows[i]);
		else
			all[n++] = from_ledger(&rows[i]);
	}
	for (size_t i = 0; k->ledger && i < n; i++)
		if (!count_own(k, &all[i], arena, why) ||
		    (i < p->n_contracts && !overlay_dates(k, &all[i], arena, why)))
			return false;
	f->contracts = all;
	f->n_contracts = n;
	f->contracts_known = true;
	return true;
}

/* ---- account, paid plans, patch ---------------------------------------------------- */

static void fill_account(
    const struct known *k, const struct partner_account *account, struct facts *f)
{
	const struct partner *p = k->generation->partner;

	f->account.name = k->account;
	f->account.type = account ? account->type : ACCOUNT_TYPE_UNKNOWN;
	f->account.programs = account ? account->programs : -1;
	f->account.roles = account ? account->roles : -1;
	f->account.csp_kind = account && account->csp_kind ? account->csp_kind : p->csp_kind;
	f->account.membership_centre = p->membership_centre;
}

static void fill_paid_plans(const struct known *k, struct arena *arena, struct facts *f)
{
	static const enum plan_id plans[] = { PLAN_PREMIER, PLAN_ADVANCED };
	int64_t bits = k->generation->partner->paid_plans;
	struct paid_plan *all = arena_take(arena, 2 * sizeof *all);

	f->paid_plans_known = bits >= 0;
	f->paid_plans = all;
	for (size_t i = 0; i < 2 && bits >= 0; i++)
		if (bits & (1 << i))
			all[f->n_paid_plans++] = (struct paid_plan){ plans[i], TRI_UNKNOWN };
}

/* Answers of agents overlay the facts member by member (RFC 7396 with null kept). */
static void overlay(struct json *into, const struct json *patch)
{
	void *cursor = NULL;
	struct json *value;
	const char *name;

	while (json_next(patch, &cursor, &name, &value)) {
		struct json *old = json_get(into, name);

		if (json_kind(value) == JSON_IS_OBJECT && json_kind(old) == JSON_IS_OBJECT)
			overlay(old, value);
		else
			json_set(into, name, json_clone(value));
	}
}

static bool apply_patch(
    const struct json *patch, struct arena *arena, struct facts *f, struct failure *why)
{
	struct buffer text = { 0 };
	struct json *all;
	bool is_ok;

	facts_write(f, &text);
	all = json_from(&text);
	overlay(all, patch);
	is_ok = facts_read(all, arena, f, why);
	json_free(all);
	return is_ok;
}

static void fill_closed(const struct known *k, struct arena *arena, struct facts *f)
{
	const struct portals *portals = k->generation->portals;
	const char **closed = NULL;

	for (size_t i = 0; i < portals_count(portals); i++) {
		if (!portal_closed_ms(portals_at(portals, i)))
			continue;
		if (!closed)
			closed = arena_take(arena, portals_count(portals) * sizeof *closed);
		closed[f->n_closed_portals++] = portal_name(portals_at(portals, i));
	}
	f->closed_portals = closed;
}

bool known_facts(const struct known *k, struct arena *arena, struct facts *f, struct failure *why)
{
	const struct partner_account *account = partner_account(k->generation->partner, k->account);

	const struct profile *profile = policy_profile(k->generation->policy, NULL);

	*f = (struct facts){
		.now = k->now, .profile = profile ? profile->id : NULL, .activated = TRI_UNKNOWN
	};
	fill_account(k, account, f);
	fill_offers(k, account, arena, f);
	fill_paid_plans(k, arena, f);
	if (!fill_activation(k, f, why) || !fill_contracts(k, arena, f, why))
		return false;
	if (k->patch && !apply_patch(k->patch, arena, f, why))
		return false;
	fill_closed(k, arena, f);
	f->portal_said.message = k->said.message;
	f->portal_said.portal = k->said.portal;
	f->portal_said.contract = k->said.contract;
	return true;
}

/* ---- the account that gets furthest --------------------------------------------------- */

/* Lower is better. */
static int rank(const struct decision *d)
{
	switch (d->outcome) {
	case OUTCOME_ALLOW: return d->link == LINK_LINK ? 1 : 0;
	case OUTCOME_INFORM: return 2;
	case OUTCOME_ACTIVATE_FIRST: return d->redirect ? 4 : 3;
	case OUTCOME_ASK: return 5;
	case OUTCOME_REDIRECT: return 6;
	case OUTCOME_DENY: break;
	}
	return 7;
}

static bool decide_for(const struct known *k, const char *account, const struct request *request,
    struct arena *arena, struct facts *f, struct decision *d, struct failure *why)
{
	struct known mine = *k;

	mine.account = account;
	return known_facts(&mine, arena, f, why) &&
	    decide(k->generation->policy, f, request, arena, d, why);
}

bool known_decide(const struct known *k, const struct request *request, struct arena *arena,
    struct facts *f, struct decision *d, struct failure *why)
{
	const struct partner *p = k->generation->partner;
	const char *first = request->account ? request->account
	    : k->account                     ? k->account
	    : p->default_account             ? p->default_account
	    : p->n_accounts                  ? p->accounts[0].name
					     : NULL;

	if (!decide_for(k, first, request, arena, f, d, why))
		return false;
	for (size_t i = 0; !request->account && !k->account && i < p->n_accounts && rank(d) > 0;
	     i++) {
		struct decision *other = arena_take(arena, sizeof *other);
		struct facts theirs;

		if (strcasecmp(p->accounts[i].name, first) == 0)
			continue;
		if (!decide_for(k, p->accounts[i].name, request, arena, &theirs, other, why))
			return false;
		if (rank(other) < rank(d)) {
			*d = *other;
			*f = theirs;
		}
	}
	return true;
}
