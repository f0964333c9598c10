/*
 * Host calls that say where an exchange goes and what it carries beside a body.
 */
#include "portal/host.h"
#include "portal/rules.h"

#include <string.h>

static struct running *building(struct portal_op *op, const char *name)
{
	struct running *r = working(op);

	if (r && !r->exchange) {
		stick(r, "an exchange begins with request() or follow()");
		return NULL;
	}
	return r && given(r, name) ? r : NULL;
}

static bool count(struct running *r, size_t bytes)
{
	r->exchange_bytes += bytes;
	if (r->exchange_bytes > EXCHANGE_BYTES)
		stick(r, "the exchange is longer than %zu bytes", EXCHANGE_BYTES);
	return !r->stuck;
}

static bool begin(struct running *r, const char *method, uint32_t repeat)
{
	if (r->exchange)
		stick(r, "a step builds one exchange");
	if (given(r, method) && !is_method(method))
		stick(r, "'%.20s' is no method", method);
	if (repeat != PORTAL_REPEAT_SAFE && repeat != PORTAL_REPEAT_NEVER)
		stick(r, "%u is no repeat class", repeat);
	if (r->op.operation == PORTAL_OP_LOGIN && repeat == PORTAL_REPEAT_NEVER)
		stick(r, "a login is made of exchanges that may be repeated");
	if (r->stuck)
		return false;
	r->exchange = json_new_object();
	r->repeat = repeat;
	json_set(r->exchange, "method", json_new_string(method));
	return true;
}

static bool check_allowed(struct running *r, const char *url)
{
	struct buffer origin = { 0 };

	if (portal_allows(r->portal, url))
		return true;
	if (http_origin(url, &origin))
		stick(r, "%s is not an origin of portal %s", origin.p, r->portal->name);
	else
		stick(r, "the address is neither https nor on this machine");
	buffer_free(&origin);
	return false;
}

/* ---- address ------------------------------------------------------------------------------ */

static void append_segment(struct running *r, struct buffer *path, portal_str arg)
{
	struct text text = text_from(r, arg);

	if (text_is(text, ".") || text_is(text, ".."))
		stick(r, "'%.*s' cannot stand in a path", TEXT_ARGS(text));
	else
		http_encode(path, text);
}

static void append_path(
    struct running *r, struct buffer *path, const char *template, const portal_str *args, size_t n)
{
	size_t used = 0;

	for (; *template && !r->stuck; template ++) {
		if (template[0] == '{' && template[1] == '}') {
			if (used == n)
				stick(r, "the path has more {} than arguments");
			else
				append_segment(r, path, args[used++]);
			template ++;
		} else if (*template <= ' ' || *template > '~' || *template == '#' ||
		    *template == '\\') {
			stick(r, "the path holds a byte that cannot stand in one");
		} else {
			buffer_char(path, *template);
		}
	}
}

static void set_path(struct running *r, const char *path)
{
	const char *mark = strchr(path, '?');
	struct text before = { path, mark ? (size_t)(mark - path) : strlen(path) };

	json_set(r->exchange, "path", json_new_text(before));
	if (mark && mark[1])
		json_set(r->exchange, "query", json_new_string(mark + 1));
}

void host_request(struct portal_op *op, const char *method, portal_str origin, const char *path,
    const portal_str *args, size_t n, uint32_t repeat)
{
	struct running *r = working(op);
	struct buffer full = { 0 };
	const char *where;

	if (!r || !begin(r, method, repeat) || !given(r, path))
		return;
	if (n && !args) {
		stick(r, "the arguments of a path are NULL");
		return;
	}
	where = chars_of(r, origin);
	append_path(r, &full, path, args, n);
	if (path[0] != '/')
		stick(r, "a path begins with '/'");
	if (!r->stuck && check_allowed(r, where) && count(r, full.n)) {
		json_set(r->exchange, "origin", json_new_string(where));
		set_path(r, full.p);
	}
	buffer_free(&full);
}

void host_follow(struct portal_op *op, portal_str origin, portal_str address)
{
	struct running *r = working(op);
	const char *where;

	if (!r || !begin(r, "GET", PORTAL_REPEAT_SAFE))
		return;
	where = chars_of(r, address);
	if (where[0] == '/' && where[1] != '/')
		where = arena_format(r->arena, "%s%s", chars_of(r, origin), where);
	if (!where[0])
		stick(r, "follow: the portal gave no address");
	if (!r->stuck && check_allowed(r, where) && count(r, strlen(where)))
		json_set(r->exchange, "address", json_new_string(where));
	r->is_followed = true;
}

