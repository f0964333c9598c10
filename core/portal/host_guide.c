/*
 * Host calls that build a guide: an exchange with a person.
 */
#include "portal/host.h"
#include "portal/rules.h"

#include <string.h>

static struct running *guiding(struct portal_op *op, size_t bytes)
{
	struct running *r = working(op);

	if (!r)
		return NULL;
	if (op->operation == PORTAL_OP_LOGIN)
		stick(r, "a login is made of exchanges with servers alone");
	r->guide_bytes += bytes + 16;
	if (r->guide_bytes > GUIDE_BYTES)
		stick(r, "the guide is longer than %zu bytes", GUIDE_BYTES);
	if (r->stuck)
		return NULL;
	if (!r->guide)
		r->guide = json_new_object();
	return r;
}

static struct running *guiding_with(struct portal_op *op, const char *text, size_t bytes)
{
	struct running *r = working(op);

	return r && given(r, text) ? guiding(op, strlen(text) + bytes) : NULL;
}

/* The list `name` of the guide, unless it is full. */
static struct json *list_of(struct running *r, const char *name, size_t most)
{
	struct json *list = array_in(r->guide, name);

	if (json_length(list) < most)
		return list;
	stick(r, "a guide has at most %zu %s", most, name);
	return NULL;
}

static struct json *formatted(struct running *r, const char *format, va_list args)
{
	struct buffer text = { 0 };
	struct json *value;

	host_vformat(r, &text, format, args);
	r->guide_bytes += text.n;
	if (r->guide_bytes > GUIDE_BYTES)
		stick(r, "the guide is longer than %zu bytes", GUIDE_BYTES);
	value = r->stuck ? NULL : json_new_text(buffer_as_text(&text));
	buffer_free(&text);
	return value;
}

void host_guide_title(struct portal_op *op, const char *format, ...)
{
	struct running *r = guiding(op, 0);
	va_list args;

	if (!r)
		return;
	va_start(args, format);
	json_set(r->guide, "title", formatted(r, format, args));
	va_end(args);
}

void host_guide_sign_in(struct portal_op *op, portal_str account)
{
	struct running *r = guiding(op, account.n);

	if (r && account.n)
		json_set(r->guide, "sign_in", json_new_text(text_from(r, account)));
}

void host_guide_link(struct portal_op *op, portal_str address)
{
	struct running *r = guiding(op, address.n);
	struct buffer origin = { 0 };
	const char *url;

	if (!r)
		return;
	url = chars_of(r, address);
	if (http_origin(url, &origin))
		json_set(r->guide, "link", json_new_string(url));
	else
		stick(r, "'%.200s' is no https address", url);
	buffer_free(&origin);
}

void host_guide_step(struct portal_op *op, const char *format, ...)
{
	struct running *r = guiding(op, 0);
	struct json *list = r ? list_of(r, "steps", GUIDE_STEPS) : NULL;
	va_list args;

	if (!list)
		return;
	va_start(args, format);
	json_append(list, formatted(r, format, args));
	va_end(args);
}

static struct json *two_texts(const char *first, struct text a, const char *second, struct text b)
{
	struct json *entry = json_new_object();

	json_set(entry, first, json_new_text(a));
	json_set(entry, second, json_new_text(b));
	return entry;
}

void host_guide_field(struct portal_op *op, const char *name, portal_str value)
{
	struct running *r = value.n ? guiding_with(op, name, value.n) : NULL;
	struct json *list = r ? list_of(r, "fields", GUIDE_FIELDS) : NULL;

	if (list)
		json_append(list, two_texts("name", text_of(name), "value", text_from(r, value)));
}

void host_guide_secret(struct portal_op *op, uint32_t secret)
{
	struct running *r = guiding(op, 16);
	const char *name = r ? secret_name(r, secret) : NULL;
	struct json *list;

	if (!name)
		return;
	if (secret != PORTAL_ACCESS_ID && secret != PORTAL_CONTRACT_ID) {
		stick(r, "a guide shows the contract's two IDs and no other secret");
		return;
	}
	list = array_in(r->guide, "secrets");
	for (size_t i = 0; i < json_length(list); i++)
		if (text_is(json_text(json_at(list, i)), name))
			return;
	json_append(list, json_new_string(name));
}

void host_guide_choice(struct portal_op *op, portal_str value, portal_str text)
{
	struct running *r = guiding(op, value.n + text.n);
	struct json *list = r ? list_of(r, "choices", GUIDE_CHOICES) : NULL;

	if (list)
		json_append(
		    list, two_texts("value", text_from(r, value), "text", text_from(r, text)));
}

/* ---- answers -------------------------------------------------------------------------------- */

static bool is_declared(struct json *list, const char *code)
{
	for (size_t i = 0; i < json_length(list); i++)
		if (text_same(json_get_chars(json_at(list, i), "code"), code))
			return true;
	return false;
}

/* "number end?": names of values, those with '?' may be left out. */
static void add_names(struct running *r, struct json *answer, const char *names)
{
	struct text rest = text_of(names), name;

	json_set(answer, "values", json_new_array());
	while (text_split(&rest, ' ', &name)) {
		bool is_optional = name.p[name.n - 1] == '?';

		name.n -= is_optional;
		if (!is_answer_word(name))
			stick(r, "'%.*s' is no name of a value", TEXT_ARGS(name));
		json_append(
		    array_in(answer, is_optional ? "optional" : "values"), json_new_text(name));
	}
}

void host_guide_answer(
    struct portal_op *op, const char *code, const char *meaning, const char *values)
{
	struct running *r = guiding_with(op, code, 0);
	struct json *list = r && guiding_with(op, meaning, 0) && given(r, values)
	    ? list_of(r, "answers", GUIDE_ANSWERS)
	    : NULL;
	struct json *answer;

	if (!list)
		return;
	if (!is_answer_word(text_of(code)) || is_declared(list, code)) {
		stick(r, "'%.40s' is no code of an answer, or is there twice", code);
		return;
	}
	if (text_same(code, "taken_over")) {
		stick(r, "every guide can be answered by taken_over: the code is the host's");
		return;
	}
	answer = json_new_object();
	json_set(answer, "code", json_new_string(code));
	json_set(answer, "meaning", json_new_string(meaning));
	add_names(r, answer, values);
	json_append(list, answer);
}

void host_guide_due(struct portal_op *op, int64_t milliseconds)
{
	struct running *r = guiding(op, 8);
	const int64_t most = 90 * INSTANT_DAY;

	if (r && milliseconds > 0)
		json_set(
		    r->guide, "due_ms", json_new_number(milliseconds > most ? most : milliseconds));
}
