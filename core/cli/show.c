/* A decision as an agent reads it: where, as whom, under which plan, link or
 * not, what it uses up, why. Colour only marks what to do. */
#include "cli/cli.h"
#include "decide/decide.h"
#include "engine/generation.h"

#include <stdio.h>
#include <string.h>

struct show {
	const struct cli *cli;
	const struct generation *g;
	const struct decision *d;
	struct arena *arena;
	instant now;
};

static void line(const struct show *s, const char *label, enum paint paint, const char *value,
    const char *remark)
{
	printf("  ");
	cli_paint(s->cli, PAINT_DIM, "%-14s", label);
	cli_paint(s->cli, paint, remark && *remark ? "%-38s" : "%s", value);
	if (remark && *remark)
		cli_paint(s->cli, PAINT_DIM, " %s", remark);
	putchar('\n');
}

/* ---- the head: what it is about ------------------------------------------------ */

static const char *clue_words(const struct show *s)
{
	static const char *const places[] = { "product", "title", "description" };
	const struct reading *r = &s->d->reading;
	const struct match *m = NULL;

	for (size_t i = 0; i < r->n_matches && !m; i++)
		if (r->matches[i].product && r->matches[i].product == r->product)
			m = &r->matches[i];
	if (!m || m->place == CLUE_PRODUCT)
		return "";
	return arena_format(s->arena, "\"%.*s\" in the %s", TEXT_ARGS(m->text), places[m->place]);
}

static void show_head(const struct show *s)
{
	const struct decision *d = s->d;
	bool is_probe = d->outcome == OUTCOME_INFORM;
	const char *what = d->product ? d->product->name
	    : d->workload             ? d->workload
	    : is_probe                ? "Remaining incidents"
				      : "Product unknown";
	const char *where = environment_name(d->environment);
	const char *release = d->release && !strstr(what, d->release) ? d->release : NULL;
	const char *head = arena_format(s->arena, "%s%s%s%s%s", what, release ? " " : "",
	    release ? release : "", where ? ", " : "", where ? where : "");

	cli_paint(s->cli, PAINT_BOLD, "%-52s", head);
	cli_paint(s->cli, PAINT_DIM, " %s", clue_words(s));
	putchar('\n');
}

/* ---- allow ---------------------------------------------------------------------- */

static const char *rules_of(const struct show *s, const char *const *wanted)
{
	const char *list = "";

	for (unsigned i = 0; i < s->d->n_reasons; i++)
		for (size_t k = 0; wanted[k]; k++)
			if (strcmp(s->d->reasons[i].rule, wanted[k]) == 0 &&
			    !strstr(list, wanted[k]))
				list = arena_format(
				    s->arena, "%s%s%s", list, *list ? ", " : "", wanted[k]);
	return list;
}

static const char *route_words(const struct show *s)
{
	const struct route *route = NULL;

	for (size_t i = 0; s->d->route && i < policy_route_count(s->g->policy); i++)
		if (strcmp(policy_route_at(s->g->policy, i)->name, s->d->route) == 0)
			route = policy_route_at(s->g->policy, i);
	if (!route)
		return "";
	return arena_format(s->arena, "route %s (%s:%u)", route->name,
	    strrchr(route->place.file, '/') ? strrchr(route->place.file, '/') + 1
					    : route->place.file,
	    route->place.line);
}

static const char *use_words(const struct show *s)
{
	const struct contract_fact *c = s->d->chosen;
	char end[INSTANT_TEXT], age[INSTANT_TEXT];
	const char *uses;

	if (!c)
		return s->d->plan == PLAN_CSP || s->d->plan == PLAN_INCLUDED ? "uses no incident"
									     : "";
	uses = c->remaining == REMAINING_UNLIMITED ? "unlimited"
	    : c->remaining == REMAINING_UNKNOWN
	    ? "uses 1, remaining unknown"
	    : arena_format(s->arena, "uses 1 of %lld", (long long)c->remaining);
	if (c->end != INSTANT_UNKNOWN)
		uses =
		    arena_format(s->arena, "%s · ends %s", uses, instant_write_date(c->end, end));
	if (c->observed_at != INSTANT_UNKNOWN && c->observed_at <= s->now)
		uses = arena_format(s->arena, "%s · seen %s ago", uses,
		    duration_words(s->now - c->observed_at, age));
	return uses;
}

