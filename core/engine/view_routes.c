/* The routes as the configuration has them. */
#include "engine/view.h"

#include <string.h>

#define MATCH "match."

/* {"environment": "on-premises", "severity.not": "C"}: as the INI file says it. */
static struct json *matches_json(const struct config_section *section)
{
	struct json *o = json_new_object();

	for (size_t i = 0; section && i < section_count(section); i++) {
		const struct config_entry *e = section_at(section, i);

		if (strncmp(e->key, MATCH, strlen(MATCH)) == 0)
			json_set(o, e->key + strlen(MATCH), json_new_string(e->value));
	}
	return o;
}

static struct json *route_json(const struct generation *g, const struct route *route)
{
	struct json *o = json_new_object();

	json_set(o, "name", json_new_string(route->name));
	json_set(o, "file", json_new_string(route->place.file));
	json_set(o, "line", json_new_number(route->place.line));
	json_set(o, "matches", matches_json(config_find_section(g->config, "route", route->name)));
	json_set(o, "portal", json_new_string(route->portal ? route->portal : "auto"));
	json_set(o, "plan", route->plan.n ? json_new_text(route->plan) : json_new_null());
	json_set(o, "note", json_new_string(route->note));
	return o;
}

struct json *view_routes(const struct generation *g)
{
	struct json *all = json_new_array();

	for (size_t i = 0; i < policy_route_count(g->policy); i++)
		json_append(all, route_json(g, policy_route_at(g->policy, i)));
	return all;
}
