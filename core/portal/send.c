#include "portal/timing.h"
#include "portal/token.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINES 64

struct placed { /* a secret that this exchange carries */
	struct placed *next;
	char *name;
	struct secret value;
};

struct line { /* a header */
	char *name;
	struct buffer value;
};

struct sending {
	struct portal *portal;
	struct http *http;
	const struct json *exchange;
	const char *customer_tenant;
	const struct secret_source *source;
	instant now;
	bool may_login;
	bool is_renewal;    /* the second try, after a 401 */
	bool has_renewable; /* a token or session that can be renewed went along */
	struct placed *placed;
	struct line *lines; /* not on the stack: many are under way at once */
	size_t n_lines, lines_capacity;
	struct buffer url, body;
	bool has_body;
	struct failure *why;
};

static bool fail(struct sending *s, const char *text)
{
	return failure_set(s->why, FAILURE_CONFIG, "portal %s: %s", s->portal->name, text);
}

/* ---- secrets ----------------------------------------------------------------------------- */

static struct secret *keep_placed(struct sending *s, const char *name, struct secret *value)
{
	struct placed *p = memory_new(sizeof *p);

	p->name = memory_copy_text(name);
	p->value = *value;
	p->next = s->placed;
	s->placed = p;
	return &p->value;
}

static struct secret *find_placed(struct sending *s, const char *name)
{
	for (struct placed *p = s->placed; p; p = p->next)
		if (text_same(p->name, name))
			return &p->value;
	return NULL;
}

static bool read_option(struct sending *s, const char *name, struct secret *out)
{
	const struct plugin *plugin = s->portal->plugin;

	for (uint32_t i = 0; i < plugin->table.n_options; i++) {
		const struct secret_place *place = &s->portal->options[i].secret;

		if (text_same(plugin->options[i].name, name) && place->reference)
			return secret_read(place->reference, place->base_file, out, s->why);
	}
	return failure_set(
	    s->why, FAILURE_CONFIG, "portal %s has no secret '%s'", s->portal->name, name);
}

static bool read_session(struct sending *s, struct secret *out)
{
	struct portal *portal = s->portal;

	if (s->may_login && (s->is_renewal || !session_is_good(portal, s->now / INSTANT_SECOND))) {
		session_drop(portal);
		if (!portal_login(portal, s->http, s->source, s->now, s->why))
			return false;
	}
	s->has_renewable = s->may_login;
	pthread_mutex_lock(&portal->lock);
	buffer_append(&out->bytes, portal->session.bytes.p ? portal->session.bytes.p : "",
	    portal->session.bytes.n);
	pthread_mutex_unlock(&portal->lock);
	return out->bytes.n > 0 || fail(s, "there is no session; login must come first");
}

/* Both IDs come together; the one that was not asked for is wiped at once. */
static bool read_contract(struct sending *s, const char *name, struct secret *out)
{
	struct secret access = { 0 }, contract = { 0 };
	bool is_access = text_same(name, "access_id"), is_ok;

	if (!s->source || !s->source->contract_ids)
		return fail(s, "the contract's IDs are not in hand");
	is_ok = s->source->contract_ids(s->source->context, &access, &contract, s->why);
	*out = is_access ? access : contract;
	secret_free(is_access ? &contract : &access);
	if (is_ok && out->bytes.n)
		return true;
	secret_free(out);
	return fail(s, "the contract's IDs are not in hand");
}

/* The secret of that name; NULL with a failure. Lives until the sending ends. */
static struct secret *resolve(struct sending *s, const char *name)
{
	struct secret *known = name ? find_placed(s, name) : NULL, value = { 0 };
	bool is_ok = false;

	if (known)
		return known;
	if (!name)
		fail(s, "the exchange names no secret");
	else if (strncmp(name, "option:", 7) == 0)
		is_ok = read_option(s, name + 7, &value);
	else if (text_same(name, "session"))
		is_ok = read_session(s, &value);
	else if (text_same(name, "access_id") || text_same(name, "contract_id"))
		is_ok = read_contract(s, name, &value);
	else
		fail(s, "the exchange names an unknown secret");
	return is_ok ? keep_placed(s, name, &value) : NULL;
}

static void forget_placed(struct sending *s)
{
	while (s->placed) {
		struct placed *p = s->placed;

		s->placed = p->next;
		secret_free(&p->value);
		free(p->name);
		free(p);
	}
}

/* ---- headers ------------------------------------------------------------------------------ */

