#include "decide/contract.h"

#include <string.h>

static enum plan_id plan_for(const struct deciding *s)
{
	return s->d->environment == ENVIRONMENT_CLOUD ? PLAN_SIGNATURE_CLOUD : PLAN_PARTNER_SUPPORT;
}

/* ---- one contract ------------------------------------------------------------- */

static bool has_both_ids(const struct contract_fact *c)
{
	return c->access_id == TRI_YES && c->contract_id == TRI_YES;
}

static bool is_half_pair(const struct contract_fact *c)
{
	return (c->access_id == TRI_YES) != (c->contract_id == TRI_YES);
}

/* Did a portal just answer M3 for this contract? (R37) */
static bool is_said(const struct deciding *s, const struct contract_fact *c)
{
	return c == s->said;
}

static bool is_linked(const struct deciding *s, const struct contract_fact *c)
{
	return c->linked == TRI_YES || is_said(s, c);
}

/* A link that exists is enough, IDs at hand or not (R15). */
static bool is_in_hand(const struct deciding *s, const struct contract_fact *c)
{
	return has_both_ids(c) || is_linked(s, c);
}

static bool is_expired(const struct deciding *s, const struct contract_fact *c)
{
	return c->end != INSTANT_UNKNOWN && s->facts->now > c->end;
}

static const char *dead_cause(const struct deciding *s, const struct contract_fact *c)
{
	if (is_expired(s, c))
		return "expired";
	if (c->remaining == 0)
		return "exhausted";
	if (c->start != INSTANT_UNKNOWN && s->facts->now < c->start)
		return "not-entitled"; /* its term has not begun */
	return NULL;
}

/* Linked before unlinked, then the one that ends first, then fewest remaining,
 * then id (design 4.2). What is unknown comes after what is known. */
static bool is_better(
    const struct deciding *s, const struct contract_fact *a, const struct contract_fact *b)
{
	bool left = is_linked(s, a), right = is_linked(s, b);
	instant left_end = a->end == INSTANT_UNKNOWN ? INT64_MAX : a->end;
	instant right_end = b->end == INSTANT_UNKNOWN ? INT64_MAX : b->end;
	int64_t left_rest = a->remaining == REMAINING_UNKNOWN ? INT64_MAX : a->remaining;
	int64_t right_rest = b->remaining == REMAINING_UNKNOWN ? INT64_MAX : b->remaining;

	if (left != right)
		return left;
	if (left_end != right_end)
		return left_end < right_end;
	if (left_rest != right_rest)
		return left_rest < right_rest;
	return strcmp(a->id, b->id) < 0;
}

/* The best contract of the plan that passes a test. */
static const struct contract_fact *best(
    const struct deciding *s, bool (*passes)(const struct deciding *, const struct contract_fact *))
{
	const struct contract_fact *found = NULL;

	for (size_t i = 0; i < s->facts->n_contracts; i++) {
		const struct contract_fact *c = &s->facts->contracts[i];

		if (c->plan == plan_for(s) && passes(s, c) && (!found || is_better(s, c, found)))
			found = c;
	}
	return found;
}

static bool is_usable(const struct deciding *s, const struct contract_fact *c)
{
	return is_in_hand(s, c) && !dead_cause(s, c);
}

static bool is_dead_in_hand(const struct deciding *s, const struct contract_fact *c)
{
	return is_in_hand(s, c) && dead_cause(s, c);
}

static bool is_live_half(const struct deciding *s, const struct contract_fact *c)
{
	return !is_in_hand(s, c) && is_half_pair(c) && !dead_cause(s, c);
}

static bool is_live_without_ids(const struct deciding *s, const struct contract_fact *c)
{
	return !is_in_hand(s, c) && !is_half_pair(c) && !dead_cause(s, c);
}

/* The contract that M3 is about: the one it names, or the one that would have been
 * linked. It makes no other contract linked and completes no other pair of IDs. */
static void find_said(struct deciding *s)
{
	static bool (*const tests[])(const struct deciding *, const struct contract_fact *) = {
		is_usable, is_dead_in_hand, is_live_half, is_live_without_ids
	};
	const char *named = s->facts->portal_said.contract;

	if (!s->facts->portal_said.message || s->said)
		return;
	for (size_t i = 0; named && i < s->facts->n_contracts; i++)
		if (strcmp(named, s->facts->contracts[i].id) == 0)
			s->said = &s->facts->contracts[i];
	for (size_t i = 0; !named && !s->said && i < sizeof tests / sizeof tests[0]; i++)
		s->said = best(s, tests[i]);
}

/* ---- what cannot serve ----------------------------------------------------------- */