void host_query(struct portal_op *op, const char *name, portal_str value)
{
	struct running *r = building(op, name);
	struct buffer query = { 0 };
	const char *before;

	if (!r)
		return;
	if (r->is_followed) {
		stick(r, "an address that the portal gave is sent as it is: no query()");
		return;
	}
	before = json_get_chars(r->exchange, "query");
	if (before)
		buffer_format(&query, "%s&", before);
	http_encode(&query, text_of(name));
	buffer_char(&query, '=');
	http_encode(&query, text_from(r, value));
	if (count(r, query.n))
		json_set(r->exchange, "query", json_new_text(buffer_as_text(&query)));
	buffer_free(&query);
}

/* ---- headers ------------------------------------------------------------------------------- */

static struct json *pair_of(struct json *first, struct json *second)
{
	struct json *pair = json_new_array();

	json_append(pair, first);
	json_append(pair, second);
	return pair;
}

static void check_own(struct running *r, const char *name, bool is_secret)
{
	if (own_header(name, is_secret))
		stick(r, "header %s is the host's", own_header(name, is_secret));
}

void host_header(struct portal_op *op, const char *name, portal_str value)
{
	struct running *r = building(op, name);
	struct text text;

	if (!r)
		return;
	text = text_from(r, value);
	check_own(r, name, false);
	if (!is_header_name(name) || !is_header_value(text))
		stick(r, "header '%.40s' is malformed", name);
	if (count(r, strlen(name) + text.n))
		json_append(array_in(r->exchange, "headers"),
		    pair_of(json_new_string(name), json_new_text(text)));
}

void host_header_secret(struct portal_op *op, const char *name, const char *prefix, uint32_t secret)
{
	struct running *r = building(op, name);
	const char *placed = r && given(r, prefix) ? secret_name(r, secret) : NULL;
	struct json *header;

	if (!placed)
		return;
	check_own(r, name, true);
	if (!is_header_name(name) || !is_header_value(text_of(prefix)))
		stick(r, "header '%.40s' is malformed", name);
	if (r->stuck)
		return;
	header = json_new_object();
	json_set(header, "name", json_new_string(name));
	json_set(header, "prefix", json_new_string(prefix));
	json_set(header, "secret", json_new_string(placed));
	json_append(array_in(r->exchange, "secret_headers"), header);
}

/* The portal's own Retry-After counts where it asks for more patience. */
void host_wait(struct portal_op *op, uint32_t milliseconds)
{
	struct running *r = building(op, "");
	const int64_t most = INSTANT_DAY;
	int64_t asked = r && r->in->reply ? r->in->reply->retry_after_ms : -1;

	if (!r)
		return;
	r->wait_ms = milliseconds > asked ? milliseconds : asked;
	if (r->wait_ms > most)
		r->wait_ms = most;
}

/* ---- tokens -----------------------------------------------------------------------------------
 */

static struct json *credential_name(struct running *r, uint32_t credential)
{
	const struct plugin *plugin = r->portal->plugin;

	if (credential == PORTAL_DEFAULT_CREDENTIAL) {
		if (!r->portal->credential)
			stick(r, "portal %s has no credential; add credential = NAME",
			    r->portal->name);
		return json_new_string("");
	}
	if (credential == PORTAL_NO_CREDENTIAL)
		return json_new_null();
	if (credential >= plugin->table.n_options ||
	    plugin->options[credential].type != PORTAL_CREDENTIAL)
		stick(r, "option %u is not of type CREDENTIAL", credential);
	else if (!r->portal->options[credential].credential)
		stick(r, "the credential '%s' is not configured", plugin->options[credential].name);
	else
		return json_new_string(plugin->options[credential].name);
	return NULL;
}

static struct json *wish(struct running *r, uint32_t credential, portal_str scope, uint32_t tenant)
{
	static const char *const tenants[] = { "own", "customer", "partner" };
	struct json *wished = json_new_object();

	json_set(wished, "credential", credential_name(r, credential));
	json_set(wished, "scope", json_new_text(text_from(r, scope)));
	if (tenant > PORTAL_TENANT_PARTNER)
		stick(r, "%u is no tenant", tenant);
	else
		json_set(wished, "tenant", json_new_string(tenants[tenant]));
	if (!r->stuck)
		return wished;
	json_free(wished);
	return NULL;
}

void host_authorize(struct portal_op *op, uint32_t credential, portal_str scope, uint32_t tenant)
{
	struct running *r = building(op, "");

	if (r)
		json_set(r->exchange, "auth", wish(r, credential, scope, tenant));
}

void host_authorize_auxiliary(
    struct portal_op *op, uint32_t credential, portal_str scope, uint32_t tenant)
{
	struct running *r = building(op, "");
	struct json *list;

	if (!r)
		return;
	list = array_in(r->exchange, "auxiliary");
	if (json_length(list) == 3)
		stick(r, "at most three auxiliary tokens can be sent");
	else
		json_append(list, wish(r, credential, scope, tenant));
}