static struct buffer *add_line(struct sending *s, const char *name)
{
	struct line *line;

	if (s->n_lines == MOST_LINES) {
		fail(s, "the exchange has too many headers");
		return NULL;
	}
	s->lines = memory_grow(s->lines, s->n_lines, &s->lines_capacity, sizeof *line);
	line = &s->lines[s->n_lines++];
	*line = (struct line){ .name = memory_copy_text(name) };
	return &line->value;
}

static bool has_line(const struct sending *s, const char *name)
{
	for (size_t i = 0; i < s->n_lines; i++)
		if (text_same_fold(s->lines[i].name, name))
			return true;
	return false;
}

static bool add_default(struct sending *s, const char *name, const char *value)
{
	struct buffer *line = has_line(s, name) ? NULL : add_line(s, name);

	if (line)
		buffer_text(line, value);
	return true;
}

static bool add_headers(struct sending *s)
{
	const struct json *plain = json_get(s->exchange, "headers"),
			  *secret = json_get(s->exchange, "secret_headers");

	for (size_t i = 0; i < json_length(plain); i++) {
		const char *name = json_chars(json_at(json_at(plain, i), 0));
		struct buffer *line = name ? add_line(s, name) : NULL;

		if (!line)
			return fail(s, "the exchange has a malformed header");
		buffer_text(line,
		    json_chars(json_at(json_at(plain, i), 1))
			? json_chars(json_at(json_at(plain, i), 1))
			: "");
	}
	for (size_t i = 0; i < json_length(secret); i++) {
		const struct json *entry = json_at(secret, i);
		const struct secret *value = resolve(s, json_get_chars(entry, "secret"));
		const char *name = json_get_chars(entry, "name"),
			   *prefix = json_get_chars(entry, "prefix");
		struct buffer *line = value && name ? add_line(s, name) : NULL;

		if (!line)
			return fail(s, "the exchange has a malformed header");
		buffer_text(line, prefix ? prefix : "");
		buffer_append(line, value->bytes.p, value->bytes.n);
	}
	return true;
}

/* ---- tokens --------------------------------------------------------------------------------- */

static bool find_credential(struct sending *s, const struct json *wish, struct credential **found)
{
	const struct plugin *plugin = s->portal->plugin;
	const char *option = json_get_chars(wish, "credential");

	*found = NULL;
	if (wish && !option)
		return true; /* null: none */
	if (!option || !*option) {
		*found = s->portal->credential;
		return *found || !wish || fail(s, "it has no credential");
	}
	for (uint32_t i = 0; i < plugin->table.n_options && !*found; i++)
		if (text_same(plugin->options[i].name, option))
			*found = s->portal->options[i].credential;
	return *found || fail(s, "the exchange names an unknown credential");
}

static bool append_token(
    struct sending *s, const struct json *wish, struct buffer *line, struct credential *c)
{
	const char *tenant = json_get_chars(wish, "tenant");
	struct token_wish wished = { .tenant =
					 text_same(tenant, "customer") ? s->customer_tenant : NULL,
		.scope = json_get_chars(wish, "scope"),
		.is_renewal = s->is_renewal };
	struct secret token = { 0 };

	if (!token_get(c, &wished, s->http, s->source, s->now, &token, s->why))
		return false;
	s->has_renewable = s->has_renewable || c->type != CREDENTIAL_BEARER_TOKEN;
	if (line->n)
		buffer_text(line, ", ");
	buffer_text(line, "Bearer ");
	buffer_append(line, token.bytes.p, token.bytes.n);
	keep_placed(s, "token", &token); /* blanked in the reply, then wiped */
	return true;
}

static bool add_tokens(struct sending *s)
{
	const struct json *wish = json_get(s->exchange, "auth"),
			  *more = json_get(s->exchange, "auxiliary");
	struct credential *c;
	struct buffer *line;

	if (!find_credential(s, wish, &c))
		return false;
	if (c && !has_line(s, "Authorization")) {
		line = add_line(s, "Authorization");
		if (!line || !append_token(s, wish, line, c))
			return false;
	}
	line = json_length(more) ? add_line(s, "x-ms-authorization-auxiliary") : NULL;
	for (size_t i = 0; line && i < json_length(more); i++) {
		if (!find_credential(s, json_at(more, i), &c))
			return false;
		if (c && !append_token(s, json_at(more, i), line, c))
			return false;
	}
	return true;
}

/* ---- body -------------------------------------------------------------------------------------
 */

