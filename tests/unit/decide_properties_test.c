/*
 * What holds for every request and everything that may be known: the invariants of
 * the procedure, and what must not change an answer. Random input from a seed;
 * CASEROUTE_SEED=n gives another, CASEROUTE_ROUNDS=n another number of rounds.
 */
#include "support/decisions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ROUNDS 120000
#define CONTRACTS 6
#define OFFERS 4

static struct desk_policy desk;
static uint64_t seed = 20210304;

/* ---- chance -------------------------------------------------------------------------- */

static uint64_t chance(void)
{
	uint64_t z = (seed += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static unsigned below(unsigned n)
{
	return (unsigned)(chance() % n);
}

static bool one_in(unsigned n)
{
	return below(n) == 0;
}

#define PICK(words) (words)[below(sizeof(words) / sizeof(words)[0])]

/* ---- a world ----------------------------------------------------------------------------- */

struct world {
	struct request request;
	struct facts facts;
	struct contract_fact contracts[CONTRACTS];
	struct held_offer offers[OFFERS], company[OFFERS];
	struct paid_plan paid[2];
};

/* Inner pointers go with the copy. */
static void copy(struct world *to, const struct world *from)
{
	*to = *from;
	to->facts.contracts = to->contracts;
	to->facts.offers = to->offers;
	to->facts.company_offers = to->company;
	to->facts.paid_plans = to->paid;
}

static const char *const products[] = { "Windows Server", "SQL Server", "Exchange Server",
	"Azure Virtual Machines", "Azure App Service", "Dynamics 365 Sales", "Microsoft Teams",
	"Microsoft Intune", "Exchange", "Power Apps", "Xbox", "Contoso Ledger" };
static const char *const releases[] = { "2019", "2019", "2016", "2022", "2012", "2033", NULL };
static const char *const customers[] = { NULL, NULL, "fabrikam", "northwind" };
static const char *const wishes[] = { NULL, NULL, NULL, "contract", "csp", "premier", "advanced" };
static const char *const profiles[] = { "mpn-2021-03", "maicpp-2023-10", "maicpp-2026", "paid" };
static const char *const offers[] = { "gold", "silver", "action-pack", "solutions-partner",
	"legacy-gold", "success-core", "launch", "MAPS" };
static const char *const competencies[] = { NULL, "Security", "Data Analytics", "Cloud Platform" };
static const enum request_kind kinds[] = { KIND_INCIDENT, KIND_INCIDENT, KIND_INCIDENT,
	KIND_INCIDENT, KIND_INCIDENT, KIND_INCIDENT, KIND_PROBE, KIND_ADVISORY, KIND_BILLING,
	KIND_PARTNER_CENTER };
static const char *const days[] = { "2021-06-01T09:00:00Z", "2021-06-01T09:00:00Z",
	"2021-09-01T00:00:00Z", "2023-11-01T00:00:00Z", "2026-06-01T00:00:00Z" };

static enum tristate tri(void)
{
	return (enum tristate)((int)below(3) - 1);
}

static void make_request(struct request *r)
{
	*r = (struct request){ .kind = PICK(kinds),
		.reference = "PSA-1",
		.title = "out of order",
		.product = PICK(products),
		.release = PICK(releases),
		.severity = (int)below(4),
		.customer = PICK(customers),
		.plan = PICK(wishes),
		.problem_started = INSTANT_UNKNOWN };
	if (one_in(12))
		r->environment = (enum environment)(1 + below(3));
}

static void make_contract(struct contract_fact *c, unsigned i, instant now)
{
	static const char *const ids[CONTRACTS] = { "c1", "c2", "c3", "c4", "c5", "c6" };
	static const int64_t remaining[] = { 0, 1, 7, 7, 20, REMAINING_UNLIMITED,
		REMAINING_UNKNOWN };

	*c = (struct contract_fact){ .id = ids[i],
		.plan = one_in(2) ? PLAN_PARTNER_SUPPORT : PLAN_SIGNATURE_CLOUD,
		.access_id = one_in(5) ? tri() : TRI_YES,
		.contract_id = one_in(5) ? tri() : TRI_YES,
		.start = one_in(8) ? now + INSTANT_DAY * ((int)below(3) - 1) : INSTANT_UNKNOWN,
		.end = one_in(6) ? INSTANT_UNKNOWN : now + INSTANT_DAY * ((int)below(40) - 10),
		.remaining = PICK(remaining),
		.observed_at = INSTANT_UNKNOWN,
		.linked = tri() };
}

static size_t make_offers(struct held_offer *list, bool *known)
{
	size_t n = below(OFFERS);

	*known = !one_in(6);
	for (size_t i = 0; *known && i < n; i++)
		list[i] = (struct held_offer){ PICK(offers), PICK(competencies) };
	return *known ? n : 0;
}

static void make_account(struct facts *f)
{
	f->account.name = one_in(20) ? NULL : "anna@contoso.example";
	f->account.type = (enum account_type)below(3);
	f->account.programs = (int)below(5) - 1;
	f->account.roles = (int)below(9) - 1;
	f->account.csp_kind = (enum csp_kind)below(5);
	f->account.membership_centre = (enum centre)below(3);
}

static void make_world(struct world *w)
{
	struct facts *f = &w->facts;

	*w = (struct world){ .facts = { .profile = PICK(profiles), .activated = tri() } };
	make_request(&w->request);
	instant_read(text_of(PICK(days)), &f->now);
	make_account(f);
	f->n_offers = make_offers(w->offers, &f->offers_known);
	f->n_company_offers = make_offers(w->company, &f->company_offers_known);
	f->contracts_known = true;
	f->n_contracts = below(CONTRACTS - 1);
	for (unsigned i = 0; i < f->n_contracts; i++)
		make_contract(&w->contracts[i], i, f->now);
	f->paid_plans_known = !one_in(3);
	f->n_paid_plans = f->paid_plans_known ? below(3) : 0;
	w->paid[0] = (struct paid_plan){ PLAN_PREMIER, tri() };
	w->paid[1] = (struct paid_plan){ PLAN_ADVANCED, tri() };
	if (one_in(6))
		f->portal_said.message = "M3";
	if (f->portal_said.message && one_in(2))
		f->portal_said.contract = "c1";
	f->contracts = w->contracts;
	f->offers = w->offers;
	f->company_offers = w->company;
	f->paid_plans = w->paid;
}

/* ---- deciding, and telling what went wrong ------------------------------------------------- */

static struct arena *arena;

static void decided(const struct world *w, struct decision *d)
{
	struct failure why = { 0 };

	if (!decide(desk.policy, &w->facts, &w->request, arena, d, &why))
		fail_msg("refused: %s", why.text);
}

static void print(const char *what, struct buffer *text)
{
	fprintf(stderr, "%s %s\n", what, text->p);
	buffer_free(text);
}

static void broken(const char *rule, const struct world *w, const struct decision *d)
{
	struct buffer text = { 0 };

	request_write(&w->request, &text);
	print("request", &text);
	facts_write(&w->facts, &text);
	print("facts", &text);
	decision_write(d, &text);
	print("decision", &text);
	fail_msg("%s", rule);
}

#define MUST(condition, rule)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			broken(rule, w, d);                                                        \
	} while (0)

static bool has(const char *const *words, unsigned n, const char *word)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* The members that another program acts upon; `contracts`: those of the contract too. */
static bool same(const struct decision *a, const struct decision *b, bool contracts)
{
	return a->outcome == b->outcome && a->steps == b->steps && a->portal == b->portal &&
	    a->environment == b->environment && a->plan == b->plan && a->link == b->link &&
	    text_same(a->redirect, b->redirect) && text_same(a->cause, b->cause) &&
	    (!contracts || text_same(a->contract, b->contract));
}

static bool is_dead(const struct world *w, const struct contract_fact *c)
{
	return (c->end != INSTANT_UNKNOWN && w->facts.now > c->end) || c->remaining == 0 ||
	    (c->start != INSTANT_UNKNOWN && w->facts.now < c->start);
}

static struct contract_fact *find(struct world *w, const char *id)
{
	for (size_t i = 0; id && i < w->facts.n_contracts; i++)
		if (strcmp(w->contracts[i].id, id) == 0)
			return &w->contracts[i];
	return NULL;
}

/* ---- what every answer looks like ----------------------------------------------------------- */

static void check_shape(const struct world *w, const struct decision *d)
{
	bool allows = d->outcome == OUTCOME_ALLOW, activates = d->outcome == OUTCOME_ACTIVATE_FIRST;

	MUST(d->n_reasons > 0 && d->n_reasons < DECISION_REASONS, "every answer has its reasons");
	MUST(allows || activates || !d->steps, "only what may go on has steps");
	MUST(!allows || (d->steps & STEP_ALLOW), "an allowed request ends with allow");
	MUST(!allows || (d->portal && d->plan && !d->n_ask && !d->cause && !d->message),
	    "what is allowed names portal and plan, and nothing against it");
	MUST(!allows || (d->link == LINK_LINK) == ((d->steps & STEP_LINK) != 0),
	    "link and steps agree");
	MUST(!activates || d->steps == (STEP_ACTIVATE | STEP_LINK | STEP_ALLOW),
	    "activation comes first");
	MUST(allows || d->link == LINK_NONE, "nothing is linked without leave");
	MUST(d->outcome != OUTCOME_ASK || d->n_ask, "who asks names what is missing");
	MUST(d->outcome != OUTCOME_DENY || d->cause, "a refusal has a cause");
	MUST(d->outcome != OUTCOME_REDIRECT || d->redirect, "a redirection has a goal");
	MUST(!d->n_advise || d->outcome == OUTCOME_DENY, "only who is refused is advised to buy");
	MUST(!allows || d->environment == ENVIRONMENT_ON_PREMISES ||
		d->environment == ENVIRONMENT_CLOUD,
	    "what is allowed runs in one of two worlds");
	MUST(!w->facts.portal_said.message || !d->message, "after M3 no message is given");
}

/* ---- the eight invariants ---------------------------------------------------------------------
 */

static void check_invariants(struct world *w, const struct decision *d)
{
	const struct contract_fact *used = find(w, d->contract);
	bool is_probe = w->request.kind == KIND_PROBE;

	MUST(!(d->steps & STEP_LINK) || !used || !is_dead(w, used),
	    "a dead contract is never linked");
	MUST(d->outcome != OUTCOME_ALLOW || !used || !is_dead(w, used),
	    "a dead contract is never used");
	MUST(!is_probe || (!d->steps && !d->uses.contract && d->outcome != OUTCOME_ALLOW),
	    "a probe creates nothing");
	MUST(d->environment != ENVIRONMENT_ON_PREMISES || !has(d->advise, d->n_advise, "advanced"),
	    "Advanced Support is never advised on-premises");
	MUST(d->environment != ENVIRONMENT_ON_PREMISES || d->outcome != OUTCOME_ALLOW ||
		d->plan != PLAN_ADVANCED,
	    "Advanced Support is never used on-premises");
	MUST(!(d->steps & STEP_LINK) || !used || used->linked != TRI_YES,
	    "what is linked is not linked again");
	MUST(d->link != LINK_SKIP || !used || used->linked == TRI_YES ||
		w->facts.portal_said.message,
	    "what is not linked is not skipped");
	MUST(!d->uses.contract || (used && d->uses.incidents == 1), "one incident at most is used");
}

static void m3_alone_refuses_nothing(const struct world *w, const struct decision *before)
{
	struct decision after, *d = &after;
	struct world said;

	if (w->facts.portal_said.message || before->outcome != OUTCOME_ALLOW || !before->contract)
		return;
	copy(&said, w);
	said.facts.portal_said.message = "M3";
	decided(&said, &after);
	w = &said;
	MUST(d->outcome != OUTCOME_DENY, "M3 alone refuses nothing");
	MUST(d->link != LINK_LINK, "after M3 nothing is linked");
	MUST(text_same(d->contract, before->contract), "M3 is about the contract to be linked");
}

static void action_pack_has_no_cloud(const struct world *w)
{
	struct decision after, *d = &after;
	struct world poor;

	copy(&poor, w);
	poor.facts.profile = "mpn-2021-03";
	poor.offers[0] = (struct held_offer){ "action-pack", NULL };
	poor.facts.n_offers = 1;
	poor.facts.offers_known = true;
	decided(&poor, &after);
	w = &poor;
	MUST(d->environment != ENVIRONMENT_CLOUD || d->outcome != OUTCOME_ALLOW || !d->contract,
	    "Action Pack alone never gives a contract in the cloud");
}

static void a_link_is_made_once(const struct world *w, const struct decision *before)
{
	struct decision after, *d = &after;
	struct world linked;

	if (before->link != LINK_LINK || !before->contract)
		return;
	copy(&linked, w);
	find(&linked, before->contract)->linked = TRI_YES;
	decided(&linked, &after);
	w = &linked;
	MUST(d->outcome == OUTCOME_ALLOW && d->link == LINK_SKIP &&
		text_same(d->contract, before->contract),
	    "a contract that was linked is used and not linked again");
}

static void same_input_gives_the_same_bytes(const struct world *w, const struct decision *d)
{
	struct decision again;
	struct buffer left = { 0 }, right = { 0 };
	struct json *read;

	decided(w, &again);
	decision_write(d, &left);
	decision_write(&again, &right);
	MUST(text_equal(buffer_as_text(&left), buffer_as_text(&right)), "same input, same bytes");
	buffer_free(&right);
	read = json_from(&left);
	MUST(read != NULL, "a decision is written as JSON");
	json_free(read);
}

/* ---- what must not change an answer
 * -------------------------------------------------------------- */

static void order_of_lists_is_nothing(const struct world *w, const struct decision *before)
{
	struct decision after, *d = &after;
	struct world turned;

	copy(&turned, w);
	for (size_t i = 0; i < w->facts.n_offers; i++)
		turned.offers[i] = w->offers[w->facts.n_offers - 1 - i];
	for (size_t i = 0; i < w->facts.n_contracts; i++)
		turned.contracts[i] = w->contracts[w->facts.n_contracts - 1 - i];
	turned.paid[0] = w->paid[w->facts.n_paid_plans == 2 ? 1 : 0];
	turned.paid[1] = w->paid[0];
	decided(&turned, &after);
	w = &turned;
	MUST(same(before, d, true), "the order of lists changes nothing");
}

static void dead_contracts_change_nothing(const struct world *w, const struct decision *before)
{
	static const struct contract_fact dead[] = {
		{ "zz", PLAN_NONE, TRI_YES, TRI_YES, INSTANT_UNKNOWN, 0, 5, INSTANT_UNKNOWN, NULL,
		    TRI_YES },
		{ "zz", PLAN_NONE, TRI_YES, TRI_YES, INSTANT_UNKNOWN, INSTANT_UNKNOWN, 0,
		    INSTANT_UNKNOWN, NULL, TRI_YES },
		{ "zz", PLAN_NONE, TRI_YES, TRI_NO, INSTANT_UNKNOWN, INSTANT_UNKNOWN, 5,
		    INSTANT_UNKNOWN, NULL, TRI_NO },
	};
	const struct contract_fact *one = &PICK(dead);
	struct decision after, *d = &after;
	struct world more;

	/* An M3 without a name may be about any of them. */
	if (before->outcome != OUTCOME_ALLOW || !before->contract || w->facts.portal_said.message)
		return;
	copy(&more, w);
	more.contracts[more.facts.n_contracts] = *one;
	more.contracts[more.facts.n_contracts++].plan = before->plan;
	decided(&more, &after);
	w = &more;
	MUST(same(before, d, true), "contracts that cannot serve change nothing");
}

static void a_dead_contract_is_let_go(const struct world *w, const struct decision *before)
{
	struct decision after, *d = &after;
	struct world spent;

	if (before->outcome != OUTCOME_ALLOW || !before->contract)
		return;
	copy(&spent, w);
	if (one_in(2))
		find(&spent, before->contract)->end = w->facts.now - 1;
	else
		find(&spent, before->contract)->remaining = 0;
	decided(&spent, &after);
	w = &spent;
	MUST(d->outcome != OUTCOME_ALLOW || !text_same(d->contract, before->contract),
	    "a contract that has died is not used");
	MUST(d->link != LINK_LINK || !text_same(d->contract, before->contract),
	    "a contract that has died is not linked");
}

static void count_is_no_condition(const struct world *w, const struct decision *before)
{
	struct decision after, *d = &after;
	struct world more;
	struct contract_fact *used;

	if (before->outcome != OUTCOME_ALLOW || !before->contract || w->facts.n_contracts != 1)
		return;
	copy(&more, w);
	used = find(&more, before->contract);
	if (used->remaining == REMAINING_UNKNOWN)
		return;
	used->remaining = one_in(3) ? REMAINING_UNLIMITED : 1 + (int64_t)below(99);
	decided(&more, &after);
	w = &more;
	MUST(same(before, d, true), "one incident is as good as many");
}

static void on_premises_needs_no_role(const struct world *w, const struct decision *before)
{
	struct decision after, *d = &after;
	struct world other;

	if (before->outcome != OUTCOME_ALLOW || before->environment != ENVIRONMENT_ON_PREMISES)
		return;
	copy(&other, w);
	other.facts.account.roles = (int)below(9) - 1;
	other.facts.account.type = (enum account_type)below(3);
	decided(&other, &after);
	w = &other;
	MUST(same(before, d, true), "any account may use what is on-premises");
}

static void csp_needs_no_benefit(const struct world *w, const struct decision *before)
{
	struct decision after, *d = &after;
	struct world bare;

	if (before->outcome != OUTCOME_ALLOW || before->plan != PLAN_CSP)
		return;
	copy(&bare, w);
	bare.facts.offers_known = bare.facts.company_offers_known = one_in(2);
	bare.facts.n_offers = bare.facts.n_company_offers = bare.facts.n_contracts = 0;
	bare.facts.activated = tri();
	decided(&bare, &after);
	w = &bare;
	MUST(same(before, d, true), "the CSP plan needs no benefit");
}

static void advice_goes_to_its_own_desk(const struct world *w)
{
	struct decision after, *d = &after;
	struct world other;

	copy(&other, w);
	other.request.kind = KIND_ADVISORY;
	other.request.reference = "PSA-2";
	decided(&other, &after);
	w = &other;
	MUST(d->outcome == OUTCOME_REDIRECT && text_same(d->redirect, "tpd"),
	    "advice goes to presales and deployment");
}

static void own_words_are_nothing(const struct world *w, const struct decision *before)
{
	struct decision after, *d = &after;
	struct world other;

	copy(&other, w);
	other.request.reference = "OTHER-1";
	other.request.subscription = "s";
	other.request.contact.email = "a@b.example";
	other.request.problem_started = w->facts.now;
	decided(&other, &after);
	w = &other;
	MUST(same(before, d, true), "what only a portal needs changes nothing");
}

/* ---- rounds -------------------------------------------------------------------------------------
 */

struct counts {
	unsigned outcomes[6], contracts, links, messages;
};

static void check_round(struct world *w, struct counts *counts, unsigned round)
{
	struct decision decision, *d = &decision;

	decided(w, d);
	counts->outcomes[d->outcome]++;
	counts->contracts += d->uses.contract != NULL;
	counts->links += d->link == LINK_LINK;
	counts->messages += d->message != NULL;
	check_shape(w, d);
	check_invariants(w, d);
	m3_alone_refuses_nothing(w, d);
	action_pack_has_no_cloud(w);
	a_link_is_made_once(w, d);
	order_of_lists_is_nothing(w, d);
	dead_contracts_change_nothing(w, d);
	a_dead_contract_is_let_go(w, d);
	count_is_no_condition(w, d);
	on_premises_needs_no_role(w, d);
	csp_needs_no_benefit(w, d);
	own_words_are_nothing(w, d);
	advice_goes_to_its_own_desk(w);
	if (round % 64 == 0)
		same_input_gives_the_same_bytes(w, d);
}

static void what_always_holds_holds(void **state)
{
	const char *wanted = getenv("CASEROUTE_ROUNDS");
	unsigned rounds = wanted ? (unsigned)strtoul(wanted, NULL, 10) : ROUNDS;
	struct counts counts = { 0 };
	struct world w;

	(void)state;
	for (unsigned i = 0; i < rounds; i++) {
		make_world(&w);
		check_round(&w, &counts, i);
		arena_reset(arena);
	}
	/* The rounds reach everything, or they prove nothing. */
	for (size_t i = 0; i < 6; i++)
		assert_true(counts.outcomes[i] > rounds / 1000);
	assert_true(counts.contracts > rounds / 50);
	assert_true(counts.links > rounds / 100);
	assert_true(counts.messages > rounds / 200);
}

static int open_desk(void **state)
{
	const char *wanted = getenv("CASEROUTE_SEED");

	(void)state;
	if (wanted)
		seed = strtoull(wanted, NULL, 10);
	print_message("CASEROUTE_SEED=%llu\n", (unsigned long long)seed);
	desk_policy_read(&desk, SOURCE_DIR "/conf");
	arena = arena_new();
	return 0;
}

static int close_desk(void **state)
{
	(void)state;
	arena_free(arena);
	desk_policy_free(&desk);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_always_holds_holds),
	};

	return cmocka_run_group_tests(tests, open_desk, close_desk);
}
