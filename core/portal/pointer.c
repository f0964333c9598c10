/* JSON Pointer (RFC 6901), forgiving of casing: portals change the casing of their members. */
#include "portal/pointer.h"

#include <string.h>

static bool next_token(const char **pointer, char token[256])
{
	size_t n = 0;

	if (**pointer != '/')
		return false;
	for (++*pointer; **pointer && **pointer != '/'; ++*pointer) {
		char c = **pointer;

		if (c == '~' && (*pointer)[1] != '0' && (*pointer)[1] != '1')
			return false;
		if (c == '~') {
			++*pointer;
			c = **pointer == '0' ? '~' : '/';
		}
		if (n == 255)
			return false;
		token[n++] = c;
	}
	token[n] = 0;
	return true;
}

static struct json *member_loosely(struct json *at, const char *token)
{
	struct json *value = json_get(at, token);
	const char *name;
	void *cursor = NULL;

	if (value || json_kind(at) != JSON_IS_OBJECT)
		return value;
	while (json_next(at, &cursor, &name, &value))
		if (text_same_fold(name, token))
			return value;
	return NULL;
}

static struct json *element(struct json *at, const char *token)
{
	int64_t index;

	if (!token[0] || strspn(token, "0123456789") != strlen(token) ||
	    !text_integer(text_of(token), &index))
		return NULL;
	return json_at(at, (size_t)index);
}

struct json *point_loosely(struct json *at, const char *pointer)
{
	char token[256];

	while (at && *pointer) {
		if (!next_token(&pointer, token))
			return NULL;
		at =
		    json_kind(at) == JSON_IS_ARRAY ? element(at, token) : member_loosely(at, token);
	}
	return at;
}

/* Nothing stays nothing, so that a step can tell. */
static struct json *blank_of(const struct json *value)
{
	bool is_scalar = json_kind(value) == JSON_IS_NUMBER || json_text(value).n;

	return is_scalar ? json_new_string(BLANK) : json_new_null();
}

/* Every member that the rest of the pointer may mean, so that none is seen. */
static void blank_member(struct json *at, const char *token, const char *rest)
{
	const char *name;
	struct json *value;
	void *cursor = NULL;

	while (json_next(at, &cursor, &name, &value))
		if (text_same_fold(name, token)) {
			if (*rest)
				blank_loosely(value, rest);
			else
				json_set(at, name, blank_of(value));
		}
}

void blank_loosely(struct json *at, const char *pointer)
{
	char token[256];

	if (!next_token(&pointer, token))
		return;
	if (json_kind(at) == JSON_IS_OBJECT)
		blank_member(at, token, pointer);
	else if (*pointer)
		blank_loosely(element(at, token), pointer);
	else if (element(at, token))
		json_put(at, pointer - strlen(token) - 1, blank_of(element(at, token)));
}

struct text body_of(const struct http_reply *reply)
{
	struct text body = buffer_as_text(&reply->body);

	if (body.n >= 3 && memcmp(body.p, "\xef\xbb\xbf", 3) == 0)
		body = (struct text){ body.p + 3, body.n - 3 };
	return body;
}