static void show_link(const struct show *s)
{
	static const char *const rules[] = { "R14", "R15", "R29", "R34", "R35", "R37", "R38", "R41",
		NULL };

	if (s->d->link == LINK_LINK)
		line(s, "Link", PAINT_WARN, "once for this account, before the request",
		    rules_of(s, rules));
	else if (s->d->link == LINK_SKIP)
		line(s, "Link", PAINT_PLAIN, "exists for this account, nothing to enter",
		    rules_of(s, rules));
	else
		line(s, "Link", PAINT_PLAIN, "none needed", "");
}

static void show_plan(const struct show *s)
{
	const struct profile *profile = policy_profile(s->g->policy, NULL);
	const char *title =
	    profile ? profile_plan_title(profile, s->d->plan, s->arena) : plan_name(s->d->plan);

	if (s->d->contract)
		title = arena_format(s->arena, "%s (%s)", title, s->d->contract);
	line(s, "Plan", PAINT_GOOD, title, use_words(s));
}

static void show_place(const struct show *s)
{
	const struct portal_entry *portal =
	    s->d->portal ? policy_portal(s->g->policy, s->d->portal) : NULL;

	if (s->d->portal)
		line(s, "Portal", s->d->outcome == OUTCOME_ALLOW ? PAINT_GOOD : PAINT_PLAIN,
		    portal ? portal->title : s->d->portal, route_words(s));
	if (s->d->account)
		line(s, "Sign in", PAINT_PLAIN, s->d->account,
		    s->d->environment == ENVIRONMENT_ON_PREMISES
			? "any account that has both IDs (R24)"
			: "");
}

/* ---- everything else --------------------------------------------------------------- */

static const char *cause_sentence(const char *cause)
{
	static const struct {
		const char *cause, *text;
	} all[] = {
		{ "expired", "the contract's term has ended" },
		{ "exhausted", "no incidents remain" },
		{ "old-product", "the product is too old for the contract (N-1)" },
		{ "not-included", "the offers held do not include this" },
		{ "not-entitled", "that plan does not serve this request" },
		{ "no-offers", "the company has no active membership offer" },
		{ "wrong-account", "another account sees the company's offers" },
		{ "csp-only", "the account belongs to CSP only" },
		{ "no-role", "the Admin agent role is missing" },
		{ "not-activated", "the benefit is not activated" },
		{ "half-pair", "one of Access ID and Contract ID is missing" },
		{ "not-an-incident", "this is not a break-fix incident" },
		{ "unknown-product", "the product is not known" },
		{ "ambiguous-product", "the product is on-premises or cloud: which?" },
		{ "unknown-release", "the release is not known" },
		{ "unknown-validity", "whether the contract is still good is not known" },
		{ "no-route", "no route or portal takes it" },
		{ "cloud-only", "serves cloud products only" },
		{ "on-premises-only", "serves on-premises products only" },
	};

	for (size_t i = 0; cause && i < sizeof all / sizeof all[0]; i++)
		if (strcmp(all[i].cause, cause) == 0)
			return all[i].text;
	return cause ? cause : "";
}

static void show_outcome(const struct show *s)
{
	static const char *const words[] = { "allow", "ASK", "NO", "ELSEWHERE", "ACTIVATE FIRST",
		"FOR INFORMATION" };
	static const enum paint paints[] = { PAINT_GOOD, PAINT_WARN, PAINT_BAD, PAINT_WARN,
		PAINT_WARN, PAINT_PLAIN };

	printf("  ");
	cli_paint(s->cli, paints[s->d->outcome], "%-14s", words[s->d->outcome]);
	printf("%s\n", cause_sentence(s->d->cause));
	if (s->d->message)
		line(s, "The portal says", PAINT_PLAIN,
		    text_same(s->d->message, "M1")
			? " \"You are not authorized for this action\""
			: " \"Looks like you don't have any benefits yet\"",
		    s->d->message);
}

static void show_candidates(const struct show *s)
{
	const struct reading *r = &s->d->reading;

	for (size_t i = 0; i < r->n_candidates; i++)
		line(s, i ? "" : "Candidates", PAINT_PLAIN, r->candidates[i]->name,
		    environment_name(r->candidates[i]->environment));
}