static bool is_other_environment(const struct deciding *s, enum plan_id plan)
{
	return s->d->environment != ENVIRONMENT_UNKNOWN && plan != plan_for(s);
}

static const char *wrong_environment(enum plan_id plan)
{
	return plan == PLAN_SIGNATURE_CLOUD ? "cloud-only" : "on-premises-only";
}

static const char *cause_of(const struct deciding *s, const struct contract_fact *c)
{
	if (is_other_environment(s, c->plan))
		return wrong_environment(c->plan);
	if (dead_cause(s, c))
		return dead_cause(s, c);
	if (!is_in_hand(s, c))
		return "half-pair";
	return NULL;
}

static bool has_contract_of(const struct deciding *s, enum plan_id plan)
{
	for (size_t i = 0; i < s->facts->n_contracts; i++)
		if (s->facts->contracts[i].plan == plan)
			return true;
	return false;
}

/* A plan that the offers would give, without a contract of it yet. */
static void offered(struct deciding *s, enum plan_id plan, int64_t cell)
{
	if (!s->facts->offers_known || !s->held.n_counted || has_contract_of(s, plan))
		return;
	if (is_other_environment(s, plan) && cell)
		trace_unavailable(s, plan, NULL, wrong_environment(plan));
	else if (!is_other_environment(s, plan) && !cell)
		trace_unavailable(s, plan, NULL, "not-included");
	else if (!is_other_environment(s, plan) && s->facts->activated == TRI_NO)
		trace_unavailable(s, plan, NULL, "not-activated");
}

void contract_unavailable(struct deciding *s)
{
	find_said(s);
	for (size_t i = 0; i < s->facts->n_contracts; i++) {
		const struct contract_fact *c = &s->facts->contracts[i];
		const char *cause = cause_of(s, c);

		if (cause)
			trace_unavailable(s, c->plan, c->id, cause);
	}
	offered(s, PLAN_PARTNER_SUPPORT, s->held.on_premises);
	offered(s, PLAN_SIGNATURE_CLOUD, s->held.cloud);
	for (size_t i = 0; i < s->facts->n_paid_plans; i++)
		if (s->facts->paid_plans[i].plan == PLAN_ADVANCED &&
		    s->d->environment == ENVIRONMENT_ON_PREMISES)
			trace_unavailable(s, PLAN_ADVANCED, NULL, "cloud-only");
}

/* ---- step 6: the IDs are not in hand ----------------------------------------------- */

static bool is_csp_only(const struct deciding *s)
{
	int programs = s->facts->account.programs;

	return programs >= 0 && (programs & PROGRAM_CSP) && !(programs & PROGRAM_MPN);
}

static enum verdict no_offers_seen(struct deciding *s)
{
	if (!s->facts->company_offers_known) {
		trace_reason(s, "R8", "No offer is visible: the company may have none ...");
		trace_reason(s, "R9",
		    "... or has some, and this is the wrong account; both show the same message.");
		settle_ask(s, NULL, "company_offers");
		s->d->message = "M2";
		return VERDICT_SETTLED;
	}
	if (s->company.n_counted) {
		trace_reason(s, "R9",
		    "The company has offers that this account does not see: it is the wrong "
		    "account.");
		settle_deny(s, "wrong-account", "M2");
		s->d->redirect = "other-account";
		return VERDICT_DENIED;
	}
	trace_reason(s, "R8", "The company has no active membership offer.");
	settle_deny(s, "no-offers", "M2");
	trace_advise(s, true);
	return VERDICT_DENIED;
}

static enum verdict without_ids(struct deciding *s)
{
	if (is_csp_only(s)) {
		trace_reason(s, "R6",
		    "The account belongs to CSP only; benefits need an account associated with "
		    "MPN.");
		trace_saw(s, "programs", "csp");
		settle_deny(s, "csp-only", "M1");
		s->d->redirect = "mpn-account";
		return VERDICT_DENIED;
	}
	if (!s->facts->offers_known) {
		trace_reason(
		    s, "R7", "Which offers the account sees decides what it is entitled to.");
		settle_ask(s, NULL, "offers");
		return VERDICT_SETTLED;
	}
	if (!s->held.n_counted)
		return no_offers_seen(s);
	return VERDICT_NOT_APPLICABLE;
}

/* ---- steps 7 and 8: entitlement, recent product --------------------------------------- */

static enum verdict entitled(struct deciding *s)
{
	bool is_cloud = s->d->environment == ENVIRONMENT_CLOUD;
	int64_t cell = is_cloud ? s->held.cloud : s->held.on_premises;

