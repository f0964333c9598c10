#include "decide/contract.h"

#include <string.h>

/* ---- what the input must be --------------------------------------------------- */

static bool check_input(struct deciding *s)
{
	const struct facts *f = s->facts;
	const char *filed = s->request->account, *known = f->account.name;
	if (!s->profile)
		return failure_set(s->why, FAILURE_DATA,
		    "facts.profile \"%.60s\" is not configured", f->profile ? f->profile : "");
	if (filed && known && !text_same_fold(filed, known))
		return failure_set(s->why, FAILURE_DATA,
		    "request.account is \"%.80s\", the facts are about \"%.80s\"", filed, known);
	return profile_entitlement(
		   s->policy, s->profile, f->offers, f->n_offers, &s->held, s->why) &&
	    profile_entitlement(
		s->policy, s->profile, f->company_offers, f->n_company_offers, &s->company, s->why);
}

static void begin(struct deciding *s)
{
	struct decision *d = s->d;

	d->account = s->facts->account.name ? s->facts->account.name : s->request->account;
	d->uses.remaining = REMAINING_UNKNOWN;
	d->entitled.on_premises = s->facts->offers_known ? s->held.on_premises : REMAINING_UNKNOWN;
	d->entitled.cloud = s->facts->offers_known ? s->held.cloud : REMAINING_UNKNOWN;
	if (s->held.n_foreign)
		trace_inform(s,
		    "Some offers belong to another generation of the programme and were ignored.");
}

/* ---- step 2: kinds that open no incident ------------------------------------------ */

static bool is_other_kind(struct deciding *s)
{
	switch (s->request->kind) {
	case KIND_ADVISORY:
		trace_reason(
		    s, "R1", "Consultation, presales and deployment are another benefit (TPD).");
		settle_redirect(s, "not-an-incident", "tpd");
		break;
	case KIND_BILLING:
		trace_reason(
		    s, "R1", "Billing questions are free of charge at the workload's portal.");
		settle_redirect(s, "not-an-incident", "billing");
		break;
	case KIND_PARTNER_CENTER:
		trace_reason(
		    s, "R1", "Faults of Partner Center are reported there and use no incident.");
		settle_redirect(s, "not-an-incident", "partner-center");
		break;
	case KIND_INCIDENT:
	case KIND_PROBE: return false;
	}
	trace_reason(s, "R17",
	    "Technical support is for a specific problem, an error or a function that fails.");
	return true;
}

static bool needs_account(struct deciding *s)
{
	if (s->d->account)
		return false;
	trace_reason(s, "R4", "Which account signs in decides about benefits, plan and link.");
	settle_ask(s, NULL, "account");
	return true;
}

static void probe(struct deciding *s)
{
	const struct portal_entry *portal;

	s->d->environment = ENVIRONMENT_ON_PREMISES;
	portal = policy_portal_for(s->policy, "windows", ENVIRONMENT_ON_PREMISES);
	s->d->portal = portal ? portal->name : NULL;
	contract_probe(s);
}

/* ---- step 3: product and environment ------------------------------------------------ */

static void read_product(struct deciding *s)
{
	const struct request *r = s->request;
	struct clue clue = { text_of(r->product), text_of(r->release), text_of(r->title),
		text_of(r->description), r->environment };
	struct reading *reading = &s->d->reading;

	catalogue_tell(policy_catalogue(s->policy), &clue, s->arena, reading);
	s->d->product = reading->product;
	s->d->workload = reading->workload;
	s->d->environment =
	    reading->environment == ENVIRONMENT_HYBRID ? ENVIRONMENT_CLOUD : reading->environment;
	if (r->release)
		s->d->release = r->release;
	else if (reading->release)
		s->d->release = reading->release->name;
	else if (reading->release_text.n)
		s->d->release =
		    arena_copy(s->arena, reading->release_text.p, reading->release_text.n);
}

/* A product of both worlds is settled by what the agent says; a product of one
 * world that the agent puts into the other is asked about. */
