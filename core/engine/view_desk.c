/* What the desk has: contracts with their links, portals with what they can do. */
#include "engine/known.h"
#include "engine/view.h"

#include <strings.h>

struct view {
	struct ledger *ledger;
	struct arena *arena;
	struct failure *why;
};

/* ---- contracts ---------------------------------------------------------------------- */

const char *view_condition(const struct contract_fact *c, instant now)
{
	if (c->end != INSTANT_UNKNOWN && now > c->end)
		return "expired";
	if (c->remaining == 0)
		return "exhausted";
	if (c->linked == TRI_YES)
		return "usable";
	if (c->access_id != TRI_YES || c->contract_id != TRI_YES)
		return c->access_id == TRI_YES || c->contract_id == TRI_YES ? "half-pair"
									    : "IDs missing";
	return "usable";
}

static struct json *links_json(struct view *v, const char *contract)
{
	static const char *const marks[] = { "none", "linked", "doubtful" };
	struct json *list = json_new_array();
	struct link_row *links;
	size_t n = 0;

	if (ledger_links(v->ledger, contract, v->arena, &links, &n, v->why))
		for (size_t i = 0; i < n; i++) {
			struct json *one = json_new_object();

			json_set(one, "account", json_new_string(links[i].account));
			json_set(one, "state", json_new_string(marks[links[i].mark]));
			json_set(one, "source", json_new_string(links[i].source));
			json_append(list, one);
		}
	return list;
}

static struct json *contract_json(struct view *v, const struct contract_fact *c, instant now)
{
	struct json *o = json_new_object();
	struct balance b = { .remaining = INT64_MIN };
	char text[INSTANT_TEXT];

	ledger_balance(v->ledger, c->id, v->arena, &b, v->why);
	json_set(o, "id", json_new_string(c->id));
	json_set(o, "plan", json_new_string(plan_name(c->plan)));
	json_set(o, "state", json_new_string(view_condition(c, now)));
	json_set(o, "end",
	    c->end == INSTANT_UNKNOWN ? json_new_null()
				      : json_new_string(instant_write_date(c->end, text)));
	json_set(o, "remaining",
	    c->remaining == REMAINING_UNKNOWN         ? json_new_null()
		: c->remaining == REMAINING_UNLIMITED ? json_new_string("unlimited")
						      : json_new_number(c->remaining));
	json_set(o, "observed",
	    c->observed_at == INSTANT_UNKNOWN
		? json_new_null()
		: json_new_string(instant_write(c->observed_at, text)));
	json_set(o, "reserved", json_new_number(b.reserved));
	json_set(o, "spent", json_new_number(b.spent_ever));
	json_set(o, "links", links_json(v, c->id));
	return o;
}

struct json *view_contracts(const struct generation *g, struct ledger *ledger, const char *only,
    struct arena *arena, struct failure *why)
{
	struct known known = {
		.generation = g, .ledger = ledger, .now = instant_now(), .wants_all = true
	};
	struct view v = { ledger, arena, why };
	struct json *all;
	struct facts f;

	if (!known_facts(&known, arena, &f, why))
		return NULL;
	all = json_new_array();
	for (size_t i = 0; i < f.n_contracts; i++)
		if (!only || strcasecmp(only, f.contracts[i].id) == 0)
			json_append(all, contract_json(&v, &f.contracts[i], f.now));
	if (only && !json_length(all))
		failure_set(why, FAILURE_NO_INPUT, "there is no contract %s", only);
	if (why->kind == FAILURE_NONE)
		return all;
	json_free(all);
	return NULL;
}

/* ---- portals --------------------------------------------------------------------------- */

static const enum operation_kind shown[] = { OPERATION_OPEN, OPERATION_ACTIVATE, OPERATION_LINK,
	OPERATION_CREATE, OPERATION_ATTACH, OPERATION_MESSAGE, OPERATION_CHANGE, OPERATION_STATUS,
	OPERATION_REMAINING };

static void add_home(struct json *o, const struct portal *portal)
{
	struct portal_home home;

	portal_home(portal, &home);
	json_set(o, "isolation", json_new_string(home.is_process ? "process" : "in-process"));
	json_set(o, "isolation_reason", json_new_string(home.reason));
	json_set(o, "unconfined", json_new_string(home.unconfined));
	json_set(o, "closed_seconds", json_new_number((home.closed_ms + 999) / 1000));
}

static struct json *portal_json(const struct generation *g, struct portal *portal)
{
	const struct portal_entry *entry = policy_portal(g->policy, portal_name(portal));
	struct json *o = json_new_object(), *can = json_new_array();

	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		if (portal_can(portal, shown[i]))
			json_append(can, json_new_string(operation_name(shown[i])));
	json_set(o, "name", json_new_string(portal_name(portal)));
	json_set(o, "title", json_new_string(entry ? entry->title : portal_title(portal)));
	json_set(o, "plugin", json_new_string(portal_plugin_name(portal)));
	json_set(o, "version", json_new_string(portal_plugin_version(portal)));
	json_set(o, "workloads", entry ? json_new_text(entry->workloads) : json_new_null());
	json_set(o, "can", can);
	add_home(o, portal);
	return o;
}

struct json *view_portals(const struct generation *g)
{
	struct json *all = json_new_array();

	for (size_t i = 0; i < portals_count(g->portals); i++)
		json_append(all, portal_json(g, portals_at(g->portals, i)));
	return all;
}