	if (!s->facts->offers_known || !s->held.n_counted)
		return VERDICT_NOT_APPLICABLE;
	if (!cell) {
		trace_reason(s, is_cloud ? "R21" : "R18",
		    is_cloud ? "The offers held include no cloud support."
			     : "The offers held include no on-premises support.");
		settle_deny(s, "not-included", NULL);
		trace_advise(s, false);
		return VERDICT_DENIED;
	}
	trace_reason(s, is_cloud ? "R19" : "R18",
	    is_cloud ? "The offers held include cloud support."
		     : "The offers held include on-premises support.");
	trace_saw(s, "incidents", trace_count(s, cell));
	if (is_cloud && s->held.by_competency)
		trace_reason(s, "R20", "The competency decides between unlimited and a pack.");
	if (is_cloud && cell != REMAINING_UNLIMITED)
		trace_reason(s, "R22", "Cloud support comes as a pack of limited incidents.");
	return VERDICT_NOT_APPLICABLE;
}

static enum verdict unknown_release(struct deciding *s, const char *text)
{
	trace_reason(s, "R23", text);
	trace_saw(s, "release", s->d->release);
	settle_ask(s, "unknown-release", "release");
	return VERDICT_SETTLED;
}

static enum verdict old_product(struct deciding *s, const char *text)
{
	const struct contract_fact *c = best(s, is_usable);

	trace_reason(s, "R23", text);
	trace_saw(s, "release", s->d->release);
	trace_reason(s, "R31",
	    "Support for Business lists Partner Support as unavailable for an old product.");
	trace_unavailable(s, PLAN_PARTNER_SUPPORT, c ? c->id : NULL, "old-product");
	settle_deny(s, "old-product", NULL);
	trace_inform(s,
	    "Choose the right version if this one is wrong; an older one is supported as pay per "
	    "incident.");
	trace_advise(s, false);
	return VERDICT_DENIED;
}

static enum verdict recent(struct deciding *s)
{
	const struct reading *r = &s->d->reading;

	if (s->d->environment != ENVIRONMENT_ON_PREMISES || !r->product)
		return VERDICT_NOT_APPLICABLE;
	if (!r->product->n_releases) {
		trace_inform(s,
		    "The catalogue lists no releases of this product, so its age could not be "
		    "checked (R23).");
		return VERDICT_NOT_APPLICABLE;
	}
	if (!r->release)
		return unknown_release(s,
		    r->release_text.n
			? "This release is not in the lifecycle table."
			: "Only recent releases are covered, so the release must be known.");
	switch (release_standing(r->product, r->release, s->facts->now)) {
	case STANDING_OLD:
		return old_product(
		    s, "The release is older than the current and the previous one (N-1).");
	case STANDING_ENDED: return old_product(s, "Mainstream support of this release has ended.");
	case STANDING_NOT_YET:
		return unknown_release(
		    s, "This release is not out yet at the time of the request.");
	case STANDING_COVERED:
	case STANDING_UNRELEASED: break;
	}
	trace_reason(s, "R23", "The release is N or N-1 and within mainstream support.");
	trace_saw(s, "release", s->d->release);
	return VERDICT_NOT_APPLICABLE;
}

/* ---- step 9: activation ------------------------------------------------------------------ */

static enum verdict activate_first(struct deciding *s)
{
	int roles = s->facts->account.roles;

	if (s->facts->account.membership_centre == CENTRE_PMC) {
		trace_reason(s, "R46",
		    "Members in Partner Membership Center activate through their regional "
		    "contact.");
		settle_redirect(s, "not-activated", "regional-activation");
		return VERDICT_SETTLED;
	}
	trace_reason(s, "R10", "The benefit must be activated before it can be used.");
	s->d->outcome = OUTCOME_ACTIVATE_FIRST;
	s->d->cause = "not-activated";
	s->d->steps = STEP_ACTIVATE | STEP_LINK | STEP_ALLOW;
	s->d->plan = plan_for(s);
	trace_reason(s, "R11", "Only a Global Admin or MPN Partner Admin can activate.");
	if (roles < 0) {
		trace_inform(s,
		    "Whether this account may activate is not known: a Global Admin or MPN Partner "
		    "Admin may.");
	} else if (!(roles & (ROLE_GLOBAL_ADMIN | ROLE_MPN_PARTNER_ADMIN))) {
		trace_saw(s, "roles", roles & ROLE_ADMIN_AGENT ? "admin-agent" : "none of the two");
		s->d->redirect = "partner-admin";
	}
	return VERDICT_SETTLED;
}

static enum verdict ask_for_ids(struct deciding *s)
{
	const struct contract_fact *half = best(s, is_live_half),
				   *bare = best(s, is_live_without_ids);
	const struct contract_fact *c = half ? half : bare;