static bool read_file(struct sending *s, const struct json *entry, struct buffer *out)
{
	int64_t file = json_number(json_get(entry, "file"), -1),
		offset = json_number(json_get(entry, "offset"), 0);
	int64_t length = json_number(json_get(entry, "length"), INT64_MAX);

	if (!s->source || !s->source->file_read || file < 0 || offset < 0 || length < 0)
		return fail(s, "the file to send is not in hand");
	return s->source->file_read(
	    s->source->context, (uint32_t)file, (uint64_t)offset, (uint64_t)length, out, s->why);
}

static struct json *base64_of(const struct buffer *bytes)
{
	size_t n = (bytes->n + 2) / 3 * 4;
	unsigned char *text = memory_array(n + 1, 1);
	struct json *value;

	EVP_EncodeBlock(text, (const unsigned char *)(bytes->p ? bytes->p : ""), (int)bytes->n);
	value = json_new_text((struct text){ (const char *)text, n });
	free(text);
	return value;
}

/* Puts a value where the body has null; takes it over. */
static bool place(
    struct sending *s, struct json **body, const struct json *entry, struct json *value)
{
	const char *pointer = json_get_chars(entry, "pointer");

	if (pointer && !*pointer) {
		json_free(*body);
		*body = value;
		return true;
	}
	if (pointer)
		return json_put(*body, pointer, value) ||
		    fail(s, "the exchange has no such place in its body");
	json_free(value);
	return fail(s, "the exchange is malformed");
}

static bool fill_json(struct sending *s, struct json **body)
{
	const struct json *secrets = json_get(s->exchange, "body_secrets"),
			  *files = json_get(s->exchange, "body_files");

	for (size_t i = 0; i < json_length(secrets); i++) {
		const struct secret *value =
		    resolve(s, json_get_chars(json_at(secrets, i), "secret"));

		if (!value ||
		    !place(
			s, body, json_at(secrets, i), json_new_text(buffer_as_text(&value->bytes))))
			return false;
	}
	for (size_t i = 0; i < json_length(files); i++) {
		struct buffer bytes = { 0 };
		bool is_ok = read_file(s, json_at(files, i), &bytes) &&
		    place(s, body, json_at(files, i), base64_of(&bytes));

		buffer_free(&bytes);
		if (!is_ok)
			return false;
	}
	return true;
}

static bool add_json(struct sending *s)
{
	struct json *body = json_clone(json_get(s->exchange, "body"));
	bool is_ok = fill_json(s, &body);

	if (is_ok) {
		json_write(body, JSON_LINE, &s->body);
		add_default(s, "Content-Type", "application/json");
	}
	json_free(body);
	return is_ok;
}

static bool add_form(struct sending *s)
{
	const struct json *form = json_get(s->exchange, "form");

	for (size_t i = 0; i < json_length(form); i++) {
		const struct json *entry = json_at(form, i);
		struct text value = json_text(json_get(entry, "value"));

		if (json_get(entry, "secret")) {
			const struct secret *secret = resolve(s, json_get_chars(entry, "secret"));

			if (!secret)
				return false;
			value = buffer_as_text(&secret->bytes);
		}
		if (i)
			buffer_char(&s->body, '&');
		http_encode(&s->body, json_text(json_get(entry, "name")));
		buffer_char(&s->body, '=');
		http_encode(&s->body, value);
	}
	return add_default(s, "Content-Type", "application/x-www-form-urlencoded");
}

static bool add_file(struct sending *s)
{
	int64_t file = json_number(json_get(s->exchange, "file"), -1);
	const char *type = NULL;

	if (!read_file(s, s->exchange, &s->body))
		return false;
	if (s->source->media_types && (size_t)file < s->source->n_media_types)
		type = s->source->media_types[file];
	return add_default(s, "Content-Type", type && *type ? type : "application/octet-stream");
}

static bool add_body(struct sending *s)
{
	s->has_body = true;
	if (json_get(s->exchange, "file"))
		return add_file(s);
	if (json_get(s->exchange, "form"))
		return add_form(s);
	if (json_get(s->exchange, "body"))
		return add_json(s);
	s->has_body = false;
	return true;
}

/* ---- the whole ----------------------------------------------------------------------------------
 */

static bool add_url(struct sending *s)
{
	const char *address = json_get_chars(s->exchange, "address");
	const char *query = json_get_chars(s->exchange, "query");
	const char *origin = json_get_chars(s->exchange, "origin"),
		   *path = json_get_chars(s->exchange, "path");

	if (address)
		buffer_text(&s->url, address);
	else if (origin && path)
		buffer_format(
		    &s->url, "%s%s%s%s", origin, path, query ? "?" : "", query ? query : "");
	return s->url.n > 0 || fail(s, "the exchange has no address");
}

