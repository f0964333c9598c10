/* JSON Pointer (RFC 6901). */
#include "base/json_inside.h"

#include <string.h>

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

static struct json *member_of(const struct json *at, const char *token)
{
	size_t index;

	if (json_kind(at) == JSON_IS_ARRAY && read_index(token, json_length(at), &index))
		return json_at(at, index);
	return json_get(at, token);
}

struct json *json_point(const struct json *value, const char *pointer)
{
	char token[TOKEN_MAX];
	struct json *at = (struct json *)(uintptr_t)value;

	while (at && *pointer) {
		if (!next_token(&pointer, token))
			return NULL;
		at = member_of(at, token);
	}
	return at;
}

/* Sets one member; the new value is taken over in every case. */
static bool set_member(struct json *at, const char *token, struct json *value)
{
	size_t index, n = json_length(at);

	if (json_kind(at) == JSON_IS_OBJECT && text_bad_utf8(text_of(token)) < 0) {
		json_set(at, token, value);
		return true;
	}
	if (json_kind(at) == JSON_IS_ARRAY && read_index(token, n, &index) && index <= n) {
		if (index == n) {
			json_append(at, value);
			return true;
		}
		json_free(at->array.items[index]);
		at->array.items[index] = value;
		return true;
	}
	json_free(value);
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
	struct json *at = root, *next;

	while (value && next_token(&pointer, token)) {
		if (!*pointer)
			return set_member(at, token, value);
		next = member_of(at, token);
		if (!next) {
			next = begins_array(pointer) ? json_new_array() : json_new_object();
			if (!set_member(at, token, next))
				break;
		}
		at = next;
	}
	json_free(value);
	return false;
}