	trace_reason(
	    s, "R13", "A contract can be linked only with both Access ID and Contract ID.");
	trace_reason(s, "R12",
	    "Both IDs are shown to all users of the company once the benefit is activated.");
	settle_ask(s, half ? "half-pair" : NULL, NULL);
	if (!c || c->access_id != TRI_YES)
		trace_ask(s, "access_id");
	if (!c || c->contract_id != TRI_YES)
		trace_ask(s, "contract_id");
	s->d->plan = plan_for(s);
	s->d->contract = c ? c->id : NULL;
	return VERDICT_SETTLED;
}

static enum verdict activated(struct deciding *s)
{
	if (best(s, is_live_half))
		return ask_for_ids(s);
	if (s->facts->activated == TRI_NO)
		return activate_first(s);
	if (s->facts->activated == TRI_YES)
		return ask_for_ids(s);
	trace_reason(s, "R10", "Whether the benefit is activated decides what comes next.");
	settle_ask(s, NULL, "benefit");
	return VERDICT_SETTLED;
}

/* ---- steps 10 to 12: validity, link, M3 ---------------------------------------------------- */

static enum verdict dead(struct deciding *s, const struct contract_fact *c)
{
	const char *cause = dead_cause(s, c);

	trace_reason(s, "R16",
	    strcmp(cause, "expired") == 0         ? "The contract's term has ended."
		: strcmp(cause, "exhausted") == 0 ? "No incidents remain on the contract."
						  : "The contract's term has not begun.");
	trace_saw(s, "contract", c->id);
	trace_saw(s, "remaining", trace_count(s, c->remaining));
	if (is_said(s, c))
		trace_reason(s, "R39",
		    "The portal hides a contract that is not valid; linking it again cannot help.");
	else
		trace_reason(s, "R31", "Portals list such a contract as unavailable or hide it.");
	settle_deny(s, cause, NULL);
	s->d->plan = c->plan;
	s->d->contract = c->id;
	trace_advise(s, false);
	return VERDICT_DENIED;
}

/* R37 to R39: the message is invalid by itself; what counts is whether the contract is good. */
static enum verdict said_already_linked(struct deciding *s, const struct contract_fact *c)
{
	bool end_unknown = c->end == INSTANT_UNKNOWN,
	     rest_unknown = c->remaining == REMAINING_UNKNOWN;

	trace_reason(s, "R37",
	    "\"Already associated\" is to be ignored: the contract is linked to this account.");
	trace_saw(s, "portal_said", s->facts->portal_said.message);
	if (s->facts->portal_said.portal && strcmp(s->facts->portal_said.portal, "azure") != 0) {
		trace_reason(
		    s, "O6", "It was not the Azure portal that said so; it means the same.");
		trace_saw(s, "portal", s->facts->portal_said.portal);
	}
	if (end_unknown || rest_unknown) {
		trace_reason(s, "R39", "Whether the contract is still good is not known.");
		trace_reason(s, "R27",
		    "Support for Business shows it: start a request for the probe product and stop "
		    "before submitting.");
		settle_ask(s, "unknown-validity", NULL);
		if (end_unknown)
			trace_ask(s, "end");
		if (rest_unknown)
			trace_ask(s, "remaining");
		s->d->plan = c->plan;
		s->d->contract = c->id;
		return VERDICT_SETTLED;
	}
	trace_reason(s, "R38",
	    "The contract is valid: open the request as usual, the plan will be displayed.");
	trace_inform(s,
	    "Ignore the message that the Access ID is already associated; do not ask for a new "
	    "Access ID.");
	if (c->linked != TRI_YES)
		trace_inform(s,
		    "No link of this account was on record: if the plan is not listed, check the "
		    "account (O5).");
	return VERDICT_NOT_APPLICABLE;
}

static void link_reasons(struct deciding *s, const struct contract_fact *c, bool linked)
{
	bool is_cloud = s->d->environment == ENVIRONMENT_CLOUD;

	if (linked) {
		trace_reason(s, "R15",
		    "The contract is linked to this account already; no portal needs the IDs "
		    "again.");
	} else {
		trace_reason(s, is_cloud ? "R34" : "R14",
		    "The IDs are needed the first time for each account.");
		trace_reason(s,
		    !is_cloud                 ? "R29"
			: s->is_customer_path ? "R41"
					      : "R35",
		    !is_cloud ? "They are entered under \"Do you need to purchase or add more "
				"support plans\"."
			: s->is_customer_path
			? "They are entered in the workload's portal."
			: "They are entered under Support Plans, Link support benefits.");
	}
	trace_saw(s, "contract", c->id);
	if (!is_cloud) {
		trace_reason(s, "R24",
		    "Any account with both IDs may use on-premises support; no role is needed.");
		trace_saw(s, "type",
		    s->facts->account.type == ACCOUNT_MSA       ? "msa"
			: s->facts->account.type == ACCOUNT_AAD ? "aad"
								: NULL);
	} else if (s->facts->account.type == ACCOUNT_MSA) {
		trace_inform(s,
		    "A personal account signs in to few cloud portals: check that this one admits "
		    "it (O4).");
	}
}

