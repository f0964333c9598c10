/* Is an exchange one that exchange.h describes, and does it go where it may? */
#include "portal/exchange.h"
#include "portal/result.h"
#include "portal/rules.h"

#include <string.h>

#define MOST_HEADERS 60
#define MOST_PARTS 2000 /* of a form; places of secrets and files */
#define SLICE_BYTES ((int64_t)64 * 1024 * 1024)

struct exchange_judging {
	const struct portal *portal;
	const struct step_input *in;
	const struct json *exchange;
};

typedef bool rule(const struct exchange_judging *, const struct json *value);

/* ---- small parts -------------------------------------------------------------------------- */

static bool has_members(const struct json *object, size_t n)
{
	return json_kind(object) == JSON_IS_OBJECT && json_length(object) == n;
}

static bool all_are(
    const struct exchange_judging *j, const struct json *list, size_t most, rule *is)
{
	if (json_kind(list) != JSON_IS_ARRAY || json_length(list) > most)
		return false;
	for (size_t i = 0; i < json_length(list); i++)
		if (!is(j, json_at(list, i)))
			return false;
	return true;
}

bool secret_is_ours(const struct portal *portal, const struct step_input *in, const char *name)
{
	const struct plugin *plugin = portal->plugin;
	uint32_t has = in->contract ? in->contract->flags : 0;

	if (text_same(name, "access_id"))
		return has & PORTAL_HAS_ACCESS_ID;
	if (text_same(name, "contract_id"))
		return has & PORTAL_HAS_CONTRACT_ID;
	if (!name || strncmp(name, "option:", 7) != 0)
		return text_same(name, "session");
	for (uint32_t i = 0; i < plugin->table.n_options; i++)
		if (plugin->options[i].type == PORTAL_SECRET &&
		    text_same(plugin->options[i].name, name + 7))
			return portal->options[i].secret.reference != NULL;
	return false;
}

static bool names_secret(const struct exchange_judging *j, const struct json *entry)
{
	return secret_is_ours(j->portal, j->in, json_get_chars(entry, "secret"));
}

/* ---- address and headers ----------------------------------------------------------------- */

static bool is_good_method(const struct exchange_judging *j, const struct json *value)
{
	(void)j;
	return json_chars(value) && is_method(json_chars(value));
}

static bool is_allowed(const struct exchange_judging *j, const struct json *value)
{
	return json_chars(value) && is_address_text(json_text(value)) &&
	    portal_allows(j->portal, json_chars(value));
}

static bool is_url_text(struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~' || text.p[i] == '#' || text.p[i] == '\\')
			return false;
	return true;
}

static bool is_path(const struct exchange_judging *j, const struct json *value)
{
	struct text path = json_text(value);

	(void)j;
	return text_starts(path, "/") && is_url_text(path);
}

static bool is_query(const struct exchange_judging *j, const struct json *value)
{
	(void)j;
	return json_chars(value) && is_url_text(json_text(value));
}

static bool is_header(const struct exchange_judging *j, const struct json *value)
{
	const char *name = json_chars(json_at(value, 0)), *text = json_chars(json_at(value, 1));

	(void)j;
	return json_length(value) == 2 && name && text && is_header_name(name) &&
	    !own_header(name, false) && is_header_value(text_of(text));
}

static bool are_headers(const struct exchange_judging *j, const struct json *value)
{
	return all_are(j, value, MOST_HEADERS, is_header);
}

static bool is_secret_header(const struct exchange_judging *j, const struct json *value)
{
	const char *name = json_get_chars(value, "name"), *prefix = json_get_chars(value, "prefix");

	return has_members(value, 3) && name && prefix && is_header_name(name) &&
	    !own_header(name, true) && is_header_value(text_of(prefix)) && names_secret(j, value);
}

static bool are_secret_headers(const struct exchange_judging *j, const struct json *value)
{
	return all_are(j, value, MOST_HEADERS, is_secret_header);
}

/* ---- tokens -------------------------------------------------------------------------------- */

static bool is_credential(const struct portal *portal, const struct json *value)
{
	const char *name = json_chars(value);

	if (!name)
		return json_kind(value) == JSON_IS_NULL;
	if (!*name)
		return portal->credential != NULL;
	for (uint32_t i = 0; i < portal->plugin->table.n_options; i++)
		if (portal->plugin->options[i].type == PORTAL_CREDENTIAL &&
		    text_same(portal->plugin->options[i].name, name))
			return portal->options[i].credential != NULL;
	return false;
}