static bool is_unclear(struct deciding *s)
{
	const struct reading *reading = &s->d->reading;
	enum environment said = s->request->environment == ENVIRONMENT_HYBRID
	    ? ENVIRONMENT_CLOUD
	    : s->request->environment;

	if (reading->telling == TELLING_UNKNOWN) {
		trace_reason(
		    s, "O1", "The product is not in the catalogue, so where it runs is not known.");
		trace_saw(s, "product", s->request->product);
		s->d->environment = ENVIRONMENT_UNKNOWN;
		s->d->workload = NULL;
		settle_ask(s, "unknown-product", "product");
		return true;
	}
	if (s->d->environment == ENVIRONMENT_UNKNOWN && said && s->d->workload)
		s->d->environment = said;
	if (reading->telling == TELLING_AMBIGUOUS || s->d->environment == ENVIRONMENT_UNKNOWN) {
		trace_reason(s, "O1",
		    "The name fits products on-premises and in the cloud; nothing in the request "
		    "tells which.");
		settle_ask(s, "ambiguous-product", "product");
		trace_ask(s, "environment");
		s->d->environment = ENVIRONMENT_UNKNOWN;
		return true;
	}
	if (said && said != s->d->environment) {
		trace_reason(s, "O1",
		    "The request puts the product into the other world than the catalogue.");
		trace_saw(s, "environment", environment_name(said));
		settle_ask(s, "ambiguous-product", "environment");
		trace_ask(s, "product");
		return true;
	}
	return false;
}

static bool is_elsewhere(struct deciding *s)
{
	const char *portal = s->d->product ? s->d->product->portal : NULL;

	if (!text_same(portal, "other-desk") && !text_same(portal, "consumer-or-community"))
		return false;
	trace_reason(
	    s, "R2", "This product is supported elsewhere, not through a partner's incidents.");
	trace_saw(s, "product", s->d->product->name);
	settle_redirect(s, NULL, "other-desk");
	return true;
}

/* ---- routes and portal map ------------------------------------------------------------- */

static const struct portal_entry *home_portal(const struct deciding *s)
{
	const char *own = s->d->product ? s->d->product->portal : NULL;
	const struct portal_entry *portal = own && s->d->environment == s->d->product->environment
	    ? policy_portal(s->policy, own)
	    : NULL;

	return portal ? portal : policy_portal_for(s->policy, s->d->workload, s->d->environment);
}

static bool is_closed(const struct deciding *s, const char *portal)
{
	for (size_t i = 0; i < s->facts->n_closed_portals; i++)
		if (text_same(s->facts->closed_portals[i], portal))
			return true;
	return false;
}

static bool is_open_route(const void *context, const struct route *route)
{
	const struct deciding *s = context;
	const struct portal_entry *home = route->portal ? NULL : home_portal(s);

	return !is_closed(s, route->portal ? route->portal : home ? home->name : NULL);
}

/* Where all that fit lead to closed portals, the first waits for its own. */
static void take_route(struct deciding *s, const struct route_key *key)
{
	const struct route *first = policy_route(s->policy, key, NULL, NULL, s->arena), *open;

	s->route = first;
	if (!first || is_open_route(s, first))
		return;
	open = policy_route(s->policy, key, is_open_route, s, s->arena);
	if (!open)
		return;
	s->route = open;
	trace_reason(s, "route",
	    "The portal of the first route that fits is closed, since its plugin died too often.");
	trace_saw(s, "closed_route", first->name);
}

static bool find_route(struct deciding *s)
{
	static const char *const kinds[] = { "incident", "advisory", "billing", "partner-center",
		"probe" };
	static const char *const severities[] = { NULL, "A", "B", "C" };
	struct route_key key = { kinds[s->request->kind],
		s->d->product ? s->d->product->name : NULL, s->d->release,
		environment_name(s->d->environment), s->d->workload,
		severities[s->request->severity], s->d->account, s->request->customer };

	take_route(s, &key);
	if (!s->route) {
		trace_reason(s, "route", "No route takes this request.");
		settle_deny(s, "no-route", NULL);
		return false;
	}
	s->d->route = s->route->name;
	trace_reason(s, "route",
	    s->facts->n_closed_portals ? "The first open route that fits the request."
				       : "The first route that fits the request.");
	trace_saw(s, "route", s->route->name);
	if (s->route->note)
		trace_inform(s, s->route->note);
	if (text_same(s->route->portal, "ask")) {
		settle_ask(s, "ambiguous-product", "product");
		return false;
	}
	return true;
}

static bool is_azure(const struct deciding *s)
{
	return s->d->environment == ENVIRONMENT_CLOUD && text_same(s->d->workload, "azure");
}

/* V1: from 2023 only some kinds of CSP may open Azure requests for a customer. */
static bool may_open_azure(struct deciding *s)
{
	static const char *const kinds[] = { NULL, "direct-bill", "provider", "indirect-reseller",
		"advisor" };
	const char *kind = kinds[s->facts->account.csp_kind];

	if (!s->profile->azure_csp.n || s->facts->account.programs < 0 ||
	    !(s->facts->account.programs & PROGRAM_CSP))
		return true;
	if (!kind) {
		trace_reason(s, "V1",
		    "Which kind of CSP partner decides who may open Azure requests for a "
		    "customer.");
		settle_ask(s, NULL, "csp_kind");
		return false;
	}
	if (text_has_item(s->profile->azure_csp, ',', kind))
		return true;
	trace_reason(s, "V1",
	    "An indirect reseller or advisor sends a customer's Azure request to its provider.");
	trace_saw(s, "csp_kind", kind);
	settle_redirect(s, NULL, "provider");
	return false;
}

