#include "portal/inside.h"

#include <stdlib.h>
#include <string.h>

/* The keys of a [portal] section that this room reads itself. Frozen with ABI 1.0: plugins may
 * have options of any other name (portal.h), so a later key gives way to a plugin's. */
const struct option portal_keys[] = {
	{ .name = "plugin",
	    .type = OPTION_TEXT,
	    .flags = OPTION_REQUIRED,
	    .help = "which plugin serves this portal" },
	{ .name = "credential",
	    .type = OPTION_TEXT,
	    .help = "the [credential NAME] whose token goes along" },
	{ .name = "timeout",
	    .type = OPTION_DURATION,
	    .fallback = "60s",
	    .min = 1000,
	    .max = 600000,
	    .help = "for one exchange, from connecting to the last byte" },
	{ .name = "concurrency",
	    .type = OPTION_INTEGER,
	    .fallback = "8",
	    .min = 1,
	    .max = 10000,
	    .help = "exchanges under way at one time" },
	{ .name = "retries",
	    .type = OPTION_INTEGER,
	    .fallback = "8",
	    .min = 0,
	    .max = 100,
	    .help = "further tries of an exchange that may be repeated" },
	{ .name = "rate",
	    .type = OPTION_INTEGER,
	    .fallback = "0",
	    .min = 0,
	    .max = 100000,
	    .help = "exchanges that may begin in a second; 0: as many as there are" },
	{ .name = "retry_percent",
	    .type = OPTION_INTEGER,
	    .fallback = "50",
	    .min = 0,
	    .max = 100,
	    .help = "further tries for 100 exchanges; beyond them work waits a minute or more" },
	{ .name = "failures",
	    .type = OPTION_INTEGER,
	    .fallback = "10",
	    .min = 0,
	    .max = 1000,
	    .help = "in a row, after which the service leaves the portal alone; 0: never" },
	{ .name = "pause",
	    .type = OPTION_DURATION,
	    .fallback = "5s",
	    .min = 100,
	    .max = 300000,
	    .help = "for how long at first; doubles up to five minutes while it fails" },
	{ .name = "max_reply",
	    .type = OPTION_INTEGER,
	    .fallback = "1048576",
	    .min = 1024,
	    .max = 16777216,
	    .help = "bytes of a reply; a longer one is refused" },
	{ .name = "origins",
	    .type = OPTION_WORDS,
	    .help = "further servers that exchanges may go to: https://host[:port], ..." },
	{ .name = "isolation",
	    .type = OPTION_CHOICE,
	    .fallback = "auto",
	    .choices = "auto in-process process",
	    .help = "where the plugin runs: in this process, or in a confined child; auto: in a "
		    "child unless it came with caseroute" },
};
const size_t n_portal_keys = sizeof portal_keys / sizeof portal_keys[0];

void portal_allow(struct portals *portals, struct portal *portal, const char *origin)
{
	const char **longer = arena_take(portals->arena, (portal->n_origins + 1) * sizeof *longer);

	for (size_t i = 0; i < portal->n_origins; i++)
		longer[i] = portal->origins[i];
	longer[portal->n_origins++] = arena_copy(portals->arena, origin, strlen(origin));
	portal->origins = longer;
}

/* Mostly it is one of the list itself, and nothing needs to be taken apart. */
bool portal_allows(const struct portal *portal, const char *address)
{
	for (size_t i = 0; i < portal->n_origins; i++)
		if (strcmp(portal->origins[i], address) == 0)
			return true;
	return http_origin_allowed(address, portal->origins, portal->n_origins);
}

/* ---- one value ---------------------------------------------------------------------- */

static portal_str copy_str(struct portals *portals, struct text text)
{
	return (portal_str){ arena_copy(portals->arena, text.p, text.n), text.n };
}

