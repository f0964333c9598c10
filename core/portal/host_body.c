/*
 * Host calls that build an exchange's body: JSON, a form, or a file.
 */
#include "portal/host.h"

#include <string.h>

/* where: the place in the body, which must be given. */
static struct running *with_body(struct portal_op *op, enum body_kind kind, const char *where)
{
	struct running *r = working(op);

	if (!r)
		return NULL;
	given(r, where);
	if (!r->exchange)
		stick(r, "an exchange begins with request() or follow()");
	else if (r->is_followed)
		stick(r, "an address that the portal gave is fetched without a body");
	else if (r->body != BODY_NONE && r->body != kind)
		stick(r, "a body is JSON, a form or a file, never two");
	r->body = kind;
	return r->stuck ? NULL : r;
}

static bool count(struct running *r, size_t bytes)
{
	r->exchange_bytes += bytes + 16;
	if (r->exchange_bytes > EXCHANGE_BYTES)
		stick(r, "the exchange is longer than %zu bytes", EXCHANGE_BYTES);
	return !r->stuck;
}

/* The pointer with each "-" as the index it stands for now: a place that is named
 * twice, first with null and then with its secret, must be the same place. */
static const char *fixed(struct running *r, const char *pointer)
{
	const struct json *body = json_get(r->exchange, "body");
	const char *at = pointer;

	while ((at = strstr(at, "/-"))) {
		size_t before = (size_t)(at - pointer);

		at += 2;
		if (*at && *at != '/')
			continue;
		pointer = arena_format(r->arena, "%.*s/%zu%s", (int)before, pointer,
		    json_length(json_point(body, arena_copy(r->arena, pointer, before))), at);
		at = pointer + before + 1;
	}
	return pointer;
}

/* Takes the value over. */
static void place(struct running *r, const char *pointer, struct json *value)
{
	struct json *body = json_get(r->exchange, "body");

	if (!pointer[0]) {
		json_set(r->exchange, "body", value);
		return;
	}
	if (!body) {
		json_set(r->exchange, "body", json_new_object());
		body = json_get(r->exchange, "body");
	}
	if (!json_put(body, pointer, value))
		stick(r, "nothing can be put at '%.200s'", pointer);
}

void host_put(struct portal_op *op, const char *pointer, portal_str value)
{
	struct running *r = with_body(op, BODY_JSON, pointer);
	struct text text;

	if (!r)
		return;
	text = text_from(r, value);
	if (count(r, strlen(pointer) + text.n))
		place(r, pointer, json_new_text(text));
}

void host_put_number(struct portal_op *op, const char *pointer, int64_t value)
{
	struct running *r = with_body(op, BODY_JSON, pointer);

	if (r && count(r, strlen(pointer)))
		place(r, pointer, json_new_number(value));
}

void host_put_boolean(struct portal_op *op, const char *pointer, int value)
{
	struct running *r = with_body(op, BODY_JSON, pointer);

	if (r && count(r, strlen(pointer)))
		place(r, pointer, json_new_boolean(value != 0));
}

void host_put_json(struct portal_op *op, const char *pointer, portal_str json)
{
	struct running *r = with_body(op, BODY_JSON, pointer);
	struct failure why = { 0 };
	struct json *value;
	struct text text;

	if (!r)
		return;
	text = text_from(r, json);
	value = r->stuck ? NULL : json_read(text, "put_json", 0, &why);
	if (!value)
		stick(r, "%s", why.text);
	else if (count(r, strlen(pointer) + text.n))
		place(r, pointer, value);
	else
		json_free(value);
}

void host_put_secret(struct portal_op *op, const char *pointer, uint32_t secret)
{
	struct running *r = with_body(op, BODY_JSON, pointer);
	const char *name = r ? secret_name(r, secret) : NULL;
	struct json *entry;

	if (!name || !count(r, strlen(pointer)))
		return;
	pointer = fixed(r, pointer);
	place(r, pointer, json_new_null());
	entry = json_new_object();
	json_set(entry, "pointer", json_new_string(pointer));
	json_set(entry, "secret", json_new_string(name));
	json_append(array_in(r->exchange, "body_secrets"), entry);
}

static const struct portal_file *file_at(struct running *r, uint32_t file)
{
	if (r->op.request && file < r->op.request->n_files)
		return r->op.request->files[file];
	stick(r, "there is no file %u", file);
	return NULL;
}

void host_put_file(
    struct portal_op *op, const char *pointer, uint32_t file, uint64_t offset, uint64_t length)
{
	struct running *r = with_body(op, BODY_JSON, pointer);
	const struct portal_file *f = r ? file_at(r, file) : NULL;
	struct json *entry;

	if (!f || !count(r, strlen(pointer)))
		return;
	if (offset > f->length || length > (uint64_t)64 * 1024 * 1024) {
		stick(r, "put_file: no such slice of file %u", file);
		return;
	}
	if (length > f->length - offset)
		length = f->length - offset;
	pointer = fixed(r, pointer);
	place(r, pointer, json_new_null());
	entry = json_new_object();
	json_set(entry, "pointer", json_new_string(pointer));
	json_set(entry, "file", json_new_number(file));
	json_set(entry, "offset", json_new_number((int64_t)offset));
	json_set(entry, "length", json_new_number((int64_t)length));
	json_append(array_in(r->exchange, "body_files"), entry);
}

void host_send_file(struct portal_op *op, uint32_t file)
{
	struct running *r = with_body(op, BODY_FILE, "");

	if (r && file_at(r, file))
		json_set(r->exchange, "file", json_new_number(file));
}

static void add_to_form(struct running *r, const char *name, const char *member, struct json *value)
{
	struct json *entry = json_new_object();

	json_set(entry, "name", json_new_string(name));
	json_set(entry, member, value);
	json_append(array_in(r->exchange, "form"), entry);
}

void host_form(struct portal_op *op, const char *name, portal_str value)
{
	struct running *r = with_body(op, BODY_FORM, name);
	struct text text;

	if (!r)
		return;
	text = text_from(r, value);
	if (count(r, strlen(name) + text.n))
		add_to_form(r, name, "value", json_new_text(text));
}

void host_form_secret(struct portal_op *op, const char *name, uint32_t secret)
{
	struct running *r = with_body(op, BODY_FORM, name);
	const char *placed = r ? secret_name(r, secret) : NULL;

	if (placed && count(r, strlen(name)))
		add_to_form(r, name, "secret", json_new_string(placed));
}