/* For a customer in the cloud: the Admin agent goes through the portal for
 * customers (R41); without that role only Azure has a way (R40). */
static bool choose_customer_way(struct deciding *s)
{
	const struct portal_entry *way = policy_portal_for_customers(s->policy);
	int roles = s->facts->account.roles;

	if (roles < 0) {
		trace_reason(s, "R41",
		    "Whether the account has the Admin agent role decides the way to a customer's "
		    "portal.");
		settle_ask(s, NULL, "account");
		return false;
	}
	if (roles & ROLE_ADMIN_AGENT && way) {
		trace_reason(s, "R41",
		    "An Admin agent opens a customer's request through Service Management.");
		trace_saw(s, "customer", s->request->customer);
		s->is_customer_path = true;
		s->d->portal = way->name;
		return true;
	}
	if (is_azure(s))
		return true;
	trace_reason(s, "R41", "A customer's request in this workload needs the Admin agent role.");
	trace_saw(s, "missing_role", "admin-agent");
	settle_deny(s, "no-role", NULL);
	return false;
}

static bool choose_portal(struct deciding *s)
{
	const struct portal_entry *home = home_portal(s);
	bool is_cloud = s->d->environment == ENVIRONMENT_CLOUD;

	if (s->route->portal)
		home = policy_portal(s->policy, s->route->portal);
	if (!home) {
		trace_reason(s, "route", "No portal serves this workload.");
		trace_saw(s, "workload", s->d->workload);
		settle_deny(s, "no-route", NULL);
		return false;
	}
	s->workload_portal = home;
	s->d->portal = home->name;
	if (s->route->portal) {
		trace_reason(s, "route", "The route names the portal.");
	} else {
		trace_reason(s, is_cloud ? is_azure(s) ? "R35" : "R4" : "R25",
		    is_cloud ? "Cloud requests are opened at the workload's own portal."
			     : "On-premises requests are opened at Support for Business.");
	}
	trace_saw(s, "environment", environment_name(s->d->environment));
	trace_saw(s, "portal", home->name);
	if (!is_cloud || !s->request->customer)
		return true;
	if (is_azure(s) && !may_open_azure(s))
		return false;
	return s->route->portal || choose_customer_way(s);
}

/* ---- plans ------------------------------------------------------------------------------ */

static enum verdict try_csp(struct deciding *s)
{
	int programs = s->facts->account.programs;

	if (!is_azure(s) || (!s->request->customer && !s->profile->csp_own_tenant))
		return VERDICT_NOT_APPLICABLE;
	if (programs < 0) {
		trace_reason(s, "R40",
		    "Whether the account is in the CSP programme decides about the plan.");
		settle_ask(s, NULL, "account");
		return VERDICT_SETTLED;
	}
	if (!(programs & PROGRAM_CSP))
		return VERDICT_NOT_APPLICABLE;
	trace_reason(s, "R40",
	    "A CSP partner opens Azure requests under the Cloud Solution Provider plan: no "
	    "contract, no incident used.");
	trace_saw(s, "programs", "csp");
	settle_allow(s, PLAN_CSP, LINK_NONE);
	return VERDICT_SETTLED;
}

static const struct paid_plan *owned(const struct deciding *s, enum plan_id plan)
{
	for (size_t i = 0; i < s->facts->n_paid_plans; i++)
		if (s->facts->paid_plans[i].plan == plan)
			return &s->facts->paid_plans[i];
	return NULL;
}

static bool paid_serves(const struct deciding *s, enum plan_id plan)
{
	return plan == PLAN_PREMIER || s->d->environment == ENVIRONMENT_CLOUD;
}

static enum verdict try_paid(struct deciding *s, enum plan_id plan)
{
	const struct paid_plan *mine = owned(s, plan);

	if (!mine || !paid_serves(s, plan))
		return VERDICT_NOT_APPLICABLE;
	trace_reason(s, plan == PLAN_PREMIER ? "R44" : "R45",
	    plan == PLAN_PREMIER ? "Premier Support for Partners serves the request."
				 : "Advanced Support for Partners serves cloud requests.");
	settle_allow(s, plan, mine->linked == TRI_YES ? LINK_SKIP : LINK_LINK);
	return VERDICT_SETTLED;
}