static bool build(struct sending *s)
{
	return add_url(s) && add_headers(s) && add_tokens(s) && add_body(s) &&
	    add_default(s, "Accept", "application/json");
}

static void clear(struct sending *s)
{
	for (size_t i = 0; i < s->n_lines; i++) {
		free(s->lines[i].name);
		buffer_wipe(&s->lines[i].value);
	}
	free(s->lines);
	s->lines = NULL;
	s->n_lines = s->lines_capacity = 0;
	buffer_wipe(&s->body);
	buffer_free(&s->url);
	forget_placed(s);
}

/* A portal that repeats what it was sent must not bring it into a plugin's log. */
static void blank_all(struct sending *s, struct http_reply *reply)
{
	for (struct placed *p = s->placed; p; p = p->next) {
		secret_blank(&reply->body, buffer_as_text(&p->value.bytes));
		secret_blank(&reply->headers, buffer_as_text(&p->value.bytes));
	}
}

static bool exchange(struct sending *s, struct http_reply *reply)
{
	struct http_header *headers = memory_array(s->n_lines + 1, sizeof *headers);
	const char *method = json_get_chars(s->exchange, "method");
	struct http_request request = {
		.method = method ? method : "GET",
		.url = s->url.p,
		.origins = s->portal->origins,
		.n_origins = s->portal->n_origins,
		.headers = headers,
		.n_headers = s->n_lines,
		.body = buffer_as_text(&s->body),
		.has_body = s->has_body,
		.must_not_repeat = text_same(json_get_chars(s->exchange, "repeat"), "never"),
		.timeout_ms = s->portal->timeout_ms,
		.max_bytes = s->portal->max_reply,
	};
	int64_t begun;
	bool is_ok;

	for (size_t i = 0; i < s->n_lines; i++)
		headers[i] = (struct http_header){ text_of(s->lines[i].name),
			buffer_as_text(&s->lines[i].value) };
	begun = instant_monotonic();
	is_ok = http_exchange(s->http, &request, s->now, reply, s->why);
	timing_add(s->portal->name, is_ok ? reply->status : 0, instant_monotonic() - begun);
	free(headers);
	return is_ok;
}

static bool send_once(struct sending *s, struct http_reply *reply)
{
	bool is_ok = build(s) && exchange(s, reply);

	if (is_ok)
		blank_all(s, reply);
	clear(s);
	return is_ok || failure_context(s->why, "portal %s", s->portal->name);
}

static bool run(struct sending *s, struct http_reply *reply)
{
	if (!send_once(s, reply))
		return false;
	if (reply->status != 401 || !s->has_renewable)
		return true;
	http_reply_free(reply); /* nothing was done by a 401: once more with a new token */
	*reply = (struct http_reply){ .retry_after_ms = -1 };
	s->is_renewal = true;
	return send_once(s, reply);
}

bool portal_reaches(const struct portal *portal, const struct json *exchange_json)
{
	const char *address = json_get_chars(exchange_json, "address"),
		   *origin = json_get_chars(exchange_json, "origin"),
		   *to = address ? address : origin;

	return !to || http_origin_allowed(to, portal->origins, portal->n_origins);
}

bool portal_send_plain(struct portal *portal, struct http *http, const struct json *exchange_json,
    const char *customer_tenant, const struct secret_source *source, instant now,
    struct http_reply *reply, struct failure *why)
{
	struct sending s = { .portal = portal,
		.http = http,
		.exchange = exchange_json,
		.customer_tenant = customer_tenant,
		.source = source,
		.now = now,
		.why = why };

	*reply = (struct http_reply){ .retry_after_ms = -1 };
	return run(&s, reply);
}

bool portal_send(struct portal *portal, struct http *http, const struct json *exchange_json,
    const char *customer_tenant, const struct secret_source *source, instant now,
    struct http_reply *reply, struct failure *why)
{
	struct sending s = { .portal = portal,
		.http = http,
		.exchange = exchange_json,
		.customer_tenant = customer_tenant,
		.source = source,
		.now = now,
		.why = why,
		.may_login = portal_can(portal, OPERATION_LOGIN) };

	*reply = (struct http_reply){ .retry_after_ms = -1 };
	return run(&s, reply);
}