static void show_ask(const struct show *s)
{
	const char *list = "";

	for (unsigned i = 0; i < s->d->n_ask; i++)
		list = arena_format(s->arena, "%s%s%s", list, *list ? ", " : "", s->d->ask[i]);
	if (*list)
		line(s, "Please give", PAINT_WARN, list, "");
	if (strstr(list, "access_id") || strstr(list, "contract_id"))
		line(s, "", PAINT_PLAIN,
		    "caseroute contracts add ID --plan ... (reads them unseen)", "");
}

static void show_advice(const struct show *s)
{
	static const struct {
		const char *word, *text;
	} goals[] = {
		{ "tpd",
		    "Technical Presales and Deployment services (Partner Center, Technical "
		    "benefits)" },
		{ "partner-admin", "a Global Admin or MPN Partner Admin of the company" },
		{ "mpn-account", "an account that is associated with the partner programme (MPN)" },
		{ "other-account",
		    "the account that sees the offers (account icon, Sign-in with another "
		    "account)" },
		{ "provider", "the customer's indirect provider" },
		{ "regional-activation", "the regional contact of Partner Membership Center" },
		{ "billing", "the workload's portal, as a billing request: free of charge" },
		{ "partner-center", "Partner Center, Help + support: uses no incident" },
		{ "other-desk", "the product's own support: partner incidents do not cover it" },
	};
	static const struct {
		const char *word, *text;
	} plans[] = {
		{ "premier", "Premier Support for Partners" },
		{ "advanced", "Advanced Support for Partners (cloud only)" },
		{ "pay-per-incident", "pay per incident (with a personal Microsoft account)" },
		{ "purchase-offer", "a membership offer" },
	};

	for (size_t i = 0; s->d->redirect && i < sizeof goals / sizeof goals[0]; i++)
		if (strcmp(goals[i].word, s->d->redirect) == 0)
			line(s, "Go to", PAINT_WARN, goals[i].text, "");
	for (unsigned k = 0; k < s->d->n_advise; k++)
		for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
			if (strcmp(plans[i].word, s->d->advise[k]) == 0)
				line(s, k ? "" : "Would serve", PAINT_PLAIN, plans[i].text, "");
}

static void show_unavailable(const struct show *s)
{
	const struct profile *profile = policy_profile(s->g->policy, NULL);

	for (unsigned i = 0; i < s->d->n_unavailable; i++) {
		const struct unavailable *u = &s->d->unavailable[i];
		const char *title =
		    profile ? profile_plan_title(profile, u->plan, s->arena) : plan_name(u->plan);

		if (u->contract)
			title = arena_format(s->arena, "%s (%s)", title, u->contract);
		line(s, i ? "" : "Not available", PAINT_DIM, title, cause_sentence(u->cause));
	}
}

static void show_reasons(const struct show *s)
{
	for (unsigned i = 0; i < s->d->n_inform; i++)
		line(s, i ? "" : "Note", PAINT_PLAIN, s->d->inform[i], "");
	if (s->d->outcome == OUTCOME_ALLOW)
		return;
	for (unsigned i = 0; i < s->d->n_reasons; i++)
		line(s, i ? "" : "Why", PAINT_DIM,
		    arena_format(s->arena, "%-6s %s", s->d->reasons[i].rule, s->d->reasons[i].text),
		    "");
}

void cli_decision(const struct cli *cli, const struct generation *g, const struct decision *d,
    instant now, const char *next)
{
	struct show s = { cli, g, d, arena_new(), now };

	show_head(&s);
	putchar('\n');
	if (d->outcome != OUTCOME_ALLOW)
		show_outcome(&s);
	show_candidates(&s);
	show_ask(&s);
	show_place(&s);
	if (d->outcome == OUTCOME_ALLOW) {
		show_plan(&s);
		show_link(&s);
	}
	show_advice(&s);
	if (d->n_unavailable)
		putchar('\n');
	show_unavailable(&s);
	if (d->n_inform || d->outcome != OUTCOME_ALLOW)
		putchar('\n');
	show_reasons(&s);
	if (next) {
		putchar('\n');
		line(&s, "Next", PAINT_BOLD, next, "");
	}
	arena_free(s.arena);
}