static bool is_wish(const struct exchange_judging *j, const struct json *value)
{
	const char *tenant = json_get_chars(value, "tenant");

	return has_members(value, 3) && is_credential(j->portal, json_get(value, "credential")) &&
	    json_get_chars(value, "scope") &&
	    (text_same(tenant, "own") || text_same(tenant, "customer") ||
		text_same(tenant, "partner"));
}

static bool are_wishes(const struct exchange_judging *j, const struct json *value)
{
	return all_are(j, value, 3, is_wish);
}

/* ---- body ------------------------------------------------------------------------------------ */

static bool is_anything(const struct exchange_judging *j, const struct json *value)
{
	(void)j;
	(void)value;
	return true;
}

/* A place in the body is null until it is filled. */
static bool is_place(const struct exchange_judging *j, const struct json *entry)
{
	const char *pointer = json_get_chars(entry, "pointer");
	const struct json *body = json_get(j->exchange, "body");

	return pointer && body && (!*pointer || json_point(body, pointer));
}

static bool is_body_secret(const struct exchange_judging *j, const struct json *value)
{
	return has_members(value, 2) && is_place(j, value) && names_secret(j, value);
}

static bool are_body_secrets(const struct exchange_judging *j, const struct json *value)
{
	return all_are(j, value, MOST_PARTS, is_body_secret);
}

static bool is_file(const struct exchange_judging *j, const struct json *value)
{
	int64_t file = json_number(value, -1);

	return file >= 0 && j->in->request && file < j->in->request->n_files;
}

static bool is_body_file(const struct exchange_judging *j, const struct json *value)
{
	int64_t offset = json_number(json_get(value, "offset"), -1),
		length = json_number(json_get(value, "length"), -1);

	return has_members(value, 4) && is_place(j, value) && is_file(j, json_get(value, "file")) &&
	    offset >= 0 && length >= 0 && length <= SLICE_BYTES;
}

static bool are_body_files(const struct exchange_judging *j, const struct json *value)
{
	return all_are(j, value, MOST_PARTS, is_body_file);
}

static bool is_form_part(const struct exchange_judging *j, const struct json *value)
{
	return has_members(value, 2) && json_get_chars(value, "name") &&
	    (json_get_chars(value, "value") || names_secret(j, value));
}

static bool is_form(const struct exchange_judging *j, const struct json *value)
{
	return all_are(j, value, MOST_PARTS, is_form_part);
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	rule *is_right;
} members[] = {
	{ "method", is_good_method },
	{ "origin", is_allowed },
	{ "path", is_path },
	{ "query", is_query },
	{ "address", is_allowed },
	{ "headers", are_headers },
	{ "secret_headers", are_secret_headers },
	{ "auth", is_wish },
	{ "auxiliary", are_wishes },
	{ "body", is_anything },
	{ "body_secrets", are_body_secrets },
	{ "body_files", are_body_files },
	{ "form", is_form },
	{ "file", is_file },
};

static bool is_member(const struct exchange_judging *j, const char *name, const struct json *value)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strcmp(members[i].name, name) == 0)
			return members[i].is_right(j, value);
	return false;
}

/* An address that the portal gave is fetched as it is. */
static bool hangs_together(const struct json *e)
{
	bool is_followed = json_get(e, "address") != NULL;
	int bodies = (json_get(e, "body") != NULL) + (json_get(e, "form") != NULL) +
	    (json_get(e, "file") != NULL);

	if (!json_get(e, "method") || bodies > 1)
		return false;
	if (is_followed)
		return !bodies && !json_get(e, "origin") && !json_get(e, "path") &&
		    !json_get(e, "query") && text_is(json_text(json_get(e, "method")), "GET");
	return json_get(e, "origin") && json_get(e, "path");
}

const char *exchange_judge(const struct portal *portal, const struct step_input *in,
    const struct json *exchange, struct arena *arena)
{
	struct exchange_judging j = { portal, in, exchange };
	const char *name;
	struct json *value;
	void *cursor = NULL;

	if (json_kind(exchange) != JSON_IS_OBJECT || !hangs_together(exchange))
		return "the exchange is none";
	while (json_next(exchange, &cursor, &name, &value))
		if (!is_member(&j, name, value))
			return arena_format(
			    arena, "the exchange's '%.40s' is not what it may be", name);
	return NULL;
}
