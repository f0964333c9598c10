#include "base/json.h"
#include "base/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* struct json is never defined: a pointer to it is a json_t of the library. */
static json_t *in(const struct json *value)
{
	return (json_t *)(uintptr_t)value;
}

static struct json *out(json_t *value)
{
	return (struct json *)(void *)value;
}

/* The library gives NULL only when memory ends. */
static struct json *made(json_t *value)
{
	if (!value)
		memory_resize(NULL, SIZE_MAX, SIZE_MAX);
	return out(value);
}

static size_t depth_of(const json_t *value)
{
	size_t deepest = 0, i;
	const char *name;
	json_t *member;

	if (json_is_object(value))
		json_object_foreach((json_t *)(uintptr_t)value, name, member)
		{
			size_t depth = depth_of(member);
			deepest = depth > deepest ? depth : deepest;
		}
	if (json_is_array(value))
		json_array_foreach((json_t *)(uintptr_t)value, i, member)
		{
			size_t depth = depth_of(member);
			deepest = depth > deepest ? depth : deepest;
		}
	return deepest + 1;
}

struct json *json_read(struct text text, const char *what, size_t max_bytes, struct failure *why)
{
	size_t limit = max_bytes ? max_bytes : (size_t)1 << 20;
	json_error_t error;
	json_t *value;

	if (text.n > limit) {
		failure_set(why, FAILURE_DATA, "%s: %zu bytes of JSON, the limit is %zu", what,
		    text.n, limit);
		return NULL;
	}
	value = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!value) {
		failure_set(why, FAILURE_DATA, "%s:%d:%d: not JSON: %s", what, error.line,
		    error.column, error.text);
		return NULL;
	}
	if (depth_of(value) > JSON_MAX_DEPTH) {
		failure_set(
		    why, FAILURE_DATA, "%s: nested deeper than %d levels", what, JSON_MAX_DEPTH);
		json_decref(value);
		return NULL;
	}
	return out(value);
}

static int append(const char *bytes, size_t n, void *to)
{
	buffer_append(to, bytes, n);
	return 0;
}

void json_write(const struct json *value, enum json_style style, struct buffer *to)
{
	size_t flags = style == JSON_INDENTED ? JSON_INDENT(2) : JSON_COMPACT;

	json_dump_callback(in(value), append, to, flags | JSON_ENCODE_ANY);
}

struct json *json_new_object(void)
{
	return made(json_object());
}

struct json *json_new_array(void)
{
	return made(json_array());
}

/* Each byte that is not part of a well-formed character becomes U+FFFD. */
static void append_mended(struct buffer *to, struct text text)
{
	ptrdiff_t bad;

	while ((bad = text_bad_utf8(text)) >= 0) {
		buffer_append(to, text.p, (size_t)bad);
		buffer_text(to, "\xef\xbf\xbd");
		text.p += bad + 1;
		text.n -= (size_t)bad + 1;
	}
	buffer_append(to, text.p, text.n);
}

struct json *json_new_text(struct text text)
{
	json_t *value = json_stringn(text.p, text.n);
	struct buffer mended = { 0 };

	if (value)
		return out(value);
	append_mended(&mended, text);
	value = json_stringn(mended.p, mended.n);
	buffer_free(&mended);
	return made(value);
}

struct json *json_new_string(const char *text)
{
	return text ? json_new_text(text_of(text)) : json_new_null();
}

struct json *json_new_number(int64_t number)
{
	return made(json_integer(number));
}

struct json *json_new_boolean(bool value)
{
	return out(json_boolean(value));
}

struct json *json_new_null(void)
{
	return out(json_null());
}

struct json *json_clone(const struct json *value)
{
	return value ? made(json_deep_copy(in(value))) : NULL;
}

struct json *json_hold(struct json *value)
{
	return out(json_incref(in(value)));
}

void json_free(struct json *value)
{
	json_decref(in(value));
}

void json_set(struct json *object, const char *name, struct json *value)
{
	if (value && json_object_set_new_nocheck(in(object), name, in(value)) != 0)
		made(NULL);
}

void json_append(struct json *array, struct json *value)
{
	if (value && json_array_append_new(in(array), in(value)) != 0)
		made(NULL);
}

void json_remove(struct json *object, const char *name)
{
	json_object_del(in(object), name);
}

enum json_kind json_kind(const struct json *value)
{
	if (!value)
		return JSON_IS_NULL;
	switch (json_typeof(in(value))) {
	case JSON_OBJECT: return JSON_IS_OBJECT;
	case JSON_ARRAY: return JSON_IS_ARRAY;
	case JSON_STRING: return JSON_IS_TEXT;
	case JSON_INTEGER: return JSON_IS_NUMBER;
	case JSON_REAL: return JSON_IS_REAL;
	case JSON_TRUE:
	case JSON_FALSE: return JSON_IS_BOOLEAN;
	case JSON_NULL: break;
	}
	return JSON_IS_NULL;
}