static enum verdict usable(struct deciding *s, const struct contract_fact *c)
{
	bool linked = is_linked(s, c);

	if (is_said(s, c) && said_already_linked(s, c) == VERDICT_SETTLED)
		return VERDICT_SETTLED;
	if (c->end == INSTANT_UNKNOWN || c->remaining == REMAINING_UNKNOWN)
		trace_inform(s,
		    "The contract's end or remaining incidents are not known; the portal decides "
		    "(R26).");
	link_reasons(s, c, linked);
	settle_allow(s, c->plan, linked ? LINK_SKIP : LINK_LINK);
	s->d->contract = c->id;
	s->d->chosen = c;
	s->d->uses.contract = c->id;
	s->d->uses.incidents = 1;
	s->d->uses.remaining = c->remaining;
	return VERDICT_SETTLED;
}

/* ---- the path -------------------------------------------------------------------------------- */

static bool is_usable_as_linked(const struct deciding *s, const struct contract_fact *c)
{
	return is_linked(s, c) && !dead_cause(s, c);
}

/* Support is included where the portal takes no IDs, unless a link made elsewhere counts there. */
static bool takes_contracts(const struct deciding *s)
{
	const struct portal_entry *portal = s->workload_portal;

	if (!portal)
		return true;
	if (profile_is_included(s->profile, portal->name))
		return false;
	return portal->accepts_contract || best(s, is_usable_as_linked);
}

enum verdict contract_decide(struct deciding *s)
{
	const struct contract_fact *alive, *gone;
	enum verdict verdict;

	find_said(s);
	if (!takes_contracts(s))
		return VERDICT_NOT_APPLICABLE;
	alive = best(s, is_usable);
	gone = best(s, is_dead_in_hand);
	if (!alive && !gone && !best(s, is_live_half) &&
	    (verdict = without_ids(s)) != VERDICT_NOT_APPLICABLE)
		return verdict;
	if ((verdict = entitled(s)) != VERDICT_NOT_APPLICABLE ||
	    (verdict = recent(s)) != VERDICT_NOT_APPLICABLE)
		return verdict;
	if (alive)
		return usable(s, alive);
	if (gone && !best(s, is_live_half))
		return dead(s, gone);
	return activated(s);
}

/* ---- probe --------------------------------------------------------------------------------------
 */

static void show_contract(struct deciding *s, const struct contract_fact *c)
{
	char age[INSTANT_TEXT], end[INSTANT_TEXT];
	const char *seen = c->observed_at == INSTANT_UNKNOWN || s->facts->now < c->observed_at
	    ? "never observed"
	    : arena_format(
		  s->arena, "seen %s ago", duration_words(s->facts->now - c->observed_at, age));

	trace_inform(s,
	    arena_format(s->arena, "%s %s: %s remaining, %s, ends %s",
		profile_plan_title(s->profile, c->plan, s->arena), c->id,
		trace_count(s, c->remaining), seen,
		c->end == INSTANT_UNKNOWN ? "unknown" : instant_write_date(c->end, end)));
}

void contract_probe(struct deciding *s)
{
	s->d->outcome = OUTCOME_INFORM;
	trace_reason(s, "R26",
	    "Remaining incidents are shown by Support for Business only, never by a cloud portal.");
	trace_reason(s, "R27",
	    "Starting a request and leaving it before submitting shows them and creates nothing.");
	trace_saw(s, "product", s->profile->probe_product);
	trace_reason(s, "R28",
	    "The support-type step shows start, end and incidents remaining of a linked contract.");
	trace_reason(s, "R30",
	    "The cloud plan stands under the unavailable plans there: that is normal for an "
	    "on-premises product.");
	for (size_t i = 0; i < s->facts->n_contracts && i < DECISION_INFORMS - 2; i++)
		show_contract(s, &s->facts->contracts[i]);
	trace_inform(s,
	    arena_format(s->arena,
		"Choose %s, enter placeholder text, go to the support-type step, read, and stop: "
		"do not submit.",
		s->profile->probe_product));
	contract_unavailable(s);
}
