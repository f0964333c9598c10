#include "portal/host.h"

#include <stdlib.h>
#include <string.h>

const struct portal_host host_table = {
	.size = sizeof(struct portal_host),
	.request = host_request,
	.follow = host_follow,
	.query = host_query,
	.header = host_header,
	.header_secret = host_header_secret,
	.wait = host_wait,
	.authorize = host_authorize,
	.authorize_auxiliary = host_authorize_auxiliary,
	.put = host_put,
	.put_number = host_put_number,
	.put_boolean = host_put_boolean,
	.put_json = host_put_json,
	.put_secret = host_put_secret,
	.put_file = host_put_file,
	.send_file = host_send_file,
	.form = host_form,
	.form_secret = host_form_secret,
	.get = host_get,
	.get_number = host_get_number,
	.get_length = host_get_length,
	.get_name = host_get_name,
	.find = host_find,
	.get_header = host_get_header,
	.keep_secret = host_keep_secret,
	.get_input = host_get_input,
	.get_answer = host_get_answer,
	.has_option = host_has_option,
	.list_length = host_list_length,
	.list_get = host_list_get,
	.cache_get = host_cache_get,
	.cache_put = host_cache_put,
	.guide_title = host_guide_title,
	.guide_sign_in = host_guide_sign_in,
	.guide_link = host_guide_link,
	.guide_step = host_guide_step,
	.guide_field = host_guide_field,
	.guide_secret = host_guide_secret,
	.guide_choice = host_guide_choice,
	.guide_answer = host_guide_answer,
	.guide_due = host_guide_due,
	.observe = host_observe,
	.go = host_go,
	.format = host_format,
	.fill = host_fill,
	.write_time = host_write_time,
	.read_time = host_read_time,
	.read_end = host_read_end,
	.read_number = host_read_number,
	.log = host_log,
	.fail = host_fail,
	.reject = host_reject,
	.reject_as = host_reject_as,
	.need = host_need,
	.extension = host_extension,
};

const void *host_extension(const char *id)
{
	(void)id;
	return NULL; /* no trials yet */
}

struct running *running_of(struct portal_op *op)
{
	return (struct running *)op;
}

struct running *working(struct portal_op *op)
{
	struct running *r = running_of(op);

	return r->stuck ? NULL : r;
}

void stick(struct running *r, const char *format, ...)
{
	struct buffer text = { 0 };
	va_list args;

	if (r->stuck)
		return;
	va_start(args, format);
	buffer_vformat(&text, format, args);
	va_end(args);
	r->stuck = arena_copy(r->arena, text.p ? text.p : "", text.n);
	buffer_free(&text);
}

bool given(struct running *r, const char *text)
{
	if (!text)
		stick(r, "a text that a call needs is NULL");
	return text != NULL;
}

struct text text_from(struct running *r, portal_str str)
{
	if (!str.p && str.n)
		stick(r, "a text of %zu bytes has no address", str.n);
	return str.p && !r->stuck ? (struct text){ str.p, str.n } : TEXT("");
}

portal_str str_of(struct running *r, struct text text)
{
	if (!text.n)
		return PORTAL_STR("");
	return text.n ? (portal_str){ arena_copy(r->arena, text.p, text.n), text.n }
		      : PORTAL_STR("");
}

portal_str str_buffer(struct running *r, struct buffer *buffer)
{
	portal_str str = str_of(r, buffer_as_text(buffer));

	buffer_free(buffer);
	return str;
}

const char *chars_of(struct running *r, portal_str str)
{
	struct text text = text_from(r, str);

	return arena_copy(r->arena, text.p, text.n);
}

struct json *array_in(struct json *object, const char *name)
{
	if (!json_get(object, name))
		json_set(object, name, json_new_array());
	return json_get(object, name);
}

static bool has_id(struct running *r, uint32_t flag)
{
	return r->op.contract && (r->op.contract->flags & flag);
}

const char *secret_name(struct running *r, uint32_t secret)
{
	const struct portal_plugin *table = &r->portal->plugin->table;

	if (secret == PORTAL_SESSION)
		return "session";
	if (secret == PORTAL_ACCESS_ID && has_id(r, PORTAL_HAS_ACCESS_ID))
		return "access_id";
	if (secret == PORTAL_CONTRACT_ID && has_id(r, PORTAL_HAS_CONTRACT_ID))
		return "contract_id";
	if (secret < table->n_options && r->portal->plugin->options[secret].type == PORTAL_SECRET) {
		if (r->portal->options[secret].secret.reference)
			return arena_format(
			    r->arena, "option:%s", r->portal->plugin->options[secret].name);
		stick(r, "the secret '%s' is not configured",
		    r->portal->plugin->options[secret].name);
	} else if (secret == PORTAL_ACCESS_ID || secret == PORTAL_CONTRACT_ID) {
		stick(r, "the contract's %s is not in hand",
		    secret == PORTAL_ACCESS_ID ? "Access ID" : "Contract ID");
	} else {
		stick(r, "secret %u is neither an option of type SECRET nor one of the host's",
		    secret);
	}
	return NULL;
}

/* ---- options and what the portal keeps ----------------------------------------------- */

static const struct option_state *option_at(struct running *r, uint32_t option)
{
	if (r && option < r->portal->plugin->table.n_options)
		return &r->portal->options[option];
	if (r)
		stick(r, "there is no option %u", option);
	return NULL;
}

int host_has_option(struct portal_op *op, uint32_t option)
{
	const struct option_state *state = option_at(working(op), option);

	return state && state->is_given;
}

uint32_t host_list_length(struct portal_op *op, uint32_t option)
{
	const struct option_state *state = option_at(working(op), option);

	return state ? state->n_items : 0;
}

struct portal_value host_list_get(struct portal_op *op, uint32_t option, uint32_t index)
{
	const struct option_state *state = option_at(working(op), option);

	if (state && index < state->n_items)
		return state->items[index];
	return (struct portal_value){ .text = PORTAL_STR("") };
}

portal_str host_cache_get(struct portal_op *op, const char *name)
{
	struct running *r = working(op);
	struct buffer value = { 0 };

	if (!r || !given(r, name) || !cache_get(r->portal, name, op->now, &value))
		return PORTAL_STR("");
	return str_buffer(r, &value);
}

void host_cache_put(struct portal_op *op, const char *name, portal_str value, int64_t until)
{
	struct running *r = working(op);
	const int64_t week = 7 * 86400;
	struct text text;

	if (!r || !given(r, name))
		return;
	text = text_from(r, value);
	if (strlen(name) > 120 || text.n > 65536)
		stick(r, "cache_put: a name of up to 120 bytes and a text of up to 65536 are kept");
	else if (!r->stuck)
		cache_put(r->portal, name, text, until > op->now + week ? op->now + week : until);
}
