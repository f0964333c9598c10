/* JSON out without values in between: for what each request writes. */
#include "base/json_inside.h"

#include <string.h>

/* The comma before, and the name. */
static void begin(struct json_out *out, const char *name)
{
	struct buffer *to = out->to;
	size_t n = name ? strlen(name) : 0;
	char *at;

	buffer_reserve(to, n + sizeof ",\"\":" - 1);
	at = to->p + to->n;
	if (out->has_one)
		*at++ = ',';
	out->has_one = true;
	if (name) {
		*at++ = '"';
		memcpy(at, name, n);
		memcpy(at + n, "\":", 2);
		at += n + 2;
	}
	*at = 0;
	to->n = (size_t)(at - to->p);
}

void json_out_open(struct json_out *out, const char *name, char bracket)
{
	begin(out, name);
	buffer_char(out->to, bracket);
	out->has_one = false;
}

void json_out_close(struct json_out *out, char bracket)
{
	buffer_char(out->to, bracket);
	out->has_one = true;
}

void json_out_text(struct json_out *out, const char *name, struct text text)
{
	begin(out, name);
	if (text_bad_utf8(text) < 0) {
		json_write_text(out->to, text);
	} else {
		struct json *mended = json_new_text(text);

		json_write(mended, JSON_LINE, out->to);
		json_free(mended);
	}
}

void json_out_string(struct json_out *out, const char *name, const char *string)
{
	if (string)
		json_out_text(out, name, text_of(string));
	else
		json_out_null(out, name);
}

void json_out_number(struct json_out *out, const char *name, int64_t number)
{
	begin(out, name);
	buffer_number(out->to, number);
}

void json_out_boolean(struct json_out *out, const char *name, bool truth)
{
	begin(out, name);
	buffer_text(out->to, truth ? "true" : "false");
}

void json_out_null(struct json_out *out, const char *name)
{
	begin(out, name);
	buffer_append(out->to, "null", 4);
}

void json_out_json(struct json_out *out, const char *name, const struct json *value)
{
	begin(out, name);
	json_write(value, JSON_LINE, out->to);
}

struct json *json_from(struct buffer *text)
{
	struct json *value = json_read(buffer_as_text(text), "text", SIZE_MAX, NULL);

	buffer_free(text);
	return value;
}