static void set_list(struct portals *portals, struct option_state *state, const struct value *value,
    const struct option *key)
{
	struct portal_value *items =
	    arena_take(portals->arena, (value->n_items + 1) * sizeof *items);
	struct value one;

	for (size_t i = 0; i < value->n_items; i++) {
		items[i].text = copy_str(portals, value->items[i].text);
		if (option_parse(key, value->items[i].text, &one, NULL)) /* else it is reported */
			items[i].number = one.number;
	}
	state->items = items;
	state->n_items = (uint32_t)value->n_items;
}

static void set_secret(
    struct portals *portals, struct option_state *state, const struct value *value)
{
	if (!value->text.n)
		return;
	state->secret.reference = arena_copy(portals->arena, value->text.p, value->text.n);
	if (value->place.file)
		state->secret.base_file =
		    arena_copy(portals->arena, value->place.file, strlen(value->place.file));
}

struct reading {
	struct portals *portals;
	struct portal *portal;
	struct problems *problems;
	bool is_ok;
};

static void set_credential(
    struct reading *r, struct option_state *state, const struct value *value, const char *key)
{
	if (!value->text.n)
		return;
	state->credential = credential_find(r->portals, value->text.p);
	if (state->credential)
		return;
	problem_add(r->problems, PROBLEM_ERROR, E_REFERENCE, value->place,
	    "[portal %s] %s: there is no [credential %s]", r->portal->name, key, value->text.p);
	r->is_ok = false;
}

static void set_value(struct reading *r, uint32_t index, const struct value *value)
{
	const struct portal_option *option = &r->portal->plugin->options[index];
	struct option_state *state = &r->portal->options[index];
	struct portal_value *out = &r->portal->values[index];

	*out = (struct portal_value){ .text = PORTAL_STR(""), .number = value->number };
	state->is_given = value->given;
	switch (option->type) {
	case PORTAL_SECRET:
		set_secret(r->portals, state, value);
		secret_warn_mode(r->problems, value, option->name);
		out->number = state->secret.reference != NULL;
		return;
	case PORTAL_CREDENTIAL:
		set_credential(r, state, value, option->name);
		out->number = state->credential != NULL;
		return;
	default: break;
	}
	out->text = copy_str(r->portals, value->text);
	set_list(r->portals, state, value, &r->portal->plugin->keys[index]);
	if (option->type == PORTAL_ORIGIN && value->text.n)
		portal_allow(r->portals, r->portal, out->text.p);
	for (uint32_t i = 0; option->type == PORTAL_ORIGIN && i < state->n_items; i++)
		portal_allow(r->portals, r->portal, state->items[i].text.p);
}

/* A key of the core must not mean something else to a plugin. */
static bool check_keys(struct reading *r, struct place place)
{
	for (uint32_t i = 0; i < r->portal->plugin->table.n_options; i++)
		for (size_t k = 0; k < n_portal_keys; k++)
			if (text_same(r->portal->plugin->options[i].name, portal_keys[k].name)) {
				problem_add(r->problems, PROBLEM_ERROR, E_PLUGIN, place,
				    "[portal %s] plugin %s has an option '%s', which is "
				    "caseroute's own",
				    r->portal->name, r->portal->plugin->table.name,
				    portal_keys[k].name);
				return false;
			}
	return true;
}

bool portal_read_options(struct portals *portals, struct portal *portal, struct config *config,
    struct config_section *section, struct problems *problems)
{
	struct reading r = { portals, portal, problems, true };
	uint32_t n = portal->plugin->table.n_options;
	struct value *values = memory_array(n + 1, sizeof *values);

	portal->values = arena_take(portals->arena, (n + 1) * sizeof *portal->values);
	portal->options = arena_take(portals->arena, (n + 1) * sizeof *portal->options);
	if (!check_keys(&r, section_place(section)) ||
	    !option_read(config, section, portal->plugin->keys, n, values, problems))
		r.is_ok = false;
	for (uint32_t i = 0; i < n; i++)
		set_value(&r, i, &values[i]);
	free(values);
	return r.is_ok;
}