static enum verdict try_included(struct deciding *s)
{
	if (s->d->environment != ENVIRONMENT_CLOUD ||
	    !profile_is_included(s->profile, s->workload_portal->name))
		return VERDICT_NOT_APPLICABLE;
	trace_reason(
	    s, "V3", "This portal takes no Access ID: support is included in the subscription.");
	trace_saw(s, "portal", s->workload_portal->name);
	settle_allow(s, PLAN_INCLUDED, LINK_NONE);
	return VERDICT_SETTLED;
}

static enum verdict try_plan(struct deciding *s, struct text plan)
{
	if (text_is(plan, "csp"))
		return try_csp(s);
	if (text_is(plan, "contract"))
		return contract_decide(s);
	if (text_is(plan, "included"))
		return try_included(s);
	return try_paid(s, plan_read(plan));
}

static void not_entitled(struct deciding *s, const char *text)
{
	trace_reason(s, "R2", text);
	trace_saw(s, "plan", s->request->plan);
	settle_deny(s, "not-entitled", NULL);
	trace_advise(s, false);
}

static void choose_wished(struct deciding *s)
{
	struct text wish = text_of(s->request->plan);
	enum plan_id plan = plan_read(wish);

	if ((plan == PLAN_PREMIER || plan == PLAN_ADVANCED) && !s->facts->paid_plans_known &&
	    paid_serves(s, plan)) {
		trace_reason(s, "R43", "Whether the partner has the wished plan is not known.");
		settle_ask(s, NULL, "plan");
		return;
	}
	if (text_is(wish, "contract"))
		trace_reason(s, "R40", "The agent wants a contract used.");
	if (try_plan(s, wish) == VERDICT_NOT_APPLICABLE)
		not_entitled(s, "The wished plan is not held or does not serve this request.");
}

static void choose_listed(struct deciding *s)
{
	struct text rest = s->route->plan.n ? s->route->plan : TEXT("csp, contract, included"),
		    plan;
	bool is_denied = false;

	while (text_split(&rest, ',', &plan)) {
		enum verdict verdict =
		    is_denied && text_is(plan, "contract") ? VERDICT_DENIED : try_plan(s, plan);

		if (verdict == VERDICT_SETTLED)
			return;
		is_denied = is_denied || verdict == VERDICT_DENIED;
	}
	if (!is_denied)
		not_entitled(s, "No plan of the route serves this request.");
}

/* A paid plan is used by itself only when the route lists it; else it is named. */
static void name_owned_plans(struct deciding *s)
{
	static const struct {
		enum plan_id plan;
		const char *text;
	} all[] = {
		{ PLAN_PREMIER,
		    "The partner has Premier Support for Partners; ask for it with plan "
		    "\"premier\"." },
		{ PLAN_ADVANCED,
		    "The partner has Advanced Support for Partners; ask for it with plan "
		    "\"advanced\"." },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (owned(s, all[i].plan) && s->d->plan != all[i].plan &&
		    paid_serves(s, all[i].plan))
			trace_inform(s, all[i].text);
}

static void choose_plan(struct deciding *s)
{
	if (s->request->plan)
		choose_wished(s);
	else
		choose_listed(s);
	if (s->d->outcome == OUTCOME_ALLOW && s->d->plan == PLAN_CSP && s->request->customer)
		trace_inform(s, "Give the partner's own contact, not the customer's (V7).");
	name_owned_plans(s);
	contract_unavailable(s);
}

/* ---- the procedure (domain 1.9) ---------------------------------------------------------- */

static void run(struct deciding *s)
{
	begin(s);
	if (is_other_kind(s))
		return;
	if (s->request->kind == KIND_PROBE) {
		if (!needs_account(s))
			probe(s);
		return;
	}
	read_product(s);
	if (is_unclear(s) || is_elsewhere(s) || !find_route(s) || needs_account(s) ||
	    !choose_portal(s))
		return;
	choose_plan(s);
	if (s->facts->portal_said.message)
		s->d->message = NULL; /* whoever was told M3 has the IDs: no other message helps */
}

bool decide(const struct policy *policy, const struct facts *facts, const struct request *request,
    struct arena *arena, struct decision *out, struct failure *why)
{
	struct deciding s = { .policy = policy,
		.profile = policy_profile(policy, facts->profile),
		.facts = facts,
		.request = request,
		.arena = arena,
		.d = out,
		.why = why };

	memset(out, 0, sizeof *out);
	if (!check_input(&s))
		return false;
	run(&s);
	return true;
}