const char *json_kind_name(enum json_kind kind)
{
	static const char *const names[] = { "null", "a boolean", "a number",
		"a number with a fraction", "a string", "an array", "an object" };

	return names[kind];
}

size_t json_length(const struct json *value)
{
	return json_is_object(in(value)) ? json_object_size(in(value)) : json_array_size(in(value));
}

struct json *json_get(const struct json *object, const char *name)
{
	return out(json_object_get(in(object), name));
}

struct json *json_at(const struct json *array, size_t index)
{
	return out(json_array_get(in(array), index));
}

struct text json_text(const struct json *value)
{
	if (!json_is_string(in(value)))
		return TEXT("");
	return (struct text){ json_string_value(in(value)), json_string_length(in(value)) };
}

const char *json_chars(const struct json *value)
{
	return json_string_value(in(value));
}

int64_t json_number(const struct json *value, int64_t otherwise)
{
	return json_is_integer(in(value)) ? json_integer_value(in(value)) : otherwise;
}

bool json_truth(const struct json *value)
{
	return value && json_typeof(in(value)) == JSON_TRUE;
}

bool json_same(const struct json *a, const struct json *b)
{
	return a && b ? json_equal(in(a), in(b)) : a == b;
}

const char *json_get_chars(const struct json *object, const char *name)
{
	return json_chars(json_get(object, name));
}

bool json_next(const struct json *object, void **cursor, const char **name, struct json **value)
{
	*cursor =
	    *cursor ? json_object_iter_next(in(object), *cursor) : json_object_iter(in(object));
	if (!*cursor)
		return false;
	*name = json_object_iter_key(*cursor);
	*value = out(json_object_iter_value(*cursor));
	return true;
}

/* ---- JSON Pointer (RFC 6901) ---------------------------------------------- */

#define TOKEN_MAX 256

/* The next reference token, unescaped; false at the end or when it is malformed. */
static bool next_token(const char **pointer, char token[TOKEN_MAX])
{
	size_t n = 0;

	if (**pointer != '/')
		return false;
	for (++*pointer; **pointer && **pointer != '/'; ++*pointer) {
		char c = **pointer;

		if (c == '~') {
			++*pointer;
			if (**pointer != '0' && **pointer != '1')
				return false;
			c = **pointer == '0' ? '~' : '/';
		}
		if (n + 1 >= TOKEN_MAX)
			return false;
		token[n++] = c;
	}
	token[n] = 0;
	return true;
}

/* An array index without sign or leading zero; "-" is the end. */
static bool read_index(const char *token, size_t length, size_t *index)
{
	int64_t number;

	if (strcmp(token, "-") == 0) {
		*index = length;
		return true;
	}
	if (token[0] < '0' || token[0] > '9' || (token[0] == '0' && token[1]) ||
	    !text_integer(text_of(token), &number))
		return false;
	*index = (size_t)number;
	return true;
}

static json_t *member_of(json_t *at, const char *token)
{
	size_t index;

	if (json_is_object(at))
		return json_object_get(at, token);
	if (json_is_array(at) && read_index(token, json_array_size(at), &index))
		return json_array_get(at, index);
	return NULL;
}

struct json *json_point(const struct json *value, const char *pointer)
{
	char token[TOKEN_MAX];
	json_t *at = in(value);

	while (at && *pointer) {
		if (!next_token(&pointer, token))
			return NULL;
		at = member_of(at, token);
	}
	return out(at);
}

/* Sets one member; the new value is taken over in every case. */
static bool set_member(json_t *at, const char *token, json_t *value)
{
	size_t index;

	if (json_is_object(at))
		return json_object_set_new(at, token, value) == 0;
	if (json_is_array(at) && read_index(token, json_array_size(at), &index)) {
		if (index == json_array_size(at))
			return json_array_append_new(at, value) == 0;
		if (index < json_array_size(at))
			return json_array_set_new(at, index, value) == 0;
	}
	json_decref(value);
	return false;
}

/* Is the token that the pointer goes on with one of an array? */
static bool begins_array(const char *pointer)
{
	return pointer[0] == '/' && (pointer[1] == '-' || (pointer[1] >= '0' && pointer[1] <= '9'));
}

bool json_put(struct json *root, const char *pointer, struct json *value)
{
	char token[TOKEN_MAX];
	json_t *at = in(root), *next;

	while (next_token(&pointer, token)) {
		if (!*pointer)
			return set_member(at, token, in(value));
		next = member_of(at, token);
		if (!next) {
			next = begins_array(pointer) ? json_array() : json_object();
			if (!next || !set_member(at, token, json_incref(next)))
				break;
			json_decref(next);
		}
		at = next;
	}
	json_free(value);
	return false;
}
