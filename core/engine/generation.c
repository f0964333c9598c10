#include "engine/generation.h"

#include "portal/isolation.h"

#include <stdlib.h>
#include <string.h>

static const struct option caseroute_options[] = {
	{ .name = "plugins",
	    .type = OPTION_PATH,
	    .help = "folder where plugins are looked for first" },
};

const char *generation_plugin_path(
    struct config *config, struct arena *arena, struct problems *problems)
{
	struct config_section *section =
	    config ? config_find_section(config, "caseroute", "") : NULL;
	const char *environment = getenv("CASEROUTE_PLUGINS");
	struct value value = { .text = TEXT("") };

	if (section)
		option_read(config, section, caseroute_options, 1, &value, problems);
	return arena_format(arena, "%s%s%s%s%s", environment ? environment : "",
	    environment ? ":" : "", value.given ? value.text.p : "", value.given ? ":" : "",
	    isolation_own_folders(arena));
}

/* FNV-1a over every section and value: no secret is in them, only references. */
static void digest(const struct config *config, char out[17])
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < config_count(config); i++) {
		struct config_section *section = config_at(config, i);

		for (size_t k = 0; k < section_count(section); k++) {
			const struct config_entry *e = section_at(section, k);
			const char *const parts[] = { section_kind(section), section_name(section),
				e->key, e->value };

			for (size_t p = 0; p < 4; p++)
				for (const char *c = parts[p];; c++) {
					h = (h ^ (unsigned char)*c) * 1099511628211u;
					if (!*c)
						break;
				}
		}
	}
	snprintf(out, 17, "%016llx", (unsigned long long)h);
}

struct generation *generation_load(const char *path, struct problems *problems)
{
	struct generation *g = memory_new(sizeof *g);

	atomic_init(&g->users, 1);
	g->arena = arena_new();
	g->config = config_read(path, problems);
	g->policy = policy_read(g->config, problems);
	g->partner = partner_read(g->config, g->arena, problems);
	g->portals = portals_read(
	    g->config, generation_plugin_path(g->config, g->arena, problems), problems);
	g->callers = callers_read(g->config, g->arena, problems);
	g->upkeep = upkeep_read(g->config, problems);
	g->webhooks = webhooks_read(g->config, g->arena, problems);
	budget_read(&g->budget, g->config, problems);
	g->issuers = issuers_read(g->config, g->arena, problems);
	config_finish(g->config, problems);
	digest(g->config, g->digest);
	return g;
}

struct generation *generation_hold(struct generation *g)
{
	atomic_fetch_add(&g->users, 1);
	return g;
}

void generation_free(struct generation *g)
{
	if (!g || atomic_fetch_sub(&g->users, 1) > 1)
		return;
	portals_free(g->portals);
	policy_free(g->policy);
	config_free(g->config);
	arena_free(g->arena);
	free(g);
}
