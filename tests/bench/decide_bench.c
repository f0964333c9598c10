/*
 * What a decision costs, and that neither routes nor names make it dearer:
 * from parsed facts with a named product and with 300 bytes of free text, with 10
 * and 10,000 routes, with 300 and 30,000 more names; and loading 10,000 routes.
 * Ends with 1 if a target is missed: 300,000/s, 100,000/s, 1.5 times, 2 times, 0.2 s.
 */
#include "decide/decide.h"
#include "decide/policy.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char title[] = "Exchange Server 2019: mail queue grows since the cumulative update";
static const char description[] = "Hello, since Friday messages to outside stay in the queue of "
				  "both servers, inside the company mail goes through. "
				  "We restarted the transport service and tried another connector, "
				  "DNS answers quickly and Outlook opens normally. "
				  "Order 4711";

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- policies ------------------------------------------------------------------------ */

struct loaded {
	struct config *config;
	struct policy *policy;
	double took;
};

static void add_conf(struct buffer *all)
{
	static const char *const files[] = { "profiles.ini", "portals.ini", "products.ini",
		"lifecycle.ini", "cues.ini" };

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[512];
		struct buffer bytes = { 0 };

		snprintf(path, sizeof path, "%s/conf/%s", SOURCE_DIR, files[i]);
		if (!file_read(path, (size_t)1 << 22, &bytes, NULL))
			exit(1);
		buffer_append(all, bytes.p, bytes.n);
		buffer_char(all, '\n');
		buffer_free(&bytes);
	}
}

/* Routes of the kind a large desk has: by customer, product and severity. */
static void add_routes(struct buffer *all, unsigned n)
{
	static const char *const workloads[] = { "exchange-server", "azure", "microsoft365",
		"windows-server" };

	for (unsigned i = 0; i + 1 < n; i++)
		buffer_format(all,
		    "[route customer-%u]\nmatch.customer = customer-%u, c%u-*\n"
		    "match.workload = %s\nmatch.severity = A, B\nplan = contract, premier\n",
		    i, i, i, workloads[i % 4]);
	buffer_text(all, "[route everything-else]\n");
}

static void add_names(struct buffer *all, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buffer_format(all,
		    "[product Gadget%u Line%u]\nenvironment = cloud\nworkload = "
		    "other\n",
		    i * 7919 % 30011, i);
}

static struct loaded load(unsigned routes, unsigned names)
{
	struct problems *problems = problems_new();
	struct buffer all = { 0 };
	struct loaded loaded;

	add_conf(&all);
	add_routes(&all, routes);
	add_names(&all, names);
	loaded.took = seconds();
	loaded.config = config_read_text("bench.ini", buffer_as_text(&all), problems);
	loaded.policy = policy_read(loaded.config, problems);
	loaded.took = seconds() - loaded.took;
	if (problems_count(problems, PROBLEM_ERROR)) {
		problems_print(problems, stderr, false);
		exit(1);
	}
	problems_free(problems);
	buffer_free(&all);
	return loaded;
}

static void unload(struct loaded *loaded)
{
	policy_free(loaded->policy);
	config_free(loaded->config);
}

static double time_routes_alone(unsigned n)
{
	double best = 1e9;

	for (int again = 0; again < 5; again++) {
		struct problems *problems = problems_new();
		struct buffer all = { 0 };
		struct config *config;
		struct policy *policy;
		double start;

		add_routes(&all, n);
		buffer_text(&all, "[profile paid]\n");
		start = seconds();
		config = config_read_text("routes.ini", buffer_as_text(&all), problems);
		policy = policy_read(config, problems);
		start = seconds() - start;
		best = start < best ? start : best;
		policy_free(policy);
		config_free(config);
		problems_free(problems);
		buffer_free(&all);
	}
	return best;
}

/* ---- decisions ------------------------------------------------------------------------- */

static struct facts known(const struct contract_fact *contract, const struct held_offer *offer)
{
	struct facts facts = { .profile = "mpn-2021-03",
		.account = { .name = "anna@contoso.example",
		    .type = ACCOUNT_AAD,
		    .programs = PROGRAM_MPN,
		    .roles = ROLE_MPN_PARTNER_ADMIN },
		.offers = offer,
		.n_offers = 1,
		.offers_known = true,
		.activated = TRI_YES,
		.contracts = contract,
		.n_contracts = 1,
		.contracts_known = true };

	instant_read(TEXT("2021-06-01T09:00:00Z"), &facts.now);
	return facts;
}

static const struct request named = { .reference = "PSA-4711",
	.title = "Queue grows",
	.product = "Exchange Server",
	.release = "2019",
	.severity = SEVERITY_B,
	.customer = "customer-5001",
	.problem_started = INSTANT_UNKNOWN };
static const struct request free_text = {
	.title = title, .description = description, .problem_started = INSTANT_UNKNOWN
};

/* The best of five; seconds for one decision. */
static double time_one(const struct policy *policy, const struct request *request)
{
	static const struct held_offer offer = { "gold", "Datacenter" };
	static const struct contract_fact contract = { "c1", PLAN_PARTNER_SUPPORT, TRI_YES, TRI_YES,
		INSTANT_UNKNOWN, INSTANT_UNKNOWN, 7, INSTANT_UNKNOWN, NULL, TRI_NO };
	struct facts facts = known(&contract, &offer);
	struct arena *arena = arena_new();
	struct decision decision;
	double best = 1e9;
	int rounds = 40000;

	for (int again = 0; again < 5; again++) {
		double start = seconds();

		for (int i = 0; i < rounds; i++) {
			if (!decide(policy, &facts, request, arena, &decision, NULL) ||
			    decision.outcome != OUTCOME_ALLOW)
				exit(1);
			arena_reset(arena);
		}
		start = (seconds() - start) / rounds;
		best = start < best ? start : best;
	}
	arena_free(arena);
	return best;
}

static int missed;

static void tell(const char *what, double value, const char *unit, bool is_met, const char *target)
{
	printf("%-44s %10.2f %-6s %-6s target %s\n", what, value, unit, is_met ? "" : "MISSED",
	    target);
	missed += !is_met;
}

int main(void)
{
	struct loaded few = load(10, 300), routes = load(10000, 300), names = load(10, 30000);
	double fast = time_one(few.policy, &named), text = time_one(few.policy, &free_text);
	double routed = time_one(routes.policy, &named) / fast;
	double stocked = time_one(names.policy, &named) / fast;
	double stocked_text = time_one(names.policy, &free_text) / text;
	double loading = time_routes_alone(10000);

	tell("named product, thousands of decisions", 1e-3 / fast, "/s", fast < 1 / 300e3, "300");
	tell("300 bytes of text, thousands of decisions", 1e-3 / text, "/s", text < 1 / 100e3,
	    "100");
	tell("10,000 routes to 10", routed, "times", routed <= 1.5, "1.5");
	tell("30,000 names to 300, named product", stocked, "times", stocked <= 2, "2");
	tell("30,000 names to 300, text", stocked_text, "times", stocked_text <= 2, "2");
	tell("loading 10,000 routes of 5 keys", loading, "s", loading < 0.2, "0.2");
	unload(&few);
	unload(&routes);
	unload(&names);
	return missed > 0;
}
