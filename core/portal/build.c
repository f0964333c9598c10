/* An exchange's JSON becomes a request: address, headers, tokens, body. */
#include "portal/sending.h"
#include "portal/token.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINES 64

/* ---- headers ------------------------------------------------------------------------------ */

static struct buffer *add_line(struct sending *s, const char *name)
{
	struct line *line;

	if (s->n_lines == MOST_LINES) {
		sending_fail(s, "the exchange has too many headers");
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
			return sending_fail(s, "the exchange has a malformed header");
		buffer_text(line,
		    json_chars(json_at(json_at(plain, i), 1))
			? json_chars(json_at(json_at(plain, i), 1))
			: "");
	}
	for (size_t i = 0; i < json_length(secret); i++) {
		const struct json *entry = json_at(secret, i);
		const struct secret *value = sending_secret(s, json_get_chars(entry, "secret"));
		const char *name = json_get_chars(entry, "name"),
			   *prefix = json_get_chars(entry, "prefix");
		struct buffer *line = value && name ? add_line(s, name) : NULL;

		if (!line)
			return sending_fail(s, "the exchange has a malformed header");
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
		return *found || !wish || sending_fail(s, "it has no credential");
	}
	for (uint32_t i = 0; i < plugin->table.n_options && !*found; i++)
		if (text_same(plugin->options[i].name, option))
			*found = s->portal->options[i].credential;
	return *found || sending_fail(s, "the exchange names an unknown credential");
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
	sending_place(s, "token", &token); /* blanked in the reply, then wiped */
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
		return sending_fail(s, "the file to send is not in hand");
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
		    sending_fail(s, "the exchange has no such place in its body");
	json_free(value);
	return sending_fail(s, "the exchange is malformed");
}

static bool fill_json(struct sending *s, struct json **body)
{
	const struct json *secrets = json_get(s->exchange, "body_secrets"),
			  *files = json_get(s->exchange, "body_files");

	for (size_t i = 0; i < json_length(secrets); i++) {
		const struct secret *value =
		    sending_secret(s, json_get_chars(json_at(secrets, i), "secret"));

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

/* With values of our own in it, which the exchange must not hold: a copy has them. */
static bool has_places(const struct sending *s)
{
	return json_length(json_get(s->exchange, "body_secrets")) ||
	    json_length(json_get(s->exchange, "body_files"));
}

static bool add_json(struct sending *s)
{
	struct json *body = json_get(s->exchange, "body");
	bool has = has_places(s), is_ok = true;

	body = has ? json_clone(body) : json_hold(body);
	if (has)
		is_ok = fill_json(s, &body);
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
			const struct secret *secret =
			    sending_secret(s, json_get_chars(entry, "secret"));

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
	else if (origin && path) {
		buffer_text(&s->url, origin);
		buffer_text(&s->url, path);
		buffer_text(&s->url, query ? "?" : "");
		buffer_text(&s->url, query ? query : "");
	}
	return s->url.n > 0 || sending_fail(s, "the exchange has no address");
}

bool sending_build(struct sending *s)
{
	return add_url(s) && add_headers(s) && add_tokens(s) && add_body(s) &&
	    add_default(s, "Accept", "application/json");
}

void sending_clear(struct sending *s)
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
	sending_forget(s);
}
