#include "decide/policy_parts.h"

#include <stdlib.h>
#include <string.h>

enum { C_TITLE, C_WORKLOADS, C_ENVIRONMENTS, C_CUSTOMERS, C_ACCEPTS };

/* The keys of [portal NAME] that decisions look at; core/portal reads the rest. */
static const struct option portal_options[] = {
	[C_TITLE] = { .name = "title", .type = OPTION_TEXT, .help = "name for people" },
	[C_WORKLOADS] = { .name = "workloads",
	    .type = OPTION_WORDS,
	    .help = "workloads it serves, or *" },
	[C_ENVIRONMENTS] = { .name = "environments",
	    .type = OPTION_WORDS,
	    .choices = "on-premises cloud",
	    .fallback = "cloud",
	    .help = "environments it serves" },
	[C_CUSTOMERS] = { .name = "for_customers",
	    .type = OPTION_BOOLEAN,
	    .fallback = "no",
	    .help = "the way for customers of a CSP (Admin agent, R41)" },
	[C_ACCEPTS] = { .name = "accepts_contract",
	    .type = OPTION_BOOLEAN,
	    .fallback = "yes",
	    .help = "Access ID and Contract ID can be entered there" },
};

enum { N_PORTAL_OPTIONS = sizeof portal_options / sizeof portal_options[0] };

static const struct option profile_key[] = {
	{ .name = "profile",
	    .type = OPTION_TEXT,
	    .help = "the programme's generation: a [profile NAME]" },
};

static void read_portals(struct policy *policy, struct config *config, struct problems *problems)
{
	for (struct config_section *s = NULL; (s = config_next(config, "portal", s));) {
		struct value v[N_PORTAL_OPTIONS];
		struct portal_entry *p;

		option_read(config, s, portal_options, N_PORTAL_OPTIONS, v, problems);
		policy->portals = memory_grow(
		    policy->portals, policy->n_portals, &policy->portals_capacity, sizeof *p);
		p = &policy->portals[policy->n_portals++];
		*p = (struct portal_entry){ .name = section_name(s),
			.title = v[C_TITLE].given ? v[C_TITLE].text.p : section_name(s),
			.workloads = v[C_WORKLOADS].text,
			.environments = v[C_ENVIRONMENTS].number,
			.for_customers = v[C_CUSTOMERS].number != 0,
			.accepts_contract = v[C_ACCEPTS].number != 0 };
		if (!*p->name)
			problem_add(problems, PROBLEM_ERROR, E_NAME, section_place(s),
			    "a portal needs a name: [portal NAME]");
	}
}

static bool portal_exists(const void *policy, const char *name)
{
	return policy_portal(policy, name) != NULL;
}

static void check_route_portals(struct policy *policy, struct problems *problems)
{
	const char **names = arena_take(policy->arena, (policy->n_portals + 2) * sizeof *names);
	size_t n = 0;

	for (size_t i = 0; i < policy->n_portals; i++)
		names[n++] = policy->portals[i].name;
	names[n++] = "auto";
	names[n++] = "ask";
	routes_check_portals(policy->routes, portal_exists, policy, names, n, problems);
}

struct policy *policy_read(struct config *config, struct problems *problems)
{
	struct policy *policy = memory_new(sizeof *policy);
	struct config_section *partner = config_find_section(config, "partner", "");
	struct value own[1];

	policy->arena = arena_new();
	if (partner) {
		option_read(config, partner, profile_key, 1, own, problems);
		policy->own_profile = own[0].given ? own[0].text.p : NULL;
		policy->own_profile_place = own[0].place;
	}
	policy->catalogue = catalogue_read(config, problems);
	profiles_read(policy, config, problems);
	read_portals(policy, config, problems);
	policy->routes = routes_read(config, problems);
	check_route_portals(policy, problems);
	return policy;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	catalogue_free(policy->catalogue);
	routes_free(policy->routes);
	free(policy->portals);
	free(policy->profiles);
	arena_free(policy->arena);
	free(policy);
}

const struct catalogue *policy_catalogue(const struct policy *policy)
{
	return policy->catalogue;
}

void policy_check(const struct policy *policy, struct problems *problems)
{
	routes_check(policy->routes, problems);
}

const struct portal_entry *policy_portal(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_portals; i++)
		if (strcasecmp(policy->portals[i].name, name) == 0)
			return &policy->portals[i];
	return NULL;
}

static bool serves(
    const struct portal_entry *portal, const char *workload, enum environment environment)
{
	int64_t bit = environment == ENVIRONMENT_ON_PREMISES ? 1 : 2;

	return !portal->for_customers && (portal->environments & bit) &&
	    (text_is(portal->workloads, "*") || text_has_item(portal->workloads, ',', workload));
}

const struct portal_entry *policy_portal_for(
    const struct policy *policy, const char *workload, enum environment environment)
{
	for (size_t i = 0; workload && i < policy->n_portals; i++)
		if (serves(&policy->portals[i], workload, environment))
			return &policy->portals[i];
	return NULL;
}

const struct portal_entry *policy_portal_for_customers(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_portals; i++)
		if (policy->portals[i].for_customers)
			return &policy->portals[i];
	return NULL;
}

const struct route *policy_route(const struct policy *policy, const struct route_key *key,
    bool (*may_take)(const void *, const struct route *), const void *context, struct arena *arena)
{
	return routes_find(policy->routes, key, may_take, context, arena);
}

size_t policy_route_count(const struct policy *policy)
{
	return routes_count(policy->routes);
}

const struct route *policy_route_at(const struct policy *policy, size_t i)
{
	return routes_at(policy->routes, i);
}
