/* What stands in a portal's section; of its secrets only where they are. */
#include "portal/portals.h"
#include "portal/inside.h"

static void tell_items(
    const struct portal *portal, uint32_t i, void *context, portal_key_told *told)
{
	const struct portal_option *option = &portal->plugin->options[i];
	const struct option_state *state = &portal->options[i];

	for (uint32_t k = 0; k < state->n_items; k++) {
		char numbered[80];

		snprintf(numbered, sizeof numbered, "%s.%u", option->name, (unsigned)k + 1);
		told(context, numbered, option,
		    (struct text){ state->items[k].text.p, state->items[k].text.n });
	}
}

/* Options of type PORTAL_ORIGIN allow theirs by themselves. */
static bool is_of_option(const struct portal *portal, const char *origin)
{
	for (uint32_t i = 0; i < portal->plugin->table.n_options; i++) {
		const struct option_state *state = &portal->options[i];

		if (portal->plugin->options[i].type != PORTAL_ORIGIN)
			continue;
		if (portal_is(portal->values[i].text, origin))
			return true;
		for (uint32_t k = 0; k < state->n_items; k++)
			if (portal_is(state->items[k].text, origin))
				return true;
	}
	return false;
}

static void tell_origins(const struct portal *portal, void *context, portal_key_told *told)
{
	struct buffer all = { 0 };

	for (size_t i = 0; i < portal->n_origins; i++)
		if (!is_of_option(portal, portal->origins[i]))
			buffer_format(&all, "%s%s", all.n ? ", " : "", portal->origins[i]);
	if (all.n)
		told(context, "origins", NULL, buffer_as_text(&all));
	buffer_free(&all);
}

void portal_tell_keys(const struct portal *portal, void *context, portal_key_told *told)
{
	for (uint32_t i = 0; i < portal->plugin->table.n_options; i++) {
		const struct portal_option *option = &portal->plugin->options[i];
		const portal_str text = portal->values[i].text;

		if (!portal->options[i].is_given)
			continue;
		if (option->flags & PORTAL_LIST)
			tell_items(portal, i, context, told);
		else
			told(context, option->name, option, (struct text){ text.p, text.n });
	}
	tell_origins(portal, context, told);
}

bool portal_uses_credential(const struct portal *portal)
{
	bool is_used = portal->credential != NULL;

	for (uint32_t i = 0; i < portal->plugin->table.n_options && !is_used; i++)
		is_used = portal->options[i].credential != NULL;
	return is_used;
}

/* ---- its secrets: where they are, not what they are -------------------------------------- */

static void tell_place(struct secret_told told, const struct secret_place *place, void *context,
    portal_secret_told *tell)
{
	told.reference = place->reference;
	told.file = place->base_file;
	if (told.reference)
		tell(context, &told);
}

void portals_tell_secrets(const struct portals *portals, void *context, portal_secret_told *tell)
{
	for (size_t i = 0; i < portals->n_credentials; i++) {
		const struct credential *c = portals->credentials[i];
		struct secret_told told = { .kind = "credential", .name = c->name };

		told.key = "secret";
		tell_place(told, &c->secret, context, tell);
		told.key = "key";
		tell_place(told, &c->key, context, tell);
		told.key = "token";
		told.is_spare = c->type == CREDENTIAL_REFRESH_TOKEN;
		tell_place(told, &c->token, context, tell);
	}
	for (size_t i = 0; i < portals->n; i++) {
		const struct portal *portal = portals->portals[i];

		for (uint32_t k = 0; k < portal->plugin->table.n_options; k++)
			tell_place((struct secret_told){ .kind = "portal",
				       .name = portal->name,
				       .key = portal->plugin->options[k].name },
			    &portal->options[k].secret, context, tell);
	}
}
